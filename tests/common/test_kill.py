"""A process that dies in the middle of a job: finished after the restart, and finished once.

Real processes are really killed: `serve` on SQLite, prefork workers on PostgreSQL with Redis.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.portals import LEASE, ROOT, Hosts, Portal, free_port, wait_until

ON_HOSTS = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    portal = Hosts(folder) if ON_HOSTS else Portal(folder)
    made = portal.manage("migrate", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    yield portal
    portal.close()


@pytest.fixture(autouse=True)
def nothing_left_running(portal):
    yield
    portal.kill()


def under_way(portal, pk, steps=3):
    return wait_until(lambda: len(portal.steps(pk)) >= steps, f"{steps} steps\n{portal.log()}")


def settled(portal, pk):
    wait_until(lambda: portal.job(pk)[0] in ("DONE", "FAILED"), f"the end of {portal.job(pk)}", 120)
    return portal.job(pk)


def assert_done_once(portal, pk, *, steps):
    assert settled(portal, pk)[0] == "DONE", portal.log()
    assert sorted(no for no, _token in portal.steps(pk)) == list(range(steps))
    assert portal.finishes(pk) == 1


def test_a_killed_job_is_finished_once_after_the_restart(portal):
    portal.start()
    pk = portal.ask(steps=12, pause=0.2)
    under_way(portal, pk)
    portal.kill()
    done = len(portal.steps(pk))
    assert done < 12, "killed too late to prove anything"
    assert portal.job(pk) == ("RUNNING", 1), "nobody tidied up"
    queued = portal.ask(steps=2, pause=0)
    assert len(portal.steps(pk)) == done, "it is really dead"
    portal.start()
    assert_done_once(portal, queued, steps=2)
    assert_done_once(portal, pk, steps=12)
    tokens = [token for _no, token in portal.steps(pk)]
    assert len(set(tokens)) == 2
    assert portal.job(pk) == ("DONE", 2)


def test_two_schedulers_in_two_processes_ask_once_a_night(portal):
    """All begin at the same moment, after their imports."""
    code = (
        "import django; django.setup()\n"
        "import os, pathlib, time; from datetime import datetime; from django.utils import timezone\n"
        "from common import clock, jobs\n"
        "noon = timezone.make_aware(datetime(2030, 1, 1, 12))\n"
        "clock.now, clock.today = (lambda: noon), (lambda: noon.date())\n"
        f"here = pathlib.Path({str(portal.folder)!r})\n"
        "(here / f'{os.getpid()}.ready').touch()\n"
        "while len(list(here.glob('*.ready'))) < 3: time.sleep(0.001)\n"
        "print(jobs.nightly())"
    )
    schedulers = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=portal.env, stdout=subprocess.PIPE
        )
        for _scheduler in range(3)
    ]
    asked = [int(scheduler.communicate()[0]) for scheduler in schedulers]
    kinds = portal.rows(
        "SELECT kind, count(*) FROM common_job WHERE unique_key LIKE '%:2030-01-01' GROUP BY kind"
    )
    assert kinds and {count for _kind, count in kinds} == {1}
    assert sorted(asked) == [0, 0, len(kinds)]


@pytest.mark.skipif(ON_HOSTS, reason="a Celery worker of its own ends its job first")
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
def test_an_orderly_stop_is_quick_and_leaves_the_job_to_the_next_start(portal, number):
    portal.start()
    pk = portal.ask(steps=10, pause=0.2)
    under_way(portal, pk, steps=2)
    process = portal.running[0]
    told_at = time.monotonic()
    process.send_signal(number)
    assert process.wait(30) == 0, portal.log()
    assert time.monotonic() - told_at < 2
    assert portal.job(pk) == ("QUEUED", 0), "handed back, and the try does not count"
    portal.start()
    assert_done_once(portal, pk, steps=10)


@pytest.mark.long
def test_a_job_killed_twice_at_any_moment_is_still_finished_once(portal):
    moments = random.Random(7)
    for _round in range(4):
        portal.start()
        pk = portal.ask(steps=30, pause=0.1)
        for _kill in range(2):
            under_way(portal, pk, steps=len(portal.steps(pk)) + 1)
            time.sleep(moments.random() * 0.5)
            portal.kill()
            time.sleep(LEASE)
            portal.start()
        assert_done_once(portal, pk, steps=30)
        portal.kill()


@pytest.mark.long
def test_a_stalled_runner_that_wakes_up_overwrites_nothing(portal):
    portal.start()
    pk = portal.ask(steps=20, pause=0.2)
    under_way(portal, pk)
    stalled = list(portal.running)
    portal.signal(signal.SIGSTOP)
    portal.running.clear()
    time.sleep(LEASE + 1)
    portal.start()
    try:
        assert_done_once(portal, pk, steps=20)
    finally:
        portal.running += stalled
        for process in stalled:
            os.killpg(process.pid, signal.SIGCONT)
    time.sleep(2)
    assert portal.finishes(pk) == 1
    assert portal.job(pk) == ("DONE", 2)


@pytest.mark.long
def test_a_job_that_kills_every_runner_is_given_up(portal):
    portal.start()
    pk = portal.ask(steps=400, pause=0.1)
    for _attempt in range(3):
        under_way(portal, pk, steps=len(portal.steps(pk)) + 1)
        portal.kill()
        time.sleep(LEASE)
        portal.start()
    assert settled(portal, pk) == ("FAILED", 3)
    assert portal.finishes(pk) == 0


@pytest.mark.long
@pytest.mark.skipif(not ON_HOSTS, reason="there is no Redis")
def test_redis_may_go_and_come_back_in_the_middle_of_a_job(portal):
    port = free_port()
    command = ("redis-server", "--port", str(port), "--save", "", "--dir", str(portal.folder))
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    before, portal.env["REDIS_URL"] = portal.env["REDIS_URL"], f"redis://127.0.0.1:{port}/0"
    try:
        portal.start()
        running = portal.ask(steps=50, pause=0.2)
        under_way(portal, running)
        redis.kill()
        redis.wait()
        asked = portal.ask(steps=2, pause=0)
        time.sleep(5)
        assert portal.job(asked) == ("QUEUED", 0)
        redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert_done_once(portal, asked, steps=2)
        assert_done_once(portal, running, steps=50)
        assert portal.job(running) == ("DONE", 1)
        assert [process.poll() for process in portal.running] == [None] * 3
    finally:
        redis.kill()
        portal.env["REDIS_URL"] = before
