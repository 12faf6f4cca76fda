"""What follows from a school's month: children away too long are suspected, once, and taken back."""

from datetime import date

import pytest

from common import options
from common.models import ChangeSet
from dropout.models import AttendanceLine, Case, Episode, SheetMark, State
from dropout.services import cases
from registry.roles import Role
from tests.cast import TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import confirmed, moment, returned, suspected
from tests.intake.rosters import commit, domain_rows, hand_in, id_number, undo

MONTH, LONG_AWAY, LATELY = "2025-09", "2025-09-10", "2025-09-25"
TABLES = (Case, Episode, SheetMark)


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def teacher(school, officer):
    return officer(school, Role.SCHOOL, "teacher", "一小填报员")


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def known(school):
    """known(n) -> a child of the school with the number n."""

    def make(n, at=school, **over):
        return make_child("那仁", at, id_number(n), **{"born_on": date(2014, 9, 1)} | over)

    return make


@pytest.fixture
def told(teacher, school):
    """told({n: since or None}) -> the committed return of a month."""

    def hand(away: dict, period=MONTH, by=teacher):
        rows = [
            {
                "学校": school.name,
                "姓名": "那仁",
                "身份证号": id_number(n),
                "是否在校": "否" if since else "是",
                "未到校起始日期": since,
            }
            for n, since in away.items()
        ]
        upload, preview = hand_in(rows, kind="attendance-return", by=by, unit=school, period=period)
        assert not preview.faults
        return commit(upload, by=by)

    return hand


def test_who_is_away_too_long_is_suspected_and_nobody_else(told, known, teacher, east, school):
    child = known(1)
    known(2), known(3)
    told({1: LONG_AWAY, 2: LATELY, 3: None})
    one = Episode.objects.select_related("case").get()
    assert (one.case.student, one.case.unit, one.case.school) == (child, east, school)
    assert (one.state, one.source, one.found_on) == (State.SUSPECTED, "ATTENDANCE", TODAY)
    assert one.absent_since == date(2025, 9, 10)


def test_an_undo_takes_back_what_the_return_alone_has_raised(told, known, teacher):
    known(1), known(2)
    before = domain_rows(*TABLES)
    upload = told({1: LONG_AWAY, 2: LONG_AWAY})
    assert Episode.objects.count() == 2
    assert undo(upload, by=teacher).left == []
    assert not AttendanceLine.objects.exists()
    assert domain_rows(*TABLES) == before
    told({1: LONG_AWAY})
    assert Episode.objects.count() == 1, "handed in again it is raised again"


def test_an_open_episode_is_told_of_it_and_stays_when_the_return_goes(
    told, known, teacher, official
):
    episode = suspected(known(1), official)
    upload = told({1: LONG_AWAY})
    assert Episode.objects.count() == 1
    undo(upload, by=teacher)
    assert Episode.objects.get() == episode


def test_a_suspicion_that_somebody_works_on_stays(told, known, teacher, official):
    known(1), known(2)
    upload = told({1: LONG_AWAY, 2: LONG_AWAY})
    first = Episode.objects.order_by("pk").first()
    cases.verify(first, by=official, at=moment(TODAY))
    undo(upload, by=teacher)
    assert Episode.objects.get() == first


def test_a_suspicion_that_two_months_tell_of_goes_with_the_later_one_only(
    told, known, teacher, clock_at
):
    known(1)
    first = told({1: LONG_AWAY})
    clock_at(date(2025, 11, 3))
    second = told({1: LONG_AWAY}, "2025-10")
    assert Episode.objects.count() == 1, "never a second open one"
    undo(first, by=teacher)
    assert Episode.objects.count() == 1
    undo(second, by=teacher)
    assert Episode.objects.count() == 1, "the first return's own set was left"


def test_another_schools_child_is_not_brought_under_suspicion(told, known, east):
    known(1, at=make_school("左旗二小", east))
    told({1: LONG_AWAY})
    assert AttendanceLine.objects.get().student is not None
    assert not Episode.objects.exists()


@pytest.mark.parametrize("over", [{"grade": "31"}, {"grade": "03"}, {"born_on": date(2006, 1, 1)}])
def test_who_may_leave_school_is_not_suspected(told, known, over):
    known(1, **over)
    told({1: LONG_AWAY})
    assert not Episode.objects.exists()


def test_an_absence_that_is_over_or_looked_into_is_no_news(told, known, official, school, clock_at):
    back, out = known(1), known(2)
    on = date(2025, 9, 20)
    returned(confirmed(back, official, on=on), school, official, on=on)
    episode = suspected(out, official, on=on)
    cases.rule_out(episode, reason="ENROLLED", proof="查过学籍", on=on, by=official, at=moment(on))
    count = Episode.objects.count()
    told({1: LONG_AWAY, 2: LONG_AWAY})
    assert Episode.objects.count() == count
    assert not ChangeSet.objects.filter(code="dropout.suspected_by_return").exists()


def test_a_past_month_says_nothing_of_who_is_back_since(told, known):
    known(1)
    told({1: None})
    told({1: "2025-08-20"}, "2025-08")
    assert not Episode.objects.exists()


def test_a_month_that_runs_counts_the_days_until_today(told, known):
    known(1), known(2)
    told({1: "2025-10-09", 2: "2025-10-05"}, "2025-10")
    assert Episode.objects.get().absent_since == date(2025, 10, 5)


def test_the_threshold_is_a_setting(told, known, officer, league):
    options.change("dropout.suspect_days", "30", by=officer(league, Role.BUREAU))
    known(1)
    told({1: LONG_AWAY})
    assert not Episode.objects.exists()
