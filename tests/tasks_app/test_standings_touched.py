"""What deeds touch, what figures answer for while a period is open, and what is compared at night."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from common import figures
from common.figures import State, Value
from common.models import Event, InboxLine, Job
from common.periods import Period
from registry.models import Finding, Unit
from registry.roles import Role
from registry.services import duties as registry_duties
from registry.services import findings, units
from tasks_app.models import HistoryBatch, HistoryValue, Observation, Reckoning, Standing, Touched
from tasks_app.services import history, numbers, plans, reports, targets
from tasks_app.services.standings import recompute, touched, upkeep
from tests.cast import NOW, TODAY
from tests.mini import stored

D = Decimal


def keys():
    """What is noted, as (indicator code, unit key, period), and forgotten."""
    rows = Touched.objects.select_related("indicator", "unit")
    found = {(row.indicator.code, row.unit and row.unit.key, row.period) for row in rows}
    Touched.objects.all().delete()
    return found


class Counter:
    """A figure whose answers a test sets; it remembers what it was asked."""

    code = "test.counter"

    def __init__(self):
        self.values: dict[tuple[int, str], Value] = {}
        self.asked: list[tuple[str, set[str]]] = []
        self.fails = False

    def set(self, unit, period, numerator, denominator=None):
        bottom = None if denominator is None else D(denominator)
        self.values[unit.pk, period] = Value(D(numerator), bottom)

    def compute(self, *, period, units):
        self.asked.append((period.code, {unit.key for unit in units}))
        if self.fails:
            raise ZeroDivisionError("a name that nobody may read")
        found = ((unit.pk, self.values.get((unit.pk, period.code))) for unit in units)
        return {pk: value for pk, value in found if value is not None}


@pytest.fixture
def counter():
    made = Counter()
    figures.figure(made.code, label="试验", source="试验", rows=lambda **_: "/")(made.compute)
    yield made
    figures._figures.pop(made.code)


def touch_figure(counter, units, *periods):
    with transaction.atomic():
        figures.touch(counter.code, units, [Period.parse(period) for period in periods])


def approve(world, duty, value, *, denominator=None):
    """Through the deeds: a report with one number, submitted and approved."""
    report = reports.open_report(duty, by=world.writer, at=NOW)
    typed = {"self_assessment": "ON_PLAN", "done": "办了。"}
    for indicator in reports.indicators_of(report.duty, report.work_item):
        typed[numbers.field_name(indicator, "num")] = str(value)
        typed[numbers.field_name(indicator, "den")] = str(denominator or "")
        typed[numbers.field_name(indicator, "why")] = "属实"
    reports.save_draft(report, by=world.writer, base_version=0, data=typed, at=NOW)
    report.refresh_from_db()
    report = reports.submit_report(report, by=world.writer, at=NOW)
    return reports.approve_report(report, by=world.decider, at=NOW, seen=report.draft_version)


# Deeds -------------------------------------------------------------------------------------------
def test_an_approval_touches_its_numbers_and_asks_for_the_job_once(world):
    world.indicator(frequency="QUARTER")
    world.indicator("T2", frequency="YEAR")
    duties = world.owe("2025Q3")
    keys()
    Job.objects.all().delete()
    for duty in duties[:2]:
        approve(world, duty, 4)
    assert keys() == {("T1", "banner-a", "2025Q3"), ("T1", "banner-b", "2025Q3")}
    assert Job.objects.filter(kind=touched.JOB).count() == 1


def test_what_a_deed_notes_goes_with_the_deed(world):
    indicator = world.indicator()
    keys()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        targets.set_target(
            indicator,
            by=world.decider,
            at=NOW,
            unit=world.league,
            year=2025,
            value=D(9),
            ground="DOCUMENT",
            source="x",
        )
        raise ZeroDivisionError
    assert keys() == set()


def test_a_target_of_the_league_touches_all_and_that_of_a_unit_its_own(world):
    indicator = world.indicator()
    keys()
    target = world.aim(indicator, 2025, 9)
    assert keys() == {("T1", None, "")}
    world.aim(indicator, 2025, 9, unit=world.a)
    assert keys() == {("T1", "banner-a", "")}
    targets.withdraw_target(target, by=world.decider, at=NOW, reason="NEW_DOCUMENT")
    assert keys() == {("T1", None, "")}
    world.start(indicator, "2020", 5, unit=world.b)
    assert keys() == {("T1", "banner-b", "")}


def test_a_batch_of_past_years_touches_its_values(world):
    indicator = world.indicator()
    HistoryValue.objects.create(
        batch=world.batch, indicator=indicator, unit=world.a, period="2022", numerator=4, line=1
    )
    keys()
    history.approve_batch(world.batch, by=world.decider, at=NOW)
    assert keys() == {("T1", "banner-a", "2022")}
    assert HistoryBatch.objects.get().state == "APPROVED"


def test_what_is_owed_touches_the_indicators_of_that_kind_of_period(world):
    world.indicator(frequency="QUARTER")
    world.indicator("T2", frequency="MONTH")
    keys()
    duty = world.owe("2025Q3", units=[world.a])[0]
    assert keys() == {("T1", None, "2025Q3")}
    registry_duties.waive_duty(duty, by=world.decider, reason="无此项")
    assert keys() == {("T1", None, "2025Q3")}
    registry_duties.restore_duty(duty, by=world.decider)
    assert keys() == {("T1", None, "2025Q3")}


def test_a_unit_that_moves_touches_the_figures_above_it_from_that_day(world, counter, clock_at):
    clock_at(TODAY)
    world.indicator(figure=counter.code)
    world.indicator("T2")
    zone = Unit.objects.create(key="zone", name="zone", kind="ZONE", valid_from=date(2000, 1, 1))
    units.move_unit(zone, by=world.decider, to=world.league, on=date(2025, 1, 1))
    keys()
    units.move_unit(world.c, by=world.decider, to=zone, on=date(2025, 9, 1))
    touched_now = keys()
    assert ("T1", "banner-c", "2025") in touched_now
    assert {code for code, _unit, _period in touched_now} == {"T1"}


def test_the_first_duty_of_a_period_changes_who_owes_it_for_all(world):
    """Before there were any, everyone who reports owed it."""
    indicator = world.indicator(frequency="QUARTER")
    world.settle_all()
    assert world.standing(indicator, world.league, "2025Q3").due == 3
    world.owe("2025Q3", units=[world.a])
    world.settle()
    assert world.standing(indicator, world.league, "2025Q3").due == 1
    assert not Standing.objects.current().filter(unit=world.b, period="2025Q3").exists()


def test_the_form_opens_though_a_figure_fails(world, counter):
    world.indicator(frequency="QUARTER", figure=counter.code)
    duty = world.owe("2025Q3", units=[world.a])[0]
    report = reports.open_report(duty, by=world.writer, at=NOW)
    counter.set(world.a, "2025Q3", 3)
    assert reports.read_entries(report)[0].computed
    counter.fails = True
    assert not reports.read_entries(report)[0].computed


def test_who_reports_touches_everything(world, clock_at):
    clock_at(TODAY)
    world.indicator()
    world.indicator("T2")
    keys()
    units.set_reporting(world.c, by=world.decider, reports=False)
    assert {("T1", None, ""), ("T2", None, "")} <= keys()


def test_the_end_of_a_plan_and_its_undoing_touch_its_indicators(world):
    world.indicator()
    keys()
    plans.close_plan(world.plan, by=world.decider, on=TODAY, at=NOW)
    assert keys() == {("T1", None, "")}
    plans.reopen_plan(world.plan, by=world.decider)
    assert keys() == {("T1", None, "")}


def test_the_job_brings_the_standings_up_to_date(world, clock_at):
    from common import jobs

    clock_at(TODAY)
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    jobs.run(Job.objects.get(kind=touched.JOB).pk)
    assert world.standing(indicator, world.a, "2024").value == 5
    assert not Touched.objects.exists()
    assert Job.objects.get(kind=touched.JOB).result["written"] > 0


def test_one_approval_costs_few_questions(world, django_assert_max_num_queries):
    for n in range(4):
        indicator = world.indicator(f"T{n}", frequency="MONTH", over_time="FLOW")
        for unit in world.banners:
            for month in range(1, 10):
                world.observe(indicator, unit, f"2025-{month:02}", 5)
    world.settle_all()
    for n in range(4):
        indicator = world.item.indicators.get(code=f"T{n}")
        world.observe(indicator, world.a, "2025-09", 6)
    with django_assert_max_num_queries(30):
        outcome = upkeep.keep_up(at=NOW, on=TODAY)
    assert len(outcome.written) == 4 * 2 * 2


# Figures: live while open, frozen when approved --------------------------------------------------
def test_a_figure_answers_while_the_period_is_open(world, counter):
    indicator = world.indicator(frequency="QUARTER", figure=counter.code)
    world.owe("2025Q3", "2025Q4")
    for unit, value in zip(world.banners, (3, 4, 5), strict=True):
        counter.set(unit, "2025Q3", value)
    counter.set(world.a, "2025Q4", 1)
    world.settle_all()
    own = world.standing(indicator, world.a, "2025Q3")
    assert (own.value, own.state, own.is_live, own.reported) == (3, "PROVISIONAL", True, 0)
    league = world.standing(indicator, world.league, "2025Q3")
    assert (league.value, league.state, league.reported, league.due) == (12, "PROVISIONAL", 0, 3)
    running = world.standing(indicator, world.a, "2025Q4")
    assert (running.value, running.state, running.light) == (1, "IN_PROGRESS", "unset")
    missing = world.standing(indicator, world.b, "2025Q4")
    assert (missing.value, missing.state) == (None, "IN_PROGRESS")


def test_no_figure_is_asked_about_what_is_approved(world, counter):
    indicator = world.indicator(frequency="QUARTER", figure=counter.code)
    duties = world.owe("2025Q3")
    for unit in world.banners:
        counter.set(unit, "2025Q3", 3)
    approve(world, next(d for d in duties if d.unit_id == world.a.pk), 3)
    counter.asked.clear()
    recompute.recompute_all(at=NOW, on=TODAY)
    asked = [names for period, names in counter.asked if period == "2025Q3"]
    assert asked == [{"banner-b", "banner-c"}]
    for duty in duties:
        if duty.unit_id != world.a.pk:
            approve(world, duty, 3)
    counter.asked.clear()
    counter.set(world.a, "2025Q3", 99)
    recompute.recompute_all(at=NOW, on=TODAY)
    assert [period for period, _names in counter.asked if period == "2025Q3"] == []
    assert world.standing(indicator, world.league, "2025Q3").value == 9


def test_past_years_without_duties_are_asked_of_no_figure(world, counter):
    world.indicator(figure=counter.code)
    world.settle_all()
    assert {period for period, _names in counter.asked} == {"2025"}


def test_a_figure_that_differs_later_is_a_finding_and_changes_nothing(world, counter):
    indicator = world.indicator(frequency="QUARTER", figure=counter.code)
    duty = world.owe("2025Q3", units=[world.a])[0]
    counter.set(world.a, "2025Q3", 3)
    approve(world, duty, 3)
    upkeep.keep_up(at=NOW, on=TODAY)
    assert not Finding.objects.exists()
    counter.set(world.a, "2025Q3", 7)
    touch_figure(counter, [world.a], "2025Q3")
    upkeep.keep_up(at=NOW, on=TODAY)
    finding = Finding.objects.get()
    assert (finding.unit, finding.period) == (world.a, "2025Q3")
    assert "2025年第三季度：“T1”通过时是 3，平台现在算出 7" in findings.said(finding)
    assert world.standing(indicator, world.a, "2025Q3").value == 3
    counter.set(world.a, "2025Q3", 3)
    touch_figure(counter, [world.a], "2025Q3")
    upkeep.keep_up(at=NOW, on=TODAY)
    assert Finding.objects.get().end == Finding.End.CLEARED


def test_a_denominator_that_differs_later_is_a_finding_too(world, counter):
    world.indicator(frequency="QUARTER", aggregation="RATIO", denominator_figure=counter.code)
    duty = world.owe("2025Q3", units=[world.a])[0]
    counter.set(world.a, "2025Q3", 10)
    approve(world, duty, 3)
    counter.set(world.a, "2025Q3", 11)
    touch_figure(counter, [world.a], "2025Q3")
    upkeep.keep_up(at=NOW, on=TODAY)
    facts = Finding.objects.get().facts
    assert (facts["was"], facts["now"]) == ("3/10", "3/11")


def test_a_touched_figure_moves_only_its_own_indicators(world, counter):
    world.indicator(figure=counter.code)
    world.indicator("T2")
    keys()
    touch_figure(counter, [world.a], "2025", "2025Q3", "1999")
    assert keys() == {("T1", "banner-a", "2025")}


def test_a_figure_that_fails_names_itself_and_the_rest_is_computed(world, counter, officer):
    admin = officer(world.league, Role.SYSADMIN)
    indicator = world.indicator(frequency="QUARTER", figure=counter.code)
    other = world.indicator("T2", frequency="QUARTER")
    world.owe("2025Q3")
    world.observe(other, world.a, "2025Q3", 5)
    counter.fails = True
    outcome = world.settle_all()
    assert outcome.as_json()["faults"] == [counter.code]
    row = world.standing(indicator, world.a, "2025Q3")
    assert (row.fault, row.value, row.state) == (counter.code, None, "NOT_REPORTED")
    assert world.standing(indicator, world.league, "2025Q3").fault == counter.code
    assert world.standing(other, world.a, "2025Q3").value == 5
    event = Event.objects.get(verb="tasks_app.figure_failed")
    assert event.after == {"figure": counter.code, "error": "ZeroDivisionError"}
    assert counter.code in InboxLine.objects.get(user=admin).text
    counter.fails = False
    counter.set(world.a, "2025Q3", 3)
    touch_figure(counter, [world.a], "2025Q3")
    world.settle()
    row = world.standing(indicator, world.a, "2025Q3")
    assert (row.fault, row.value) == ("", 3)


# People, each counted once -----------------------------------------------------------------------
@pytest.fixture
def people(world, counter):
    """Five in a, four in b, of whom two are in both: seven in the league."""
    for unit, count in ((world.a, 5), (world.b, 4), (world.c, 0), (world.league, 7)):
        counter.set(unit, "2025Q3", count)
    return world.indicator(frequency="QUARTER", figure=counter.code, aggregation="PEOPLE")


def test_people_in_two_units_count_once_in_the_league(world, people):
    world.owe("2025Q3")
    world.settle_all()
    row = world.standing(people, world.league, "2025Q3")
    assert (row.value, row.state, row.reported, row.due) == (7, "PROVISIONAL", 0, 3)


def test_the_last_approval_freezes_the_leagues_number_of_people(world, people, counter):
    duties = world.owe("2025Q3")
    for duty in duties:
        assert not Observation.objects.filter(unit=world.league).exists()
        approve(world, duty, 1)
    frozen = Observation.objects.get(unit=world.league)
    assert (frozen.numerator, frozen.computed) == (7, True)
    counter.set(world.league, "2025Q3", 6)
    counter.asked.clear()
    world.settle_all()
    row = world.standing(people, world.league, "2025Q3")
    assert (row.value, row.state, row.reported, row.due) == (7, "REPORTED", 3, 3)
    assert "2025Q3" not in {period for period, _names in counter.asked}


def test_people_of_several_periods_are_never_added(world, counter, people):
    people.over_time = "FLOW"
    people.save()
    counter.set(world.a, "2025Q2", 5)
    world.owe("2025Q2", "2025Q3")
    world.settle_all()
    row = world.standing(people, world.a, "2025Q3")
    assert (row.year_value, row.since) == (5, "")


def test_people_are_counted_by_a_figure_or_not_at_all(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        world.indicator("T9", aggregation="PEOPLE")


# Incremental and from scratch --------------------------------------------------------------------
def test_the_command_says_what_it_did(world, clock_at):
    clock_at(TODAY)
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    out = StringIO()
    call_command("recompute", json=True, stdout=out)
    first = json.loads(out.getvalue())
    assert first["written"] == first["standings"] > 0 and first["faults"] == []
    out = StringIO()
    call_command("recompute", stdout=out)
    assert "0 written, 0 removed" in out.getvalue()


def test_the_nightly_comparison_is_quiet_when_all_is_well(world):
    indicator = world.indicator(frequency="MONTH")
    world.observe(indicator, world.a, "2025-01", 5)
    world.settle_all()
    assert recompute.compare(at=NOW, on=TODAY + timedelta(days=60)) == 0
    reckoned = Reckoning.objects.get()
    assert (reckoned.on, reckoned.differing) == (TODAY + timedelta(days=60), 0)
    assert not Event.objects.filter(verb="tasks_app.standings_differed").exists()
    assert Standing.objects.current().filter(period="2025-12").exists()


def test_a_difference_raises_an_event_and_a_line_and_is_put_right(world, officer):
    admin = officer(world.league, Role.SYSADMIN)
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    world.settle_all()
    before = stored()
    Standing.objects.current().filter(unit=world.a, period="2024").update(value=6)
    Standing.objects.current().filter(unit=world.b, period="2023").delete()
    assert recompute.compare(at=NOW, on=TODAY) == 2
    assert stored() == before
    event = Event.objects.get(verb="tasks_app.standings_differed")
    assert event.after == {"standings": 2, "indicators": ["T1"]}
    assert "2 个进展状态" in InboxLine.objects.get(user=admin).text
    assert recompute.compare(at=NOW, on=TODAY) == 0


def test_a_row_that_should_not_be_is_told_and_taken_away(world):
    indicator = world.indicator()
    world.settle_all()
    Standing.objects.create(
        indicator=indicator,
        unit=world.a,
        period="1999",
        period_end=date(1999, 12, 31),
        state=State.REPORTED,
        light="ok",
        inputs_hash="x",
        computed_at=NOW,
    )
    assert recompute.compare(at=NOW, on=TODAY) == 1
    assert not Standing.objects.current().filter(period="1999").exists()
