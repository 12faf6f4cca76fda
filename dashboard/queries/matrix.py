"""Who has reported: task × unit, for the duties of a quarter and those that end in it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common.periods import Kind, NotAPeriod, Period
from dashboard.queries import board
from dashboard.queries.board import Task
from registry.models import Duty, Unit
from registry.services.duties import reporting_units
from tasks_app.models import ProgressReport, WorkItem
from tasks_app.services.series import Viewer

PASSED, WAITING, LATE, OPEN = "passed", "wait", "late", "none"
STRIP = ("ok", "risk", "behind", "prog", "unset")


@dataclass
class Cell:
    """What a unit owes for a task: how many duties, how many met, handed in, overdue."""

    unit: Unit
    counts: Counter = field(default_factory=Counter)
    address: str = ""

    @property
    def owed(self) -> int:
        return self.counts.total()

    @property
    def met(self) -> int:
        return self.counts[PASSED]

    @property
    def handed_in(self) -> int:
        return self.counts[PASSED] + self.counts[WAITING]

    @property
    def state(self) -> str:
        """The look's code: late is worst, then what is open, then what waits for the league."""
        if not self.owed:
            return "na"
        for state in (LATE, OPEN, WAITING):
            if self.counts[state]:
                return state
        return PASSED

    @property
    def value(self) -> str:
        if not self.owed or self.is_blank:
            return ""
        return f"{self.handed_in}/{self.owed}"

    @property
    def is_blank(self) -> bool:
        """Nothing has come in, and nothing is late: shown as a word, not as a nought."""
        return self.state == OPEN and not self.handed_in

    @property
    def word(self) -> str:
        """For readers of the screen, and for the export."""
        if not self.owed:
            return _("不适用")
        if self.is_blank:
            return _("未报")
        words = {
            PASSED: _("已通过"),
            WAITING: _("待审核"),
            LATE: _("逾期"),
            OPEN: _("未报"),
        }
        return _("%(state)s，已报 %(done)s，应报 %(owed)s") % {
            "state": words[self.state],
            "done": self.handed_in,
            "owed": self.owed,
        }


@dataclass
class Row:
    """One task."""

    item: WorkItem
    cells: list[Cell]
    offices: Cell  # what the league's own office owes for it
    task: Task

    @cached_property
    def total(self) -> Counter:
        return sum((cell.counts for cell in [*self.cells, self.offices]), Counter())

    @property
    def owed(self) -> int:
        return self.total.total()

    @property
    def handed_in(self) -> int:
        return self.total[PASSED] + self.total[WAITING]

    @property
    def offices_late(self) -> bool:
        return self.offices.handed_in < self.offices.owed


@dataclass
class Matrix:
    period: Period
    units: list[Unit]
    rows: list[Row]

    @cached_property
    def total(self) -> Counter:
        return sum((row.total for row in self.rows), Counter())

    @property
    def owed(self) -> int:
        return self.total.total()

    @property
    def handed_in(self) -> int:
        return self.total[PASSED] + self.total[WAITING]

    @property
    def late(self) -> int:
        return self.total[LATE]

    @cached_property
    def lights(self) -> dict[str, list[Row]]:
        """{status: tasks}, of the first status of each task."""
        found = defaultdict(list)
        for row in self.rows:
            if row.task.rows:
                found[row.task.status].append(row)
        return dict(found)

    @property
    def strip(self) -> list[tuple[str, list[Row]]]:
        """The counts above the matrix, in the order of the legend."""
        return [(code, self.lights.get(code, [])) for code in STRIP]

    @property
    def whole(self) -> str:
        return _("全盟")

    @property
    def width(self) -> int:
        """How many narrow columns a phone shows."""
        return len(self.units) + 1


def latest_quarter(today: date) -> Period:
    return Period.of(Kind.QUARTER, today).previous()


def asked_period(code: str | None, today: date) -> Period:
    """The quarter that the address names; the latest ended one where it names none."""
    try:
        period = Period.parse(code)
    except NotAPeriod:
        return latest_quarter(today)
    return period if period.kind == Kind.QUARTER else latest_quarter(today)


def quarters(period: Period, today: date) -> list[Period]:
    """What the switch offers: the running quarter, the eight before it, and the one asked for."""
    offered, one = {period}, Period.of(Kind.QUARTER, today)
    for _step in range(9):
        offered.add(one)
        one = one.previous()
    return sorted(offered, reverse=True)


def build_matrix(user, period: Period, *, today: date) -> Matrix:
    """The whole matrix in a fixed number of queries.

    Whether a unit has reported is shared with every business role; drafts, checks and returns on
    the way count as "not in", and only cells in the viewer's scope lead on to the duties.
    """
    items = list(WorkItem.objects.visible_to(user).filter(plan__closed_on=None).for_list())
    reporting = reporting_units(period.end)
    viewer = Viewer.of(user, on=today)
    mine = set(Unit.objects.visible_to(user, "registry.view_duty").values_list("pk", flat=True))
    counts = counted(items, period, today)
    tasks = {task.item.pk: task for task in board.build_from(items, period, viewer).tasks}
    rows = []
    for item in items:
        cells = [
            Cell(unit, counts[item.duty_code, unit.pk], _address(item, unit, period, mine))
            for unit in reporting
        ]
        offices = Cell(viewer.league, counts[item.duty_code, None])
        rows.append(Row(item, cells, offices, tasks[item.pk]))
    return Matrix(period, reporting, rows)


def counted(items, period: Period, today: date) -> dict:
    """{(code, unit): states}; the league's offices are counted together under None."""
    latest = ProgressReport.objects.filter(duty=OuterRef("pk")).order_by("-version")
    duties = (
        Duty.objects.filter(
            code__in=[item.duty_code for item in items],
            period_end__range=(period.start, period.end),
            waived_at=None,
        )
        .annotate(report_state=Subquery(latest.values("state")[:1]))
        .values_list("code", "unit_id", "unit__kind", "due_on", "met_at", "report_state")
    )
    found = defaultdict(Counter)
    for code, unit, kind, due_on, met_at, state in duties:
        key = (code, None if kind == Unit.Kind.OFFICE else unit)
        found[key][_state(due_on, met_at, state, today)] += 1
    return found


def _state(due_on, met_at, report_state, today) -> str:
    if met_at:
        return PASSED
    if report_state == ProgressReport.State.SUBMITTED:
        return WAITING
    return LATE if due_on < today else OPEN


def _address(item: WorkItem, unit: Unit, period: Period, mine: set[int]) -> str:
    if unit.pk not in mine:
        return ""
    query = {"task": item.pk, "unit": unit.pk, "period": period.code}
    return f"{reverse('tasks_app:report-list')}?{urlencode(query)}"
