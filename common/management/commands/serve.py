"""The whole portal in one process: pages by waitress, jobs by a Celery worker, and their schedule."""

import errno
import hashlib
import logging
import os
import signal
import threading
import time

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import close_old_connections, connection

from common import jobs, readiness

log = logging.getLogger(__name__)
POLL_SECONDS = 2  # another process cannot ring the in-memory broker
NIGHTLY_SECONDS = 600
LAST_REQUESTS_SECONDS = 1.0
HAND_BACK_SECONDS = 0.7


class Command(BaseCommand):
    help = (
        "Serve the portal from one process: pages, background jobs and their schedule. With "
        "REDIS_URL it shares the queue with the workers there. SIGTERM or Ctrl-C stops it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--port", help="default: PORT from the environment, else 8000")
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument("--threads", type=int, default=8, help="for pages (%(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="for jobs (%(default)s)")

    def handle(self, *args, host, port, threads, workers, **options):
        port = _port(port or os.environ.get("PORT") or "8000")
        try:
            readiness.check_database()
        except readiness.NotReady as fault:
            raise CommandError(str(fault)) from None
        connection.close()
        if not settings.DEBUG:
            collect_static_if_stale()
        stop = Stop()
        server = _listen(host, port, threads)
        stop.on_signals()
        # The address is open already: whoever comes now waits instead of being turned away.
        _start("pages", stop, server.run)
        _start("jobs", stop, _work, stop, workers)
        _start("schedule", stop, _keep_schedule, stop)
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        self.stdout.write(f"Serving on http://{shown}:{port}/ (Ctrl-C stops)")
        self.stdout.flush()
        stop.wait()
        server.task_dispatcher.shutdown(timeout=LAST_REQUESTS_SECONDS)
        _hand_back()
        # Threads of jobs may be anywhere: their rows are handed back, their transactions roll back.
        os._exit(stop.code)


# Before ------------------------------------------------------------------------------------------
def _port(raw) -> int:
    if not str(raw).isdigit() or not 1 <= int(raw) <= 65535:
        raise CommandError(f"Unexpected port {raw}, use a whole number from 1 to 65535")
    return int(raw)


def static_stamp() -> str:
    """Changes when any file to be served changes."""
    stamp = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = os.stat(storage.path(path))
            stamp.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return stamp.hexdigest()


def collect_static_if_stale() -> bool:
    kept, stamp = settings.STATIC_ROOT / ".stamp", static_stamp()
    if kept.exists() and kept.read_text() == stamp:
        return False
    # Cleared first: an update unpacked with older dates would not replace what is there.
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    kept.write_text(stamp)
    return True


def _listen(host: str, port: int, threads: int):
    from waitress.server import create_server

    try:
        return create_server(
            get_internal_wsgi_application(),
            host=host,
            port=port,
            threads=threads,
            ident=None,
            # Settings say whether a proxy stands in front; else its headers are anybody's.
            clear_untrusted_proxy_headers=not (settings.HTTPS or settings.PROXIES),
            max_request_body_size=settings.FILE_MAX_BYTES + 10 * 1024 * 1024,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "is taken: stop what uses it, or choose another with --port (PORT for make run)"
        elif error.errno == errno.EACCES:
            why = "needs root: choose one above 1023 with --port"
        else:
            why = f"cannot be opened: {error.strerror}"
        raise CommandError(f"Port {port} on {host} {why}") from None


# While -------------------------------------------------------------------------------------------
class Stop:
    """Set by a signal, or when a part of the portal has ended that never should."""

    def __init__(self):
        self._event = threading.Event()
        self.code = 0

    def on_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_facts: self._event.set())

    def because_of(self, part: str):
        if not self._event.is_set():
            log.error("%s ended; stopping", part)
            self.code = 1
            self._event.set()

    def wait(self, seconds: float | None = None) -> bool:
        return self._event.wait(seconds)


def _start(part: str, stop: Stop, deed, *args) -> None:
    def run():
        try:
            deed(*args)
        except Exception as error:
            log.error("%s: %s", part, type(error).__name__)
        finally:
            stop.because_of(part)

    threading.Thread(target=run, name=f"serve-{part}", daemon=True).start()


def _work(stop: Stop, concurrency: int) -> None:
    """A Celery worker of threads; begun anew if it falls over, the rows hold what is to be done."""
    while not stop.wait(0):
        worker = current_app.WorkController(
            pool="threads",
            concurrency=concurrency,
            hostname=f"serve-{os.getpid()}",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel="WARNING",
        )
        worker.start()
        stop.wait(1)


def _keep_schedule(stop: Stop) -> None:
    """Ring for what is due every two seconds, ask for the night's jobs when a new day has come."""
    asked_at = float("-inf")
    while True:
        try:
            close_old_connections()
            jobs.reap()
            if time.monotonic() - asked_at > NIGHTLY_SECONDS:
                jobs.nightly()
                asked_at = time.monotonic()
        except Exception as error:  # a database that is away for a moment
            log.warning("schedule: %s", type(error).__name__)
            connection.close()
        if stop.wait(POLL_SECONDS):
            return


# After -------------------------------------------------------------------------------------------
def _hand_back() -> None:
    """The next start need not wait for the lease; given up if a writer holds the database."""
    deed = threading.Thread(target=jobs.hand_back, daemon=True)
    deed.start()
    deed.join(HAND_BACK_SECONDS)
