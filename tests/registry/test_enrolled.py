"""Children at school as figures: once in each unit, by stage, at the period's end."""

from datetime import date, timedelta

import pytest

from common import figures
from common.periods import Period
from registry.models import Enrolment, Grade
from registry.roles import Role
from registry.services.enrolled import STAGES, grades_of
from registry.services.units import merge_unit
from tests.cast import TODAY
from tests.children import make_child, make_school

QUARTER = Period.parse("2025Q3")


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


def count(code, unit, period=QUARTER):
    """None where the unit has not reported."""
    found = figures.get(code).compute(period=period, units=[unit])
    return int(found[unit.pk].numerator) if unit.pk in found else None


def test_every_grade_is_of_one_stage():
    stages = [code for code in STAGES if code != "registry.enrolled"]
    counted = [grade for code in stages for grade in grades_of(code)]
    assert sorted(counted) == sorted(Grade.values) == sorted(grades_of("registry.enrolled"))


def test_children_count_by_stage(east, league):
    school = make_school("左旗学校", east)
    for grade in ("01", "04", "11", "23", "24", "31", "43"):
        make_child(school=school, grade=grade)
    counts = {code: count(code, east) for code in STAGES}
    assert counts == {
        "registry.enrolled": 7,
        "registry.enrolled_kindergarten": 2,
        "registry.enrolled_compulsory": 3,
        "registry.enrolled_senior": 2,
    }
    assert count("registry.enrolled", league) == 7


def test_a_child_at_two_schools_counts_once_in_the_league(east, west, league):
    child = make_child(school=make_school("左旗一小", east))
    Enrolment.objects.create(
        student=child, school=make_school("额旗小学", west), grade="13", valid_from=QUARTER.start
    )
    assert [count("registry.enrolled", unit) for unit in (east, west, league)] == [1, 1, 1]


def test_a_township_s_school_counts_in_the_zone_that_runs_it(units):
    make_child(school=make_school("乌斯太小学", units["township-152971100"]))
    assert count("registry.enrolled", units["zone-gaoxin"]) == 1
    assert count("registry.enrolled", units["banner-zuoqi"]) is None


def test_blank_is_not_zero(east, league):
    """Without any child the portal knows nothing; without a kindergarten child it knows none."""
    assert count("registry.enrolled", east) is None
    make_child(school=make_school("左旗一小", east))
    assert count("registry.enrolled_kindergarten", east) == 0
    assert count("registry.enrolled", east, Period.parse("2024Q3")) is None


def test_the_period_s_end_decides(east):
    school = make_school("左旗一小", east)
    gone = make_child(school=school, since=date(2024, 9, 1))
    gone.enrolments.update(valid_to=QUARTER.end - timedelta(days=1), end_reason="LEFT")
    make_child(school=school, since=QUARTER.end)
    make_child(school=school, since=QUARTER.end + timedelta(days=1))
    assert count("registry.enrolled", east) == 1
    assert count("registry.enrolled", east, Period.parse("2025Q2")) == 1
    assert count("registry.enrolled", east, Period.parse("2025Q4")) == 2


def test_a_merged_school_s_children_count_until_they_are_moved(east, league, officer):
    old, new = make_school("教学点", east), make_school("左旗一小", east)
    make_child(school=old)
    merge_unit(old, by=officer(league, Role.BUREAU), into=new, on=date(2025, 9, 15))
    assert count("registry.enrolled", east) == 1
