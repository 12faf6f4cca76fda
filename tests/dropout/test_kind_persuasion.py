"""Visits come in by the sheet: onto the case of the exact number, never twice, and out again."""

from datetime import date, timedelta

import pytest

from dropout.models import Episode, State, Visit
from dropout.services import cases, corrections
from registry.models import Student
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.dropout.rows import confirmed, make_case
from tests.intake.rosters import child, commit, hand_in, id_number, make_school, take_in, undo

KIND = "persuasion-records"
DAY = TODAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def school(official, east):
    """Its child 1 is known to be out of school since five days; child 2 has no case."""
    school = make_school("阿左旗第一小学", east)
    take_in([child(1, school), child(2, school)], by=official, unit=east)
    first = Student.objects.order_by("pk").first()
    make_case(east, child=first, school=school, **confirmed())
    return school


@pytest.fixture
def check(official, east, school):
    def hand(rows, **who):
        return hand_in(rows, kind=KIND, **({"by": official, "unit": east} | who))

    return hand


def line(n=1, day: date | str = DAY, **over) -> dict:
    full = {
        "姓名": child_name(n),
        "身份证号": id_number(n),
        "日期": str(day),
        "劝返人": "巴图",
        "方式": "入户",
        "结果": "同意返校",
        "下次日期": None,
        "备注": None,
    }
    return full | over


def child_name(n: int) -> str:
    return child(n, type("Place", (), {"name": ""}))["姓名"]


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_visits_come_in_once_move_the_state_and_go_again(check, official):
    rows = [line(下次日期=str(TODAY)), line(方式="电话", 备注="没有接通", 结果="没有见到")]
    upload, preview = check(rows)
    assert not preview.faults and preview.counts["inserted"] == 2
    assert not Visit.objects.exists()
    upload = commit(upload, by=official)
    visit = Visit.objects.get(way="HOME")
    assert (visit.on, visit.result, visit.recorded_by) == (DAY, "PROMISED", official)
    assert (visit.source_upload, visit.source_row) == (upload.pk, 2)
    assert visit.episode.state == State.PERSUADING
    _upload, again = check(rows)
    assert again.counts["unchanged"] == 2, "the same file twice"
    episode = visit.episode
    assert undo(upload, by=official).left == []
    assert not Visit.objects.exists()
    episode.refresh_from_db()
    assert episode.state == State.CONFIRMED


def test_every_fault_is_told_at_its_cell(check):
    rows = [
        line(day=TODAY + timedelta(days=1)),
        line(day=TODAY - timedelta(days=60)),
        line(2),
        line(姓名="别人", 劝返人="乌云"),
        line(劝返人=None),
        line(结果="也许", 劝返人="苏日娜"),
        line(劝返人="张强", 下次日期=str(DAY - timedelta(days=1))),
    ]
    _upload, preview = check(rows)
    assert {("day_to_come", "C2"), ("no_case_then", "C3"), ("case_unknown", "B4")} <= told(preview)
    assert told(preview) >= {
        ("name_differs", "A5"),
        ("required", "D6"),
        ("choice_unknown", "F7"),
        ("before_first", "G8"),
    }
    assert preview.counts["rejected"] == 7


def test_what_is_recorded_is_not_changed_by_a_sheet(check, official):
    commit(check([line()])[0], by=official)
    _upload, preview = check([line(结果="不同意返校")])
    assert {one.code for one in preview.faults} == {"recorded_before"}


def test_a_school_tells_of_its_own_child_and_of_no_other(check, school, east, west, officer):
    teacher = officer(school, Role.SCHOOL, "teacher")
    _upload, preview = check([line()], by=teacher, unit=school)
    assert not preview.faults
    stranger = officer(west, Role.OFFICIAL, "right")
    _upload, preview = check([line()], by=stranger, unit=west)
    assert told(preview) == {("case_unknown", "B2")}, "as if there were none"


# Undoing -------------------------------------------------------------------------------------------
def left(undone) -> list[tuple]:
    return [(one.row, one.code) for one in undone.left]


@pytest.fixture
def planned(official, school):
    """The episode of child 1, which somebody has planned to look at in two days."""
    episode = Episode.objects.get()
    cases.arrange(episode, officer=None, planned_on=TODAY + DAY_LATER, by=official, at=NOW)
    return episode


DAY_LATER = timedelta(days=1)


def test_an_undo_puts_the_next_date_back_that_was_planned_before(check, official, planned):
    rows = [line(下次日期=str(TODAY)), line(day=TODAY, 下次日期=str(TODAY + 5 * DAY_LATER))]
    upload = commit(check(rows)[0], by=official)
    planned.refresh_from_db()
    assert planned.planned_on == TODAY + 5 * DAY_LATER
    seen = planned.case.version
    assert left(undo(upload, by=official)) == []
    planned.refresh_from_db()
    assert planned.planned_on == planned.next_on == TODAY + DAY_LATER
    planned.case.refresh_from_db()
    assert planned.case.version > seen, "a form that was open is told"


def test_a_next_date_that_was_changed_since_is_left_with_its_visits(check, official, planned):
    """A person withdraws the visits by hand then."""
    rows = [line(下次日期=str(TODAY)), line(劝返人="苏日娜")]
    upload = commit(check(rows)[0], by=official)
    later = TODAY + 9 * DAY_LATER
    cases.arrange(planned, officer=None, planned_on=later, by=official, at=NOW)
    assert sorted(left(undo(upload, by=official))) == [(2, "edited_since"), (3, "edited_since")]
    planned.refresh_from_db()
    assert planned.planned_on == later and Visit.objects.count() == 2
    for visit in Visit.objects.all():
        corrections.withdraw(visit, reason="登记错", by=official, at=NOW)
    planned.refresh_from_db()
    assert planned.planned_on == later, "a person's date stays"


def test_a_later_visit_keeps_what_it_has_said(check, official, planned):
    first = commit(check([line(下次日期=str(TODAY))])[0], by=official)
    second = commit(check([line(day=TODAY, 下次日期=str(TODAY + 5 * DAY_LATER))])[0], by=official)
    assert left(undo(first, by=official)) == [(2, "edited_since")]
    planned.refresh_from_db()
    assert planned.planned_on == TODAY + 5 * DAY_LATER
    assert left(undo(second, by=official)) == []
    planned.refresh_from_db()
    assert planned.planned_on == TODAY, "what the first has said"
    assert left(undo(first, by=official)) == []
    planned.refresh_from_db()
    assert planned.planned_on == TODAY + DAY_LATER and not Visit.objects.exists()


def test_a_withdrawn_visit_takes_its_next_date_along(check, official, planned):
    commit(check([line(下次日期=str(TODAY))])[0], by=official)
    corrections.withdraw(Visit.objects.get(), reason="登记错", by=official, at=NOW)
    planned.refresh_from_db()
    assert planned.planned_on is None and planned.next_on is not None
