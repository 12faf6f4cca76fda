"""The matrix: who has reported and where each task stands, for every business role."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from common.models import Event
from common.periods import Period
from dashboard.queries.matrix import asked_period, build_matrix
from registry.models import Duty, Unit
from registry.roles import Role
from tasks_app.models import Indicator, Observation, ProgressReport, Target
from tests.cast import NOW, TODAY

S = ProgressReport.State
ADDRESS = "/overview/reporting/"
Q3 = Period.parse("2025Q3")


def cell_of(matrix, task, unit):
    row = next(row for row in matrix.rows if row.item.no == task)
    return next(cell for cell in row.cells if cell.unit == unit)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.BUREAU, 200),
        (Role.SUPERVISOR, 200),
        (Role.OFFICIAL, 200),
        (Role.SCHOOL, 200),
        (Role.SYSADMIN, 403),
        (Role.SECADMIN, 403),
        (Role.AUDITOR, 403),
    ],
)
def test_overview_is_for_every_business_role(client, duties, officer, league, role, status):
    client.force_login(officer(league, role))
    assert client.get(ADDRESS).status_code == status


def test_overview_needs_login_and_takes_no_post(client, supervisor):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(supervisor)
    assert client.post(ADDRESS).status_code == 405


# What a cell says --------------------------------------------------------------------------------
def test_cell_tells_reported_waiting_and_late_apart(
    hand_in, duties, left, ejina, bureau, supervisor, east, west
):
    hand_in(7, east, left, S.APPROVED, decider=bureau)
    hand_in(7, west, ejina)
    duties.filter(code="tasks.08", unit=east).update(due_on=TODAY - timedelta(days=1))
    matrix = build_matrix(supervisor, Q3, today=TODAY)
    assert cell_of(matrix, 7, east).state == "passed"
    assert cell_of(matrix, 7, west).state == "wait"
    assert cell_of(matrix, 8, east).state == "late"
    assert cell_of(matrix, 8, east).value == "0/1"


def test_blank_is_not_zero_and_not_applicable_is_neither(duties, supervisor, east, west):
    duties.filter(code="tasks.07", unit=west).update(waived_at=NOW, waived_reason="无此项")
    matrix = build_matrix(supervisor, Q3, today=TODAY)
    blank, waived = cell_of(matrix, 7, east), cell_of(matrix, 7, west)
    assert (blank.state, blank.value, blank.word) == ("none", "", "未报")
    assert (waived.state, waived.value, waived.word) == ("na", "", "不适用")


def test_zero_is_shown_as_zero_and_no_case_as_a_word(plan, duties, supervisor, units, settle):
    def observe(code, **values):
        indicator = Indicator.objects.get(code=code)
        for unit in Unit.objects.filter(reports_education=True):
            Observation.objects.create(
                indicator=indicator,
                unit=unit,
                period="2025-09",
                period_end=Period.parse("2025-09").end,
                report=ProgressReport.objects.first(),
                source="x",
                entered_by=supervisor,
                approved_by=other,
                approved_at=NOW,
                **values,
            )
        settle(indicator)

    other = type(supervisor).objects.create_user("other", "Alxa-demo-2025", name="某人")
    duty = duties.get(code="tasks.01", unit=units["banner-zuoqi"], period="2025Q3")
    item = Indicator.objects.get(code="T01-01").work_item
    ProgressReport.objects.create(duty=duty, work_item=item)
    observe("T01-01", numerator=0)
    observe("T06-02", state="NO_CASE", numerator=0, denominator=0)
    rows = {row.item.no: row for row in build_matrix(supervisor, Q3, today=TODAY).rows}
    assert (rows[1].task.status, rows[1].task.face.total.text) == ("ok", "0")
    assert rows[6].task.face.total.text == "" and rows[6].task.face.total.status == "nocase"
    assert rows[7].task.face.total.text == "" and rows[7].task.face.total.status == "none"


def test_quarter_holds_the_months_terms_and_years_that_end_in_it(duties, supervisor, east):
    cell = cell_of(build_matrix(supervisor, Q3, today=TODAY), 1, east)
    # the quarter, three months, the spring term and the school year
    assert cell.owed == 6
    assert (
        cell.owed
        == duties.filter(code="tasks.01", unit=east, period_end__range=(Q3.start, Q3.end)).count()
    )


def test_drafts_and_returns_of_a_unit_count_as_not_in(
    hand_in, left, ejina, bureau, supervisor, east, west
):
    hand_in(7, east, left, S.DRAFT)
    hand_in(7, west, ejina, S.RETURNED, decider=bureau)
    matrix = build_matrix(supervisor, Q3, today=TODAY)
    assert cell_of(matrix, 7, east).handed_in == 0
    assert cell_of(matrix, 7, west).handed_in == 0


def test_office_duties_are_counted_beside_the_units(plan, duties, supervisor):
    matrix = build_matrix(supervisor, Period.parse("2025Q4"), today=TODAY)
    row = next(row for row in matrix.rows if row.item.no == 8)
    assert row.offices.owed and row.owed == row.offices.owed + sum(c.owed for c in row.cells)


# Who sees what -----------------------------------------------------------------------------------
def test_official_sees_all_states_and_no_way_into_a_neighbours_duties(
    client, hand_in, left, ejina, east, west
):
    hand_in(7, west, ejina)
    matrix = build_matrix(left, Q3, today=TODAY)
    assert cell_of(matrix, 7, west).state == "wait"
    assert cell_of(matrix, 7, west).address == "" and cell_of(matrix, 7, east).address
    client.force_login(left)
    page = client.get(ADDRESS).content.decode()
    assert "本季办了两场" not in page and "巴图" not in page
    assert f"unit={west.pk}" not in page and f"unit={east.pk}" in page


def test_small_counts_of_people_are_hidden_from_who_does_not_cover_the_league(
    duties, left, supervisor, bureau, units, settle
):
    indicator = Indicator.objects.get(code="T15-02")
    assert indicator.counts_people
    duty = duties.get(code="tasks.15", unit=units["banner-zuoqi"], period="2025Q3")
    report = ProgressReport.objects.create(duty=duty, work_item=indicator.work_item)
    Observation.objects.create(
        indicator=indicator,
        unit=units["banner-zuoqi"],
        period="2024",
        period_end=Period.parse("2024").end,
        numerator=3,
        report=report,
        source="x",
        entered_by=left,
        approved_by=bureau,
        approved_at=timezone.now(),
    )
    settle(indicator)

    def text(user):
        rows = build_matrix(user, Q3, today=TODAY).rows
        return next(row.task.face.total.text for row in rows if row.item.no == 15)

    assert text(supervisor) == "3"
    assert text(left) == "<5"


# First status ------------------------------------------------------------------------------------
def test_task_without_a_target_is_not_judged_and_demo_targets_say_so(
    client, hand_in, left, bureau, supervisor, league, east, settle
):
    hand_in(7, east, left, S.APPROVED, decider=bureau)
    rows = {row.item.no: row for row in build_matrix(supervisor, Q3, today=TODAY).rows}
    assert rows[7].task.status == "unset" and rows[7].task.face.total.is_provisional
    Target.objects.create(
        indicator=Indicator.objects.get(code="T07-04"),
        unit=league,
        year=2025,
        value=12,
        ground=Target.Ground.DEMO,
        source="演示数据",
        set_at=NOW,
    )
    settle(Indicator.objects.get(code="T07-04"))
    client.force_login(supervisor)
    page = client.get(ADDRESS).content.decode()
    assert "目标 12（演示数据）" in page


# Period and export -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (None, "2025Q3"),
        ("2025Q2", "2025Q2"),
        ("2025", "2025Q3"),
        ("2025Q9", "2025Q3"),
        ("'; drop", "2025Q3"),
    ],
)
def test_period_comes_from_the_address_or_is_the_latest_quarter(asked, code):
    assert asked_period(asked, TODAY).code == code


def test_overview_switches_the_period(client, duties, supervisor):
    client.force_login(supervisor)
    page = client.get(ADDRESS, {"period": "2025Q2"}).content.decode()
    assert "2025年第二季度的季报" in page


def test_export_holds_the_matrix_in_words_and_leaves_an_event(
    client, hand_in, left, bureau, supervisor, east
):
    hand_in(7, east, left, S.APPROVED, decider=bureau)
    client.force_login(supervisor)
    response = client.get(ADDRESS, {"period": "2025Q3", "export": "xlsx"})
    rows = list(load_workbook(BytesIO(response.content)).active.values)
    head, seventh = rows[1], next(row for row in rows[2:] if row[0] == "07")
    assert seventh[head.index("左旗")] == "已通过，已报 1，应报 1"
    assert seventh[head.index("右旗")] == "未报"
    assert Event.objects.filter(verb="common.list_exported").count() == 1
    assert client.get(ADDRESS, {"export": "csv"})["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("role", ["left", "supervisor"])
def test_overview_asks_the_same_number_of_queries_for_few_and_many(
    client, request, django_assert_num_queries, duties, role, east, ejina
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(request.getfixturevalue(role))
    duties.filter(unit=east).update(due_on=TODAY - timedelta(days=1))
    kept = list(duties.values_list("pk", flat=True)[:10])
    Duty.objects.exclude(pk__in=kept).update(waived_at=NOW, waived_reason="x")
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as seen:
        client.get(ADDRESS)
    Duty.objects.update(waived_at=None, waived_reason="")
    with django_assert_num_queries(len(seen)):
        client.get(ADDRESS)
    assert len(seen) <= 30


def test_reminder_from_the_overview_comes_back_to_it(client, duties, supervisor, east):
    client.force_login(supervisor)
    address = reverse("dashboard:unit-remind", args=[east.pk])
    assert client.post(address, {"from": "reporting"}).url == ADDRESS
