"""A school's month: who is there and who is away since when; the return stands while lines do."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from dropout.models import AttendanceLine, AttendanceReturn
from registry.models import Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import (
    child,
    commit,
    domain_rows,
    hand_in,
    id_number,
    make_school,
    take_in,
    undo,
)

MONTH = "2025-09"


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(units, east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def school(official, east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def teacher(school, officer):
    return officer(school, Role.SCHOOL, "teacher", "一小填报员")


@pytest.fixture
def check(teacher, school):
    def hand(rows, period=MONTH, **more):
        more = {"by": teacher, "unit": school} | more
        return hand_in(rows, kind="attendance-return", period=period, **more)

    return hand


@pytest.fixture
def line(school):
    def row(n, present="是", since=None, **over) -> dict:
        full = {
            "学校": school.name,
            "姓名": "那仁",
            "身份证号": id_number(n),
            "学籍号": None,
            "是否在校": present,
            "未到校起始日期": since,
        }
        return full | over

    return row


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_a_month_is_reported_by_its_lines_and_not_reported_without(
    check, line, teacher, school, east
):
    upload, preview = check([line(1), line(2, "否", "2025-09-10")])
    assert not preview.faults and preview.counts["inserted"] == 2
    assert not AttendanceReturn.objects.exists(), "a check reports nothing"
    upload = commit(upload, by=teacher)
    told_by = AttendanceReturn.objects.get()
    assert (told_by.school, told_by.month, told_by.handed_in_by) == (school, MONTH, teacher)
    away = AttendanceLine.objects.absent().get()
    assert (away.absent_since, away.month_end) == (date(2025, 9, 10), date(2025, 9, 30))
    assert away.days_away == 21, "the first day and the month's last day count"
    _upload, again = check([line(1), line(2, "否", "2025-09-10")])
    assert again.counts["unchanged"] == 2 and not again.changes
    assert undo(upload, by=teacher).left == []
    assert not AttendanceReturn.objects.exists() and not AttendanceLine.objects.exists()


def test_who_is_back_is_away_since_no_day(check, line, teacher):
    commit(check([line(1, "否", "2025-09-10")])[0], by=teacher)
    before = domain_rows(AttendanceLine)
    upload, preview = check([line(1, "是")])
    assert {(c.header, c.old, c.new) for c in preview.changes} == {
        ("是否在校", "否", "是"),
        ("未到校起始日期", "2025-09-10", ""),
    }
    upload = commit(upload, by=teacher)
    one = AttendanceLine.objects.get()
    assert (one.is_present, one.absent_since) == (True, None)
    assert undo(upload, by=teacher).left == []
    assert domain_rows(AttendanceLine) == before


def test_a_roll_number_stands_for_the_number_of_a_child_of_the_school(
    check, line, official, teacher, school, east
):
    other = make_school("阿左旗第二小学", east)
    take_in([child(1, school), child(2, other)], by=official, unit=east)
    rows = [line(1, 身份证号=None, 学籍号=f"G{id_number(1)}")]
    upload, preview = check(rows)
    assert not preview.faults
    commit(upload, by=teacher)
    one = AttendanceLine.objects.get()
    mine = Student.objects.get(enrolments__school=school)
    assert (one.id_number, one.student) == (id_number(1), mine)
    _upload, preview = check([line(2, 身份证号=None, 学籍号=f"G{id_number(2)}")])
    assert told(preview) == {("roll_unknown", "D2")}, "another school's child is not told"


def test_every_fault_is_told_at_its_cell(check, line, school):
    rows = [
        line(1, "否"),
        line(2, "是", "2025-09-10"),
        line(3, "否", "2025-10-01"),
        line(4, None),
        line(5, "也许"),
        line(6, 身份证号=None),
        line(7, 学校="没有的学校"),
        line(8),
        line(8),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("since_when", "F2"),
        ("since_though_present", "F3"),
        ("after_the_month", "F4"),
        ("required", "E5"),
        ("yes_no_wrong", "E6"),
        ("number_wanted", "C7"),
        ("unit_unknown", "A8"),
        ("key_twice", "C9"),
        ("key_twice", "C10"),
    }
    assert preview.counts["rejected"] == 9


def test_a_quarter_is_no_month(check, line):
    _upload, preview = check([line(1)], "2025Q3")
    assert {one.code for one in preview.faults} == {"month_wanted"}


def test_another_school_is_not_reported_for(check, line, east):
    other = make_school("阿左旗第二小学", east)
    _upload, preview = check([line(1, 学校=other.name)])
    assert told(preview) == {("unit_not_yours", "A2")}


def test_the_database_refuses_an_absence_without_its_day(check, line, teacher):
    commit(check([line(1)])[0], by=teacher)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttendanceLine.objects.update(is_present=False)
