"""Loaded before the settings: tests know nothing of the machine they run on but its database."""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit, urlunsplit

for name in [name for name in os.environ if name.startswith("PORTAL_")] + ["FILES_ROOT"]:
    os.environ.pop(name, None)

# Two workers must not clear each other's cache: each has a Redis database of its own.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if _worker and os.environ.get("REDIS_URL"):
    _redis = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(_redis._replace(path=f"/{_worker}"))

_folder = tempfile.mkdtemp(prefix="portal-tests-")
_owner = os.getpid()
os.environ["PORTAL_VAR"] = _folder


@atexit.register
def _clear() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)
