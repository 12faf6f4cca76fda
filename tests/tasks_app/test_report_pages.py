"""The pages of a report: who opens them, what they answer, what they never show."""

import json
from datetime import date

import pytest
from django.urls import reverse

from common.models import Event
from registry.models import Duty, Posting
from registry.roles import Role
from tasks_app.models import Indicator, ProgressReport
from tasks_app.services import numbers, reports
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY

S = ProgressReport.State


@pytest.fixture(autouse=True)
def thirteenth_of_october(clock_at):
    clock_at(TODAY)


def address(name, pk):
    return reverse(f"tasks_app:{name}", args=[pk])


# The form ----------------------------------------------------------------------------------------
def test_duty_shows_the_form_and_writes_nothing(client, duty, filler):
    client.force_login(filler)
    page = client.get(address("duty-detail", duty.pk))
    assert page.status_code == 200
    assert "专场招聘会场次" in page.content.decode()
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.OFFICIAL, "banner-zuoqi", 200),
        (Role.OFFICIAL, "banner-ejina", 404),
        (Role.BUREAU, "league", 200),
        (Role.SUPERVISOR, "league", 200),
        (Role.SCHOOL, "banner-zuoqi", 403),
        (Role.SYSADMIN, "league", 403),
        (Role.SECADMIN, "league", 403),
        (Role.AUDITOR, "league", 403),
    ],
)
def test_duty_opens_for_its_own_scope_only(client, duty, officer, units, role, unit, status):
    client.force_login(officer(units[unit], role))
    assert client.get(address("duty-detail", duty.pk)).status_code == status


def test_duty_not_yet_reported_names_who_reports(client, duty, filler, reviewer):
    filler.phone = "0483-1234567"
    filler.save()
    client.force_login(reviewer)
    page = client.get(address("duty-detail", duty.pk)).content.decode()
    assert "填报人" in page and "0483-1234567" in page


def test_draft_of_a_unit_is_not_shown_to_the_league(client, duty, fill, reviewer):
    fill(duty, done="还没想好的话")
    client.force_login(reviewer)
    page = client.get(address("duty-detail", duty.pk)).content.decode()
    assert "还没想好的话" not in page


def test_save_answers_with_version_questions_and_faults(client, duty, filler):
    indicator = Indicator.objects.get(code="T07-04")
    client.force_login(filler)
    reply = client.post(
        address("draft-save", duty.pk),
        {"base": "0", numbers.field_name(indicator, "num"): "八"},
    )
    told = json.loads(reply.content)
    assert told["version"] == 1
    row = next(row for row in told["rows"] if row["pk"] == indicator.pk)
    assert list(row["faults"]) == [numbers.field_name(indicator, "num")]


def test_save_tells_the_second_writer(client, duty, filler, checker):
    client.force_login(filler)
    client.post(address("draft-save", duty.pk), {"base": "0", "done": "甲"})
    client.force_login(checker)
    told = client.post(address("draft-save", duty.pk), {"base": "0", "done": "乙"}).json()
    assert [(c["mine"], c["theirs"]) for c in told["conflicts"]] == [("乙", "甲")]
    assert told["by"] == "填报人"


def test_submit_with_faults_keeps_what_was_typed(client, duty, filler):
    indicator = Indicator.objects.get(code="T07-04")
    client.force_login(filler)
    page = client.post(
        address("report-submit", duty.pk),
        {"base": "0", "done": "写了一半", numbers.field_name(indicator, "num"): "八场"},
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "写了一半" in text and "八场" in text and "这里要填数字" in text


def test_submit_lays_a_conflict_beside_and_then_takes_mine(client, duty, filler, checker, fill):
    fill(duty)
    client.force_login(checker)
    data = {
        "base": "0",
        "done": "复核人改的话",
        "self_assessment": "ON_PLAN",
        numbers.field_name(Indicator.objects.get(code="T07-04"), "num"): "8",
    }
    page = client.post(address("report-submit", duty.pk), data)
    assert page.status_code == 422
    assert "办了两场招聘会。" in page.content.decode()
    version = ProgressReport.objects.get().draft_version
    client.post(address("report-submit", duty.pk), data | {"base": str(version)})
    assert ProgressReport.objects.get().done == "复核人改的话"


def test_submit_a_second_time_says_so(client, submitted, duty, filler):
    client.force_login(filler)
    page = client.post(address("report-submit", duty.pk), {"base": "1"}, follow=True)
    assert "已经提交过了" in page.content.decode()
    assert ProgressReport.objects.count() == 1


def test_submit_before_the_period_ends_keeps_the_draft(client, duties, east, filler):
    duty = duties.get(code="tasks.07", unit=east, period="2025Q4")
    client.force_login(filler)
    page = client.post(
        address("report-submit", duty.pk), {"base": "0", "done": "先写着"}, follow=True
    )
    assert "期末之后再提交" in page.content.decode()
    assert ProgressReport.objects.get().draft["done"] == "先写着"


@pytest.mark.parametrize("base", ["", "x", "-1", "99999999999999999999"])
def test_save_with_a_broken_version_never_overwrites(client, duty, filler, fill, base):
    fill(duty)
    client.force_login(filler)
    client.post(address("draft-save", duty.pk), {"base": base, "done": "别的话"})
    assert ProgressReport.objects.get().draft["done"] == "办了两场招聘会。"


def test_neighbours_duty_cannot_be_saved_or_submitted(client, duty, officer, west):
    client.force_login(officer(west))
    for name in ("draft-save", "report-submit"):
        assert client.post(address(name, duty.pk), {"base": "0"}).status_code == 404
    assert not ProgressReport.objects.exists()


def test_league_cannot_fill_in_for_a_banner(client, duty, reviewer):
    client.force_login(reviewer)
    assert client.post(address("draft-save", duty.pk), {"base": "0"}).status_code == 404


# Deciding ----------------------------------------------------------------------------------------
def decide(client, report, name, **data):
    return client.post(
        address(name, report.pk), {"seen": str(report.draft_version)} | data, follow=True
    )


def test_league_sends_back_with_a_note_at_a_field_and_then_approves(
    client, submitted, duty, filler, reviewer
):
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    client.force_login(reviewer)
    decide(client, submitted, "report-return", **{f"note-{name}": "请核对场次"})
    client.force_login(filler)
    form = client.get(address("duty-detail", duty.pk)).content.decode()
    assert "请核对场次" in form and "退回修改" in form
    submitted.refresh_from_db()
    client.post(address("report-submit", duty.pk), {"base": str(submitted.draft_version)})
    submitted.refresh_from_db()
    client.force_login(reviewer)
    page = decide(client, submitted, "report-approve").content.decode()
    submitted.refresh_from_db()
    assert submitted.state == S.APPROVED and "已冻结" in page


def test_return_without_a_word_keeps_the_page_and_says_so(client, submitted, reviewer):
    client.force_login(reviewer)
    page = decide(client, submitted, "report-return")
    assert page.status_code == 422 and "退回要写意见" in page.content.decode()


def test_own_report_is_refused_in_words(client, fill, duties, league, officer):
    bureau = officer(league, Role.BUREAU)
    open_progress_duties(since=date(2024, 1, 1), on=TODAY)
    office = Duty.objects.owed_by(bureau, "tasks_app.fill_progressreport").get(
        code="tasks.08", period="2024"
    )
    report = reports.submit_report(fill(office, by=bureau), by=bureau, at=NOW)
    client.force_login(bureau)
    page = decide(client, report, "report-approve").content.decode()
    report.refresh_from_db()
    assert report.state == S.SUBMITTED and "自己提交的不能自己通过" in page
    assert Event.objects.filter(verb="tasks_app.decision_refused", outcome="REFUSED").count() == 1


def test_stale_page_is_told_and_nothing_happens(client, submitted, reviewer):
    client.force_login(reviewer)
    page = client.post(address("report-approve", submitted.pk), {"seen": "0"}, follow=True)
    submitted.refresh_from_db()
    assert submitted.state == S.SUBMITTED and "打开之后变了" in page.content.decode()


@pytest.mark.parametrize("name", ["report-check", "report-return", "report-approve"])
def test_decisions_of_strangers_find_nothing(client, submitted, officer, west, name):
    client.force_login(officer(west))
    status = client.post(address(name, submitted.pk), {"seen": "1"}).status_code
    assert status in (403, 404)
    submitted.refresh_from_db()
    assert submitted.state == S.SUBMITTED


@pytest.mark.parametrize(
    "name", ["draft-save", "report-check", "report-approve", "duty-waive", "duty-restore"]
)
def test_deeds_refuse_get(client, submitted, duty, officer, east, name):
    both = officer(east)
    Posting.objects.create(
        user=both, unit=duty.unit, role=Role.BUREAU, valid_from=TODAY, confirmed_at=NOW
    )
    client.force_login(both)
    assert client.get(address(name, submitted.pk)).status_code == 405


def test_correction_asks_for_a_reason(client, submitted, reviewer, filler):
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    client.force_login(filler)
    where = address("report-correct", submitted.pk)
    assert client.get(where).status_code == 200
    assert client.post(where, {"reason": "OTHER"}).status_code == 422
    client.post(where, {"reason": "MISCOUNT", "note": "多算一场"})
    assert ProgressReport.objects.filter(corrects=submitted).count() == 1


def test_both_versions_stay_visible(client, submitted, reviewer, filler):
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    name = numbers.field_name(Indicator.objects.get(code="T07-04"), "num")
    new = reports.start_correction(submitted, by=filler, at=NOW, reason="MISCOUNT", note="")
    reports.save_draft(new, by=filler, base_version=new.draft_version, data={name: "7"}, at=NOW)
    new = reports.submit_report(new, by=filler, at=NOW)
    reports.approve_report(new, by=reviewer, at=NOW, seen=new.draft_version)
    client.force_login(reviewer)
    page = client.get(new.get_absolute_url()).content.decode()
    assert "ax-old" in page and "7 场" in page and "8 场" in page
    assert client.get(submitted.get_absolute_url()).status_code == 200


# Waiving -----------------------------------------------------------------------------------------
def test_waiving_asks_for_a_reason_and_can_be_taken_back(client, duty, reviewer, filler):
    client.force_login(reviewer)
    client.post(address("duty-waive", duty.pk), {"reason": ""})
    duty.refresh_from_db()
    assert duty.waived_at is None
    client.post(address("duty-waive", duty.pk), {"reason": "没有下达计划"})
    assert not Duty.objects.open().filter(pk=duty.pk).exists()
    client.force_login(filler)
    assert "没有下达计划" in client.get(address("duty-detail", duty.pk)).content.decode()
    client.force_login(reviewer)
    client.post(address("duty-restore", duty.pk))
    assert Duty.objects.open().filter(pk=duty.pk).exists()


def test_waiving_waits_for_the_decision_on_a_report(client, submitted, duty, reviewer):
    client.force_login(reviewer)
    page = client.post(address("duty-waive", duty.pk), {"reason": "没有下达计划"}, follow=True)
    duty.refresh_from_db()
    assert duty.waived_at is None and "正等着审核" in page.content.decode()


@pytest.mark.parametrize("name", ["duty-waive", "duty-restore"])
def test_waiving_is_the_leagues(client, duty, filler, name):
    client.force_login(filler)
    assert client.post(address(name, duty.pk), {"reason": "不想报"}).status_code == 403


# The list ----------------------------------------------------------------------------------------
def test_list_shows_only_the_users_own_units(client, duties, officer, east, west, league):
    client.force_login(officer(west))
    page = client.get(reverse("tasks_app:report-list")).content.decode()
    assert "额济纳旗" in page and "阿拉善左旗" not in page


def test_list_filters_by_what_is_overdue(client, duties, filler):
    client.force_login(filler)
    page = client.get(reverse("tasks_app:report-list"), {"state": "OVERDUE"})
    table = page.context["table"]
    assert table.rows and all(row.record.due_on < TODAY for row in table.rows)


@pytest.mark.parametrize("query", [{"sort": "nonsense"}, {"page": "x"}, {"unit": "x"}, {"q": "%"}])
def test_list_survives_a_broken_address(client, duties, filler, query):
    client.force_login(filler)
    assert client.get(reverse("tasks_app:report-list"), query).status_code == 200


@pytest.mark.parametrize("many", [10, 10_000])
def test_list_costs_the_same_for_ten_and_for_ten_thousand(
    client, plan, officer, east, django_assert_num_queries, many
):
    Duty.objects.bulk_create(
        Duty(
            code=f"tasks.{1 + n % 15:02}",
            unit=east,
            period=f"{2000 + n // 15 // 12 % 100:04}-{1 + n // 15 % 12:02}",
            period_kind="MONTH",
            period_end=date(2025, 6, 30),
            due_on=date(2025, 7, 7),
        )
        for n in range(many)
    )
    client.force_login(officer(east))
    client.get(reverse("tasks_app:report-list"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("tasks_app:report-list"))


LIST_QUERIES = 10


# Queries of the pages ----------------------------------------------------------------------------
# The figures of dropout control that the first task asks for are worked out together.
@pytest.mark.parametrize("code, most", [("tasks.01", 24), ("tasks.05", 24), ("tasks.07", 24)])
def test_form_costs_the_same_for_one_indicator_and_for_three(
    client, duties, east, filler, django_assert_max_num_queries, code, most
):
    period = {"tasks.01": "2025-09", "tasks.05": "2024/25-2", "tasks.07": "2025Q3"}[code]
    duty = duties.get(code=code, unit=east, period=period)
    client.force_login(filler)
    with django_assert_max_num_queries(most):
        client.get(address("duty-detail", duty.pk))
