"""How parent and child speak: a length, then JSON. Nothing that is read here can run code."""

import socket
import struct

import orjson

HEAD = struct.Struct(">I")
LONGEST = 32 * 1024 * 1024  # no message is longer; a chunk of rows is about a megabyte


class Broken(Exception):
    """The other side is gone, or says what no honest side says."""


def send(control: socket.socket, message: dict, *, files: tuple[int, ...] = ()) -> None:
    send_bytes(control, orjson.dumps(message), files=files)


def send_bytes(control: socket.socket, payload: bytes, *, files: tuple[int, ...] = ()) -> None:
    head = HEAD.pack(len(payload))
    try:
        if files:
            socket.send_fds(control, [head], files)
            control.sendall(payload)
        else:
            control.sendall(head + payload)
    except OSError:
        raise Broken("the other side is gone") from None


def receive(control: socket.socket) -> tuple[dict | None, list[int]]:
    """The next message with the files that came along; None when the other side has ended."""
    head, files, _flags, _address = socket.recv_fds(control, HEAD.size, 1)
    if not head:
        return None, []
    size = length(head)
    payload = control.recv(size, socket.MSG_WAITALL)
    if len(payload) != size:
        raise Broken("a message was cut short")
    return orjson.loads(payload), files


def length(head: bytes) -> int:
    (size,) = HEAD.unpack(head)
    if size > LONGEST:
        raise Broken("a message is too long")
    return size
