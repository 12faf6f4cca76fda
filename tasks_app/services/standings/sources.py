"""What standings are computed from, loaded at once: values, who owes them, targets, baselines."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from django.db.models import Q

from common.figures import State
from common.periods import Period, between
from registry.models import Duty, Unit
from tasks_app.models import Baseline, Indicator, Observation, Target
from tasks_app.services.judging import Rule, rule_for_all, targets_of
from tasks_app.services.standings.live import Asked
from tasks_app.services.totals import WHOLE

FOUR = Decimal("0.0001")
NEVER_REPORT = (Unit.Kind.REGION, Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL)

Spans = dict[Indicator, list[Period]]


@lru_cache(maxsize=4096)
def span_of(code: str) -> Period:
    return Period.parse(code)


class Part(NamedTuple):
    """One unit's number of one period, and where it is from."""

    unit: Unit
    state: str
    numerator: Decimal | None
    denominator: Decimal | None
    origin: str  # the observation, or the figure
    is_live: bool = False

    @property
    def unit_id(self) -> int:
        return self.unit.pk


class Line(NamedTuple):
    """Everything known of an indicator in a period."""

    owing: list[Unit]
    parts: dict[int, Part]
    fault: str = ""  # the figure that could not be computed
    is_beyond: bool = False  # before or after the plan: only what was entered is there


def stored(number) -> Decimal | None:
    """A figure's number as an observation would keep it."""
    return None if number is None else Decimal(number).quantize(FOUR)


def first_day(indicator: Indicator) -> date:
    """From when a missing number is missing; earlier ones count where they were entered."""
    return date(indicator.work_item.plan.start_year, 1, 1)


def last_day(indicator: Indicator, on: date) -> date:
    closed = indicator.work_item.plan.closed_on
    return min(on, closed) if closed else on


def periods_until(indicator: Indicator, on: date) -> list[Period]:
    """The periods of the plan that have begun by a day."""
    first = first_day(indicator)
    found = between(indicator.period_kind, first, last_day(indicator, on))
    return [period for period in found if period.end >= first]


def in_spans(spans: Spans, *, back: int = 0) -> Q:
    """Rows of these indicators within their periods, and some periods further back.

    Indicators of one kind of period share one range of days.
    """
    groups: dict = {}
    for indicator, periods in spans.items():
        found, ends = groups.setdefault(indicator.frequency, ([], []))
        if periods:
            found.append(indicator.pk)
            ends += (periods[0], periods[-1])
    wanted = Q(pk=None)
    for found, ends in groups.values():
        if ends:
            first = min(ends)
            for _step in range(back):
                first = first.previous()
            wanted |= Q(indicator__in=found, period_end__range=(first.end, max(ends).end))
    return wanted


class Sources:
    """Six queries, however many standings are asked; figures are asked beside them."""

    def __init__(self, spans: Spans, *, on: date):
        self.on = on
        self.asked = Asked()
        self.units = {
            unit.pk: unit
            for unit in Unit.objects.filter(Q(reports_education=True) | ~Q(kind__in=NEVER_REPORT))
            .for_list()
            .only("kind", "valid_from", "valid_to", "reports_education")
        }
        self._load_targets(spans)
        self._load_values(spans)
        self._load_duties(spans)

    def _load_targets(self, spans: Spans) -> None:
        self.rules = rule_for_all()
        targets = defaultdict(list)
        for row in Target.objects.current().filter(indicator__in=spans):
            row.unit = self.units[row.unit_id]
            targets[row.indicator_id].append(row)
        self.targets = targets
        self._targets_of: dict[tuple[int, int], list[Target]] = {}
        self.baselines = {
            (row.indicator_id, row.unit_id): row
            for row in Baseline.objects.current().filter(indicator__in=spans)
        }

    def _load_values(self, spans: Spans) -> None:
        self.values = defaultdict(dict)
        rows = list(
            Observation.objects.current()
            .filter(in_spans(spans))
            .values_list("pk", "indicator", "unit", "period", "state", "numerator", "denominator")
        )
        if unknown := {row[2] for row in rows} - set(self.units):
            self.units |= Unit.objects.in_bulk(unknown)
        for pk, indicator, unit, period, state, numerator, denominator in rows:
            part = Part(self.units[unit], state, numerator, denominator, f"o{pk}")
            self.values[indicator, period][unit] = part

    def _load_duties(self, spans: Spans) -> None:
        """{(code, period, an office's): units that owe it, the waived ones left out}."""
        self.owing: dict[tuple[str, str, bool], list[Unit]] = {}
        codes = {indicator.work_item.duty_code for indicator in spans}
        periods = {period.code for found in spans.values() for period in found}
        rows = Duty.objects.filter(code__in=codes, period__in=periods).values_list(
            "code", "period", "unit", "waived_at"
        )
        for code, period, pk, waived_at in rows:
            unit = self.units.get(pk)
            if unit is None:
                continue
            key = (code, period, unit.kind == Unit.Kind.OFFICE)
            units = self.owing.setdefault(key, [])
            if waived_at is None:
                units.append(unit)

    # Answers -------------------------------------------------------------------------------------
    @cached_property
    def league(self) -> Unit | None:
        found = [unit for unit in self.units.values() if unit.kind == Unit.Kind.LEAGUE]
        return next((unit for unit in found if unit.valid_to is None), None)

    @cached_property
    def _reporting(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.reports_education]

    def rule_of(self, indicator: Indicator) -> Rule:
        return Rule.of(indicator, self.rules)

    def targets_of(self, indicator: Indicator, unit: Unit) -> list[Target]:
        key = (indicator.pk, unit.pk)
        if key not in self._targets_of:
            self._targets_of[key] = targets_of(indicator, unit, self.targets[indicator.pk])
        return self._targets_of[key]

    def line(self, indicator: Indicator, period: Period) -> Line | None:
        """None where there is nothing to say of the period: it lies before or beyond the plan."""
        key = (indicator.work_item.duty_code, period.code, indicator.league_only)
        parts = self.values.get((indicator.pk, period.code), {})
        beyond = period.end < first_day(indicator) or period.start > last_day(indicator, self.on)
        if beyond and not parts:
            return None
        owing = self.owing.get(key)
        is_owed = owing is not None
        if owing is None:
            owing = self._existed(period)
        if beyond:
            return Line(owing, parts, is_beyond=True)
        if not indicator.figure or not (is_owed or period.end >= self.on):
            return Line(owing, parts)
        return self._with_figure(indicator, period, owing, parts)

    def _existed(self, period: Period) -> list[Unit]:
        """Past years were loaded without duties: there the units that report, and existed, count."""
        return [
            unit
            for unit in self._reporting
            if unit.valid_from <= period.end
            and (unit.valid_to is None or unit.valid_to >= period.end)
        ]

    def _with_figure(self, indicator, period, owing, parts) -> Line:
        """What is approved stands; the figure answers for the rest while the period is open."""
        wanted = [unit for unit in owing if unit.pk not in parts]
        if indicator.league_only:
            wanted = (
                [] if any(part.unit.kind in WHOLE for part in parts.values()) else [self.league]
            )
        elif indicator.counts_each_once and self.league.pk not in parts:
            wanted.append(self.league)
        if not wanted:
            return Line(owing, parts)
        answers = self.asked.ask(indicator.figure, period, wanted)
        live = {
            unit.pk: Part(
                unit,
                State.NO_CASE.value if value.denominator == 0 else str(value.state),
                stored(value.numerator),
                stored(value.denominator),
                indicator.figure,
                is_live=True,
            )
            for unit in wanted
            if (value := answers.get(unit.pk)) is not None and value.state != State.NOT_REPORTED
        }
        failed = (indicator.figure, period.code) in self.asked.faults
        fault = indicator.figure if failed else ""
        return Line(owing, parts | live, fault)


def early_periods(indicators: Iterable[Indicator]) -> dict[int, set[str]]:
    """{indicator: codes of the periods that were entered}; some lie before the plan."""
    found = defaultdict(set)
    rows = (
        Observation.objects.current()
        .filter(indicator__in=indicators)
        .values_list("indicator", "period")
        .distinct()
    )
    for indicator, period in rows.order_by():
        found[indicator].add(period)
    return found
