"""Background jobs: the row in the database is the truth, Celery is only the doorbell.

A runner is declared with `@job("app.kind", label=…)` and asked for with `enqueue("app.kind", by=…)`
in the transaction of the deed. `claim` hands a row to one runner by a fresh token; every later
write carries the token, so a runner that stalled cannot overwrite the one that took over. `reap`
rings again for what is due or whose lease has run out. A job must be safe to repeat.
"""

import logging
import secrets
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from common import audit, clock
from common.models import Job

log = logging.getLogger(__name__)
_kinds: dict[str, "Kind"] = {}


class Cancelled(Exception):
    """The row is no longer this runner's: somebody cancelled it or another runner took over."""


class JobFault(Exception):
    """A fault to be shown to the person who asked, in their words. Not worth another try."""


class NotYours(Exception):
    """The job cannot be retried or cancelled in the state it is in."""


@dataclass(frozen=True)
class Kind:
    code: str
    label: str
    run: Callable  # (running, **arguments) -> dict | None
    nightly: bool = False


def job(code: str, *, label, nightly: bool = False):
    """Declare the runner of a kind; nightly kinds are asked for once each night."""

    def register(function):
        if code in _kinds:
            raise ValueError(f"Job kind {code} is declared twice")
        _kinds[code] = Kind(code, label, function, nightly)
        return function

    return register


def label_of(code: str) -> str:
    return str(_kinds[code].label) if code in _kinds else code


# Asking ------------------------------------------------------------------------------------------
def enqueue(code: str, *, by=None, run_after=None, unique_key: str = "", **arguments) -> Job:
    """Write the row now, ring once the transaction holds.

    With a `unique_key` a second request while the first is still queued returns the first.
    """
    if code not in _kinds:
        raise KeyError(f"No job kind {code}")
    row = Job(
        kind=code,
        arguments=arguments,
        run_after=run_after or clock.now(),
        unique_key=unique_key,
        asked_by=by,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return Job.objects.get(unique_key=unique_key, state=Job.State.QUEUED)
    transaction.on_commit(lambda: ring(row.pk))
    return row


def ring(pk: int) -> None:
    """Ring for one row. A lost ring is made good by `reap`."""
    try:
        run_job.delay(job_id=pk)
    except Exception:  # the broker is down: the row waits for the next reap
        log.warning("could not ring for job %s", pk)


# Running -----------------------------------------------------------------------------------------
def claim(pk: int) -> Job | None:
    """Take the row if it is due, or if its runner has been silent for a lease; one UPDATE decides."""
    now = clock.now()
    stale = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    token = secrets.token_hex(16)
    due = Q(state=Job.State.QUEUED, run_after__lte=now)
    abandoned = Q(state=Job.State.RUNNING, heartbeat_at__lt=stale)
    taken = Job.objects.filter(due | abandoned, pk=pk, attempts__lt=F("max_attempts")).update(
        state=Job.State.RUNNING,
        token=token,
        heartbeat_at=now,
        attempts=F("attempts") + 1,
        done=0,
        total=0,
    )
    return Job.objects.get(pk=pk) if taken else None


class Running:
    """What a runner holds: its row, its token, its progress."""

    def __init__(self, row: Job):
        self.row = row
        self.pk = row.pk
        self.asked_by = row.asked_by
        self._stop = threading.Event()

    def _mine(self):
        return Job.objects.filter(pk=self.pk, token=self.row.token, state=Job.State.RUNNING)

    def progress(self, done: int, total: int) -> None:
        """Tell how far the work is; raises Cancelled when the row is no longer ours."""
        if not self._mine().update(done=done, total=total, heartbeat_at=clock.now()):
            raise Cancelled(self.pk)

    def finish(self, **fields) -> bool:
        """The last write: only the holder of the token makes it."""
        return bool(self._mine().update(finished_at=clock.now(), **fields))

    def keep_alive(self):
        """Renew the lease from a thread while the runner works."""
        every = max(settings.JOB_LEASE_SECONDS / 4, 0.5)
        try:
            while not self._stop.wait(every):
                if not self._mine().update(heartbeat_at=clock.now()):
                    return
        finally:
            connection.close()

    def __enter__(self):
        # An in-memory SQLite database (tests) cannot be shared with a second thread.
        if "memory" not in str(connection.settings_dict["NAME"]):
            threading.Thread(target=self.keep_alive, daemon=True).start()
        return self

    def __exit__(self, *_exc):
        self._stop.set()


def run(pk: int) -> bool:
    """Run one row if it can be claimed. True when this call settled it."""
    row = claim(pk)
    if row is None:
        return False
    with Running(row) as running:
        try:
            kind = _kinds[row.kind]
            result = kind.run(running, **row.arguments) or {}
        except Cancelled:
            return False
        except JobFault as fault:
            return running.finish(state=Job.State.FAILED, fault=str(fault)[:300])
        except Exception as error:
            log.error("job %s (%s) failed: %s", row.pk, row.kind, type(error).__name__)
            return _after_failure(running, _story(error))
        return running.finish(state=Job.State.DONE, result=result, fault="", traceback="")


def _after_failure(running: Running, story: str) -> bool:
    row = running.row
    if row.attempts < row.max_attempts:
        wait = timedelta(seconds=15 * 2**row.attempts)
        running._mine().update(
            state=Job.State.QUEUED, run_after=clock.now() + wait, traceback=story
        )
        return False
    return running.finish(
        state=Job.State.FAILED,
        fault=_("办理时出错，已试 %(n)s 次。管理员能看到经过。") % {"n": row.attempts},
        traceback=story,
    )


def _story(error: BaseException) -> str:
    """Where it failed and with what kind of error; never its message, which may quote a person."""
    return "".join(traceback.format_tb(error.__traceback__))[-6000:] + type(error).__name__


def reap() -> int:
    """Ring for rows that are due or abandoned; fail those that have used up their attempts."""
    now = clock.now()
    stale = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    due = Q(state=Job.State.QUEUED, run_after__lte=now)
    abandoned = Q(state=Job.State.RUNNING, heartbeat_at__lt=stale)
    Job.objects.filter(due | abandoned, attempts__gte=F("max_attempts")).update(
        state=Job.State.FAILED,
        finished_at=now,
        fault=_("办理的进程几次中断，没有办完。"),
    )
    rows = list(
        Job.objects.filter(due | abandoned).order_by("run_after").values_list("pk", flat=True)[:200]
    )
    for pk in rows:
        ring(pk)
    return len(rows)


def nightly() -> None:
    """Ask for each nightly kind once; two schedulers at once ask for the same rows."""
    day = clock.today().isoformat()
    for kind in _kinds.values():
        asked = Job.objects.filter(kind=kind.code, arguments__day=day).exists()
        if kind.nightly and not asked:
            enqueue(kind.code, unique_key=f"{kind.code}:{day}", day=day)


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic
def retry(row: Job, *, by) -> Job:
    """Ask once more for a failed or cancelled job."""
    changed = Job.objects.filter(
        pk=row.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED)
    ).update(
        state=Job.State.QUEUED,
        attempts=0,
        run_after=clock.now(),
        token="",
        fault="",
        finished_at=None,
    )
    if not changed:
        raise NotYours(row.pk)
    audit.record("common.job_retried", row, by=by, title=row.kind)
    transaction.on_commit(lambda: ring(row.pk))
    row.refresh_from_db()
    return row


@transaction.atomic
def cancel(row: Job, *, by) -> Job:
    """Stop a job that is not finished; a runner notices at its next progress."""
    changed = Job.objects.filter(pk=row.pk, state__in=(Job.State.QUEUED, Job.State.RUNNING)).update(
        state=Job.State.CANCELLED, token="", finished_at=clock.now()
    )
    if not changed:
        raise NotYours(row.pk)
    audit.record("common.job_cancelled", row, by=by, title=row.kind)
    row.refresh_from_db()
    return row


# Celery ------------------------------------------------------------------------------------------
@shared_task(name="common.run_job")
def run_job(*, job_id, **_later):
    close_old_connections()
    run(job_id)
    close_old_connections()


@shared_task(name="common.reap")
def reap_jobs(**_later):
    close_old_connections()
    reap()


@shared_task(name="common.nightly")
def ask_nightly(**_later):
    close_old_connections()
    nightly()
