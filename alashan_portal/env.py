"""Read the environment strictly: a wrong value stops the start and says what to write instead."""

import os
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Read elsewhere, at set-up or by a command.
KNOWN = {"PORTAL_SECRET_KEY", "PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY"}


def _raw(name: str) -> str:
    KNOWN.add(name)
    return os.environ.get(name, "")


def refuse_unknown(prefix: str = "PORTAL_") -> None:
    """A misspelt name would be silently without effect."""
    for name in sorted(os.environ):
        if name.startswith(prefix) and name not in KNOWN:
            near = get_close_matches(name, KNOWN, 1)
            cure = f"did you mean {near[0]}?" if near else "docs/settings.md lists all"
            raise ImproperlyConfigured(f"Unknown setting {name}: {cure}")


def flag(name: str, default: bool = False) -> bool:
    """`1` or `0`, nothing else."""
    raw = _raw(name)
    if raw == "":
        return default
    if raw not in ("0", "1"):
        raise ImproperlyConfigured(f"Unexpected value {name}={raw}, use {name}=1 or {name}=0")
    return raw == "1"


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number between two bounds, both allowed."""
    raw = _raw(name)
    if raw == "":
        return default
    if not raw.isdigit() or not least <= int(raw) <= most:
        raise ImproperlyConfigured(
            f"Unexpected value {name}={raw}, use a whole number from {least} to {most}"
        )
    return int(raw)


def _words(name: str) -> list[str]:
    return [word.strip() for word in _raw(name).split(",") if word.strip()]


def hosts(name: str, default: list[str]) -> list[str]:
    """Names or addresses that browsers ask for, separated by commas."""
    for host in _words(name):
        if set("/*@ ") & set(host):
            raise ImproperlyConfigured(
                f"Unexpected value {name}={host}, use host names such as portal.example.cn, "
                "without https:// and path, separated by commas"
            )
    return _words(name) or default


def origins(name: str) -> list[str]:
    """Addresses as browsers show them, separated by commas."""
    for origin in _words(name):
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise ImproperlyConfigured(
                f"Unexpected value {name}={origin}, use https://portal.example.cn, several "
                "separated by commas"
            )
    return [origin.rstrip("/") for origin in _words(name)]


def folder(name: str, default: Path) -> Path:
    """An absolute path."""
    raw = _raw(name)
    if raw and not Path(raw).is_absolute():
        raise ImproperlyConfigured(f"Unexpected value {name}={raw}, use an absolute path")
    return Path(raw) if raw else default


def redis_url(name: str) -> str:
    raw = _raw(name)
    if raw and not raw.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0")
    return raw


def database(name: str, sqlite_file: Path) -> dict:
    """Settings of the one database: PostgreSQL where the address is given, else a SQLite file."""
    raw = _raw(name)
    if not raw:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_file,
            # Measured: with these, 20 writers at once lose no request; with Django's own, two thirds.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(raw)
    try:
        port = str(parts.port or "")
    except ValueError:
        port = None
    if parts.scheme not in ("postgres", "postgresql") or port is None or not parts.path.strip("/"):
        raise ImproperlyConfigured(  # the value may hold a password: it is not repeated
            f"{name} must look like postgresql://user:password@host:5432/database"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: values[-1] for key, values in parse_qs(parts.query).items()},
    }
