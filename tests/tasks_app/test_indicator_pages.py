"""The list of indicators, and one with its rules, targets and values."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from common.figures import State
from common.models import Event
from common.periods import Period
from registry.models import Unit
from registry.roles import Role
from tasks_app.models import HistoryBatch, Indicator, Observation
from tasks_app.models.values import ChangeReason
from tasks_app.services import series, targets
from tasks_app.services.catalogue import load_plan
from tests.cast import NOW, TODAY

SECOND = Path(__file__).resolve().parent.parent / "data" / "second-plan.toml"


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def supervisor(officer, league):
    return officer(league, Role.SUPERVISOR)


@pytest.fixture
def people(plan):
    """A yearly count of people: students of the village programme."""
    return Indicator.objects.get(code="T13-01")


@pytest.fixture
def rate(plan):
    """A yearly rate that does not count people: classrooms with screens."""
    return Indicator.objects.get(code="T03-02")


@pytest.fixture
def observe(plan, filler, reviewer, settle):
    """observe(indicator, unit, period, numerator, denominator, state) -> an approved value."""
    batch = HistoryBatch.objects.create(
        title="往年", source="年鉴", submitted_by=filler, submitted_at=NOW
    )

    def make(indicator, unit, period, numerator=None, denominator=None, state=State.REPORTED):
        row = Observation.objects.create(
            indicator=indicator,
            unit=unit,
            period=period,
            period_end=Period.parse(period).end,
            state=state,
            numerator=numerator,
            denominator=denominator,
            batch=batch,
            source="年鉴第三章",
            entered_by=filler,
            approved_by=reviewer,
            approved_at=NOW,
        )
        settle(indicator)
        return row

    return make


@pytest.fixture
def six(plan):
    """The units that report, in their order."""
    return list(Unit.objects.reporting(TODAY))


def page_of(client, user, thing):
    client.force_login(user)
    answer = client.get(thing if isinstance(thing, str) else thing.get_absolute_url())
    assert answer.status_code == 200
    return answer


def line_of(answer, period):
    return next(r["line"] for r in answer.context["rows"] if r["line"].period.code == period)


def text(answer):
    return " ".join(answer.content.decode().split())


# The list ----------------------------------------------------------------------------------------
def test_list_counts_what_it_shows(client, plan, supervisor):
    assert "指标 64 项" in text(page_of(client, supervisor, "/indicators/"))


@pytest.mark.parametrize(
    "query, count",
    [
        ("?q=T13", 3),
        ("?frequency=MONTH", 5),
        ("?stated=STATED", 2),
        ("?target=TARGET", 2),
        ("?q=没有这样的指标", 0),
    ],
)
def test_list_is_narrowed(client, plan, supervisor, query, count):
    answer = page_of(client, supervisor, "/indicators/" + query)
    assert answer.context["table"].page.paginator.count == count


def test_reference_and_target_are_told_apart_in_the_filter(client, plan, supervisor):
    counts = [
        page_of(client, supervisor, f"/indicators/?target={kind}").context["table"].rows
        for kind in ("TARGET", "REFERENCE", "NONE")
    ]
    assert sum(len(rows) for rows in counts) == 64
    assert all(row.record.reference for row in counts[1])


def test_list_holds_running_plans_unless_another_is_asked_for(client, plan, supervisor):
    second = load_plan(SECOND)[0]
    second.closed_on = TODAY
    second.save()
    page = text(page_of(client, supervisor, "/indicators/"))
    assert "指标 64 项" in page and "执行中的" in page
    page = text(page_of(client, supervisor, f"/indicators/?plan={second.pk}"))
    assert "指标 2 项" in page and "试验人数" in page


def test_list_to_htmx_is_still_a_page_part(client, plan, supervisor):
    client.force_login(supervisor)
    answer = client.get("/indicators/?q=T13", headers={"HX-Request": "true"})
    assert 'id="list"' in answer.content.decode() and "HX-Request" in answer["Vary"]


def test_list_exports_exactly_what_is_filtered(client, plan, supervisor):
    client.force_login(supervisor)
    answer = client.get("/indicators/?q=T13&export=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len([row for row in rows if row and row[0].startswith("T13-")]) == 3
    assert Event.objects.filter(verb="common.list_exported").count() == 1


def test_list_of_another_role(client, plan, officer, league):
    client.force_login(officer(league, Role.AUDITOR))
    assert client.get("/indicators/").status_code == 403


# One indicator -----------------------------------------------------------------------------------
def test_page_shows_how_the_number_is_formed(client, rate, supervisor):
    page = text(page_of(client, supervisor, rate))
    for words in (
        rate.numerator,
        rate.denominator,
        rate.get_direction_display(),
        rate.get_frequency_display(),
        rate.get_aggregation_display(),
        rate.get_over_time_display(),
        rate.quote,
    ):
        assert str(words) in page


def test_page_marks_what_the_bureau_must_confirm(client, plan, supervisor):
    indicator = Indicator.objects.exclude(to_confirm="").first()
    page = text(page_of(client, supervisor, indicator))
    assert "待盟局确认" in page and indicator.to_confirm in page


def test_the_leagues_rate_is_the_ratio_of_sums(client, rate, supervisor, observe, east, west):
    observe(rate, east, "2024", 1, 1)
    observe(rate, west, "2024", 50, 99)
    answer = page_of(client, supervisor, rate)
    total = line_of(answer, "2024").total
    assert (total.value, total.reported, total.due) == (51, 2, 6)
    assert total.is_provisional
    assert "51.00%" in text(answer) and "2 / 6 个单位" in text(answer)


def test_blank_zero_not_applicable_and_no_case_are_four_things(
    client, rate, supervisor, observe, six
):
    observe(rate, six[0], "2024", 0, 40)
    observe(rate, six[1], "2024", state=State.NOT_APPLICABLE)
    observe(rate, six[2], "2024", 0, 0, State.NO_CASE)
    observe(rate, six[3], "2024", state=State.NOT_REPORTED)
    answer = page_of(client, supervisor, rate)
    numbers = line_of(answer, "2024").numbers
    states = [numbers[unit.pk].state for unit in six[:5]]
    assert states == [
        State.REPORTED,
        State.NOT_APPLICABLE,
        State.NO_CASE,
        State.NOT_REPORTED,
        State.NOT_REPORTED,
    ]
    page = text(answer)
    assert all(word in page for word in ("0.00%", "不适用", "无个案", "未报"))


def test_league_only_is_the_offices_value(client, plan, supervisor, observe):
    indicator = Indicator.objects.get(code="T15-03")
    observe(indicator, indicator.work_item.lead_office, "2024", 7)
    line = line_of(page_of(client, supervisor, indicator), "2024")
    assert (line.total.value, line.total.due, line.numbers) == (7, 1, {})


def test_a_correction_shows_the_old_value_struck_through(client, rate, supervisor, observe, east):
    old = observe(rate, east, "2024", 30, 40)
    old.superseded_at = NOW
    old.save()
    observe(rate, east, "2024", 36, 40)
    page = text(page_of(client, supervisor, rate))
    assert '<del class="ax-old">75.00%</del>' in page and "90.00%" in page


def test_a_number_opens_to_where_it_came_from(client, rate, supervisor, observe, east):
    row = observe(rate, east, "2024", 36, 40)
    page = text(page_of(client, supervisor, rate))
    assert reverse("tasks_app:observation-detail", args=[row.pk]) in page


def test_values_are_shared_with_every_business_role(client, rate, observe, east, west, officer):
    observe(rate, east, "2024", 36, 40)
    assert "90.00%" in text(page_of(client, officer(west), rate))
    assert "90.00%" in text(page_of(client, officer(west, Role.SCHOOL), rate))


def test_few_people_are_not_shown_to_strangers(client, people, observe, six, officer, supervisor):
    for unit, count in zip(six, (3, 20, 30, 12, 14, 15), strict=True):
        observe(people, unit, "2024", count)
    own = line_of(page_of(client, officer(six[0]), people), "2024")
    assert own.numbers[six[0].pk].mask == "" and own.total.mask == ""
    strange = line_of(page_of(client, officer(six[1]), people), "2024")
    masks = {unit.pk: strange.numbers[unit.pk].mask for unit in six}
    assert masks[six[0].pk] == "<5" and masks[six[3].pk] == "＊"  # the smallest of the others
    assert [unit.pk for unit in six if masks[unit.pk]] == [six[0].pk, six[3].pk]
    assert "&lt;5" in text(page_of(client, officer(six[1], username="again"), people))
    whole = line_of(page_of(client, supervisor, people), "2024")
    assert not any(number.mask for number in whole.numbers.values())


def test_an_export_hides_the_same_few_people(client, people, observe, six, officer):
    for unit, count in zip(six, (3, 20, 30, 12, 14, 15), strict=True):
        observe(people, unit, "2024", count)
    client.force_login(officer(six[1]))
    answer = client.get(people.get_absolute_url() + "?export=csv")
    rows = [r for r in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) if len(r) > 4]
    of_first = next(r for r in rows if r[0] == "2024年" and r[1] == six[0].short)
    assert of_first[2] == "" and "<5" in of_first[4]
    of_fourth = next(r for r in rows if r[0] == "2024年" and r[1] == six[3].short)
    assert of_fourth[2] == "" and of_fourth[4] == "＊"


def test_a_corrected_small_count_is_not_told_by_its_old_value(
    client, people, observe, six, officer
):
    old = observe(people, six[0], "2024", 2)
    old.superseded_at = NOW
    old.save()
    for unit, count in zip(six, (9, 20, 30, 12, 14, 15), strict=True):
        observe(people, unit, "2024", count)
    answer = page_of(client, officer(six[1]), people)
    assert line_of(answer, "2024").numbers[six[0].pk].earlier == []
    assert "ax-old" not in answer.content.decode()


def test_a_value_that_is_no_people_is_never_masked(client, rate, observe, east, west, officer):
    observe(rate, east, "2024", 2, 40)
    assert not line_of(page_of(client, officer(west), rate), "2024").numbers[east.pk].mask


def test_targets_and_history_stand_on_the_page(client, rate, reviewer, supervisor, league):
    def set_to(value, **why):
        return targets.set_target(
            rate,
            by=reviewer,
            at=NOW,
            unit=league,
            year=2025,
            value=Decimal(value),
            ground="DOCUMENT",
            source="某文件",
            **why,
        )

    set_to(90)
    set_to(95, reason=ChangeReason.NEW_DOCUMENT)
    page = text(page_of(client, supervisor, rate))
    assert "95.00%" in page and '<del class="ax-old">90.00%</del>' in page
    assert str(ChangeReason.NEW_DOCUMENT.label) in page
    assert reviewer.name not in page  # people are for those in scope


def test_the_status_is_judged_against_the_target(
    client, rate, observe, league, reviewer, six, settle
):
    for unit in six:
        observe(rate, unit, "2024", 80, 100)
    targets.set_target(
        rate,
        by=reviewer,
        at=NOW,
        unit=league,
        year=2024,
        value=Decimal(90),
        ground="DOCUMENT",
        source="某文件",
    )
    settle()
    answer = page_of(client, reviewer, rate)
    assert line_of(answer, "2024").total.status == "behind"
    assert answer.context["stand"].status == "behind"


def test_older_periods_are_one_click_away(client, plan, supervisor):
    monthly = Indicator.objects.get(code="T01-01")
    answer = page_of(client, supervisor, monthly)
    assert len(answer.context["rows"]) == 12 and answer.context["hidden_periods"] == 45
    answer = page_of(client, supervisor, monthly.get_absolute_url() + "?all=1")
    assert len(answer.context["rows"]) == 57


def test_a_waived_duty_owes_nothing(client, plan, duties, supervisor, east, reviewer, settle):
    fairs = Indicator.objects.get(code="T07-04")
    duties.filter(code="tasks.07", period="2025Q3", unit=east).update(
        waived_at=NOW, waived_reason="没有下达计划"
    )
    settle(fairs)
    line = line_of(page_of(client, supervisor, fairs), "2025Q3")
    assert line.total.due == 5 and east.pk not in line.numbers


def test_an_indicator_that_does_not_exist_is_404(client, plan, supervisor):
    client.force_login(supervisor)
    assert client.get("/indicators/999999/").status_code == 404


# How it stands -----------------------------------------------------------------------------------
def test_a_flow_stands_at_its_sum_of_the_year(plan, supervisor, observe, six):
    fairs = Indicator.objects.for_list().get(code="T07-04")
    for quarter, count in (("2025Q1", 2), ("2025Q2", 3)):
        for unit in six:
            observe(fairs, unit, quarter, count)
    viewer = series.Viewer.of(supervisor, on=TODAY)
    stand = series.stands([fairs], viewer)[fairs.pk]
    assert (stand.value, stand.since.code, stand.period.code) == (30, "2025Q1", "2025Q3")
    assert (stand.reported, stand.due) == (12, 18)


def test_a_stock_stands_at_its_latest_known(plan, supervisor, observe, six):
    stock = Indicator.objects.for_list().get(code="T02-01")
    for unit in six:
        observe(stock, unit, "2025Q2", 5, 10)
    viewer = series.Viewer.of(supervisor, on=TODAY)
    stand = series.stands([stock], viewer)[stock.pk]
    assert (stand.value, stand.period.code) == (50, "2025Q2")


# Query counts ------------------------------------------------------------------------------------
@pytest.mark.parametrize("address, queries", [("/indicators/", 12), ("T01-01", 14)])
def test_pages_ask_the_same_few_questions_however_many_values(
    client, plan, supervisor, many_observations, django_assert_num_queries, address, queries
):
    if not address.startswith("/"):
        address = Indicator.objects.get(code=address).get_absolute_url()
    client.force_login(supervisor)
    client.get(address)
    for years in ([], [2025], [2021, 2022, 2023, 2024]):
        many_observations(years)
        with django_assert_num_queries(queries):
            client.get(address)
