"""A comparison whose process is killed while it writes: nothing is half, and the next one finishes it.

A real process is really killed, inside the transaction, after the rows were written: a program of its
own, and `serve` or a worker that lives and is killed from outside.
"""

import os
import signal
import subprocess
import sys

import pytest

from tests.portals import ROOT, Hosts, Portal, wait_until

ON_HOSTS = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
SET_UP = """
from common import clock
from common.models import User
from dropout.services import comparisons
from registry.models import Unit
from registry.services.units import load_units
from tests.children import id_number
from tests.dropout.lists import age_list, entry
load_units()
banner = Unit.objects.get(key="banner-zuoqi")
listed = age_list(banner)
for n in range(50):
    entry(listed, id_number(n))
official = User.objects.create_user("compares", "a-Long-Word-7", name="左旗填报员")
comparisons.start_comparison("NEVER_ENROLLED", unit=banner, by=official, at=clock.now(),
                             on=clock.today(), lists=[listed.pk])
"""
RUN = """
from common import clock
from dropout.models import Comparison
from dropout.services import comparisons
comparisons.run_comparison(Comparison.objects.get(), at=clock.now())
"""
KILLED = """
import django; django.setup()
import os, signal
from dropout.models import Pair
from dropout.services import comparisons
def die(*args, **facts):
    assert Pair.objects.count() == 50, "the rows are written, and not committed"
    os.kill(os.getpid(), signal.SIGKILL)
comparisons.audit.record = die
"""


def opened(folder, **how):
    """A portal with a comparison that is asked for and not begun."""
    portal = Hosts(folder, **how) if ON_HOSTS else Portal(folder, **how)
    made = portal.manage("migrate", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    portal.python(SET_UP)
    return portal


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = opened(tmp_path_factory.mktemp("compared"))
    yield portal
    portal.close()


def written(portal) -> tuple[int, int]:
    """(rows, finished runs)."""
    rows = portal.rows("SELECT count(*) FROM dropout_pair")[0][0]
    ended = "SELECT count(*) FROM dropout_comparison WHERE finished_at IS NOT NULL"
    return rows, portal.rows(ended)[0][0]


def test_a_killed_comparison_leaves_nothing_half_and_is_finished_once(portal):
    dead = subprocess.run(
        [sys.executable, "-c", KILLED + RUN], cwd=ROOT, env=portal.env, capture_output=True
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert written(portal) == (0, 0)
    for _twice in range(2):
        portal.python(RUN)
        assert written(portal) == (50, 1)


@pytest.fixture
def held(tmp_path_factory):
    """Its comparison stops after the rows were written, until the file `hold` is gone."""
    portal = opened(tmp_path_factory.mktemp("held"), settings="tests.settings_held")
    (portal.folder / "hold").touch()
    yield portal
    portal.close()


@pytest.mark.long
def test_a_worker_killed_in_mid_comparison_is_followed_by_one_that_finishes_it(held):
    job = held.rows("SELECT job_id FROM dropout_comparison")[0][0]
    held.start()
    wait_until((held.folder / "held").exists, f"the middle of the comparison\n{held.log()}")
    held.kill()
    assert written(held) == (0, 0), "what was not committed is not there"
    assert held.job(job)[0] == "RUNNING", "nobody tidied up"
    (held.folder / "hold").unlink()
    held.start()
    wait_until(lambda: held.job(job)[0] == "DONE", f"the end of {held.job(job)}\n{held.log()}")
    assert written(held) == (50, 1)
    assert held.job(job) == ("DONE", 2), "once killed, once finished"
