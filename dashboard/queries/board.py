"""How every task stands at every unit: one board of numbers, as one viewer may see them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common.periods import Period
from common.templatetags.ax import num
from registry.models import Unit
from tasks_app.models import Indicator, WorkItem
from tasks_app.services import judging, series
from tasks_app.services.series import Line, Number, Viewer

TREND = 8  # periods in the small line beside a task
STRIP = ("ok", "risk", "behind", "prog", "unset", "none")


# What the address asks for -----------------------------------------------------------------------
def asked_day(text: str | None, today: date) -> date | None:
    """The past day as of which is asked; None means now."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day < today else None


def viewer_of(user, *, today: date, day: date | None) -> Viewer:
    """Who looks, at what was known at the end of a past day or is known now."""
    moment = None
    if day is not None:
        moment = timezone.make_aware(datetime.combine(day, time.max))
    return Viewer.of(user, on=day or today, moment=moment)


# Numbers in words --------------------------------------------------------------------------------
def number_text(indicator: Indicator, number: Number | None) -> str:
    """The number as this viewer may see it; empty where its status says it all."""
    if number is None or number.mask or not number.has_number:
        return number.mask if number else ""
    return value_text(indicator, number.value)


def value_text(indicator: Indicator, value) -> str:
    """In its column: a rate with two places and no sign, a count as it is."""
    return num(value, 2) if indicator.is_rate else num(value)


def said(indicator: Indicator, value) -> str:
    """In a sentence: with its unit of measure."""
    if indicator.is_rate:
        return f"{num(value, 2)}%"
    return f"{num(value)} {indicator.unit_name}".strip()


def difference(indicator: Indicator, value) -> str:
    """How far apart two numbers are: rates in percentage points, never in per cent."""
    if indicator.is_rate:
        return _("%(n)s 个百分点") % {"n": num(abs(value), 2)}
    return said(indicator, abs(value))


# The board ---------------------------------------------------------------------------------------
@dataclass
class Place:
    """One number of the board: of an indicator at a unit."""

    indicator: Indicator
    unit: Unit
    number: Number | None

    @property
    def status(self) -> str:
        return self.number.status if self.number else "na"

    @property
    def text(self) -> str:
        return number_text(self.indicator, self.number)

    @property
    def is_provisional(self) -> bool:
        return bool(self.number and self.number.is_provisional)

    @property
    def address(self) -> str:
        """The standing's card."""
        standing = self.number.standing if self.number else None
        return standing.get_absolute_url() if standing else ""


@dataclass
class Row:
    """One indicator: the league and the units, in the period in which it stands."""

    indicator: Indicator
    line: Line
    units: list[Unit]
    trend: list[Decimal | None] = field(default_factory=list)  # the league's latest values

    @cached_property
    def total(self) -> Place:
        return Place(self.indicator, self.line.total.unit, self.line.total)

    @cached_property
    def places(self) -> list[Place]:
        return [Place(self.indicator, u, self.line.numbers.get(u.pk)) for u in self.units]

    @property
    def everywhere(self) -> list[Place]:
        return [self.total, *self.places]

    @property
    def period(self) -> Period:
        return self.line.total.period

    def at(self, unit: Unit) -> Place:
        if unit.pk == self.total.unit.pk:
            return self.total
        return Place(self.indicator, unit, self.line.numbers.get(unit.pk))


@dataclass
class Task:
    """One task: its rows, and its light at the league and at each unit."""

    item: WorkItem
    rows: list[Row]
    units: list[Unit]
    handed_in: int = 0  # reports of the quarter
    owed: int = 0

    @cached_property
    def face(self) -> Row | None:
        """The representative indicator."""
        return next((row for row in self.rows if row.indicator.is_representative), None)

    @cached_property
    def light(self) -> series.TaskLight:
        return series.light_of(row.line.total for row in self.rows)

    @property
    def status(self) -> str:
        return self.light.status

    @cached_property
    def worst(self) -> Row | None:
        """The row that decides the light, where it is not the representative one."""
        if not self.light.judged or self.status == judging.OK:
            return None
        deciding = [row for row in self.rows if row.total.status == self.status]
        return None if self.face in deciding else deciding[0]


@dataclass
class Board:
    period: Period
    viewer: Viewer
    units: list[Unit]
    tasks: list[Task]

    @property
    def masked(self) -> bool:
        return any(
            place.number and place.number.mask for row in self.rows for place in row.everywhere
        )

    @property
    def rows(self) -> list[Row]:
        return [row for task in self.tasks for row in task.rows]

    @cached_property
    def strip(self) -> list[tuple[str, list[Task]]]:
        """The counts above the board, in the order of the legend."""
        return [(code, [t for t in self.tasks if t.status == code]) for code in STRIP]

    @property
    def width(self) -> int:
        """How many narrow columns a phone shows."""
        return len(self.units) + 1

    @property
    def whole(self) -> str:
        return _("全盟")

    @property
    def steps(self) -> int:
        """Periods in the small line."""
        return TREND


def build(user, period: Period, viewer: Viewer, *, items=None) -> Board:
    """All indicators of the running plans (or of some tasks) by a period's end. Four questions."""
    if items is None:
        items = WorkItem.objects.visible_to(user).filter(plan__closed_on=None).for_list()
    return build_from(list(items), period, viewer)


def build_from(items: list[WorkItem], period: Period, viewer: Viewer) -> Board:
    """The same for who has the tasks at hand."""
    indicators = list(Indicator.objects.filter(work_item__in=items).for_list())
    units = viewer.reporting_on(period.end)
    until = min(period.end, viewer.on)
    spans = {i: series.year_so_far(i, until) for i in indicators}
    trends = {
        i: series.back_from(series.latest_period(i, until), TREND)
        for i in indicators
        if i.is_representative
    }
    book = series.Book(spans, viewer, trends=trends)
    tasks = {item.pk: Task(item, [], units) for item in items}
    for indicator in indicators:
        line = book.stand_line(indicator)
        past = [p for p in trends.get(indicator, []) if p.end <= line.total.period.end]
        row = Row(indicator, line, units, book.trend(indicator, past))
        tasks[indicator.work_item_id].rows.append(row)
    return Board(period, viewer, units, list(tasks.values()))


@dataclass(frozen=True)
class LineAtUnit:
    """One task at one unit: its indicators there, beside the league's."""

    task: Task
    places: list[tuple[Place, Place]]  # (at the unit, at the league)

    @property
    def light(self) -> series.TaskLight:
        return series.light_of(here.number for here, _league in self.places if here.number)


def at_unit(board: Board, unit: Unit) -> list[LineAtUnit]:
    """The tasks of which the unit has a number, those with the worst lights first."""
    found = []
    for task in board.tasks:
        places = [(row.at(unit), row.total) for row in task.rows if row.at(unit).number]
        if places:
            found.append(LineAtUnit(task, places))
    order = [*judging.VERDICTS, "none", "prog", "unset"]

    def rank(line: LineAtUnit):
        status = line.light.status
        return order.index(status) if status in order else len(order), line.task.item.no

    return sorted(found, key=rank)
