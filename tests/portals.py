"""Real processes of the portal, on a database and a folder of their own."""

import contextlib
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds; a busy machine is no fault
LEASE = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(question, what: str, seconds: float = PATIENCE):
    """The first true answer, or a failure that says what was waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Portal:
    """SQLite and one process. `start()` starts it, `kill()` ends it as a power cut does."""

    def __init__(self, folder: Path, settings: str = "tests.settings_kill"):
        self.folder = folder
        self.running: list[subprocess.Popen] = []
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        self.env = {name: os.environ[name] for name in kept if name in os.environ} | {
            "DJANGO_SETTINGS_MODULE": settings,
            "PORTAL_VAR": str(folder),
            "PORTAL_JOB_LEASE": str(LEASE),
            "PORTAL_SECRET_KEY": secrets.token_urlsafe(50),
            "PORTAL_FIELD_KEYS": f"k1:{secrets.token_hex(32)}",
            "PORTAL_INDEX_KEY": secrets.token_hex(32),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    # Processes
    def manage(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 3,
        )

    def python(self, code: str, seconds: float = PATIENCE) -> str:
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds,
        ).stdout

    def launch(self, *command: str) -> subprocess.Popen:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        return process

    def start(self) -> None:
        self.port = free_port()
        process = self.launch(sys.executable, "manage.py", "serve", "--port", str(self.port))
        wait_until(lambda: self.answers() or process.poll() is not None, "serve to answer")
        assert process.poll() is None, self.log()

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def signal(self, number: int) -> None:
        """To every process of the portal, children too."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        for process in self.running:
            process.wait(PATIENCE)
        self.running.clear()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    # What the database says
    def connect(self):
        return sqlite3.connect(self.folder / "portal.sqlite3", timeout=20)

    def rows(self, sql: str) -> list[tuple]:
        with contextlib.closing(self.connect()) as database:
            cursor = database.cursor()
            cursor.execute(sql)
            return cursor.fetchall()

    def ask(self, *, steps: int, pause: float) -> int:
        """Ask for the slow job from a process that cannot ring."""
        return int(
            self.python(
                "from common import jobs\n"
                f"print(jobs.enqueue('slow_jobs.count', steps={steps}, pause={pause}).pk)"
            )
        )

    def job(self, pk: int) -> tuple[str, int]:
        """State and attempts."""
        return self.rows(f"SELECT state, attempts FROM common_job WHERE id = {pk}")[0]

    def steps(self, pk: int) -> list[tuple[int, str]]:
        return self.rows(f"SELECT no, token FROM slow_jobs_step WHERE job = {pk} ORDER BY id")

    def finishes(self, pk: int) -> int:
        return self.rows(f"SELECT count(*) FROM slow_jobs_finish WHERE job = {pk}")[0][0]

    def close(self) -> None:
        self.kill()


class Hosts(Portal):
    """PostgreSQL and Redis: prefork workers and two schedulers at once."""

    def __init__(self, folder: Path, **how: str):
        super().__init__(folder, **how)
        self.server = os.environ["DATABASE_URL"]
        self.name = f"portal_kill_{secrets.token_hex(4)}"
        self._on_server(f"CREATE DATABASE {self.name}")
        self.env["DATABASE_URL"] = urlunsplit(urlsplit(self.server)._replace(path=f"/{self.name}"))
        redis = urlsplit(os.environ["REDIS_URL"])
        self.env["REDIS_URL"] = urlunsplit(redis._replace(path="/9"))

    def _on_server(self, sql: str) -> None:
        with contextlib.closing(psycopg2.connect(self.server)) as database:
            database.autocommit = True
            database.cursor().execute(sql)

    def connect(self):
        return psycopg2.connect(self.env["DATABASE_URL"])

    def start(self) -> None:
        celery = (sys.executable, "-m", "celery", "-A", "alashan_portal")
        self.launch(*celery, "worker", "--pool", "prefork", "--concurrency", "2")
        for number in (1, 2):
            schedule = self.folder / f"beat-{number}-{secrets.token_hex(3)}"
            self.launch(*celery, "beat", "--schedule", str(schedule), "--pidfile", "")

    def close(self) -> None:
        super().close()
        self._on_server(f"DROP DATABASE {self.name} WITH (FORCE)")
