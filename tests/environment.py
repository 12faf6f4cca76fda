"""Loaded before the settings: tests know nothing of the machine they run on but its database."""

import atexit
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("PORTAL_")] + ["FILES_ROOT"]:
    os.environ.pop(name, None)

_folder = tempfile.mkdtemp(prefix="portal-tests-")
_owner = os.getpid()
os.environ["PORTAL_VAR"] = _folder


@atexit.register
def _clear() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)
