"""The child process: waits warm for one workbook, reads or marks it, ends.

It limits itself before it sees a byte of the file: address space, processor time, no file may grow,
few may be open, no process started, nothing dumped when it dies.
"""

import os
import resource
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module

from intake.limited import frames
from intake.limited.books import Book
from intake.limited.sheets import Refused

MEMORY = 1024 * 1024 * 1024  # of address space: 100,000 rows of 20 columns need 0.6
OPEN_FILES = 24
LOOK_UP_AFTER = 30  # seconds between two looks at whether the parent still lives


def main() -> None:
    parent = int(sys.argv[1])
    control = socket.socket(fileno=0)
    # A worker that is asked to end first finishes what it does; its child must outlive the asking.
    for asking in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asking, signal.SIG_IGN)
    _limit_all_but_time()
    while not select.select([control], [], [], LOOK_UP_AFTER)[0]:
        # A fork of the parent may hold the other end open after the parent itself has gone.
        if os.getppid() != parent:
            os._exit(0)
    with suppress(frames.Broken):  # the parent has what it wanted, or is no more
        _serve(control)
    os._exit(0)  # at once: what is in memory is thrown away with the process


def _limit_all_but_time() -> None:
    threading.stack_size(512 * 1024)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    # 1 and not 0: a core that is piped to a program ignores 0, and it would hold cells in clear.
    _limit(resource.RLIMIT_CORE, 1)


def _limit(what: int, most: int, grace: int = 0) -> None:
    """For good; `grace` is what the process gets beyond the limit before it is killed."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most, grace = min(most, hard), min(grace, max(hard - most, 0))
    resource.setrlimit(what, (most, most + grace))


def _serve(control: socket.socket) -> None:
    job, file = _receive_job(control)
    _limit(resource.RLIMIT_CPU, job["seconds"], grace=1)
    try:
        if "mark" in job:
            _mark(control, job, file)
        else:
            _read(control, job, file)
    except Refused as refused:
        frames.send(control, {"fault": refused.code, "params": refused.params})
    except MemoryError:
        frames.send(control, {"fault": "reader_out_of_memory", "params": {}})
    except frames.Broken:
        raise
    except BaseException as fault:  # panics of the reader are no Exception
        frames.send(control, {"fault": "damaged", "params": {}, "why": _where(fault)})


def _where(fault: BaseException) -> str:
    """For the log: what was raised in which line. Its words might hold a cell's."""
    trace = fault.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    file = os.path.basename(trace.tb_frame.f_code.co_filename)
    return f"{type(fault).__name__} in {file}:{trace.tb_lineno}"


def _read(control: socket.socket, job: dict, file: int) -> None:
    book = Book(file, job["format"])
    book.open(before_values=_start_no_more)
    frames.send(control, book.describe())
    while wanted := frames.receive(control)[0]:
        for payload in book.payloads(wanted["rows"]):
            frames.send_bytes(control, payload)


def _mark(control: socket.socket, job: dict, file: int) -> None:
    # openpyxl takes a quarter of a second to load: not for those who only read.
    marking = import_module("intake.limited.marking.serve")
    marking.serve(control, job["mark"], file, before_values=_start_no_more)


def _start_no_more() -> None:
    """No further process or thread; said when the one thread that we need runs."""
    _limit(resource.RLIMIT_NPROC, 0)


def _receive_job(control: socket.socket) -> tuple[dict, int]:
    message, files = frames.receive(control)
    if message is None or len(files) != 1:
        raise frames.Broken("no workbook was handed over")
    return message, files[0]
