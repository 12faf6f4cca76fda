"""Who sees which children, and whose deed a child is."""

from datetime import date, timedelta

import pytest

from registry.models import Enrolment, Student, Unit
from registry.roles import Role
from registry.services.units import merge_unit
from tests.cast import TODAY
from tests.children import make_child, make_school

VIEW, CHANGE = "registry.view_student", "registry.change_student"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def at(officer, league, east, west, school):
    """at("east") is somebody who works there."""
    places = {
        "bureau": (league, Role.BUREAU),
        "east": (east, Role.OFFICIAL),
        "east_school": (school, Role.SCHOOL),
        "west": (west, Role.OFFICIAL),
        "supervisor": (league, Role.SUPERVISOR),
    }
    return lambda name: officer(*places[name])


def sees(user, child, permission=VIEW) -> bool:
    return Student.objects.visible_to(user, permission).filter(pk=child.pk).exists()


@pytest.mark.parametrize(
    "posted_at, reads, writes",
    [
        ("bureau", True, True),
        ("east", True, True),
        ("east_school", True, True),
        ("west", False, False),
        ("supervisor", True, False),
    ],
)
def test_a_child_at_school_is_the_school_s_and_of_all_above_it(
    at, school, posted_at, reads, writes
):
    child, user = make_child(school=school), at(posted_at)
    assert sees(user, child) is reads
    assert sees(user, child, CHANGE) is writes


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_match_no_child(officer, league, school, role):
    child = make_child(school=school)
    user = officer(league, role)
    assert not sees(user, child)
    assert not sees(user, child, CHANGE)


def test_a_child_that_was_never_enrolled_is_seen_where_it_lives(officer, units):
    """By the township's banner, and by the zone that runs the township; deeds are the zone's."""
    child = make_child(residence=units["township-152921111"])
    banner, zone = officer(units["banner-zuoqi"]), officer(units["zone-luanjingtan"])
    other = officer(units["banner-ejina"])
    assert sees(banner, child) and sees(zone, child) and not sees(other, child)
    assert sees(zone, child, CHANGE) and not sees(banner, child, CHANGE)


def test_a_boarder_is_read_at_home_and_kept_by_the_school(at, west, school):
    child = make_child(school=school, residence=west)
    assert sees(at("west"), child)
    assert not sees(at("west"), child, CHANGE)
    assert sees(at("east"), child, CHANGE)


def test_of_two_schools_the_earlier_one_keeps_the_child(at, west, school):
    child = make_child(school=school, since=date(2024, 9, 1))
    Enrolment.objects.create(
        student=child, school=make_school("额旗小学", west), grade="13", valid_from=TODAY
    )
    assert sees(at("east"), child) and sees(at("west"), child)
    assert sees(at("east"), child, CHANGE) and not sees(at("west"), child, CHANGE)


def test_who_goes_nowhere_is_kept_where_it_lives_else_by_the_last_school(at, west, school):
    child = make_child(school=school)
    child.enrolments.update(valid_to=YESTERDAY, end_reason="LEFT")
    Student.objects.update(kept_by=school)
    assert sees(at("east_school"), child) and sees(at("east_school"), child, CHANGE)
    Student.objects.update(residence=west)
    assert not sees(at("east_school"), child) and not sees(at("east"), child, CHANGE)
    assert sees(at("west"), child, CHANGE)


def test_a_school_that_lost_the_child_to_another_keeps_nothing(at, west, school):
    """`kept_by` may be old: it counts only while no enrolment is open."""
    child = make_child(school=make_school("额旗小学", west))
    Student.objects.update(kept_by=school)
    assert not sees(at("east_school"), child) and not sees(at("east"), child)


def test_a_child_known_nowhere_is_the_league_s_to_find(at):
    child = make_child()
    assert sees(at("bureau"), child) and not sees(at("east"), child)


def test_a_merged_school_s_children_are_the_successor_s(officer, league, at, east, school):
    new = make_school("左旗二小", east)
    child = make_child(school=school)
    merge_unit(school, by=officer(league, Role.BUREAU), into=new, on=TODAY)
    successor = officer(Unit.objects.get(pk=new.pk), Role.SCHOOL)
    assert sees(successor, child) and sees(successor, child, CHANGE)
    assert sees(at("east"), child, CHANGE)


def test_a_merged_record_exists_for_nobody(at, school):
    kept = make_child(school=school)
    gone = make_child(school=school, merged_into=kept)
    for who in ("bureau", "east", "east_school"):
        assert not sees(at(who), gone) and not sees(at(who), gone, CHANGE)
