"""Lessons at home come in by the sheet: onto the placement of that day, never twice, and out again."""

from datetime import timedelta

import pytest

from dropout.models import Episode, HomeLesson, Placement, State
from dropout.services import placements
from registry.models import Student
from tests.cast import NOW, TODAY
from tests.dropout.rows import confirmed, make_case
from tests.intake.rosters import child, commit, hand_in, id_number, make_school, take_in, undo

DAY = TODAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def check(official, east):
    """Child 1 is taught at home since four days."""
    school = make_school("阿左旗第一小学", east)
    take_in([child(1, school)], by=official, unit=east)
    case = make_case(east, child=Student.objects.get(), school=school, **confirmed())
    case.episodes.get().placements.create(
        kind="HOME", began_on=TODAY - timedelta(days=4), recorded_by=official, recorded_at=NOW
    )
    name = child(1, school)["姓名"]

    def hand(*rows):
        full = {"姓名": name, "身份证号": id_number(1), "日期": str(DAY), "教师": "乌云"}
        full |= {"分钟": None, "课时": None, "监护人签字": None, "备注": None}
        return hand_in([full | row for row in rows], kind="home-teaching", by=official, unit=east)

    return hand


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_lessons_come_in_once_and_go_again(check, official):
    rows = [{"分钟": 90, "监护人签字": "是"}, {"教师": "巴图", "课时": 2}]
    upload, preview = check(*rows)
    assert not preview.faults and preview.counts["inserted"] == 2
    upload = commit(upload, by=official)
    lessons = HomeLesson.objects.order_by("pk")
    assert list(lessons.values_list("teacher", "minutes", "guardian_signed")) == [
        ("乌云", 90, True),
        ("巴图", 80, None),
    ]
    _upload, again = check(*rows)
    assert again.counts["unchanged"] == 2
    assert undo(upload, by=official).left == []
    assert not HomeLesson.objects.exists()


def test_every_fault_is_told_at_its_cell(check):
    _upload, preview = check(
        {},
        {"教师": "甲一", "分钟": 0},
        {"教师": "甲二", "分钟": 40, "日期": str(TODAY + timedelta(days=1))},
        {"教师": "甲三", "分钟": 40, "日期": str(TODAY - timedelta(days=5))},
        {"教师": "甲四", "分钟": 40, "身份证号": id_number(2)},
    )
    assert told(preview) >= {
        ("required", "E2"),
        ("took_no_time", "E3"),
        ("day_to_come", "C4"),
        ("no_case_then", "C5"),
        ("case_unknown", "B6"),
    }
    assert preview.counts["rejected"] == 5


def test_an_undo_takes_the_state_back_that_rested_on_a_lesson(check, official):
    placement = Placement.objects.get()
    plan = {"lessons_a_month": 4, "minutes": 80, "by": official, "at": NOW}
    placements.plan_lessons(placement, **plan)
    upload = commit(check({"分钟": 90})[0], by=official)
    assert Episode.objects.get().state == State.WATCHED
    assert undo(upload, by=official).left == []
    assert Episode.objects.get().state == State.PLACED


def test_a_lesson_that_a_case_was_closed_on_stays(check, official):
    upload = commit(check({"分钟": 90})[0], by=official)
    closed = {"end": "CLOSED", "state": State.CLOSED, "ended_on": TODAY, "next_on": None}
    Episode.objects.update(**closed)
    assert [one.code for one in undo(upload, by=official).left] == ["leaned_on"]
    assert HomeLesson.objects.exists()
