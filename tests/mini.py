"""A small world to reckon in by hand: a league with three banners and an office, one plan, one task.

`world` is on 13 October 2025; the plan runs from 2021 to 2025. Values come in as history, which no
unit owes; `world.owe` makes duties where a test needs them.
"""

from datetime import date
from decimal import Decimal

import pytest

from common.models import User
from common.periods import Period
from registry.models import Duty, Unit, UnitParent
from registry.services.duties import Owed, open_duties
from registry.services.units import rebuild_closure
from tasks_app.models import (
    HistoryBatch,
    Indicator,
    Observation,
    Plan,
    Reckoning,
    Section,
    Standing,
    Target,
    WorkItem,
)
from tasks_app.services import targets
from tasks_app.services.standings import recompute
from tasks_app.services.standings.touched import touch_indicators, touch_values
from tests.cast import NOW, TODAY

SINCE = date(2000, 1, 1)


class World:
    def __init__(self):
        kinds = Unit.Kind
        self.league = self._unit("league", kinds.LEAGUE)
        self.a, self.b, self.c = (
            self._unit(f"banner-{name}", kinds.BANNER, reports=True) for name in "abc"
        )
        self.office = self._unit("office", kinds.OFFICE)
        for unit in (self.a, self.b, self.c, self.office):
            UnitParent.objects.create(unit=unit, parent=self.league, valid_from=SINCE)
        rebuild_closure()
        self.plan = Plan.objects.create(
            code="MINI",
            title_zh="小方案",
            issuer="盟局",
            published_on=date(2021, 1, 1),
            start_year=2021,
            target_year=2025,
        )
        section = Section.objects.create(plan=self.plan, no=1, title_zh="板块")
        self.item = WorkItem.objects.create(
            plan=self.plan,
            section=section,
            no=1,
            title_zh="任务",
            duty_code="tasks.mini",
            lead_office=self.office,
        )
        self.writer = User.objects.create(username="writer", name="填报人")
        self.decider = User.objects.create(username="decider", name="审核人")
        self.batch = HistoryBatch.objects.create(
            title="往年", source="台账", submitted_by=self.writer, submitted_at=NOW
        )
        Reckoning.objects.create(on=TODAY)

    @staticmethod
    def _unit(key, kind, reports=False):
        return Unit.objects.create(
            key=key, name=key, kind=kind, reports_education=reports, valid_from=SINCE
        )

    @property
    def banners(self):
        return [self.a, self.b, self.c]

    def indicator(self, code="T1", **over) -> Indicator:
        columns = {
            "work_item": self.item,
            "name_zh": code,
            "unit_zh": "人",
            "direction": "UP",
            "numerator": "数",
            "frequency": "YEAR",
            "aggregation": "SUM",
            "over_time": "STOCK",
            "stated": "PROPOSED",
        }
        if over.get("aggregation") == "RATIO":
            columns["denominator"] = "全部"
        return Indicator.objects.create(code=code, **columns | over)

    def observe(self, indicator, unit, period, numerator=None, denominator=None, state="REPORTED"):
        """An approved value; one that stands there already is superseded."""
        Observation.objects.current().filter(indicator=indicator, unit=unit, period=period).update(
            superseded_at=NOW
        )
        row = Observation.objects.create(
            indicator=indicator,
            unit=unit,
            period=period,
            period_end=Period.parse(period).end,
            state=state,
            numerator=numerator,
            denominator=denominator,
            batch=self.batch,
            source="台账",
            entered_by=self.writer,
            approved_by=self.decider,
            approved_at=NOW,
        )
        touch_values([row])
        return row

    def aim(self, indicator, year, value, unit=None) -> Target:
        return targets.set_target(
            indicator,
            by=self.decider,
            at=NOW,
            unit=unit or self.league,
            year=year,
            value=Decimal(value),
            ground="DOCUMENT",
            source="文件",
        )

    def start(self, indicator, period, numerator, denominator=None, unit=None):
        return targets.set_baseline(
            indicator,
            by=self.decider,
            at=NOW,
            unit=unit or self.league,
            period=Period.parse(period),
            numerator=Decimal(numerator),
            denominator=None if denominator is None else Decimal(denominator),
            source="文件",
        )

    def owe(self, *periods, units=None) -> list[Duty]:
        units = self.banners if units is None else units
        spans = [Period.parse(period) for period in periods]
        open_duties(Owed(self.item.duty_code, unit.pk, span) for span in spans for unit in units)
        return list(Duty.objects.filter(period__in=periods))

    def settle(self, *, on=TODAY, at=NOW):
        """What the job does after deeds."""
        return recompute.drain(at=at, on=on)

    def settle_all(self, *, on=TODAY, at=NOW):
        touch_indicators(Indicator.objects.values_list("pk", flat=True))
        return recompute.drain(at=at, on=on)

    def standing(self, indicator, unit, period) -> Standing:
        return (
            Standing.objects.current()
            .select_related("indicator", "unit", "target")
            .get(indicator=indicator, unit=unit, period=period)
        )


@pytest.fixture
def world(db) -> World:
    return World()


def stored() -> dict:
    """Everything computed, by place: what two ways of computing must agree on."""
    return {recompute.place_of(row): recompute.facts_of(row) for row in Standing.objects.current()}
