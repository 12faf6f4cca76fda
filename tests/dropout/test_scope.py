"""Who reads and works a child's case: its unit, its school, its township; and what a merge does."""

import pytest

from dropout.models import Case, NotDropout, State
from dropout.services import cases, upkeep
from registry.models import Student, Unit, in_force
from registry.models.places import Running
from registry.roles import Role
from registry.services import merging
from registry.services.units import merge_unit
from tests.cast import NOW, TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import after, confirmed, moment, suspected

READ, WORK, TELL = "dropout.view_case", "dropout.change_case", "dropout.record_visit"


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


def may(user, permission, case) -> bool:
    return Case.objects.visible_to(user, permission).filter(pk=case.pk).exists()


@pytest.fixture
def township(east):
    """A township of the banner that no zone runs."""
    run = Running.objects.filter(in_force(TODAY)).values("township")
    lying = Unit.objects.lying_under(east, TODAY).of_kinds((Unit.Kind.TOWNSHIP,))
    return lying.exclude(pk__in=run).first()


@pytest.fixture
def run_township(units):
    return Running.objects.filter(in_force(TODAY), zone=units["zone-gaoxin"]).first().township


def test_a_never_enrolled_child_is_seen_and_worked_by_its_townships_banner(
    officer, east, west, township
):
    child = make_child(residence=township)
    banner, stranger = officer(east), officer(west)
    case = suspected(child, banner).case
    assert (case.unit, case.school, case.township) == (east, None, township)
    assert may(banner, READ, case) and may(banner, WORK, case)
    assert not may(stranger, READ, case)
    seen = Student.objects.visible_to(banner, "registry.view_student")
    assert seen.filter(pk=child.pk).exists()


def test_a_child_of_a_township_that_a_zone_runs_is_the_zones(officer, units, east, run_township):
    child = make_child(residence=run_township)
    zone, banner = officer(units["zone-gaoxin"]), officer(east)
    case = suspected(child, zone).case
    assert case.unit == units["zone-gaoxin"]
    assert may(zone, READ, case) and may(zone, WORK, case)
    assert may(banner, READ, case), "its banner reads the township"
    assert not may(banner, WORK, case)


def test_the_unit_that_keeps_the_case_reads_a_child_that_lives_elsewhere(officer, east, west):
    child = make_child(residence=east)
    there = officer(west)

    def reads():
        seen = Student.objects.visible_to(there, "registry.view_student")
        return seen.filter(pk=child.pk).exists()

    assert not reads()
    suspected(child, there, unit=west)
    assert reads()
    changing = Student.objects.visible_to(there, "registry.change_student")
    assert not changing.filter(pk=child.pk).exists(), "deeds on the child stay where it lives"


def test_a_school_reads_its_childrens_cases_and_tells_of_them_only(officer, east):
    school = make_school("测试小学", east)
    case = suspected(make_child(school=school, since=after(-400)), officer(east)).case
    reporter = officer(school, Role.SCHOOL)
    assert case.school == school
    assert may(reporter, READ, case) and may(reporter, TELL, case)
    assert not may(reporter, WORK, case)
    other = officer(make_school("另一小学", east), Role.SCHOOL)
    assert not may(other, READ, case)


def test_the_three_administrators_see_no_case(officer, league, east, township):
    case = suspected(make_child(residence=township), officer(east)).case
    for role in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR):
        assert not may(officer(league, role), READ, case)


def test_a_case_whose_unit_is_merged_goes_to_the_successor(officer, east, west, league, township):
    case = suspected(make_child(residence=township), officer(east)).case
    there = officer(west)
    merge_unit(east, by=officer(league, Role.BUREAU), into=west, on=TODAY)
    assert may(there, READ, case), "read there at once"
    assert upkeep.follow_merged_units(at=NOW, on=TODAY) == 1
    assert upkeep.follow_merged_units(at=NOW, on=TODAY) == 0
    case.refresh_from_db()
    assert case.unit == west and may(there, WORK, case)


def test_a_case_whose_school_is_merged_is_told_of_by_the_new_school(officer, east, league):
    old, new = make_school("旧校", east), make_school("新校", east)
    case = suspected(make_child(school=old), officer(east)).case
    there, version = officer(new, Role.SCHOOL), case.version
    merge_unit(old, by=officer(league, Role.BUREAU), into=new, on=TODAY)
    assert may(there, READ, case) and not may(there, TELL, case)
    assert upkeep.follow_merged_units(at=NOW, on=TODAY) == 1
    assert upkeep.follow_merged_units(at=NOW, on=TODAY) == 0
    case.refresh_from_db()
    assert case.school == new and case.version > version
    assert may(there, TELL, case) and not may(there, WORK, case)


# Two records of one child --------------------------------------------------------------------------
def test_the_case_of_the_record_that_goes_stays_with_the_child(officer, east):
    by = officer(east)
    keep, drop = make_child(residence=east), make_child(residence=east)
    case = suspected(drop, by).case
    merging.merge_students(keep, drop, by=by, at=NOW)
    case.refresh_from_db()
    assert case.student == keep


def test_two_cases_become_one_and_apart_again(officer, east, west):
    by = officer(east)
    keep, drop = make_child(residence=east), make_child(residence=east)
    over = suspected(keep, by, on=after(10), unit=west)
    cases.rule_out(over, reason=NotDropout.ABROAD, proof="证明", by=by, at=moment(after(11)))
    standing = confirmed(drop, by)
    done = merging.merge_students(keep, drop, by=by, at=NOW)
    case = Case.objects.of_student(keep).get()
    assert (case, case.unit) == (over.case, east), "who works on the open one goes on"
    assert list(case.episodes.order_by("number")) == [over, standing]
    assert case.latest.state == State.CONFIRMED
    merging.undo_merge(done, by=by, at=NOW)
    assert Case.objects.of_student(keep).get().unit == west
    assert Case.objects.of_student(drop).get().episodes.get().number == 1


def test_two_open_episodes_are_settled_by_people_before_a_merge(officer, east):
    by = officer(east)
    keep, drop = make_child(residence=east), make_child(residence=east)
    suspected(keep, by), suspected(drop, by)
    with pytest.raises(merging.BothHave):
        merging.merge_students(keep, drop, by=by, at=NOW)
