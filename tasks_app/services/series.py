"""Approved values as one viewer may see them: periods × units, the league's total, how it stands."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from common import smallcells
from common.figures import State
from common.periods import Period, between
from registry.models import Unit
from registry.services.duties import reporting_units
from tasks_app.models import Indicator, Observation, WorkItem
from tasks_app.services import judging, totals
from tasks_app.services.judging import Aim
from tasks_app.services.totals import Total

FEW = 10  # a rate of fewer than this says so
SHARED = "tasks_app.view_standing"
WHOLE = (Unit.Kind.LEAGUE, Unit.Kind.OFFICE)


@dataclass
class Number:
    """One number on a page: its state, its status, and whether this viewer may see it."""

    unit: Unit
    period: Period
    state: State
    status: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    aim: Aim | None = None
    mask: str = ""  # stands in place of a hidden number
    reported: int = 0  # of a total: units whose part is in
    due: int = 0
    is_provisional: bool = False
    since: Period | None = None  # of a sum over several periods: the first of them
    observation: Observation | None = None
    earlier: list[Observation] = field(default_factory=list)  # corrected values, newest first
    covered: bool = False  # the viewer's posting covers the unit

    @property
    def is_reported(self) -> bool:
        return self.state == State.REPORTED

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def is_few(self) -> bool:
        return bool(self.is_reported and not self.mask and self.is_rate and self.denominator < FEW)


@dataclass
class Line:
    """One period: the units' numbers and the league's total."""

    period: Period
    numbers: dict[int, Number]
    total: Number

    def of(self, units: Iterable[Unit]) -> list[Number | None]:
        return [self.numbers.get(unit.pk) for unit in units]


@dataclass(frozen=True)
class Viewer:
    """Who looks, on which day: the units that this person's postings cover."""

    covered: frozenset[int]
    on: date
    league: Unit
    reporting: tuple[Unit, ...]

    @classmethod
    def of(cls, user, *, on: date) -> "Viewer":
        known = Unit.objects.visible_to(user, SHARED).exclude(
            kind__in=[Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL]
        )
        return cls(
            frozenset(known.values_list("pk", flat=True)),
            on,
            Unit.objects.existing(on).get(kind=Unit.Kind.LEAGUE),
            tuple(reporting_units(on)),
        )

    def covers(self, unit: Unit) -> bool:
        # What an office reports for the league is the league's.
        return (self.league.pk if unit.kind in WHOLE else unit.pk) in self.covered


class Book:
    """The approved values of some indicators in some periods: loaded at once, asked often."""

    def __init__(self, periods: dict[Indicator, list[Period]], viewer: Viewer, *, corrected=False):
        """`corrected`: also the values that were replaced. Indicators come with their targets."""
        self.viewer = viewer
        self.periods = periods
        self.allowed = judging.margin()
        codes = {period.code for spans in periods.values() for period in spans}
        rows = Observation.objects.filter(indicator__in=list(periods), period__in=codes)
        if not corrected:
            rows = rows.current()
        self.current, self.earlier = defaultdict(list), defaultdict(list)
        for row in rows.select_related("unit", "entered_by", "approved_by").order_by("-pk"):
            if row.superseded_at is None:
                self.current[row.indicator_id, row.period].append(row)
            else:
                self.earlier[row.indicator_id, row.period, row.unit_id].append(row)
        duty_codes = {indicator.work_item.duty_code for indicator in periods}
        self.owing = totals.Owing(duty_codes, codes, list(viewer.reporting))

    def line(self, indicator: Indicator, period: Period) -> Line:
        rows = self.current[indicator.pk, period.code]
        owing = self.owing.of(indicator, period)
        total = totals.league_total(indicator, rows, owing)
        found = {row.unit_id: row for row in rows}
        numbers = {}
        if not indicator.league_only:
            units = {unit.pk: unit for unit in owing}
            units |= {row.unit_id: row.unit for row in rows if row.unit.kind not in WHOLE}
            owed = {unit.pk for unit in owing}
            for pk, unit in units.items():
                numbers[pk] = self._number(indicator, unit, period, found.get(pk), pk in owed)
        line = Line(period, numbers, self._total(indicator, period, total))
        whole = [row for row in rows if row.unit.kind in WHOLE]
        if whole and not any(n.observation and n.is_reported for n in numbers.values()):
            line.total.observation = whole[0]
            key = (indicator.pk, period.code, whole[0].unit_id)
            line.total.earlier = self.earlier[key]
        if indicator.counts_people:
            _hide(line)
        return line

    def lines(self, indicator: Indicator) -> list[Line]:
        """All periods asked for, newest first."""
        return [self.line(indicator, period) for period in reversed(self.periods[indicator])]

    def stand(self, indicator: Indicator) -> Number:
        """The league's number of the year that the periods asked for lie in, up to the last."""
        lines = [self.line(indicator, period) for period in self.periods[indicator]]
        if not lines:
            period = Period.of(indicator.period_kind, self.viewer.on).previous()
            return self._total(indicator, period, totals.year_to_date(indicator, []))
        flow = indicator.over_time == Indicator.OverTime.FLOW
        if not flow or len(lines) == 1:
            known = [line for line in lines if line.total.state != State.NOT_REPORTED]
            return (known or lines)[-1].total
        parts = [
            Total(
                n.numerator,
                n.denominator,
                n.value,
                n.state,
                n.reported,
                n.due,
            )
            for n in (line.total for line in lines)
        ]
        total = totals.year_to_date(indicator, parts)
        number = self._total(indicator, lines[-1].period, total)
        number.since = lines[0].period
        if indicator.counts_people:
            _hide(Line(number.period, {}, number))
        return number

    def _number(self, indicator, unit, period, row, owes: bool) -> Number:
        judged = judging.judgement(
            indicator, unit, period, row, on=self.viewer.on, allowed=self.allowed
        )
        state = State.NOT_REPORTED if owes else State.NOT_APPLICABLE
        if row:
            state = State(row.state)
        status = judged.status if row or owes else judging.NOT_APPLICABLE
        return Number(
            unit,
            period,
            state,
            status,
            row.numerator if row else None,
            row.denominator if row else None,
            row.value if row else None,
            judged.aim,
            observation=row,
            earlier=self.earlier[indicator.pk, period.code, unit.pk],
            covered=self.viewer.covers(unit),
        )

    def _total(self, indicator, period, total: Total) -> Number:
        league = self.viewer.league
        judged = judging.judgement(
            indicator, league, period, total, on=self.viewer.on, allowed=self.allowed
        )
        return Number(
            league,
            period,
            total.state,
            judged.status,
            total.numerator,
            total.denominator,
            total.value,
            judged.aim,
            reported=total.reported,
            due=total.due,
            is_provisional=total.is_provisional,
            covered=self.viewer.covers(league),
        )


def _hide(line: Line) -> None:
    """Mask what tells a stranger of a few people, in the row and in what was corrected."""
    parts = {pk: _people(number) for pk, number in line.numbers.items()}
    total = _people(line.total)
    out = smallcells.hidden(parts, total if total.number is not None else None)
    for pk, number in [*line.numbers.items(), (smallcells.TOTAL, line.total)]:
        people = total if pk == smallcells.TOTAL else parts[pk]
        if pk in out:
            number.mask = smallcells.shown(people, is_hidden=True)
        if not number.covered and (
            pk in out or any(_people(old, number.covered).is_small for old in number.earlier)
        ):
            number.earlier = []


def _people(row, covered=None) -> smallcells.People:
    covered = row.covered if covered is None else covered
    if row.state not in (State.REPORTED, State.NO_CASE):
        return smallcells.People(None, covered=covered)
    return smallcells.People(row.numerator, row.denominator, covered)


def baseline_rows(indicator: Indicator, viewer: Viewer) -> list[dict]:
    """Baselines, present and past, with the mask of what this viewer may not see."""
    rows = []
    for baseline in indicator.all_baselines():
        people = _people(baseline, viewer.covers(baseline.unit))
        is_hidden = indicator.counts_people and people.is_small and not people.covered
        mask = smallcells.shown(people, is_hidden=is_hidden)
        rows.append({"baseline": baseline, "mask": mask or ""})
    return rows


# Which periods -----------------------------------------------------------------------------------
def latest_period(indicator: Indicator, until: date) -> Period:
    """The indicator's last period that ends by a day."""
    period = Period.of(indicator.period_kind, until)
    return period if period.end <= until else period.previous()


def year_so_far(indicator: Indicator, until: date) -> list[Period]:
    """The periods that end in the same year as the latest that has ended, up to it."""
    last = latest_period(indicator, until)
    first = date(last.year_of_end, 1, 1)
    return [p for p in between(last.kind, first, last.end) if first <= p.end]


def all_periods(indicator: Indicator, until: date) -> list[Period]:
    """From the first period with a value or of the plan, to the latest that has ended."""
    last = latest_period(indicator, until)
    first = (
        Observation.objects.current()
        .filter(indicator=indicator)
        .order_by("period_end")
        .values_list("period_end", flat=True)
        .first()
    )
    begin = date(indicator.work_item.plan.start_year, 1, 1)
    if first:
        begin = min(begin, first)
    return [p for p in between(last.kind, begin, last.end) if p.end <= last.end]


def stands(indicators: Iterable[Indicator], viewer: Viewer) -> dict[int, Number]:
    """{indicator: how the league stands}. Indicators come with work_item and targets loaded."""
    indicators = list(indicators)
    book = Book({i: year_so_far(i, viewer.on) for i in indicators}, viewer)
    return {indicator.pk: book.stand(indicator) for indicator in indicators}


@dataclass(frozen=True)
class Light:
    """A task's light: the worst of what is judged, with how many are."""

    status: str
    judged: int
    of: int


def light_of(numbers: Iterable[Number]) -> Light:
    return Light(*judging.worst(judging.Judgement(number.status, number.aim) for number in numbers))


def task_lights(items: Iterable[WorkItem], viewer: Viewer) -> dict[int, Light]:
    """{task: its light}, from the latest values of all its indicators."""
    numbers = defaultdict(list)
    indicators = list(Indicator.objects.filter(work_item__in=items).for_stands())
    found = stands(indicators, viewer)
    for indicator in indicators:
        numbers[indicator.work_item_id].append(found[indicator.pk])
    return {item.pk: light_of(numbers[item.pk]) for item in items}


def columns(lines: list[Line]) -> list[Unit]:
    """The units of a grid: all that have a place in one of its lines, in their usual order."""
    units = {n.unit.pk: n.unit for line in lines for n in line.numbers.values()}
    return sorted(units.values(), key=lambda unit: (unit.sort_no, unit.sort_key, unit.pk))
