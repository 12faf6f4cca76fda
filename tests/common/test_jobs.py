"""The Job row decides: who holds it, how often it is tried, what a person is told."""

import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from common import clock, jobs, locks
from common.models import Event, Job

State = Job.State
LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def rings(monkeypatch):
    """The rows that were rung for; no broker is asked."""
    cache.clear()
    heard = []
    monkeypatch.setattr(jobs, "ring", lambda pk: heard.append(pk) or True)
    return heard


@pytest.fixture
def kind(monkeypatch):
    """kind(function, **declaration) declares the runner of "test.kind" for one test."""
    monkeypatch.setattr(jobs, "_kinds", {})

    def declare(function=lambda running, **_later: {}, code="test.kind", **declaration):
        jobs.job(code, label="试验", **declaration)(function)
        return function

    return declare


def state_of(row):
    row.refresh_from_db()
    return row.state


def silence(row, **fields):
    """The row as a killed runner leaves it."""
    Job.objects.filter(pk=row.pk).update(heartbeat_at=clock.now() - LEASE * 2, **fields)


# Asking ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_enqueue_rings_once_the_transaction_holds(kind, rings, django_capture_on_commit_callbacks):
    kind()
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.enqueue("test.kind", n=1)
        assert rings == []
    assert rings == [row.pk]
    assert (row.state, row.arguments) == (State.QUEUED, {"n": 1})


@pytest.mark.django_db
def test_enqueue_refuses_a_kind_nobody_declared(kind):
    with pytest.raises(KeyError):
        jobs.enqueue("test.kind")


@pytest.mark.django_db
def test_enqueue_with_a_key_asks_once_while_the_first_is_queued(kind):
    kind()
    first = jobs.enqueue("test.kind", unique_key="k")
    assert jobs.enqueue("test.kind", unique_key="k").pk == first.pk
    assert jobs.run(first.pk)
    assert jobs.enqueue("test.kind", unique_key="k").pk != first.pk


@pytest.mark.django_db
def test_enqueue_tells_a_real_fault_of_the_database(kind, monkeypatch):
    kind()

    def refuse(self, *args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(Job, "save", refuse)
    with pytest.raises(IntegrityError):
        jobs.enqueue("test.kind")


@pytest.mark.django_db
def test_announce_asks_for_the_kinds_that_follow_the_news(kind):
    kind(after=("test.moved",))
    kind(code="test.other")
    jobs.announce("test.moved")
    jobs.announce("test.moved")
    assert list(Job.objects.values_list("kind", flat=True)) == ["test.kind"]


def test_a_kind_is_declared_once_and_takes_later_arguments(kind):
    kind()
    with pytest.raises(ValueError, match="declared twice"):
        kind()
    with pytest.raises(TypeError, match="_later"):
        kind(lambda running: {}, code="test.narrow")


def test_every_declared_kind_has_a_label():
    for code in jobs._kinds:
        assert jobs.label_of(code) != code


def test_ring_survives_a_broker_that_is_down_and_asks_it_once_in_a_while(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(jobs._Bell, "silent_until", 0.0)
    tried = []

    def fail(**_options):
        tried.append(1)
        raise ConnectionError("redis://user:secret@host")

    monkeypatch.setattr(jobs.run_job, "apply_async", fail)
    assert [jobs.ring(1), jobs.ring(2)] == [False, False]
    assert len(tried) == 1


# Claiming ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_claim_hands_a_row_to_one_runner(kind):
    kind()
    row = jobs.enqueue("test.kind")
    claimed = jobs.claim(row.pk)
    assert (claimed.state, claimed.attempts) == (State.RUNNING, 1)
    assert claimed.token
    assert jobs.claim(row.pk) is None


@pytest.mark.django_db
def test_claim_waits_until_the_row_is_due(kind):
    kind()
    row = jobs.enqueue("test.kind", run_after=clock.now() + timedelta(minutes=1))
    assert jobs.claim(row.pk) is None


@pytest.mark.django_db
def test_claim_takes_over_after_a_lease_of_silence(kind):
    kind()
    row = jobs.enqueue("test.kind")
    first = jobs.claim(row.pk)
    silence(row)
    second = jobs.claim(row.pk)
    assert second.token != first.token
    assert second.attempts == 2


@pytest.mark.django_db
def test_claim_leaves_what_this_process_works_on(kind):
    kind()
    row = jobs.enqueue("test.kind")
    with jobs.Running(jobs.claim(row.pk)):
        silence(row)
        assert jobs.claim(row.pk) is None
    assert jobs.claim(row.pk)


@pytest.mark.django_db
def test_a_runner_that_was_overtaken_writes_nothing(kind):
    kind()
    row = jobs.enqueue("test.kind")
    stalled = jobs.Running(jobs.claim(row.pk))
    silence(row)
    jobs.run(row.pk)
    with pytest.raises(jobs.Cancelled):
        stalled.progress(1, 2)
    assert not stalled.finish(state=State.FAILED)
    assert state_of(row) == State.DONE


@pytest.mark.django_db
def test_an_older_program_leaves_a_newer_kind_alone_and_says_so(kind):
    kind()
    row = jobs.enqueue("test.kind")
    Job.objects.update(kind="test.newer")
    assert not jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    assert row.run_after > clock.now()
    assert "不认识" in row.fault
    kind(code="test.newer")
    Job.objects.update(run_after=clock.now())
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.fault) == (State.DONE, "")


# Running -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_run_keeps_the_result(kind):
    kind(lambda running, n, **_later: {"twice": 2 * n})
    row = jobs.enqueue("test.kind", n=21)
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.result) == (State.DONE, {"twice": 42})
    assert row.finished_at
    assert not jobs.run(row.pk)


@pytest.mark.django_db
def test_an_old_worker_survives_a_new_argument(kind):
    kind(lambda running, n, **_later: {"n": n})
    row = jobs.enqueue("test.kind", n=1, colour="red")
    assert jobs.run(row.pk)
    assert state_of(row) == State.DONE


@pytest.mark.django_db
def test_run_tries_a_bounded_number_of_times_and_waits_longer_each_time(kind):
    def fail(running, **_later):
        raise OSError

    kind(fail)
    row = jobs.enqueue("test.kind")
    waits = []
    for _attempt in range(2):
        assert not jobs.run(row.pk)
        row.refresh_from_db()
        assert row.state == State.QUEUED
        waits.append(row.run_after - clock.now())
        assert not jobs.run(row.pk), "not before its time"
        Job.objects.update(run_after=clock.now())
    assert waits[0] < waits[1]
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, 3)
    assert "3" in row.fault


@pytest.mark.django_db
def test_a_failure_is_kept_without_what_it_quotes(kind, caplog):
    def fail(running, name, **_later):
        try:
            int(name)
        except ValueError as cause:
            raise RuntimeError(name) from cause

    kind(fail)
    row = jobs.enqueue("test.kind", name="张三")
    jobs.run(row.pk)
    row.refresh_from_db()
    for told in ("ValueError", "RuntimeError", "in fail"):
        assert told in row.traceback
    assert "张三" not in row.traceback + row.fault + caplog.text


@pytest.mark.django_db
def test_a_fault_for_the_person_is_not_tried_again(kind):
    def refuse(running, **_later):
        raise jobs.JobFault("表里没有学校一列")

    kind(refuse)
    row = jobs.enqueue("test.kind")
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.fault) == (State.FAILED, 1, "表里没有学校一列")


@pytest.mark.django_db
def test_a_failure_makes_way_for_the_same_work_asked_anew(kind):
    again = []

    def fail(running, **_later):
        again.append(jobs.enqueue("test.kind", unique_key="k"))
        raise OSError

    kind(fail)
    row = jobs.enqueue("test.kind", unique_key="k")
    assert jobs.run(row.pk)
    assert state_of(row) == State.CANCELLED
    assert state_of(again[0]) == State.QUEUED
    with pytest.raises(jobs.NotYours):
        jobs.retry(row, by=None)


@pytest.mark.django_db
def test_progress_is_seen_and_a_cancelled_job_stops(kind, officer, league):
    seen = []

    def count(running, **_later):
        running.progress(1, 3)
        seen.append(Job.objects.values_list("done", "total").get(pk=running.pk))
        jobs.cancel(running.row, by=officer(league))
        running.progress(3, 3)
        seen.append("went on")

    kind(count)
    row = jobs.enqueue("test.kind")
    assert not jobs.run(row.pk)
    assert seen == [(1, 3)]
    assert state_of(row) == State.CANCELLED


@pytest.mark.django_db
def test_progress_of_many_steps_writes_seldom(kind, django_assert_max_num_queries):
    kind()
    running = jobs.Running(jobs.claim(jobs.enqueue("test.kind").pk))
    with django_assert_max_num_queries(3):
        for step in range(1000):
            running.progress(step + 1, 1000)
    running.row.refresh_from_db()
    assert running.row.done == 1000


@pytest.mark.django_db(transaction=True)
def test_the_keeper_renews_the_lease_and_writes_progress_from_inside_a_transaction(kind, settings):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory database is not shared with a second thread")
    settings.JOB_LEASE_SECONDS = 1
    seen = []

    def work(running, **_later):
        with transaction.atomic():
            running.progress(1, 2)
            before = running.row.heartbeat_at
            for _tick in range(40):
                threading.Event().wait(0.05)
                seen[:] = from_outside(
                    lambda: Job.objects.values_list("done", "heartbeat_at").get(pk=running.pk)
                )
                if seen[0] == 1 and seen[1] > before:
                    return

    kind(work)
    row = jobs.enqueue("test.kind")
    started = timezone.now()
    assert jobs.run(row.pk)
    assert seen[0] == 1
    assert seen[1] > started


def from_outside(question):
    """The answer of another connection."""
    answers = []

    def ask():
        try:
            answers.append(question())
        finally:
            connections.close_all()

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    return answers[0]


@pytest.mark.django_db(transaction=True)
def test_the_keeper_outlives_a_database_that_fails_for_a_moment(kind, settings, monkeypatch):
    settings.JOB_LEASE_SECONDS = 0.4
    kind()
    running = jobs.Running(jobs.claim(jobs.enqueue("test.kind").pk))
    beats = []

    class Flaky:
        def update(self, **fields):
            beats.append(fields)
            if len(beats) < 3:
                raise OperationalError("database is locked")
            running._stop.set()
            return 1

    monkeypatch.setattr(running, "_mine", lambda: Flaky())
    keeper = threading.Thread(target=running.keep_alive)
    keeper.start()
    keeper.join(5)
    assert len(beats) == 3
    assert not running._lost


@pytest.mark.django_db
def test_an_orderly_stop_hands_the_work_back_without_counting_the_try(kind):
    kind()
    row = jobs.enqueue("test.kind")
    running = jobs.Running(jobs.claim(row.pk))
    with running:
        assert jobs.hand_back() == 1
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.QUEUED, 0)
        with pytest.raises(jobs.Cancelled):
            running.progress(1, 2)
    assert jobs.run(row.pk)


# Schedule ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_reap_rings_for_what_is_due_or_abandoned_once_in_a_while(kind, rings):
    kind()
    due, later, running, silent = (jobs.enqueue("test.kind") for _row in range(4))
    Job.objects.filter(pk=later.pk).update(run_after=clock.now() + LEASE)
    Job.objects.filter(pk=running.pk).update(state=State.RUNNING, heartbeat_at=clock.now())
    silence(silent, state=State.RUNNING, attempts=1)
    assert jobs.reap() == 2
    assert sorted(rings) == [due.pk, silent.pk]
    assert jobs.reap() == 0, "the worker is busy and has been told"
    assert jobs.run(silent.pk)


@pytest.mark.django_db
def test_reap_rings_again_when_nobody_could_be_told(kind, monkeypatch):
    kind()
    jobs.enqueue("test.kind")
    monkeypatch.setattr(jobs, "ring", lambda pk: False)
    assert jobs.reap() == 1
    assert jobs.reap() == 1


@pytest.mark.django_db
def test_reap_gives_up_a_job_whose_every_runner_died(kind, rings):
    kind()
    row = jobs.enqueue("test.kind")
    silence(row, state=State.RUNNING, attempts=3)
    assert jobs.reap() == 0
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert row.fault
    assert rings == []


@pytest.mark.django_db
def test_nightly_asks_once_a_day_and_not_before_one(kind, monkeypatch):
    kind(nightly=True)
    kind(code="test.seldom")
    midnight = timezone.localtime().replace(hour=0, minute=30)
    for days, hour, asked in ((0, 0, 0), (0, 1, 1), (0, 23, 0), (1, 0, 0), (1, 9, 1)):
        moment = midnight.replace(hour=hour) + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        monkeypatch.setattr(clock, "today", lambda moment=moment: moment.date())
        assert jobs.nightly() == asked
        for row in Job.objects.filter(state=State.QUEUED):
            assert jobs.run(row.pk)
    assert set(Job.objects.values_list("kind", flat=True)) == {"test.kind"}


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_ask_once(kind, clock_at):
    """The second looks while the first's row is written, run and settled in between."""
    if connection.vendor == "sqlite":
        pytest.skip("two processes on a SQLite file are in test_kill")
    kind(nightly=True)
    clock_at(timezone.localdate())
    ready, asked = threading.Barrier(4), []

    def schedule():
        try:
            ready.wait()
            asked.append(jobs.nightly())
            for pk in Job.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
                jobs.run(pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=schedule) for _scheduler in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(asked) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_queued_row_waits_for_everyone_who_asked_for_it(kind):
    """Who is told "it is queued already" has written something that the job must see."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: nobody can claim meanwhile")
    kind()
    row = jobs.enqueue("test.kind", unique_key="k")
    claimed = []

    def claim():
        try:
            claimed.append(jobs.claim(row.pk))
        finally:
            connections.close_all()

    with transaction.atomic():
        assert jobs.enqueue("test.kind", unique_key="k").pk == row.pk
        other = threading.Thread(target=claim)
        other.start()
        other.join(0.5)
        assert claimed == []
    other.join(5)
    assert claimed[0].pk == row.pk


def test_a_lock_needs_a_transaction(transactional_db):
    with pytest.raises(RuntimeError):
        locks.hold("test")


# Deeds -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_retry_puts_a_failed_job_back_and_is_logged(kind, officer, league):
    kind()
    row = jobs.enqueue("test.kind")
    Job.objects.update(state=State.FAILED, attempts=3, fault="x", finished_at=clock.now())
    jobs.retry(row, by=officer(league))
    row.refresh_from_db()
    assert (row.state, row.attempts, row.fault, row.finished_at) == (State.QUEUED, 0, "", None)
    assert Event.objects.filter(verb="common.job_retried", subject_pk=row.pk).count() == 1
    with pytest.raises(jobs.NotYours):
        jobs.retry(row, by=officer(league))


@pytest.mark.django_db
def test_cancel_stops_what_is_not_finished_and_is_logged(kind, officer, league):
    kind()
    row = jobs.enqueue("test.kind")
    jobs.cancel(row, by=officer(league))
    assert not jobs.run(row.pk)
    assert Event.objects.filter(verb="common.job_cancelled", subject_pk=row.pk).count() == 1
    with pytest.raises(jobs.NotYours):
        jobs.cancel(row, by=officer(league))


# Celery ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_celery_entries_leave_an_open_transaction_alone(kind):
    """Eager tests run them inside the test's transaction."""
    kind(nightly=True)
    row = jobs.enqueue("test.kind")
    jobs.run_job.apply(kwargs={"job_id": row.pk, "colour": "red"}, throw=True)
    assert state_of(row) == State.DONE
    jobs.reap_jobs.apply(throw=True)
    jobs.ask_nightly.apply(throw=True)
    assert connection.in_atomic_block


@pytest.mark.django_db
def test_expired_sessions_are_cleared_each_night():
    now = clock.now()
    for key, expires in (("old", now - LEASE), ("new", now + LEASE)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    row = jobs.enqueue("common.clear_sessions")
    assert jobs.run(row.pk)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
