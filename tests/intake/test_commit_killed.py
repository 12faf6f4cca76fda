"""A commit that is killed anywhere, or loses its database: all rows or none, and never twice.

Real processes are really killed: `serve` on SQLite, prefork workers on PostgreSQL with Redis.
"""

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from tests.portals import Hosts, Portal, free_port, wait_until

ON_HOSTS = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
LONG_WAIT = 600

# In a process of the portal: a school, its official, and a roster that is handed in and waits.
SET_UP = """
from datetime import date
from django.utils import timezone
from common.models import User
from registry.models import Posting, Unit
from registry.services.units import load_units
from tests.intake.rosters import make_school
load_units()
banner = Unit.objects.get(key="banner-zuoqi")
make_school("演示中心小学", banner)
official = User.objects.create_user("rosters", "a-Long-Word-7", name="左旗填报员")
Posting.objects.create(user=official, unit=banner, role="OFFICIAL", valid_from=date(2020, 1, 1),
                       confirmed_at=timezone.now())
"""
HAND_IN = """
from common import clock
from common.models import User
from intake.services import uploads
from registry.models import Unit
from tests.intake.rosters import children, workbook
school = Unit.objects.get(name="演示中心小学")
file = workbook(children({rows}, school))
upload = uploads.take_upload(file, kind="students", by=User.objects.get(username="rosters"),
                             unit=Unit.objects.get(key="banner-zuoqi"), at=clock.now(), inline=False)
print(upload.pk)
"""
COMMIT = """
from common import clock
from common.models import User
from intake.models import Upload
from intake.services import uploads
uploads.commit_upload(Upload.objects.get(pk={pk}), by=User.objects.get(username="rosters"),
                      at=clock.now(), inline=False)
"""


def made(portal: Portal) -> Portal:
    done = portal.manage("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    portal.python(SET_UP)
    return portal


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commit")
    portal = made(Hosts(folder) if ON_HOSTS else Portal(folder))
    yield portal
    portal.close()


@pytest.fixture(autouse=True)
def nothing_left_running(request):
    yield
    if "portal" in request.fixturenames:
        request.getfixturevalue("portal").kill()


def state(portal, pk: int) -> str:
    return portal.rows(f"SELECT state FROM intake_upload WHERE id = {pk}")[0][0]


def reaches(portal, pk: int, wanted: str) -> None:
    wait_until(lambda: state(portal, pk) == wanted, f"{wanted} of {state(portal, pk)}", LONG_WAIT)


def count(portal, table: str) -> int:
    return portal.rows(f"SELECT count(*) FROM {table}")[0][0]


def stored(portal) -> set[int]:
    """How many rows each table of a roster holds; one number where all agree."""
    return {
        count(portal, "registry_student"),
        count(portal, "registry_enrolment"),
        count(portal, "registry_guardian"),
        count(portal, "registry_identifier") // 2,
    }


def handed_in(portal, rows: int) -> int:
    """A roster, checked and waiting to be committed; nothing runs."""
    pk = int(portal.python(HAND_IN.format(rows=rows), LONG_WAIT))
    portal.start()
    reaches(portal, pk, "CHECKED")
    portal.kill()
    return pk


def being_written(portal, pk: int) -> None:
    """The commit's job is under way."""
    job = f"(SELECT job_id FROM intake_upload WHERE id = {pk})"
    running = f"SELECT count(*) FROM common_job WHERE id = {job} AND state = 'RUNNING'"
    wait_until(lambda: portal.rows(running)[0][0] or state(portal, pk) == "COMMITTED", "a start")


def assert_written_once(portal, pk: int, rows: int) -> None:
    reaches(portal, pk, "COMMITTED")
    assert stored(portal) == {rows}, portal.log()
    changes = f"SELECT count(*), count(DISTINCT root_pk) FROM common_rowchange WHERE row > 0 {SETS}"
    assert portal.rows(changes.format(pk=pk)) == [(rows, rows)]


SETS = (
    "AND change_set_id = (SELECT change_set_id FROM intake_upload WHERE id = {pk}) "
    "AND undone_at IS NULL"
)


def undo(portal, pk: int) -> None:
    done = portal.manage("intake_undo", str(pk), "--by", "rosters", "--json")
    assert done.returncode == 0, done.stderr
    assert stored(portal) == {0}


def killed_after(portal, pk: int, rows: int, seconds: float) -> bool:
    """Kill the commit after a while, start anew, see it through. True if it was cut off."""
    portal.python(COMMIT.format(pk=pk))
    portal.start()
    being_written(portal, pk)
    time.sleep(seconds)
    portal.kill()
    was_cut_off = state(portal, pk) != "COMMITTED"
    assert stored(portal) in ({0}, {rows}), "half a roster is written"
    assert not was_cut_off or stored(portal) == {0}
    portal.start()
    assert_written_once(portal, pk, rows)
    portal.kill()
    return was_cut_off


def test_a_killed_commit_writes_all_rows_or_none_and_never_twice(portal):
    """A quick machine may be done before it is killed: then it is killed sooner."""
    rows = 1500
    pk = handed_in(portal, rows)
    for seconds in (0.2, 0.05, 0, 0, 0):
        if killed_after(portal, pk, rows, seconds):
            break
        undo(portal, pk)
        again(portal, pk)
    else:
        pytest.fail("killed too late to prove anything, five times")
    undo(portal, pk)


def again(portal, pk: int) -> None:
    """An undone upload is checked anew, to be committed once more."""
    portal.python(
        "from common import clock\n"
        "from common.models import User\n"
        "from intake.models import Upload\n"
        "from intake.services import uploads\n"
        f"upload = Upload.objects.get(pk={pk})\n"
        "uploads.check_again(upload, by=User.objects.get(username='rosters'), at=clock.now())"
    )
    portal.start()
    reaches(portal, pk, "CHECKED")
    portal.kill()


@pytest.mark.long
@pytest.mark.scale
def test_a_commit_of_a_hundred_thousand_rows_is_killed_at_ten_points(portal):
    rows, moments = 100_000, random.Random(11)
    pk = handed_in(portal, rows)
    portal.python(COMMIT.format(pk=pk))
    portal.start()
    being_written(portal, pk)
    began = time.monotonic()
    assert_written_once(portal, pk, rows)
    took = time.monotonic() - began
    portal.kill()
    cut_off = 0
    for point in range(10):
        undo(portal, pk)
        again(portal, pk)
        cut_off += killed_after(portal, pk, rows, took * (point + moments.random()) / 10)
    assert cut_off >= 7, f"only {cut_off} of ten kills came before the end"


class OwnServer:
    """A PostgreSQL of the test's own, which it may restart at any moment."""

    def __init__(self):
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        # Not under pytest's own folder, which it closes to others.
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="portal-server-")), free_port()
        self.data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-D", self.data, "-U", "portal", "-A", "trust", "-E", "UTF8")
        self.start()
        self.address = f"postgresql://portal@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments) -> None:
        command = [str(self.bin / program), *map(str, arguments)]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        log = self.folder / "log"
        self.run("pg_ctl", "-D", self.data, "-l", log, "-o", options, "-w", "start")

    def restart(self) -> None:
        """As after a power cut: nobody is waited for."""
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        time.sleep(1)
        self.start()

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.long
@pytest.mark.skipif(not ON_HOSTS, reason="SQLite is no server")
def test_the_database_may_restart_in_the_middle_of_a_commit(tmp_path, monkeypatch):
    server = OwnServer()
    monkeypatch.setenv("DATABASE_URL", server.address)
    portal = None
    try:
        portal = made(Hosts(tmp_path))
        rows = 20_000
        pk = handed_in(portal, rows)
        portal.python(COMMIT.format(pk=pk))
        portal.start()
        being_written(portal, pk)
        time.sleep(3)
        before = state(portal, pk)
        server.restart()
        assert before != "COMMITTED", "restarted too late to prove anything"
        with contextlib.suppress(psycopg2.OperationalError):
            assert stored(portal) in ({0}, {rows})
        assert_written_once(portal, pk, rows)
    finally:
        if portal:
            portal.kill()
        server.stop()
