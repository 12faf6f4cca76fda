"""Hold a name until the transaction ends: who comes second waits, and then sees what was written."""

from zlib import crc32

from django.db import connection


def hold(name: str) -> None:
    """Take the lock of a name; released with the transaction.

    SQLite needs none: its transactions begin IMMEDIATE, so there is one writer at a time anyway.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"the lock {name!r} is held by a transaction, and there is none")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(name.encode())])
