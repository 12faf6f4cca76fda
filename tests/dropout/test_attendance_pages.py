"""A school's month in the browser: said class by class, complete or not, never overwritten unseen."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import options
from common.models import Event
from common.periods import Period
from common.refusals import Stale
from dropout.models import AttendanceLine, AttendanceReturn, Episode
from dropout.services import attendance
from dropout.services.attendance import Told, tell_class
from dropout.services.refusals import Refused
from registry.models import School
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import give_number, id_number, make_child, make_school

LIST, MONTH = "/dropout/attendance/", Period.parse("2025-09")
AWAY = date(2025, 9, 10)


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def teacher(client, school, officer):
    user = officer(school, Role.SCHOOL, "teacher", "一小填报员")
    client.force_login(user)
    return user


@pytest.fixture
def pupils(school):
    """Three of class 1, one of class 2, one in kindergarten."""
    born = {"born_on": date(2014, 9, 1)}
    three = [
        make_child(name, school, id_number(n), **born)
        for n, name in enumerate(("A甲", "B乙", "C丙"), 1)
    ]
    other = make_child("D丁", school, id_number(4), class_name="2班", **born)
    make_child("幼", school, id_number(5), grade="03")
    return [*three, other]


def month_page(school, month="2025-09") -> str:
    return f"{LIST}{school.pk}/{month}/"


def class_page(school, class_name="1班") -> str:
    return f"{month_page(school)}class/?grade=13&class={class_name}"


def answers(client, school, **away) -> dict:
    """What the form holds when it is opened, and what is typed: since_<n> of the n-th child."""
    form = client.get(class_page(school)).context["form"]
    data = {"seen": form["seen"].value()}
    for name, since in away.items():
        child = form.children[int(name[1:])].student_id
        data |= {f"away-{child}": "on", f"since-{child}": since, f"cause-{child}": "外出"}
    return data


def schools(client, query="") -> list[dict]:
    file = client.get(f"{LIST}?export=csv&{query}").content.decode("utf-8-sig")
    head, *lines = list(csv.reader(io.StringIO(file)))[1:]
    return [dict(zip(head, cells, strict=True)) for cells in lines]


# Saying it -----------------------------------------------------------------------------------------
def test_a_class_is_told_in_one_deed_and_who_is_away_too_long_is_suspected(
    client, teacher, school, pupils
):
    data = answers(client, school, _1="2025-09-10")
    answer = client.post(class_page(school), data)
    assert answer.url == month_page(school)
    lines = {line.name: line for line in AttendanceLine.objects.all()}
    assert set(lines) == {"A甲", "B乙", "C丙"}
    away = lines["B乙"]
    assert (away.is_present, away.absent_since, away.cause) == (False, AWAY, "外出")
    assert (away.id_number, away.student, away.class_name) == (id_number(2), pupils[1], "1班")
    assert AttendanceReturn.objects.get().handed_in_by == teacher
    assert Episode.objects.get().case.student == pupils[1]
    told = Event.objects.get(verb="dropout.attendance_told")
    assert told.after == {"month": "2025-09", "children": 3, "changed": 3, "away": 1}


def test_a_second_click_changes_nothing(client, teacher, school, pupils):
    data = answers(client, school, _0="2025-09-10")
    for _click in range(2):
        assert client.post(class_page(school), data).status_code == 302
    assert AttendanceLine.objects.count() == 3 and Episode.objects.count() == 1
    assert Event.objects.filter(verb="dropout.attendance_told").count() == 1


def test_a_form_that_was_overtaken_is_refused_and_keeps_what_was_typed(
    client, teacher, school, pupils
):
    mine, theirs = answers(client, school, _0="2025-09-10"), answers(client, school)
    client.post(class_page(school), theirs)
    answer = client.post(class_page(school), mine)
    assert answer.status_code == 422 and "别人刚报过" in answer.content.decode()
    assert AttendanceLine.objects.absent().count() == 0
    again = {**mine, "seen": answer.context["form"]["seen"].value()}
    assert client.post(class_page(school), again).status_code == 302
    assert AttendanceLine.objects.absent().get().student == pupils[0]


@pytest.mark.parametrize(
    "since, fault",
    [
        ("", "填第一天没到校的日期"),
        ("2025-10-01", "晚于这个月"),
        ("九月", "日期写成"),
        ("1800-01-01", "年份要在"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_written(
    client, teacher, school, pupils, since, fault
):
    answer = client.post(class_page(school), answers(client, school, _0=since))
    form = answer.context["form"]
    assert answer.status_code == 422
    assert [fault in " ".join(texts) for texts in form.errors.values()] == [True]
    assert list(form.errors) == [f"since-{pupils[0].pk}"]
    assert not AttendanceLine.objects.exists()


def test_who_was_away_last_month_is_ticked_already(client, teacher, school, pupils):
    august = Period.parse("2025-08")
    away = {pupils[0].pk: Told(False, date(2025, 8, 27), "外出", "外地")}
    School.objects.filter(unit=school).update(type="21")
    pupils[0].enrolments.update(valid_from=date(2025, 8, 1))
    tell_class(school, august, away, by=teacher, at=NOW)
    form = client.get(class_page(school)).context["form"]
    child = pupils[0].pk
    assert form[f"away-{child}"].value() is True
    assert form[f"since-{child}"].value() == date(2025, 8, 27)
    assert form[f"away-{pupils[1].pk}"].value() is False


def test_a_child_without_any_document_has_a_line_of_its_own(client, teacher, school):
    for name in ("甲", "乙"):
        make_child(name, school)
    client.post(class_page(school), answers(client, school))
    assert AttendanceLine.objects.count() == 2


def test_what_a_sheet_has_said_is_corrected_in_place(client, teacher, school, pupils):
    give_number(pupils[0], "G" + id_number(1), "ROLL")
    client.post(class_page(school), answers(client, school))
    line = AttendanceLine.objects.get(student=pupils[0])
    client.post(class_page(school), answers(client, school, _0="2025-09-10"))
    line.refresh_from_db()
    assert (line.absent_since, line.version) == (AWAY, 2)
    assert AttendanceLine.objects.count() == 3


def test_only_children_of_the_roll_are_told_of(teacher, school, pupils, east):
    stranger = make_child("旁人", make_school("左旗二小", east))
    with pytest.raises(Refused, match="not_on_roll"):
        tell_class(school, MONTH, {stranger.pk: Told()}, by=teacher, at=NOW)
    with pytest.raises(Refused, match="required"):
        tell_class(school, MONTH, {pupils[0].pk: Told(False)}, by=teacher, at=NOW)
    with pytest.raises(Refused, match="after_the_month"):
        tell_class(school, MONTH, {pupils[0].pk: Told(False, TODAY)}, by=teacher, at=NOW)
    tell_class(school, MONTH, {pupils[0].pk: Told()}, by=teacher, at=NOW)
    with pytest.raises(Stale):
        tell_class(school, MONTH, {pupils[0].pk: Told(False, AWAY)}, by=teacher, at=NOW, seen=1)


# Complete or not -----------------------------------------------------------------------------------
def test_children_left_out_are_counted_and_named(client, teacher, school, pupils):
    page = client.get(month_page(school)).content.decode()
    assert "这个月还没报" in page and "报 三年级 1班" in page
    client.post(class_page(school), answers(client, school, _0="2025-09-10"))
    answer = client.get(month_page(school))
    page, sheet = answer.content.decode(), answer.context["sheet"]
    assert [one.student.name for one in sheet.missing] == ["D丁"]
    assert "还有 1 个孩子没报到" in page and "D丁" in page and "幼" not in page
    assert [(one.name, one.left_out, one.away) for one in sheet.classes] == [
        ("三年级 1班", 0, 1),
        ("三年级 2班", 1, 0),
    ]
    assert Episode.objects.get().get_absolute_url() in page


def test_a_line_of_who_is_on_no_roll_is_shown(client, teacher, school, pupils):
    client.post(class_page(school), answers(client, school))
    pupils[0].enrolments.update(valid_to=date(2025, 9, 15), end_reason="TRANSFERRED")
    sheet = client.get(month_page(school)).context["sheet"]
    assert [line.name for line in sheet.strangers] == ["A甲"] and len(sheet.roll) == 3


def test_a_list_tells_who_has_said_the_month(client, officer, teacher, school, pupils, east):
    late = make_school("左旗二小", east)
    make_child("旁人", late)
    make_school("左旗幼儿园", east, School.Type.KINDERGARTEN)
    client.post(class_page(school), answers(client, school, _0="2025-09-10"))
    client.force_login(officer(east))
    found = {row["学校"]: row for row in schools(client)}
    assert set(found) == {"左旗一小", "左旗二小"}
    mine, theirs = found["左旗一小"], found["左旗二小"]
    assert (mine["报送"], mine["名册人数"], mine["没报到的孩子"], mine["不在校"]) == (
        "没报全",
        "4",
        "1",
        "1",
    )
    assert (theirs["报送"], theirs["不在校"], theirs["没报到的孩子"]) == ("未报",) * 3
    assert "1 所学校没报在校情况" in client.get(LIST).content.decode()
    assert [row["学校"] for row in schools(client, "standing=UNTOLD")] == ["左旗二小"]
    assert [row["报送"] for row in schools(client, "month=2025-08")] == ["不用报"] * 2
    assert schools(client, "standing=NOTHING") == [] == schools(client, "month=x")


def test_holidays_are_owed_if_the_bureau_says_so(client, officer, league, school, pupils):
    options.change("dropout.month_in_holidays", True, by=officer(league, Role.BUREAU, "bureau1"))
    pupils[0].enrolments.update(valid_from=date(2025, 8, 1))
    client.force_login(officer(league, Role.BUREAU))
    assert [row["报送"] for row in schools(client, "month=2025-08")] == ["未报"]


# Who ------------------------------------------------------------------------------------------------
def test_a_school_tells_of_itself_and_reads_no_other(client, teacher, school, pupils, east):
    other = make_school("左旗二小", east)
    make_child("旁人", other)
    assert client.get(month_page(other)).status_code == 404
    assert client.post(class_page(other), {}).status_code == 404
    assert [row["学校"] for row in schools(client)] == ["左旗一小"]


def test_a_supervisor_reads_names_masked_and_tells_nothing(
    client, teacher, school, pupils, officer, league
):
    client.post(class_page(school), answers(client, school, _0="2025-09-10"))
    client.force_login(officer(league, Role.SUPERVISOR))
    page = client.get(month_page(school)).content.decode()
    assert "A**" in page and "D**" in page and "甲" not in page
    assert client.get(class_page(school)).status_code == 403


@pytest.mark.parametrize("month", ["2025Q3", "2025-11", "x", "2025-13"])
def test_what_is_no_month_or_has_not_begun_is_not_there(client, teacher, school, pupils, month):
    assert client.get(month_page(school, month)).status_code == 404


def test_a_class_that_is_not_there_is_not_there(client, teacher, school, pupils):
    assert client.get(class_page(school, "9班")).status_code == 404
    assert client.get(f"{month_page(school)}class/").context["class"].name == "三年级 1班"


def test_the_query_counts_do_not_grow(client, teacher, school, east, officer):
    def questions(address) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    def add(numbers):
        for n in numbers:
            child = make_child(f"甲{n}", school, id_number(n), born_on=date(2014, 9, 1))
            AttendanceLine.objects.create(
                school=school,
                month="2025-09",
                month_end=MONTH.end,
                name=child.name,
                id_number=id_number(n),
                id_number_index=child.identifiers.get().value_index,
                student=child,
                is_present=n % 2 == 0,
                absent_since=AWAY if n % 2 else None,
            )

    add(range(1, 11))
    addresses = [month_page(school), class_page(school), LIST]
    client.get(LIST)
    few = [questions(address) for address in addresses]
    add(range(11, 61))
    assert [questions(address) for address in addresses] == few
    client.force_login(officer(east))
    client.get(LIST)
    few = questions(LIST)
    for n in range(12):
        make_school(f"左旗第{n}小学", east)
    assert questions(LIST) == few
    assert attendance.last_day(MONTH, TODAY) == MONTH.end
