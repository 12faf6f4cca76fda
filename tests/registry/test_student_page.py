"""One child's page: masks, unmasking with a reason, where rows came from, what was changed."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import ChangeSet, Event, RowChange
from registry.models import Membership, OutsideList, Student
from registry.roles import Role
from registry.services import students
from registry.services.lists import link_members
from tests.cast import NOW, TODAY
from tests.children import give_guardian, give_number, id_number, make_child, make_school

NUMBER, PARENT, PHONE = id_number(1), id_number(7, "19850101"), "13904830001"
HOME = "阿拉善左旗巴彦浩特镇和平路1号"
GUARDED = [NUMBER, PARENT, PHONE, HOME, "G" + NUMBER]


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def child(school):
    facts = students.sealed(Student, {"home_address": HOME})
    child = make_child(
        "乌云其其格", school, NUMBER, sex="2", born_on=date(2015, 9, 1), ethnicity="02", **facts
    )
    give_number(child, "G" + NUMBER, kind="ROLL")
    give_guardian(child, "其木格", phone=PHONE, number=PARENT)
    return child


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def page_of(client, child) -> str:
    answer = client.get(child.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def put_on_list(child, category="POVERTY_EXIT", *, unit, number=NUMBER, **over) -> Membership:
    outside, _made = OutsideList.objects.get_or_create(
        department="RURAL", title="名单", listed_on=TODAY, unit=unit
    )
    index = child.identifiers.first().value_index if number == NUMBER else None
    member = Membership.objects.create(
        list=outside,
        name=child.name,
        id_number=number,
        id_number_index=index or child.guardians.get().id_number_index,
        category=category,
        **over,
    )
    link_members()
    return member


# Promises --------------------------------------------------------------------------------------------
def test_the_page_shows_the_child_masked_and_leaves_one_event(client, official, child):
    page = page_of(client, child)
    for shown in (
        "乌云其其格",
        "蒙古族",
        "10 岁",
        "左旗一小",
        "其木格",
        "139****0001",
        "阿拉善左旗******",
    ):
        assert shown in page, shown
    for guarded in GUARDED:
        assert guarded not in page
    event = Event.objects.get(verb="registry.student_opened")
    assert event.subject_pk == str(child.pk) and "乌云" not in event.subject_title


def test_the_title_never_holds_the_name(client, official, child):
    title = re.search("<title>(.*?)</title>", page_of(client, child), re.S)[1]
    assert "乌云" not in title


@pytest.mark.parametrize("address", ["", "unmask/", "edit/", "number/", "guardians/new/", "enrol/"])
def test_a_neighbour_s_child_does_not_exist(client, officer, west, child, address):
    client.force_login(officer(west))
    assert client.get(child.get_absolute_url() + address).status_code == 404


def test_a_supervisor_sees_masks_and_no_deeds(client, officer, league, child):
    client.force_login(officer(league, Role.SUPERVISOR))
    page = page_of(client, child)
    assert "乌**" in page and "其**" in page and "2015年" in page
    assert "乌云其其格" not in page and "其木格" not in page and "2015年9月1日" not in page
    for deed in ("unmask/", "edit/", "number/", "enrol/"):
        assert f"/students/{child.pk}/{deed}" not in page
        assert client.get(f"/students/{child.pk}/{deed}").status_code == 403


def test_who_only_reads_sees_no_deeds(client, officer, west, child):
    """The child lives in 额济纳旗 and goes to school in 左旗, whose deed it is."""
    Student.objects.filter(pk=child.pk).update(residence=west)
    client.force_login(officer(west))
    page = page_of(client, child)
    assert "乌云其其格" in page and "unmask/" not in page and "edit/" not in page
    assert client.get(f"/students/{child.pk}/unmask/").status_code == 404


def test_the_page_reads_with_the_same_few_statements(client, official, child, east):
    client.get(child.get_absolute_url())
    counts = []
    for n in (2, 12):
        give_guardian(child, f"某{n}", position=n)
        give_number(child, id_number(100 + n), valid_from=TODAY, valid_to=TODAY)
        put_on_list(child, "LOW_INCOME" if n == 2 else "MARTYR", unit=east)
        students.change_facts(child, by=official, at=NOW, remark=f"备注{n}")
        with CaptureQueriesContext(connection) as queries:
            client.get(child.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 32, counts


# Unmasking --------------------------------------------------------------------------------------------
def unmask(client, child, **posted):
    return client.post(f"/students/{child.pk}/unmask/", {"reason": "CONTACT", **posted})


def test_a_reason_shows_the_values_for_five_minutes_in_this_session_only(
    client, official, child, clock_at, monkeypatch, django_user_model
):
    assert unmask(client, child).status_code == 302
    page = page_of(client, child)
    for guarded in GUARDED:
        assert guarded in page
    event = Event.objects.get(verb="registry.student_unmasked")
    assert event.after == {
        "fields": ["home_address", "number", "guardian_phone", "guardian_id_number"],
        "reason": "联系监护人",
    }
    other = client.__class__()
    other.force_login(official)
    assert NUMBER not in page_of(other, child)
    from common import clock

    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=5, seconds=1))
    page = page_of(client, child)
    assert all(guarded not in page for guarded in GUARDED)


def test_unmasking_one_child_unmasks_no_other(client, official, child, school):
    other = make_child("巴图", school, id_number(2))
    unmask(client, child)
    assert id_number(2) not in page_of(client, other)


@pytest.mark.parametrize(
    "posted",
    [
        {"reason": ""},
        {"reason": "X"},
        {"reason": "OTHER"},
        {"reason": "OTHER", "note": f"核对 {NUMBER}"},
        {"note": "１３９０４８３０００１"},
    ],
)
def test_no_reason_or_one_with_a_number_shows_nothing(client, official, child, posted):
    assert unmask(client, child, **posted).status_code == 422
    assert NUMBER not in page_of(client, child)
    assert not Event.objects.filter(verb="registry.student_unmasked").exists()


def test_the_page_masks_itself_again_without_a_click(client, official, child):
    unmask(client, child)
    page = page_of(client, child)
    assert re.search(r'hx-trigger="load delay:300s"', page)
    opened = Event.objects.filter(verb="registry.student_opened").count()
    client.get(child.get_absolute_url(), headers={"X-Timer": "1", "HX-Request": "true"})
    assert Event.objects.filter(verb="registry.student_opened").count() == opened


# Lists and sources ------------------------------------------------------------------------------------
def test_memberships_are_told_to_who_reads_lists_and_counted_to_others(
    client, officer, official, school, east, league, child
):
    put_on_list(child, "POVERTY_EXIT", unit=east)
    put_on_list(child, "INVOLVED", unit=east)
    page = page_of(client, child)
    assert "脱贫户" in page and "涉案未成年人" in page
    client.force_login(officer(league, Role.SUPERVISOR))
    page = page_of(client, child)
    assert "脱贫户" in page and "涉案未成年人" not in page and "1 项，按您的权限不显示" in page
    client.force_login(officer(school, Role.SCHOOL))
    page = page_of(client, child)
    assert "脱贫户" not in page and "2 项，按您的权限不显示" in page


def test_a_guardian_s_membership_stands_at_the_child(client, official, east, child):
    put_on_list(child, "DISABLED_GUARDIAN", unit=east, number=PARENT)
    page = page_of(client, child)
    assert "残疾人子女" in page and "由监护人对上" in page


def test_a_row_leads_to_the_line_it_came_from(client, official, officer, league, child):
    child.enrolments.update(source_upload=5, source_sheet=1, source_row=12)
    assert "/intake/uploads/5/rows/1/12/" in page_of(client, child)


def test_a_line_of_the_history_leads_to_the_line_of_the_sheet(client, official, child):
    upload = ChangeSet.objects.create(
        code="intake.committed", by=official, at=NOW, subject_code="intake.upload", subject_pk="8"
    )
    RowChange.objects.create(
        change_set=upload, root="registry_student", root_pk=child.pk, verb="I", sheet=2, row=7
    )
    page = page_of(client, child)
    assert "提交导入" in page and "/intake/uploads/8/rows/2/7/" in page
    assert "/undo/" not in page, "an import is undone as a whole"


# History ----------------------------------------------------------------------------------------------
def test_the_history_tells_fields_and_no_guarded_value(client, official, child):
    facts = {"sex": "1", "name": "乌云", "home_address": "别处"}
    students.change_facts(child, by=official, at=NOW, **facts)
    page = page_of(client, child)
    assert "改学生的基本情况" in page and official.name in page
    assert "（原为 女）" in page
    history = page[page.index('id="h-h"') : page.index('id="h-f"')]
    assert "乌云其其格" not in history and HOME not in history and "现住址" in history


def test_the_last_change_is_undone_from_the_page(client, official, child):
    students.change_facts(child, by=official, at=NOW, remark="第一次")
    students.change_facts(child, by=official, at=NOW, remark="第二次")
    page = page_of(client, child)
    assert page.count("/undo/") == 1
    client.post(re.search(r"/student-changes/\d+/undo/", page)[0])
    child.refresh_from_db()
    assert child.remark == "第一次"
    client.post(re.search(r"/student-changes/\d+/undo/", page_of(client, child))[0])
    child.refresh_from_db()
    assert child.remark == "" and child.version == 5
    assert Event.objects.filter(verb="registry.change_undone").count() == 2


def test_an_undo_is_refused_out_of_scope_and_out_of_turn(client, officer, west, official, child):
    students.change_facts(child, by=official, at=NOW, remark="第一次")
    first = re.search(r"/student-changes/\d+/undo/", page_of(client, child))[0]
    students.change_facts(child, by=official, at=NOW, remark="第二次")
    page = client.post(first, follow=True).content.decode()
    assert "先撤销后来的" in page
    client.force_login(officer(west))
    assert client.post(first).status_code == 404
    assert client.get(first).status_code == 405
    assert client.post("/student-changes/999999/undo/").status_code == 404
