"""A roster of students, 100,000 rows of 20 columns with 1 % faults, from file to stored rows."""

import io
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench import _peer, _rosters
from common import clock
from common.models import User
from intake import kinds
from intake.contexts import context_of
from intake.models import Upload
from intake.services import uploads
from intake.services.checks import run_check
from intake.services.commits import run_commit
from registry.models import Enrolment, Guardian, Identifier, Posting, Student, Unit
from registry.roles import Role
from registry.services.units import load_units
from scripts.bench import Row

ROWS = int(os.environ.get("BENCH_ROWS", 100_000))
PEER_ROWS = ROWS // 10
ROUNDS = 2
MEMORY = 600  # MB that the portal's processes may use together
TABLES = (Student, Identifier, Guardian, Enrolment)
ROOT = Path(__file__).resolve().parent.parent


def main() -> list[Row]:
    """100,000 rows of 20 columns, 1 % of them faulty, into four indexed tables. The floor parses the
    workbook with calamine and copies the same rows into the same tables, nothing else. The commit
    keeps the original, reads it in the limited child, checks, encrypts, compares and writes, with
    what an undo needs and the event; the peer is django-import-export in bulk, without diffs, its
    dry run counted."""
    bench = Bench()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        large, small = Path(folder, "large.xlsx"), Path(folder, "small.xlsx")
        bench.write(large, ROWS)
        bench.write(small, PEER_ROWS)
        return [*bench.of_speed(large), *bench.of_peer(small), bench.of_memory(large)]


class Bench:
    def __init__(self):
        load_units()
        self.banner = Unit.objects.get(key="banner-zuoqi")
        self.schools = _rosters.make_schools(self.banner)
        self.user = User.objects.create(username="bench-intake", name="bench")
        Posting.objects.create(
            user=self.user,
            unit=self.banner,
            role=Role.OFFICIAL,
            valid_from=date(2000, 1, 1),
            confirmed_at=timezone.now(),
        )

    def write(self, path: Path, count: int) -> None:
        _rosters.write_workbook(path, [_rosters.HEADERS, *_rosters.rows(count, self.schools)])

    # Steps -------------------------------------------------------------------------------------
    def take(self, path: Path) -> Upload:
        with path.open("rb") as stream:
            return uploads.take_upload(
                File(stream, name=path.name),
                kind="students",
                by=self.user,
                unit=self.banner,
                at=clock.now(),
                inline=False,
            )

    def check(self, upload: Upload) -> Upload:
        return run_check(upload, by=self.user, at=clock.now())

    def commit(self, path: Path) -> Upload:
        """From the file to stored rows. The page's check before it is timed by itself."""
        upload = self.take(path)
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.COMMITTING, good_rows=True)
        upload.refresh_from_db()
        done = run_commit(upload, by=self.user, at=clock.now())
        assert done.wrote
        return done.upload

    def undo(self, upload: Upload) -> None:
        undone = uploads.undo_upload(upload, by=self.user, at=clock.now())
        assert not undone.left

    def forget(self) -> None:
        """Empty tables for the next round, as new."""
        with connection.cursor() as cursor:
            names = ", ".join(model._meta.db_table for model in TABLES)
            cursor.execute(f"TRUNCATE {names} CASCADE")
        Upload.objects.all().delete()

    # Rows --------------------------------------------------------------------------------------
    def of_speed(self, path: Path) -> list[Row]:
        best = {}

        def timed(name, deed, *arguments):
            start = time.perf_counter()
            found = deed(*arguments)
            best[name] = min(best.get(name, float("inf")), time.perf_counter() - start)
            return found

        for _round in range(ROUNDS):
            timed("parse", parse, path)
            upload = self.take(path)
            checked = timed("check", self.check, upload)
            good = checked.counts["inserted"]
            assert good and good + checked.counts["rejected"] == ROWS
            upload.delete()
            upload = timed("commit", self.commit, path)
            assert Student.objects.count() == good
            copied = copy_out()
            timed("undo", self.undo, upload)
            self.forget()
            timed("floor", floor, path, copied)
            self.forget()
        return [
            Row("commit, file to stored rows", best["commit"], "parse and COPY", best["floor"]),
            Row("preview", best["check"], "parse by calamine", best["parse"]),
            Row("undo", best["undo"], "its commit", best["commit"]),
        ]

    def of_peer(self, path: Path) -> list[Row]:
        start = time.perf_counter()
        self.check(self.take(path))
        between = time.perf_counter()
        upload = self.commit(path)
        end = time.perf_counter()
        ours, both = end - between, end - start
        good = Student.objects.count()
        self.forget()
        rows = []
        for validates, how in ((True, "its models checking"), (False, "no check of its own")):
            start = time.perf_counter()
            context = context_of(upload, self.user, clock.now())
            made = _peer.take_in(path, kinds.get("students"), context, validates=validates)
            theirs = time.perf_counter() - start
            assert made == good == Student.objects.count(), (made, good)
            self.forget()
            what = f"django-import-export with dry run, {how}, {PEER_ROWS:,} rows"
            rows.append(Row(what, theirs, "commit here", ours))
            rows.append(Row(what, theirs, "preview and commit here", both))
        return rows

    def of_memory(self, path: Path) -> Row:
        """The command in a process of its own, and the child it reads with: their largest PSS."""
        arguments = ["students", str(path), "--by", self.user.username, "--good-rows", "--json"]
        command = subprocess.Popen(
            [sys.executable, "manage.py", "intake", *arguments],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        most = 0
        while command.poll() is None:
            most = max(most, pss_of(command.pid))
            time.sleep(0.05)
        assert command.returncode == 1, "some rows are rejected, the others were written"
        assert Student.objects.count() > ROWS * 0.9
        self.forget()
        return Row("proportional memory of all processes", most / 1024, f"{MEMORY} MB", MEMORY)


def parse(path: Path) -> int:
    return sum(1 for _row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def copy_out() -> list[tuple[str, str]]:
    """The rows of all tables as COPY reads them."""
    found = []
    with connection.cursor() as cursor:
        for model in TABLES:
            table, text = model._meta.db_table, io.StringIO()
            cursor.cursor.copy_expert(f"COPY {table} TO STDOUT", text)
            found.append((table, text.getvalue()))
    return found


def floor(path: Path, copied: list[tuple[str, str]]) -> None:
    """What no intake can undercut: the workbook parsed, the rows copied into their tables."""
    parse(path)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in copied:
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))


def pss_of(pid: int) -> int:
    """Proportional kilobytes of a process and all below it."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += pss_of(int(child))
    except (OSError, ProcessLookupError):
        return total
    return total
