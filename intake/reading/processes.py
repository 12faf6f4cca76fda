"""The limited child process, as the parent sees it: kept warm, given one workbook, then gone.

`subprocess` and never multiprocessing, which a Celery worker's process may not use. The child gets
the workbook as an open file in memory, so that no clear byte lies on a disk, and hears and answers
through one socket. Its limits are its own business (`intake.limited.child`); here is the clock.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import orjson

from intake.faults import Unusable
from intake.limited import frames

PROGRAM = Path(frames.__file__).with_name("start.py")
PIECE = 1024 * 1024
BASE_SECONDS = 6  # of processor time, for any file
BYTES_A_SECOND = 16 * 1024 * 1024
WALL = 3  # seconds of the clock for one of the processor: the machine has other work too


class Child:
    """One process. Whoever holds it alone may talk to it."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(PROGRAM), str(os.getpid())],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
            )
        ours.setblocking(False)
        self.control = ours
        self.patience = 0.0

    def give(self, job: dict, file: int, *, work: int) -> None:
        """Hand over an open file with what is to be done with it."""
        seconds = BASE_SECONDS + work // BYTES_A_SECOND
        self.patience = float(seconds * WALL)
        self.ask({"seconds": seconds, **job}, files=(file,))

    def ask(self, message: dict, *, files: tuple[int, ...] = ()) -> None:
        self.control.settimeout(max(self.patience, 1))  # a long message fills the socket
        try:
            frames.send(self.control, message, files=files)
        except frames.Broken:
            self._explain()
        self.control.setblocking(False)

    def answer(self) -> dict:
        """The next message. Unusable says why there is none."""
        payload = self._exactly(self._length())
        try:
            message = orjson.loads(payload)
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            raise self.strange()
        return message

    def skip(self) -> bytearray:
        """The next message, unread."""
        return self._exactly(self._length())

    def end(self) -> None:
        self.control.close()
        self.process.kill()
        self.process.wait()

    def strange(self) -> Unusable:
        """It says what our reader never says, so it is not trusted any more."""
        self.end()
        return Unusable("reader_died")

    def _length(self) -> int:
        try:
            return frames.length(self._exactly(frames.HEAD.size))
        except frames.Broken:
            raise self.strange() from None

    def _exactly(self, size: int) -> bytearray:
        """That many bytes; only the time in which we wait for the child counts against it."""
        payload = bytearray(size)
        view, got = memoryview(payload), 0
        while got < size:
            try:
                count = self.control.recv_into(view[got:])
            except BlockingIOError:
                self._wait()
                continue
            except OSError:
                count = 0
            if not count:
                self._explain()
            got += count
        return payload

    def _wait(self) -> None:
        began = time.monotonic()
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        ready = poll.poll(max(self.patience, 0) * 1000)
        self.patience -= time.monotonic() - began
        if not ready:
            self.end()
            raise Unusable("reader_too_slow")

    def _explain(self):
        """The child is gone: say what its end means."""
        self.control.close()
        try:
            ended = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            raise self.strange() from None
        code = {
            -signal.SIGABRT: "reader_out_of_memory",  # Rust aborts when it gets none
            -signal.SIGXCPU: "reader_too_slow",
        }.get(ended, "reader_died")
        raise Unusable(code)


def _environment() -> dict[str, str]:
    """Next to nothing: no key, no address of a database."""
    given = {
        "MALLOC_ARENA_MAX": "1",  # a second arena would reserve address space
        "OPENPYXL_LXML": "False",  # one way of writing, whatever is installed
    }
    if path := os.environ.get("LD_LIBRARY_PATH"):  # some installations of Python need it
        given["LD_LIBRARY_PATH"] = path
    return given


# One warm child for the next workbook ------------------------------------------------------------
class _Spare:
    """Belongs to this very process: a fork leaves it to its parent."""

    def __init__(self):
        self.lock, self.child = threading.Lock(), None

    def take(self) -> Child:
        with self.lock:
            child, self.child = self.child, None
        if child and child.process.poll() is None:
            return child
        try:
            return Child()
        except OSError:  # no process or memory to be had just now
            raise Unusable("reader_died") from None

    def keep_one(self) -> None:
        """Start the next one, so that a small sheet need not wait for it."""
        with self.lock, suppress(OSError):
            if self.child is None:
                self.child = Child()

    def forget(self) -> None:
        if self.child:
            self.child.control.close()  # our copy: the child must hear when its parent goes
            self.child.process.returncode = 0  # not ours to wait for
        self.__init__()


_spare = _Spare()
os.register_at_fork(after_in_child=_spare.forget)
take_child = _spare.take


def end_child(child: Child) -> None:
    child.end()
    _spare.keep_one()
