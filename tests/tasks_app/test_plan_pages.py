"""The plan as a whole, a task of it, and the end of a plan."""

from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.models import Event, StoredFile
from registry.models import Duty
from registry.roles import Role
from tasks_app.models import Plan, WorkItem
from tasks_app.services import plans, reports
from tasks_app.services.catalogue import load_plan
from tests.cast import NOW, TODAY

SECOND = Path(__file__).resolve().parent.parent / "data" / "second-plan.toml"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def bureau(officer, league):
    return officer(league, Role.BUREAU, "bureau", "盟局的人")


@pytest.fixture
def supervisor(officer, league):
    return officer(league, Role.SUPERVISOR)


@pytest.fixture
def task(plan):
    return WorkItem.objects.get(plan=plan, no=7)


def page_of(client, user, address):
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer


# The plan ----------------------------------------------------------------------------------------
def test_tasks_leads_to_the_running_plan(client, plan, supervisor):
    client.force_login(supervisor)
    assert client.get("/tasks/").url == plan.get_absolute_url()


def test_without_a_plan_the_page_says_what_to_do(client, units, supervisor):
    page = page_of(client, supervisor, "/tasks/").content.decode()
    assert "还没有装入方案" in page


def test_plan_page_holds_the_whole_plan(client, plan, supervisor):
    page = page_of(client, supervisor, plan.get_absolute_url()).content.decode()
    assert all(section.title_zh in page for section in plan.sections.all())
    assert all(task.title_zh in page for task in plan.work_items.all())
    assert all(safeguard.title_zh in page for safeguard in plan.safeguards.all())
    assert plan.goal_zh in page and "参考值" in page


def test_plan_page_says_the_verdict_first(client, plan, supervisor):
    answer = page_of(client, supervisor, plan.get_absolute_url())
    assert answer.context["verdict"] == "截至2025年10月13日：还没有能判定的任务"


def test_a_task_row_says_how_many_actions_indicators_and_reports(
    client, plan, submitted, supervisor
):
    answer = page_of(client, supervisor, plan.get_absolute_url())
    rows = {r["item"].no: r for s in answer.context["sections"] for r in s["rows"]}
    item = rows[7]["item"]
    assert (item.action_count, item.indicator_count) == (3, 4)
    assert (rows[7]["reported"].count, rows[7]["reported"].due) == (1, 6)
    assert "已报 1 / 6 个单位" in answer.content.decode()


def test_a_draft_is_not_yet_reported(client, plan, fill, duty, supervisor):
    fill(duty)
    answer = page_of(client, supervisor, plan.get_absolute_url())
    rows = {r["item"].no: r for s in answer.context["sections"] for r in s["rows"]}
    assert rows[7]["reported"].count == 0


def test_with_two_plans_each_names_the_other(client, plan, supervisor):
    second = load_plan(SECOND)[0]
    for one, other in ((plan, second), (second, plan)):
        page = page_of(client, supervisor, one.get_absolute_url()).content.decode()
        assert other.get_absolute_url() in page
    assert plan.title_zh in page_of(client, supervisor, "/tasks/?all=1").content.decode()


def test_the_second_plans_tasks_stay_out_of_the_first(client, plan, supervisor):
    load_plan(SECOND)
    page = page_of(client, supervisor, plan.get_absolute_url()).content.decode()
    assert "试验任务一" not in page


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_the_administrators_see_no_plan(client, plan, officer, league, role):
    client.force_login(officer(league, role))
    assert client.get("/tasks/").status_code == 403
    assert client.get(plan.get_absolute_url()).status_code == 403


def test_a_plan_that_does_not_exist_is_404(client, plan, supervisor):
    client.force_login(supervisor)
    assert client.get(reverse("tasks_app:plan-detail", args=[9999])).status_code == 404


def test_the_official_document_stands_with_its_source(client, plan, bureau, supervisor):
    client.force_login(bureau)
    upload = {
        "subject": "tasks_app.plan",
        "pk": plan.pk,
        "purpose": "official",
        "file": SimpleUploadedFile("实施方案.pdf", PDF),
    }
    assert client.post(reverse("common:file-upload"), upload).status_code == 302
    page = page_of(client, supervisor, plan.get_absolute_url()).content.decode()
    assert "实施方案.pdf" in page and "来源：阿拉善盟教育体育局，2021年11月25日 发布" in page
    assert StoredFile.objects.get().get_absolute_url() in page
    assert 'type="file"' not in page  # only the bureau may attach


def test_only_the_bureau_attaches_the_document(client, plan, supervisor):
    client.force_login(supervisor)
    upload = {
        "subject": "tasks_app.plan",
        "pk": plan.pk,
        "purpose": "official",
        "file": SimpleUploadedFile("别的.pdf", PDF),
    }
    assert client.post(reverse("common:file-upload"), upload).status_code == 403


# A task ------------------------------------------------------------------------------------------
def test_task_page_marks_actions_as_our_summary(client, task, supervisor):
    page = page_of(client, supervisor, task.get_absolute_url()).content.decode()
    assert "摘要，不是方案原文" in page
    assert all(action.text_zh in page for action in task.actions.all())


def test_task_page_names_offices_indicators_and_neighbours(client, task, supervisor):
    answer = page_of(client, supervisor, task.get_absolute_url())
    page = answer.content.decode()
    assert str(task.lead_office) in page
    assert all(indicator.name_zh in page for indicator in task.indicators.all())
    around = answer.context["neighbours"]
    assert (around["previous"].no, around["next"].no) == (6, 8)


def test_a_reference_value_is_never_shown_as_a_target(client, plan, supervisor):
    task = WorkItem.objects.get(plan=plan, no=9)
    answer = page_of(client, supervisor, task.get_absolute_url())
    page = answer.content.decode()
    row = next(r for r in answer.context["rows"] if r["indicator"].code == "T09-02")
    assert row["n"].aim is None and row["n"].status in ("none", "unset")
    assert '<span class="ax-ref">参考值</span>' in page and "目标待定" in page


def test_a_units_report_opens_in_scope_only(client, task, submitted, supervisor, officer, west):
    link = submitted.get_absolute_url()
    page = page_of(client, supervisor, task.get_absolute_url()).content.decode()
    assert link in page and submitted.done in page
    page = page_of(client, officer(west), task.get_absolute_url()).content.decode()
    assert link not in page and submitted.done not in page
    assert "已提交" in page  # its state is shared


def test_a_strangers_draft_and_return_look_like_not_yet(
    client, task, submitted, reviewer, officer, west, supervisor
):
    reports.return_report(
        submitted, by=reviewer, at=NOW, seen=submitted.draft_version, note="补一个数"
    )
    page = page_of(client, officer(west), task.get_absolute_url()).content.decode()
    assert "退回" not in page and "补一个数" not in page


def test_who_reports_stands_beside_what_is_missing_in_scope(
    client, task, duties, filler, supervisor, officer, west
):
    filler.phone = "0483-7654321"
    filler.save()
    page = page_of(client, supervisor, task.get_absolute_url()).content.decode()
    assert "填报人 0483-7654321" in page
    page = page_of(client, officer(west), task.get_absolute_url()).content.decode()
    assert "0483-7654321" not in page


# The end of a plan -------------------------------------------------------------------------------
@pytest.fixture
def future(plan, east):
    """A duty of a period that ends after today."""
    return Duty.objects.create(
        code="tasks.07",
        unit=east,
        period="2025Q4",
        period_kind="QUARTER",
        period_end=date(2025, 12, 31),
        due_on=date(2026, 1, 16),
    )


def test_closing_asks_first_and_says_what_falls_away(client, plan, bureau, future):
    page = page_of(client, bureau, reverse("tasks_app:plan-close", args=[plan.pk]))
    assert "1 项填报任务随之取消" in page.content.decode()
    assert Plan.objects.get().closed_on is None


def test_closing_ends_the_plan_and_is_one_event(client, plan, bureau, future, duty):
    client.force_login(bureau)
    client.post(reverse("tasks_app:plan-close", args=[plan.pk]))
    plan.refresh_from_db()
    future.refresh_from_db()
    duty.refresh_from_db()
    assert plan.closed_on == TODAY
    assert future.waived_at and not duty.waived_at  # what had ended is still owed
    assert Event.objects.filter(verb="tasks_app.plan_closed").count() == 1


def test_reopening_gives_back_what_fell_away(client, plan, bureau, future):
    plans.close_plan(plan, by=bureau, on=TODAY, at=NOW)
    page = page_of(client, bureau, plan.get_absolute_url()).content.decode()
    assert "撤销结束" in page
    client.post(reverse("tasks_app:plan-reopen", args=[plan.pk]))
    plan.refresh_from_db()
    future.refresh_from_db()
    assert plan.closed_on is None and future.waived_at is None
    assert Event.objects.filter(verb="tasks_app.plan_reopened").count() == 1


def test_a_second_click_closes_once(plan, bureau):
    plans.close_plan(plan, by=bureau, on=TODAY, at=NOW)
    with pytest.raises(plans.AlreadyClosed):
        plans.close_plan(plan, by=bureau, on=TODAY, at=NOW)


def test_a_running_plan_cannot_be_reopened(plan, bureau):
    with pytest.raises(plans.NotClosed):
        plans.reopen_plan(plan, by=bureau)


def test_a_closed_plan_stays_reachable(client, plan, bureau, supervisor):
    plans.close_plan(plan, by=bureau, on=TODAY, at=NOW)
    page = page_of(client, supervisor, "/tasks/").content.decode()
    assert plan.get_absolute_url() in page and "没有正在执行的方案" in page
    page = page_of(client, supervisor, plan.get_absolute_url()).content.decode()
    assert "方案已于 2025年10月13日 结束" in page and "撤销结束" not in page


def test_only_the_bureau_ends_a_plan(client, plan, supervisor):
    client.force_login(supervisor)
    assert client.post(reverse("tasks_app:plan-close", args=[plan.pk])).status_code == 403
    assert client.post(reverse("tasks_app:plan-reopen", args=[plan.pk])).status_code == 403


def test_reopening_is_a_post(client, plan, bureau):
    client.force_login(bureau)
    assert client.get(reverse("tasks_app:plan-reopen", args=[plan.pk])).status_code == 405


# Query counts ------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["plan", "task"])
def test_pages_ask_the_same_few_questions_however_many_values(
    client, plan, task, supervisor, many_observations, django_assert_num_queries, page
):
    address = {"plan": plan, "task": task}[page].get_absolute_url()
    client.force_login(supervisor)
    client.get(address)
    for years in ([], [2025], [2021, 2022, 2023, 2024]):
        many_observations(years)
        with django_assert_num_queries(14):
            client.get(address)
