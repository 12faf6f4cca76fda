"""The home page: what comes first for whom, and nothing of a neighbour."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from common.models import Event, InboxLine
from registry.models import Duty, Posting
from registry.roles import Role
from tasks_app.models import HistoryBatch, ProgressReport
from tasks_app.services import reminders
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY

S = ProgressReport.State


def page_of(client, user, address="/"):
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_home_needs_login(client, db):
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("role", Role.values)
def test_home_works_for_every_role(client, duties, officer, league, east, role):
    unit = east if role in (Role.OFFICIAL, Role.SCHOOL) else league
    assert "<h1" in page_of(client, officer(unit, role))


def test_home_works_without_a_posting_or_a_plan(client, officer, league):
    user = officer(league, Role.SUPERVISOR)
    page_of(client, user)
    Posting.objects.filter(user=user).update(valid_to=TODAY - timedelta(days=1))
    page_of(client, user)


def test_home_takes_no_post(client, left):
    client.force_login(left)
    assert client.post("/").status_code == 405


# The banner official -----------------------------------------------------------------------------
def test_official_sees_what_is_late_first_then_what_came_back(
    client, duties, hand_in, left, bureau
):
    hand_in(7, left.postings.get().unit, left, S.RETURNED, decider=bureau)
    late = duties.get(code="tasks.06", unit=left.postings.get().unit, period="2025-09")
    Duty.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=3))
    page = page_of(client, left)
    assert "件要先办" in page and "次数再核对一次" in page
    first, second = page.index("补报任务 06"), page.index("修改被退回的任务 07")
    assert first < second
    assert reverse("tasks_app:duty-detail", args=[late.pk]) in page


def test_official_checks_what_a_colleague_handed_in_and_not_ones_own(
    client, hand_in, left, left2, east
):
    report = hand_in(7, east, left)
    assert report.state == S.CHECKING
    assert "复核任务 07" in page_of(client, left2)
    assert "复核任务 07" not in page_of(client, left)


def test_official_sees_no_duty_draft_or_person_of_another_banner(
    client, duties, hand_in, left, ejina, west
):
    hand_in(7, west, ejina, S.DRAFT)
    page = page_of(client, left)
    assert "额济纳" not in page and "巴图" not in page
    theirs = set(duties.filter(unit=west).values_list("pk", flat=True))
    assert not [pk for pk in theirs if reverse("tasks_app:duty-detail", args=[pk]) in page]


def test_official_with_nothing_open_is_told_so(client, duties, left):
    duties.update(met_at=NOW)
    page = page_of(client, left)
    assert "今天没有要先办的事" in page and "本期都报了" in page


def test_running_periods_are_not_yet_asked_for(client, duties, left):
    page = page_of(client, left)
    assert "2025年第三季度" in page
    assert "补报任务 07「加强农牧区家庭经济困难毕业生就业帮扶工作」2025年第四季度" not in page


# The bureau --------------------------------------------------------------------------------------
def test_bureau_reviews_all_but_its_own(client, hand_in, left, ejina, bureau, east, west):
    hand_in(7, east, left)
    hand_in(8, west, ejina)
    page = page_of(client, bureau)
    assert "审核 2 份进展报告" in page
    ProgressReport.objects.filter(work_item__no=8).update(submitted_by=bureau)
    assert "审核 1 份进展报告" in page_of(client, bureau)


def test_bureau_is_asked_to_approve_batches_of_others(client, duties, bureau, officer, league):
    other = officer(league, Role.BUREAU)
    for by, title in ((other, "甲批"), (bureau, "乙批")):
        HistoryBatch.objects.create(title=title, source="x", submitted_by=by, submitted_at=NOW)
    page = page_of(client, bureau)
    assert "审批历年数据：甲批" in page and "乙批" not in page


def test_bureau_sees_what_its_offices_owe(client, plan, bureau):
    open_progress_duties(since=date(2024, 12, 1), on=TODAY)
    page = page_of(client, bureau)
    assert "补报任务 08「" in page and "2024年" in page


# Reminders ---------------------------------------------------------------------------------------
@pytest.fixture
def late_east(duties, east):
    duties.filter(unit=east, period="2025Q3").update(due_on=TODAY - timedelta(days=2))
    return east


def remind(client, user, unit):
    client.force_login(user)
    return client.post(reverse("dashboard:unit-remind", args=[unit.pk]), follow=True)


def test_late_unit_stands_with_who_reports_and_the_telephone(client, late_east, left, supervisor):
    left.phone = "0483-0000011"
    left.save()
    page = page_of(client, supervisor)
    assert "乌日娜" in page and "0483-0000011" in page and "近 90 天没有提醒过" in page


def test_reminder_reaches_every_official_of_the_unit(
    client, late_east, left, left2, ejina, supervisor
):
    page = remind(client, supervisor, late_east).content.decode()
    assert "已提醒左旗 2 人" in page
    assert {line.user for line in InboxLine.objects.all()} == {left, left2}
    event = Event.objects.get(verb="tasks_app.reminder_sent")
    assert event.actor_id == supervisor.pk and event.after["people"] == 2


def test_reminder_goes_once_a_day(client, late_east, left, supervisor, bureau):
    remind(client, supervisor, late_east)
    assert "今天已经提醒过了" in remind(client, bureau, late_east).content.decode()
    assert InboxLine.objects.count() == 1
    assert reminders.send_reminder(late_east, by=bureau, at=NOW + timedelta(days=1)) == 1
    assert InboxLine.objects.count() == 2


def test_reminder_shows_when_it_was_sent_and_seen(client, late_east, left, supervisor):
    remind(client, supervisor, late_east)
    page = page_of(client, supervisor)
    assert "10月13日 10:00 提醒过" in page and "还没看" in page
    assert reverse("dashboard:unit-remind", args=[late_east.pk]) not in page
    InboxLine.objects.update(read_at=NOW)
    assert "看过" in page_of(client, supervisor)


def test_reminder_of_nothing_or_to_nobody_says_so(client, duties, east, west, left, supervisor):
    duties.filter(unit=east).update(met_at=NOW)
    assert "已经没有逾期的了" in remind(client, supervisor, east).content.decode()
    duties.filter(unit=west).update(due_on=TODAY - timedelta(days=2))
    assert "没有填报员" in remind(client, supervisor, west).content.decode()


def test_reminder_leaves_out_what_waits_for_the_league(hand_in, left, duties, east):
    duties.filter(unit=east, period="2025Q3").update(due_on=TODAY - timedelta(days=2))
    before = reminders.overdue(duties, on=TODAY).count()
    hand_in(7, east, left)
    assert reminders.overdue(duties, on=TODAY).count() == before - 1


@pytest.mark.parametrize(
    ("role", "status"), [(Role.OFFICIAL, 403), (Role.SCHOOL, 403), (Role.AUDITOR, 403)]
)
def test_reminder_needs_permission(client, late_east, officer, role, status):
    user = officer(late_east, role)
    assert remind(client, user, late_east).status_code == status
    assert not InboxLine.objects.exists()


def test_reminder_of_a_unit_out_of_scope_does_not_exist(client, late_east, west, officer):
    assert remind(client, officer(west, Role.SUPERVISOR), late_east).status_code == 404


def test_reminder_takes_no_get(client, late_east, supervisor):
    client.force_login(supervisor)
    address = reverse("dashboard:unit-remind", args=[late_east.pk])
    assert client.get(address).status_code == 405


# The union, the administrators, the school -------------------------------------------------------
def test_two_postings_show_both_parts(client, late_east, left, league):
    Posting.objects.create(
        user=left,
        unit=league,
        role=Role.SUPERVISOR,
        valid_from=TODAY,
        confirmed_at=NOW,
    )
    page = page_of(client, left)
    assert "本期还要报" in page and "任务 × 单位" in page and "逾期未报" in page


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_see_counts_and_no_business(client, late_east, left, officer, league, role):
    page = page_of(client, officer(league, role))
    assert "管理工作" in page
    assert "左旗" not in page and "乌日娜" not in page and "控辍保学" not in page


def test_security_administrator_is_told_of_proposals(client, officer, league, east):
    proposed = officer(east)
    Posting.objects.filter(user=proposed).update(confirmed_at=None)
    assert "有 1 件事等着" in page_of(client, officer(league, Role.SECADMIN))


def test_school_owes_nothing_yet(client, duties, officer, east):
    page = page_of(client, officer(east, Role.SCHOOL))
    assert "现在没有要学校报的" in page and "去填" not in page


# Queries -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["left", "bureau", "supervisor"])
def test_home_asks_the_same_number_of_queries_for_ten_and_for_many(
    client,
    request,
    django_assert_num_queries,
    duties,
    hand_in,
    left,
    left2,
    ejina,
    east,
    west,
    role,
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    user = request.getfixturevalue(role)
    hand_in(7, west, ejina)
    hand_in(8, east, left)
    duties.filter(unit=east).update(due_on=TODAY - timedelta(days=2))
    many = duties.filter(unit=east).exclude(progress_reports__isnull=False)
    few = list(many.values_list("pk", flat=True)[10:])
    Duty.objects.filter(pk__in=few).update(met_at=NOW)
    client.force_login(user)
    client.get("/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/")
    Duty.objects.filter(pk__in=few).update(met_at=None)
    with django_assert_num_queries(len(seen)):
        client.get("/")
    assert len(seen) <= 35
