"""The secrets the portal runs on: from the environment, else from one file that only its owner reads."""

import json
import os
import re
import secrets
from pathlib import Path

NAMES = ("PORTAL_SECRET_KEY", "PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY")


class KeysMissing(Exception):
    """Neither the environment nor the key file names a key."""


FORMS = {
    "PORTAL_FIELD_KEYS": (
        re.compile(r"[\w-]+:[0-9a-f]{64}(,[\w-]+:[0-9a-f]{64})*"),
        "id:hex with 64 hex digits, several separated by commas",
    ),
    "PORTAL_INDEX_KEY": (re.compile(r"[0-9a-f]{64}"), "64 hex digits"),
}


class BadKey(Exception):
    """A key that cannot be one; its value is never repeated."""


def read(file: Path | None) -> dict[str, str]:
    """The three secrets. PORTAL_FIELD_KEYS is `id:hex,…`, the first one encrypts.

    Without a file only the environment counts: so it is in production.
    """
    try:
        kept = json.loads(file.read_text()) if file and file.exists() else {}
    except (OSError, ValueError):
        raise BadKey(
            f"{file} cannot be read: bring back its backup, data is encrypted with it."
        ) from None
    found = {name: os.environ.get(name) or kept.get(name, "") for name in NAMES}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise KeysMissing(
            f"{', '.join(missing)} not set. Run `manage.py setup_keys` once on a single machine, "
            "or set them in the environment of every process (`manage.py setup_keys --print`)."
        )
    for name, (form, words) in FORMS.items():
        if not form.fullmatch(found[name]):
            raise BadKey(
                f"{name} is no key: use {words}. `manage.py setup_keys --print` makes new ones."
            )
    return found


def fresh() -> dict[str, str]:
    return {
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(50),
        "PORTAL_FIELD_KEYS": f"k1:{secrets.token_hex(32)}",
        "PORTAL_INDEX_KEY": secrets.token_hex(32),
    }


def create(file: Path) -> bool:
    """Write new secrets once. An existing file is never touched: data is encrypted with it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as stream:
        json.dump(fresh(), stream)
    return True
