"""Bytes that are kept encrypted under FILES_ROOT/vault: original workbooks and previews.

Pieces of a megabyte are sealed one by one, each bound to its place and to whether it is the last,
so that a file cut short or put together anew does not open.
"""

import errno
import os
import secrets
import struct
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings

from common import crypto

PIECE = 1024 * 1024
_HEAD = struct.Struct(">I")


class Gone(Exception):
    """The bytes were deleted after their time, or cannot be read with the keys at hand."""


class Full(Exception):
    """The disk has no room for the bytes; nothing was kept."""


def path_of(key: str) -> Path:
    return settings.FILES_ROOT / "vault" / key[:2] / key


def put(pieces: Iterable[bytes]) -> str:
    """Keep the bytes; returns their key. Nothing is left behind if writing fails; Full says why."""
    key = secrets.token_hex(20)
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    ring = crypto.ring()
    cipher = ring.ciphers[ring.current]
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(ring.current.encode() + b"\n")
            for number, (piece, is_last) in enumerate(_told_last(_regular(pieces))):
                nonce = os.urandom(crypto.NONCE)
                sealed = cipher.encrypt(nonce, piece, _about(key, number, is_last))
                out.write(_HEAD.pack(len(sealed)) + nonce + sealed)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
    except BaseException as error:
        Path(part).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full(key) from None
        raise
    return key


def read(key: str) -> Iterator[bytes]:
    """The bytes, piece by piece. Gone if they are not there or not ours."""
    try:
        with path_of(key).open("rb") as stored:
            cipher = crypto.ring().ciphers[stored.readline().strip().decode()]
            head, number = stored.read(_HEAD.size), 0
            while head:
                (length,) = _HEAD.unpack(head)
                nonce, sealed = stored.read(crypto.NONCE), stored.read(length)
                head = stored.read(_HEAD.size)
                yield cipher.decrypt(nonce, sealed, _about(key, number, not head))
                number += 1
    except (OSError, KeyError, struct.error, InvalidTag, ValueError):
        raise Gone(key) from None


def remove(key: str) -> None:
    path_of(key).unlink(missing_ok=True)


def sweep(known: set[str], *, before: datetime) -> int:
    """Remove what no row names: left by a process that died between writing and naming it.

    What is younger than `before` may still be named. Returns how many are gone.
    """
    gone = 0
    for path in (settings.FILES_ROOT / "vault").glob("*/*"):
        if path.name not in known and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _about(key: str, number: int, is_last: bool) -> bytes:
    return f"{key}:{number}:{int(is_last)}".encode()


def _regular(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    yield bytes(held)


def _told_last(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = None
    for piece in pieces:
        if held is not None:
            yield held, False
        held = piece
    yield held, True
