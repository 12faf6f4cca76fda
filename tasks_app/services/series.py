"""Standings as one viewer may see them: periods × units, the league's total, how it stands.

Everything is read from the stored standings; nothing is worked out here but what is hidden from whom.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import BooleanField, Case, ExpressionWrapper, Q, Value, When

from common import smallcells
from common.figures import State
from common.periods import Period, between
from registry.models import Unit
from tasks_app.models import Indicator, Light, Observation, Standing, WorkItem
from tasks_app.services import judging
from tasks_app.services.judging import Aim
from tasks_app.services.totals import WHOLE

SHARED = "tasks_app.view_standing"
S = Standing.State


@dataclass
class Number:
    """One number on a page: its state, its status, and whether this viewer may see it."""

    unit: Unit
    period: Period
    state: str
    status: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    aim: Aim | None = None
    mask: str = ""  # stands in place of a hidden number
    reported: int = 0  # of a total: units whose part is in
    due: int = 0
    since: Period | None = None  # of a sum over several periods: the first of them
    standing: Standing | None = None
    observation: Observation | None = None
    earlier: list[Observation] = field(default_factory=list)  # corrected values, newest first
    covered: bool = False  # the viewer's posting covers the unit

    @property
    def has_number(self) -> bool:
        return self.value is not None

    @property
    def is_provisional(self) -> bool:
        """There is a number, and some part of it is missing or not yet approved."""
        return self.has_number and (self.reported < self.due or self.state != S.REPORTED)

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def is_few(self) -> bool:
        return bool(not self.mask and self.standing and self.standing.is_few)


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
    """Who looks, on which day, at what was known when: the units that the postings cover."""

    covered: frozenset[int]
    on: date
    league: Unit
    moment: datetime | None = None  # as it was known then; now, where there is none
    reporting: tuple[Unit, ...] = ()  # all that ever reported, in their usual order

    @classmethod
    def of(cls, user, *, on: date, moment: datetime | None = None) -> "Viewer":
        """In one question."""
        known = Unit.objects.visible_to(user, SHARED).values("pk")
        return cls._made(Case(When(pk__in=known, then=True), default=False), on, moment)

    @classmethod
    def stranger(cls, *, on: date) -> "Viewer":
        """Whoever walks past a screen."""
        return cls._made(Value(False), on, None)

    @classmethod
    def _made(cls, seen, on: date, moment: datetime | None) -> "Viewer":
        small = [Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL]
        wanted = Unit.objects.filter(~Q(kind__in=small) | Q(reports_education=True))
        seen = ExpressionWrapper(seen, output_field=BooleanField())
        units = sorted(wanted.annotate(seen=seen), key=_order)
        return cls(
            frozenset(unit.pk for unit in units if unit.seen),
            on,
            next(u for u in units if u.kind == Unit.Kind.LEAGUE and u.existed(on)),
            moment,
            tuple(unit for unit in units if unit.reports_education),
        )

    def reporting_on(self, day: date) -> list[Unit]:
        """Those that file returns and existed on a day."""
        return [unit for unit in self.reporting if unit.existed(day)]

    def covers(self, unit: Unit) -> bool:
        # What an office reports for the league is the league's.
        return (self.league.pk if unit.kind in WHOLE else unit.pk) in self.covered


class Book:
    """The standings of some indicators in some periods: loaded at once, asked often."""

    def __init__(
        self,
        periods: dict[Indicator, list[Period]],
        viewer: Viewer,
        *,
        opened=False,
        trends: dict[Indicator, list[Period]] | None = None,
    ):
        """`opened`: also the approved values behind the numbers, and those they replaced.
        `trends`: periods of which the league's number alone is wanted, for some indicators."""
        self.viewer = viewer
        self.periods = periods
        wanted = _within(periods)
        asked = Q(**wanted)
        if trends:
            asked |= Q(**_within(trends), unit=viewer.league)
        self.standings = defaultdict(dict)
        rows = Standing.objects.as_of(viewer.moment).filter(asked).select_related("target")
        for row in self._placed(list(rows)):
            self.standings[row.indicator_id, row.period][row.unit_id] = row
        self.behind, self.earlier = {}, defaultdict(list)
        if opened:
            self._load_observations(wanted)

    def _placed(self, rows: list[Standing]) -> list[Standing]:
        """With their units: the few that all of them share are loaded once, not with each row."""
        units = {unit.pk: unit for unit in (self.viewer.league, *self.viewer.reporting)}
        others = {row.unit_id for row in rows} - units.keys()
        if others:
            units |= Unit.objects.in_bulk(others)
        for row in rows:
            row.unit = units[row.unit_id]
        return rows

    def _load_observations(self, wanted: dict) -> None:
        rows = Observation.objects.filter(**wanted).known_at(self.viewer.moment)
        for row in rows.select_related("unit", "entered_by", "approved_by").order_by("-pk"):
            whole = row.unit.kind in WHOLE
            key = (row.indicator_id, row.period, self.viewer.league.pk if whole else row.unit_id)
            if row.counted_at(self.viewer.moment):
                self.behind[key] = row
            else:
                self.earlier[key].append(row)

    def line(self, indicator: Indicator, period: Period) -> Line:
        rows = self.standings[indicator.pk, period.code]
        league = self.viewer.league
        numbers = {
            pk: self._number(indicator, period, row)
            for pk, row in sorted(rows.items(), key=lambda item: _order(item[1].unit))
            if pk != league.pk
        }
        line = Line(period, numbers, self._number(indicator, period, rows.get(league.pk)))
        parts = [n for n in numbers.values() if n.observation and n.has_number]
        if parts:  # the league's is their sum, whatever was once entered for it
            line.total.observation, line.total.earlier = None, []
        if indicator.counts_people:
            _hide(line)
        return line

    def lines(self, indicator: Indicator) -> list[Line]:
        """All periods asked for, newest first."""
        return [self.line(indicator, period) for period in reversed(self.periods[indicator])]

    def trend(self, indicator: Indicator, periods: list[Period]) -> list[Decimal | None]:
        """The league's final values, none where there is none to see: what is summed while a report is
        missing would look like a fall."""
        league, is_covered = self.viewer.league.pk, self.viewer.covers(self.viewer.league)
        if indicator.counts_people and not is_covered:
            return []  # the height of a line tells of few people too
        rows = (self.standings[indicator.pk, period.code].get(league) for period in periods)
        return [row.value if row and row.state == S.REPORTED else None for row in rows]

    def stand(self, indicator: Indicator) -> Number:
        """How the league stands: the year so far of what adds up, else the latest that is known."""
        league, periods = self.viewer.league.pk, self.periods[indicator]
        rows = [(p, self.standings[indicator.pk, p.code].get(league)) for p in periods]
        if indicator.adds_up_over_time:
            return self._year(indicator, *rows[-1])
        known = [
            (p, row) for p, row in rows if row and row.state not in (S.NOT_REPORTED, S.IN_PROGRESS)
        ]
        period, _row = (known or rows)[-1]
        return self.line(indicator, period).total

    def stand_line(self, indicator: Indicator) -> Line:
        """How the league and each of its units stand, in the period in which the league does."""
        stand = self.stand(indicator)
        if not stand.since:
            return self.line(indicator, stand.period)
        return self.line_so_far(indicator, stand.period)

    def line_so_far(self, indicator: Indicator, period: Period) -> Line:
        """One period of a flow: what the year has come to by then."""
        rows = self.standings[indicator.pk, period.code]
        league = self.viewer.league.pk
        if league not in rows:
            return self.line(indicator, period)
        numbers = {
            pk: self._so_far(indicator, period, row)
            for pk, row in sorted(rows.items(), key=lambda item: _order(item[1].unit))
        }
        line = Line(period, numbers, numbers.pop(league))
        if indicator.counts_people:
            _hide(line)
        return line

    def _year(self, indicator: Indicator, period: Period, row: Standing | None) -> Number:
        if row is None or not row.since:
            return self.line(indicator, period).total
        number = self._so_far(indicator, period, row)
        if indicator.counts_people:
            _hide(Line(period, {}, number))
        return number

    def _so_far(self, indicator: Indicator, period: Period, row: Standing) -> Number:
        """A flow's number of the year so far."""
        number = self._number(indicator, period, row)
        if number.standing is None or not row.since:
            return number
        number.numerator, number.denominator = row.year_numerator, row.year_denominator
        number.value = _exact(row.year_numerator, row.year_denominator)
        number.reported, number.due = row.year_reported, row.year_due
        number.state = S.REPORTED if row.year_value is not None else number.state
        number.since = Period.parse(row.since)
        return number

    def _number(self, indicator: Indicator, period: Period, row: Standing | None) -> Number:
        unit = row.unit if row else self.viewer.league
        covered = self.viewer.covers(unit)
        if row is None or (row.is_live and not covered):
            # What nobody has approved yet is for those who work on it.
            is_over = period.end < self.viewer.on
            state = S.NOT_REPORTED if is_over else S.IN_PROGRESS
            status = Light.NONE if is_over else Light.PROGRESS
            return Number(unit, period, state, status, covered=covered)
        key = (indicator.pk, period.code, unit.pk)
        return Number(
            unit,
            period,
            row.state,
            row.light,
            row.numerator,
            row.denominator,
            row.exact,
            _aim(row, period),
            reported=row.reported,
            due=row.due,
            standing=row,
            observation=self.behind.get(key),
            earlier=self.earlier[key],
            covered=covered,
        )


def _within(periods: dict[Indicator, list[Period]]) -> dict:
    codes = {period.code for spans in periods.values() for period in spans}
    return {"indicator__in": list(periods), "period__in": codes}


def _order(unit: Unit) -> tuple:
    return unit.sort_no, unit.sort_key, unit.pk


def _exact(numerator, denominator) -> Decimal | None:
    if numerator is None or denominator is None:
        return numerator
    return numerator * 100 / denominator if denominator else None


def _aim(row: Standing, period: Period) -> Aim | None:
    if row.target is None:
        return None
    year = period.year_of_end
    return Aim(row.target, carried=row.target.year < year, ahead=row.target.year > year)


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
    if row.state in (State.NOT_REPORTED, State.NOT_APPLICABLE) or row.numerator is None:
        return smallcells.People(None, covered=covered)
    return smallcells.People(row.numerator, row.denominator, covered)


def baseline_rows(indicator: Indicator, viewer: Viewer) -> list[dict]:
    """Baselines, present and past, with the mask of what this viewer may not see."""
    return [
        {"baseline": baseline, "mask": baseline_mask(indicator, baseline, viewer)}
        for baseline in indicator.all_baselines()
    ]


def baseline_mask(indicator: Indicator, baseline, viewer: Viewer) -> str:
    """What stands in the place of a baseline that this viewer may not see."""
    people = _people(baseline, viewer.covers(baseline.unit))
    is_hidden = indicator.counts_people and people.is_small and not people.covered
    return smallcells.shown(people, is_hidden=is_hidden) or ""


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


def back_from(last: Period, count: int) -> list[Period]:
    """So many periods up to one, the oldest first."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].previous())
    return found[::-1]


def all_periods(indicator: Indicator, until: date) -> list[Period]:
    """From the first period with a value or of the plan, to the latest that has ended."""
    last = latest_period(indicator, until)
    first = (
        Standing.objects.current()
        .filter(indicator=indicator)
        .order_by("period_end")
        .values_list("period_end", flat=True)
        .first()
    )
    begin = date(indicator.work_item.plan.start_year, 1, 1)
    if first:
        begin = min(begin, first)
    return [p for p in between(last.kind, begin, last.end) if p.end <= last.end]


def stands(
    indicators: Iterable[Indicator], viewer: Viewer, *, until: date | None = None
) -> dict[int, Number]:
    """{indicator: how the league stands} in the latest period that has ended by a day."""
    indicators = list(indicators)
    book = Book({i: year_so_far(i, until or viewer.on) for i in indicators}, viewer)
    return {indicator.pk: book.stand(indicator) for indicator in indicators}


@dataclass(frozen=True)
class TaskLight:
    """A task's light: the worst of what is judged, with how many are."""

    status: str
    judged: int
    of: int


def light_of(numbers: Iterable[Number]) -> TaskLight:
    found = (judging.Judgement(number.status, number.aim) for number in numbers)
    return TaskLight(*judging.worst(found))


def task_lights(items: Iterable[WorkItem], viewer: Viewer) -> dict[int, TaskLight]:
    """{task: its light}, from the latest values of all its indicators."""
    numbers = defaultdict(list)
    indicators = list(Indicator.objects.filter(work_item__in=items).for_list())
    found = stands(indicators, viewer)
    for indicator in indicators:
        numbers[indicator.work_item_id].append(found[indicator.pk])
    return {item.pk: light_of(numbers[item.pk]) for item in items}


def columns(lines: list[Line]) -> list[Unit]:
    """The units of a grid: all that have a place in one of its lines, in their usual order."""
    units = {n.unit.pk: n.unit for line in lines for n in line.numbers.values()}
    return sorted(units.values(), key=_order)
