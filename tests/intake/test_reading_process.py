"""The child process: what it may do, when it ends, and that nobody else's end harms it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from intake import reading
from intake.faults import Unusable
from intake.reading import processes
from tests.intake.workbooks import by_hand, stored, xlsx
from tests.portals import Portal

ROOT = Path(settings.BASE_DIR)
SECRET = "152921201001010014"


@pytest.fixture(scope="module")
def long_list():
    return xlsx([[number, f"第{number}行", "地址" * 20] for number in range(20_000)])


def pid_of(book) -> int:
    return book._child.process.pid


def has_ended(pid: int, within: float = 10) -> bool:
    """Whether the process is gone, or waits for nobody but its parent."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def read_all(data: bytes, name: str = "a.xlsx") -> list[list]:
    with reading.open_book(data, name=name) as book:
        return [row for _first, rows in book.rows(1) for row in rows]


# Its end -----------------------------------------------------------------------------------------
def test_a_child_killed_while_it_reads_is_a_fault_and_the_next_file_is_read(long_list):
    with reading.open_book(long_list, name="a.xlsx") as book:
        rows = book.rows(1)
        next(rows)
        os.kill(pid_of(book), signal.SIGKILL)
        with pytest.raises(Unusable, match="reader_died"):
            list(rows)
    assert len(read_all(long_list)) == 20_000


@pytest.mark.parametrize("asking", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_asked_to_end_can_finish_what_it_reads(asking, long_list):
    """An init system asks all processes of a service at once."""
    with reading.open_book(long_list, name="a.xlsx") as book:
        rows = book.rows(1)
        read = len(next(rows)[1])
        os.kill(pid_of(book), asking)
        assert read + sum(len(chunk) for _first, chunk in rows) == 20_000


def test_a_child_that_hangs_is_given_up(long_list, monkeypatch):
    monkeypatch.setattr(processes, "WALL", 0.05)
    child = processes.take_child()
    monkeypatch.setattr(processes, "take_child", lambda: child)
    os.kill(child.process.pid, signal.SIGSTOP)
    with pytest.raises(Unusable, match="reader_too_slow"):
        reading.open_book(long_list, name="a.xlsx")
    assert has_ended(child.process.pid)


def test_time_that_the_parent_takes_for_itself_is_not_held_against_the_child(
    long_list, monkeypatch
):
    with reading.open_book(long_list, name="a.xlsx") as book:
        book._child.patience = 1
        for first, _rows in book.rows(1):
            if first == 1:
                time.sleep(1.2)


def test_a_child_that_computes_for_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(processes, "BASE_SECONDS", 1)
    monkeypatch.setattr(processes, "BYTES_A_SECOND", 1 << 40)
    monkeypatch.setattr(processes, "WALL", 60)
    with pytest.raises(Unusable, match="reader_too_slow"):
        rows = "".join(f'<row r="{number}" hidden="1"/>' for number in range(1, 1_048_577))
        read_all(by_hand(rows))


def test_every_workbook_gets_a_process_of_its_own_that_ends_with_it(long_list):
    pids = []
    for _time in range(3):
        with reading.open_book(long_list, name="a.xlsx") as book:
            pids.append(pid_of(book))
        assert has_ended(pids[-1])
    assert len(set(pids)) == 3


def test_the_next_process_is_warm_when_a_workbook_was_closed():
    read_all(stored("list.xlsx"))
    warm = processes._spare.child.process.pid
    with reading.open_book(stored("list.xlsx"), name="a.xlsx") as book:
        assert pid_of(book) == warm


def test_a_warm_process_that_died_is_replaced():
    read_all(stored("list.xlsx"))
    warm = processes._spare.child.process
    warm.kill()
    assert has_ended(warm.pid)
    assert read_all(stored("list.xlsx"))


def test_no_process_is_left_when_the_parent_is_killed(tmp_path):
    script = (
        "import django; django.setup()\n"
        "from intake import reading\n"
        "from intake.reading import processes\n"
        "from tests.intake.workbooks import stored\n"
        "reading.open_book(stored('list.xlsx'), name='a').close()\n"
        "book = reading.open_book(stored('list.xlsx'), name='a.xlsx')\n"
        "processes._spare.keep_one()\n"
        "print(book._child.process.pid, processes._spare.child.process.pid, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=Portal(tmp_path).env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    busy, warm = map(int, parent.stdout.readline().split())
    parent.kill()
    parent.communicate()
    assert has_ended(busy) and has_ended(warm)


# Threads and forks -------------------------------------------------------------------------------
def test_threads_read_side_by_side():
    found = {}

    def read(number: int) -> None:
        found[number] = read_all(xlsx([[f"线程{number}", n] for n in range(3_000)]))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(6))
    for number, rows in found.items():
        assert rows == [[f"线程{number}", n] for n in range(3_000)]


def test_a_fork_leaves_the_warm_process_to_its_parent():
    """A Celery worker forks; two owners of one child would read each other's cells."""
    read_all(stored("list.xlsx"))
    warm = processes._spare.child.process.pid
    fork = os.fork()
    if not fork:
        try:
            with reading.open_book(stored("list.xlsx"), name="a.xlsx") as book:
                is_own = pid_of(book) != warm and len(list(book.rows(1))) == 1
            processes._spare.child.end()
            os._exit(0 if is_own else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    with reading.open_book(stored("list.xlsx"), name="a.xlsx") as book:
        assert pid_of(book) == warm


# What it has, and may ----------------------------------------------------------------------------
def test_the_child_is_limited_and_knows_no_secret(monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "not for the child")
    processes._spare.take().end()  # warm ones may have begun before
    with reading.open_book(stored("list.xlsx"), name="a.xlsx") as book:
        process = Path(f"/proc/{pid_of(book)}")
        limits = {
            line[:26].strip(): line[26:].split()[:2]
            for line in (process / "limits").read_text().splitlines()
        }
        environment = (process / "environ").read_bytes().split(b"\0")
        assert os.readlink(process / "cwd") == "/"
    assert limits["Max address space"] == ["1073741824"] * 2
    assert limits["Max file size"] == limits["Max processes"] == ["0"] * 2
    assert limits["Max cpu time"] == ["6", "7"]
    assert int(limits["Max open files"][1]) <= 24 and limits["Max core file size"] == ["1"] * 2
    names = {pair.partition(b"=")[0] for pair in environment if pair}
    assert names <= {b"MALLOC_ARENA_MAX", b"LD_LIBRARY_PATH", b"OPENPYXL_LXML", b"LC_CTYPE"}


def test_the_child_loads_no_django():
    script = (
        "import sys; sys.path.append(sys.argv[1]); import intake.limited.child\n"
        "sys.exit(any(name.partition('.')[0] in ('django', 'common') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-I", "-c", script, str(ROOT)]).returncode == 0


def test_no_clear_byte_lies_on_a_disk(tmp_path, monkeypatch, settings):
    """The workbook is a file in memory, and the child has no other."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    settings.FILES_ROOT = tmp_path
    with reading.open_book(xlsx([[SECRET]]), name="a.xlsx") as book:
        links = [os.readlink(fd) for fd in Path(f"/proc/{pid_of(book)}/fd").iterdir()]
        assert list(book.rows(1)) == [(1, [[SECRET]])]
    assert all(link.startswith(("/dev/null", "socket:", "/memfd:workbook")) for link in links)
    assert any(link.startswith("/memfd:") for link in links)
    assert list(tmp_path.iterdir()) == []


# What it says is not trusted ---------------------------------------------------------------------
def framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


SHEET = (
    b'{"number":1,"name":"a","hidden":false,"width":1,"height":1,"first_row":1,"first_column":1,'
    b'"hidden_rows":[],"hidden_columns":[],"merged":[]}'
)
OPENED = framed(b'{"format":"xlsx","uses_1904":false,"unknown":[],"sheets":[' + SHEET + b"]}")
SAYINGS = {
    "no JSON": framed(b"{]"),
    "no object": framed(b"[]"),
    "a length beyond all measure": b"\xff\xff\xff\xff",
    "too little": b"\x00\x00\x00\x09{}",
    "nothing": b"",
    "an object of another kind": framed(b'{"sheets":"abcde"}'),
    "sheets of another kind": framed(
        b'{"format":"xlsx","uses_1904":false,"unknown":[],"sheets":[{"number":1,"name":"a"}]}'
    ),
    "an unknown fault": framed(b'{"fault":"xx","params":{}}'),
    "a fault of another kind": framed(b'{"fault":"too_many_rows","params":[]}'),
    "rows without a number": OPENED + framed(b'{"cells":[[1]]}'),
    "rows of another kind": OPENED + framed(b'{"row":1,"cells":7}'),
    "the same rows again": OPENED + 2 * framed(b'{"row":1,"cells":[[1]]}'),
    "rows below all rows": OPENED + framed(b'{"row":99999999,"cells":[[1]]}'),
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_child_that_says_what_ours_never_says_is_given_up(saying, tmp_path, monkeypatch):
    strange = tmp_path / "strange.py"
    strange.write_text(
        "import socket\n"
        "control = socket.socket(fileno=0)\n"
        "control.recv(9)\n"
        f"control.sendall({SAYINGS[saying]!r})\n"
        "control.recv(1000)\n"
    )
    monkeypatch.setattr(processes, "PROGRAM", strange)
    child = processes.Child()
    monkeypatch.setattr(processes, "take_child", lambda: child)
    with (
        pytest.raises(Unusable, match="reader_died"),
        reading.open_book(stored("list.xlsx"), name="a.xlsx") as book,
    ):
        list(book.rows(1))
    assert has_ended(child.process.pid)
