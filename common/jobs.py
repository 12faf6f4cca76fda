"""Background jobs: the row in the database is the truth, Celery is only the doorbell.

A runner is declared with `@job("app.kind", label=…)` and asked for with `enqueue("app.kind", by=…)`
in the transaction of the deed. `claim` hands a row to one runner by a fresh token; every later
write carries the token, so a runner that stalled cannot overwrite the one that took over. `reap`
rings again for what is due or whose lease has run out. A job must be safe to repeat.
"""

import inspect
import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit, clock, locks
from common.models import Job

log = logging.getLogger(__name__)
_kinds: dict[str, "Kind"] = {}
# What this very process is working on: its row is alive, however long a write keeps it silent.
_working: dict[int, "Running"] = {}

NIGHT_HOUR = 1
RING_AGAIN_SECONDS = 30
BELL_SILENT_SECONDS = 15
UNKNOWN_KIND_WAIT = timedelta(minutes=1)
PROGRESS_SECONDS = 0.5


class Cancelled(Exception):
    """The row is no longer this runner's: somebody cancelled it or another runner took over."""


class _OutOfTime(Exception):
    """A request has worked on a row for as long as a person may wait: the queue takes over."""


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
    after: tuple[str, ...] = ()


def job(code: str, *, label, nightly: bool = False, after: tuple[str, ...] = ()):
    """Declare the runner of a kind.

    Nightly kinds are asked for once each night; `after` names the news (`announce`) that ask for it.
    """

    def register(function):
        if code in _kinds:
            raise ValueError(f"Job kind {code} is declared twice")
        taken = inspect.signature(function).parameters.values()
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken):
            raise TypeError(f"Job kind {code} takes no **_later: an old worker meets new arguments")
        _kinds[code] = Kind(code, label, function, nightly, after)
        return function

    return register


def label_of(code: str) -> str:
    return str(_kinds[code].label) if code in _kinds else code


# Asking ------------------------------------------------------------------------------------------
def enqueue(
    code: str, *, by=None, run_after=None, unique_key: str = "", quietly: bool = False, **arguments
) -> Job:
    """Write the row now, ring once the transaction holds; not if whoever asks runs it itself
    (`quietly`): should that fail, `reap` rings.

    With a `unique_key` a second request while the first is still queued returns the first, and
    holds it until the second's transaction ends: the job sees what both have written.
    """
    if code not in _kinds:
        raise KeyError(f"No job kind {code}")
    while True:
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
            if not unique_key:
                raise
            queued = Job.objects.filter(unique_key=unique_key, state=Job.State.QUEUED)
            with transaction.atomic():
                row = queued.select_for_update().first()
            if row is None:  # a runner took it in between: ask anew
                continue
        if not quietly:
            transaction.on_commit(lambda pk=row.pk: ring(pk))
        return row


def announce(news: str, *, by=None) -> None:
    """Ask for every kind that wants to follow this news; who tells need not know who listens."""
    for kind in _kinds.values():
        if news in kind.after:
            enqueue(kind.code, by=by, unique_key=kind.code)


class _Bell:
    """Until when the broker is not tried again: requests do not wait for it one after the other."""

    silent_until = 0.0


def ring(pk: int) -> bool:
    """Ring for one row. A lost ring is made good by `reap`."""
    if time.monotonic() < _Bell.silent_until:
        return False
    try:
        run_job.apply_async(kwargs={"job_id": pk}, retry=False)
    except Exception as error:  # the broker is down: the row waits for the next reap
        _Bell.silent_until = time.monotonic() + BELL_SILENT_SECONDS
        log.warning("could not ring for job %s: %s", pk, type(error).__name__)
        return False
    return True


# Running -----------------------------------------------------------------------------------------
def claim(pk: int) -> Job | None:
    """Take the row if it is due, or if its runner has been silent for a lease; one UPDATE decides."""
    if pk in _working:
        return None
    now = clock.now()
    token = secrets.token_hex(16)
    taken = Job.objects.filter(
        _due(now) | _abandoned(now), pk=pk, kind__in=_kinds, attempts__lt=F("max_attempts")
    ).update(
        state=Job.State.RUNNING,
        token=token,
        heartbeat_at=now,
        attempts=F("attempts") + 1,
        done=0,
        total=0,
        fault="",
    )
    return Job.objects.filter(pk=pk, token=token).first() if taken else None


def _due(now) -> Q:
    return Q(state=Job.State.QUEUED, run_after__lte=now)


def _abandoned(now) -> Q:
    lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
    return Q(state=Job.State.RUNNING, heartbeat_at__lt=now - lease)


def _put_off_if_unknown(pk: int) -> None:
    """An older program met a newer kind: leave it to a newer worker, and say so on its page."""
    now = clock.now()
    waits = Job.objects.filter(_due(now), pk=pk).exclude(kind__in=_kinds)
    if waits.update(
        run_after=now + UNKNOWN_KIND_WAIT,
        fault=_("在运行的程序不认识这类任务，等新版程序来办。"),
    ):
        log.warning("job %s is of a kind that this program does not know", pk)


class Running:
    """What a runner holds: its row, its token, its progress."""

    def __init__(self, row: Job, seconds: float | None = None):
        self.row = row
        self._deadline = time.monotonic() + seconds if seconds else float("inf")
        self.pk = row.pk
        self.asked_by = row.asked_by
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._lost = False
        self._keeper = None
        self._told = None  # progress that the keeper is to write
        self._written_at = float("-inf")

    def _mine(self):
        return Job.objects.filter(pk=self.pk, token=self.row.token, state=Job.State.RUNNING)

    def progress(self, done: int, total: int) -> None:
        """Tell how far the work is; raises Cancelled when the row is no longer ours.

        Inside a transaction the keeper writes it: else nobody would see it before the end, and the
        row would be locked against its own heartbeat.
        """
        if self._lost:
            raise Cancelled(self.pk)
        if time.monotonic() > self._deadline:
            raise _OutOfTime(self.pk)
        if done < total and time.monotonic() - self._written_at < PROGRESS_SECONDS:
            return
        self._written_at = time.monotonic()
        if self._keeper and connection.in_atomic_block:
            self._told = {"done": done, "total": total}
            self._wake.set()
        elif not self._mine().update(done=done, total=total, heartbeat_at=clock.now()):
            self._lost = True
            raise Cancelled(self.pk)

    def finish(self, **fields) -> bool:
        """The last write: only the holder of the token makes it."""
        return bool(self._mine().update(finished_at=clock.now(), **fields))

    def keep_alive(self) -> None:
        """Renew the lease from a thread of its own while the runner works."""
        every = settings.JOB_LEASE_SECONDS / 4
        try:
            while not self._stop.is_set():
                self._wake.wait(every)
                self._wake.clear()
                if self._stop.is_set():
                    return
                told, self._told = self._told or {}, None
                try:
                    self._lost |= not self._mine().update(heartbeat_at=clock.now(), **told)
                except (DatabaseError, InterfaceError):  # a long write, a restart: try again
                    connection.close()
                if self._lost:
                    return
        finally:
            connection.close()

    def __enter__(self):
        _working[self.pk] = self
        # A second connection sees nothing of an open transaction, and an in-memory SQLite (tests)
        # cannot be shared.
        alone = connection.vendor == "sqlite" and connection.is_in_memory_db()
        if not connection.in_atomic_block and not alone:
            self._keeper = threading.Thread(target=self.keep_alive, daemon=True)
            self._keeper.start()
        return self

    def __exit__(self, *_exc):
        self._stop.set()
        self._wake.set()
        _working.pop(self.pk, None)


def run(pk: int, *, seconds: float | None = None) -> bool:
    """Run one row if it can be claimed. True when this call settled it.

    After `seconds` (a request that works its own small job) it goes back to the queue.
    """
    row = claim(pk)
    if row is None:
        _put_off_if_unknown(pk)
        return False
    cache.delete(_rung(pk))
    with Running(row, seconds) as running:
        try:
            result = _kinds[row.kind].run(running, **row.arguments) or {}
        except Cancelled:
            return False
        except _OutOfTime:
            _hand_back(running)
            ring(pk)
            return False
        except JobFault as fault:
            return running.finish(state=Job.State.FAILED, fault=str(fault)[:300])
        except Exception as error:
            log.error("job %s (%s) failed: %s", row.pk, row.kind, type(error).__name__)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            return _after_failure(running, _story(error))
        return running.finish(state=Job.State.DONE, result=result, fault="", traceback="")


def _after_failure(running: Running, story: str) -> bool:
    """Another try after a while, as long as attempts are left."""
    row = running.row
    if row.attempts >= row.max_attempts:
        return running.finish(
            state=Job.State.FAILED,
            fault=_("办理时出错，已试 %(n)s 次。管理员能看到经过。") % {"n": row.attempts},
            traceback=story,
        )
    wait = timedelta(seconds=min(15 * 2**row.attempts, 3600))
    try:
        with transaction.atomic():
            running._mine().update(
                state=Job.State.QUEUED, run_after=clock.now() + wait, traceback=story
            )
        return False
    except IntegrityError:  # the same work was asked for again meanwhile
        return running.finish(
            state=Job.State.CANCELLED,
            fault=_("同样的任务已另行排队，由它来办。"),
            traceback=story,
        )


def _story(error: BaseException) -> str:
    """Where it failed and with what kind of error; never its message, which may quote a person."""
    told = []
    while error is not None and len(told) < 5:
        told.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(told))[-6000:]


def hand_back() -> int:
    """At an orderly stop: what this process works on is due at once, and the try does not count."""
    return sum(_hand_back(running) for running in list(_working.values()))


def _hand_back(running: Running) -> int:
    return running._mine().update(
        state=Job.State.QUEUED, token="", run_after=clock.now(), attempts=F("attempts") - 1
    )


# Schedule ----------------------------------------------------------------------------------------
def _rung(pk: int) -> str:
    return f"job-rung:{pk}"


def reap() -> int:
    """Ring for rows that are due or abandoned; fail those that have used up their attempts."""
    now = clock.now()
    waiting = Job.objects.filter(_due(now) | _abandoned(now))
    waiting.filter(attempts__gte=F("max_attempts")).exclude(pk__in=list(_working)).update(
        state=Job.State.FAILED,
        token="",
        finished_at=now,
        fault=_("办理的进程几次中断，没有办完。"),
    )
    rung = 0
    for pk in waiting.order_by("run_after", "pk").values_list("pk", flat=True)[:200]:
        # While all workers are busy, one ring for a row is enough.
        if cache.add(_rung(pk), 1, RING_AGAIN_SECONDS):
            rung += 1
            if not ring(pk):
                cache.delete(_rung(pk))
    return rung


def nightly() -> int:
    """Ask for each nightly kind once a day, from one o'clock on; also after a night switched off.

    Two schedulers at once ask once: the second waits for the first and sees its rows.
    """
    now = timezone.localtime(clock.now())
    if now.hour < NIGHT_HOUR:
        return 0
    day, asked = clock.today().isoformat(), 0
    with transaction.atomic():
        locks.hold("common.nightly")
        for kind in _kinds.values():
            if kind.nightly and not Job.objects.filter(kind=kind.code, arguments__day=day).exists():
                enqueue(kind.code, unique_key=f"{kind.code}:{day}", day=day)
                asked += 1
    return asked


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic
def retry(row: Job, *, by) -> Job:
    """Ask once more for a failed or cancelled job."""
    settled = Job.objects.filter(pk=row.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED))
    try:
        with transaction.atomic():
            changed = settled.update(
                state=Job.State.QUEUED,
                attempts=0,
                run_after=clock.now(),
                token="",
                fault="",
                finished_at=None,
            )
    except IntegrityError:  # the same work is queued already
        changed = 0
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
def _with_fresh_connections(deed: Callable, *args):
    """As around a request; inside a transaction (eager calls) the connection is left alone."""
    if connection.in_atomic_block:
        deed(*args)
        return
    close_old_connections()
    try:
        deed(*args)
    finally:
        close_old_connections()


@shared_task(name="common.run_job")
def run_job(*, job_id, **_later):
    _with_fresh_connections(run, job_id)


@shared_task(name="common.reap")
def reap_jobs(**_later):
    _with_fresh_connections(reap)


@shared_task(name="common.nightly")
def ask_nightly(**_later):
    _with_fresh_connections(nightly)


@worker_ready.connect
def reap_at_start(**_signal):
    """What a killed worker left behind need not wait for the schedule."""
    _with_fresh_connections(reap)


# Housekeeping ------------------------------------------------------------------------------------
@job("common.clear_sessions", label=gettext_lazy("清理过期的登录"), nightly=True)
def clear_sessions(_running, **_later):
    SessionStore.clear_expired()
