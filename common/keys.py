"""The secrets the portal runs on: from the environment, else from one file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("PORTAL_SECRET_KEY", "PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY")


class KeysMissing(Exception):
    """Neither the environment nor the key file names a key."""


def read(file: Path | None) -> dict[str, str]:
    """The three secrets. PORTAL_FIELD_KEYS is `id:hex,…`, the first one encrypts.

    Without a file only the environment counts: so it is in production.
    """
    kept = json.loads(file.read_text()) if file and file.exists() else {}
    found = {name: os.environ.get(name) or kept.get(name, "") for name in NAMES}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise KeysMissing(
            f"{', '.join(missing)} not set. Run `manage.py setup_keys` once on a single machine, "
            "or set them in the environment of every process."
        )
    return found


def create(file: Path) -> bool:
    """Write new secrets once. An existing file is never touched: data is encrypted with it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = {
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(50),
        "PORTAL_FIELD_KEYS": f"k1:{secrets.token_hex(32)}",
        "PORTAL_INDEX_KEY": secrets.token_hex(32),
    }
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as stream:
        json.dump(fresh, stream)
    return True
