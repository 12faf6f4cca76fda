"""Any order of deeds gives the same standings one by one and from scratch."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common import clock, figures, options
from common.figures import Value
from common.periods import Period
from registry.models import Duty, Unit, UnitParent
from registry.services import duties as registry_duties
from registry.services import units
from tasks_app.models import (
    HistoryBatch,
    HistoryValue,
    Indicator,
    Observation,
    Plan,
    ProgressReport,
    Target,
    Touched,
)
from tasks_app.services import history, numbers, plans, reports, targets
from tasks_app.services.standings import recompute
from tests.cast import NOW, TODAY

QUARTERS = ("2024Q4", "2025Q1", "2025Q2", "2025Q3")
FIGURE = "test.property"


class Player:
    """Does what people do. Which one and with what number is drawn; what cannot be done is left."""

    def __init__(self, world, answers: dict):
        self.world, self.answers = world, answers
        self.on = TODAY

    def _duty(self, which: int) -> Duty:
        owed = Duty.objects.order_by("pk")
        return owed[which % owed.count()]

    def approve(self, which: int, value: int) -> None:
        """A new report, or the correction of one that was approved."""
        duty, world = self._duty(which), self.world
        if duty.waived_at:
            return
        report = duty.progress_reports.order_by("-version").first()
        if report is None:
            report = reports.open_report(duty, by=world.writer, at=NOW)
        elif report.state == ProgressReport.State.APPROVED:
            report = reports.start_correction(
                report, by=world.writer, at=NOW, reason="MISCOUNT", note=""
            )
        typed = {"self_assessment": "ON_PLAN", "done": "办了。"}
        for indicator in reports.indicators_of(report.duty, report.work_item):
            typed |= self._number(indicator, value)
        seen = report.draft_version
        reports.save_draft(report, by=world.writer, base_version=seen, data=typed, at=NOW)
        report.refresh_from_db()
        report = reports.submit_report(report, by=world.writer, at=NOW)
        reports.approve_report(report, by=world.decider, at=NOW, seen=report.draft_version)

    @staticmethod
    def _number(indicator, value: int) -> dict:
        state = {7: "NOT_REPORTED", 8: "NOT_APPLICABLE"}.get(value, "")
        bottom = 0 if value == 0 else 10
        return {
            numbers.field_name(indicator, "state"): state,
            numbers.field_name(indicator, "num"): str(value),
            numbers.field_name(indicator, "den"): str(bottom),
            numbers.field_name(indicator, "why"): "属实",
        }

    def load_history(self, which: int, value: int) -> None:
        world = self.world
        indicator = Indicator.objects.order_by("pk")[which % Indicator.objects.count()]
        year = 2019 + which % 5  # before the plan, too
        period = {
            "QUARTER": f"{year}Q{1 + value % 4}",
            "MONTH": f"{2023 + which % 3}-{1 + value % 8:02}",
            "YEAR": str(year),
        }[indicator.frequency]
        unit = [world.a, world.b, world.league, world.office][value % 4]
        batch = HistoryBatch.objects.create(
            title="批", source="台账", submitted_by=world.writer, submitted_at=NOW
        )
        current = Observation.objects.current().filter(
            indicator=indicator, unit=unit, period=period
        )
        HistoryValue.objects.create(
            batch=batch,
            indicator=indicator,
            unit=unit,
            period=period,
            numerator=value,
            denominator=10 if indicator.is_rate else None,
            line=1,
            replaces=current.first(),
        )
        history.approve_batch(batch, by=world.decider, at=NOW)

    def set_target(self, which: int, value: int) -> None:
        indicator = Indicator.objects.order_by("pk")[which % Indicator.objects.count()]
        unit = self.world.league if value % 3 else self.world.a
        with suppress(targets.Unchanged):
            targets.set_target(
                indicator,
                by=self.world.decider,
                at=NOW,
                unit=unit,
                year=2022 + which % 4,
                value=Decimal(value),
                ground="DOCUMENT",
                source="文件",
                reason="NEW_DOCUMENT",
            )

    def withdraw_target(self, which: int, value: int) -> None:
        rows = Target.objects.current().order_by("pk")
        if rows:
            targets.withdraw_target(
                rows[which % len(rows)], by=self.world.decider, at=NOW, reason="NEW_DOCUMENT"
            )

    def set_baseline(self, which: int, value: int) -> None:
        indicator = Indicator.objects.order_by("pk")[which % Indicator.objects.count()]
        period = Period.of(indicator.period_kind, date(2020 + value % 3, 12, 31))
        with suppress(targets.Unchanged):
            targets.set_baseline(
                indicator,
                by=self.world.decider,
                at=NOW,
                unit=[self.world.league, self.world.a][which % 2],
                period=period,
                numerator=Decimal(value),
                denominator=Decimal(10) if indicator.is_rate else None,
                source="文件",
                reason="NEW_DOCUMENT",
            )

    def merge_unit(self, which: int, value: int) -> None:
        unit, into = self.world.c, self.world.banners[which % 2]
        with suppress(units.BadMove):
            units.merge_unit(unit, by=self.world.decider, into=into, on=date(2024, 1 + value, 1))

    def move_unit(self, which: int, value: int) -> None:
        unit = Unit.objects.get(pk=self.world.banners[which % 3].pk)
        zone = Unit.objects.get(key="zone")
        lies = UnitParent.objects.filter(unit=unit, valid_to=None).first()
        to = self.world.league if lies and lies.parent_id == zone.pk else zone
        with suppress(units.BadMove):
            units.move_unit(unit, by=self.world.decider, to=to, on=date(2025, 1 + value, 1))

    def tick_reporting(self, which: int, value: int) -> None:
        unit = Unit.objects.get(pk=self.world.banners[which % 3].pk)
        units.set_reporting(unit, by=self.world.decider, reports=not unit.reports_education)

    def waive(self, which: int, value: int) -> None:
        duty = self._duty(which)
        if duty.waived_at:
            registry_duties.restore_duty(duty, by=self.world.decider)
        elif not duty.met_at:
            registry_duties.waive_duty(duty, by=self.world.decider, reason="无此项")

    def open_duty(self, which: int, value: int) -> None:
        periods = ("2022", "2023", "2024Q3", "2024Q2")
        self.world.owe(periods[value % 4], units=[self.world.banners[which % 3]])

    def change_figure(self, which: int, value: int) -> None:
        unit = [*self.world.banners, self.world.league][which % 4]
        period = QUARTERS[value % 4]
        self.answers[unit.pk, period] = Value(Decimal(value))
        figures.touch(FIGURE, [unit], [Period.parse(period)])

    def change_rule(self, which: int, value: int) -> None:
        code = ("tasks_app.risk_margin", "tasks_app.risk_grace")[which % 2]
        options.change(code, value, by=self.world.decider)

    def close_plan(self, which: int, value: int) -> None:
        plan = Plan.objects.get(pk=self.world.plan.pk)
        if plan.closed_on:
            plans.reopen_plan(plan, by=self.world.decider)
        else:
            plans.close_plan(plan, by=self.world.decider, on=date(2025, 3 + value // 2, 5), at=NOW)

    def let_days_pass(self, which: int, value: int) -> None:
        self.on += timedelta(days=1 + which * value)

    def settle(self, which: int, value: int) -> None:
        recompute.drain(at=NOW, on=self.on)


DEEDS = [name for name in vars(Player) if not name.startswith("_")]
stories = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 30), st.integers(0, 9)),
    min_size=3,
    max_size=14,
)


@pytest.fixture
def stage(world, monkeypatch):
    """Indicators of every kind, what is owed for them, and a figure that can be changed."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    answers = {}

    def compute(*, period, units):
        found = ((unit.pk, answers.get((unit.pk, period.code))) for unit in units)
        return {pk: value for pk, value in found if value is not None}

    figures.figure(FIGURE, label="试验", source="试验", rows=lambda **_: "/")(compute)
    zone = Unit.objects.create(key="zone", name="zone", kind="ZONE", valid_from=date(2000, 1, 1))
    units.move_unit(zone, by=world.decider, to=world.league, on=date(2001, 1, 1))
    world.indicator("A", frequency="QUARTER", over_time="FLOW")
    world.indicator("B", frequency="QUARTER", aggregation="RATIO", path="STEPS")
    world.indicator("C", over_time="CUMULATIVE", direction="DOWN")
    world.indicator("D", aggregation="LEAGUE_ONLY", path="CONSTANT")
    world.indicator("E", frequency="QUARTER", figure=FIGURE)
    world.indicator("F", frequency="QUARTER", figure=FIGURE, aggregation="PEOPLE")
    world.indicator("G", frequency="QUARTER", aggregation="RATIO", denominator_figure=FIGURE)
    world.indicator("H", frequency="MONTH")
    world.owe(*QUARTERS, "2024")
    world.owe("2023", "2024", units=[world.office])
    recompute.recompute_all(at=NOW, on=TODAY)
    yield lambda: Player(world, answers)
    figures._figures.pop(FIGURE)


def play(stage, story) -> None:
    with transaction.atomic():
        player = stage()
        for deed, which, value in story:
            getattr(player, deed)(which, value)
        recompute.drain(at=NOW, on=player.on)
        outcome, old = recompute._from_scratch(player.on)
        written = [str(row) for row in outcome.written]
        assert (written, outcome.gone, old) == ([], [], [])
        transaction.set_rollback(True)
    player.answers.clear()


@settings(max_examples=25)
@given(story=stories)
def test_any_order_of_deeds_gives_what_comes_out_from_scratch(stage, story):
    play(stage, story)


@pytest.mark.long
@settings(max_examples=1000)
@given(story=stories)
def test_very_many_orders_of_deeds_give_what_comes_out_from_scratch(stage, story):
    play(stage, story)


@pytest.mark.parametrize("deed", [d for d in DEEDS if d not in ("settle", "let_days_pass")])
def test_every_deed_of_the_property_moves_something(stage, deed):
    player, before = stage(), Touched.objects.count()
    for which in range(4):
        if deed == "withdraw_target":
            player.set_target(which, which)
            before = Touched.objects.count()
        getattr(player, deed)(which, which)
    assert Touched.objects.count() > before
