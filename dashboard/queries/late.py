"""Who has reported and who is late, in a few counts beside the lights."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from common.periods import Period
from dashboard.queries import matrix
from dashboard.queries.board import Board
from registry.models import Duty, Finding, Unit
from tasks_app.models import WorkItem
from tasks_app.services import reminders


@dataclass
class Reports:
    """How many reports of the quarter were due and have come in: of all, of each task."""

    total: Counter = field(default_factory=Counter)
    of_task: dict[int, Counter] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def owed(self) -> int:
        return self.total.total()

    @property
    def handed_in(self) -> int:
        return self.total[matrix.PASSED] + self.total[matrix.WAITING]

    @property
    def late(self) -> int:
        return self.total[matrix.LATE]


def counts(items: Iterable[WorkItem], period: Period, *, on: date) -> Reports:
    """One question."""
    items = list(items)
    by_code = {item.duty_code: item.pk for item in items}
    reports = Reports()
    for (code, _unit), states in matrix.counted(items, period, on).items():
        reports.total += states
        reports.of_task[by_code[code]] += states
    return reports


def counts_of(board: Board, *, on: date) -> Reports:
    """The same for the tasks of a board; each is told its own."""
    reports = counts((task.item for task in board.tasks), board.period, on=on)
    tell(board, reports)
    return reports


def tell(board: Board, reports: Reports) -> None:
    for task in board.tasks:
        mine = reports.of_task[task.item.pk]
        task.handed_in = mine[matrix.PASSED] + mine[matrix.WAITING]
        task.owed = mine.total()


@dataclass(frozen=True)
class LateUnit:
    pk: int
    short: str
    count: int
    since: date


@dataclass(frozen=True)
class Overdue:
    """In the viewer's scope: duties past their day, and findings nobody has answered in time."""

    units: list[LateUnit]
    findings: int

    @property
    def is_none(self) -> bool:
        return not self.units and not self.findings


def overdue(user, *, on: date) -> Overdue:
    rows = reminders.overdue_by_unit(user, on=on) if user.has_perm("registry.view_duty") else []
    found = [
        LateUnit(
            row["unit"],
            row["unit__short_name"] or row["unit__name"],
            row["count"],
            row["since"],
        )
        for row in rows
    ]
    findings = 0
    if user.has_perm("registry.view_finding"):
        findings = Finding.objects.visible_to(user, "registry.view_finding").overdue(on).count()
    return Overdue(found, findings)


@dataclass(frozen=True)
class Line:
    """One duty, in words."""

    duty: Duty
    item: WorkItem | None

    @property
    def says(self) -> str:
        period = Period.parse(self.duty.period).label
        if self.item:
            return f"{self.item.number} {self.item.short} {period}"
        return f"{self.duty.kind.title} {period}".strip()


@dataclass(frozen=True)
class Owed:
    """What one unit owes, for who may see its duties and findings."""

    duties: list[Line]
    findings: list[Finding]


SHOWN = 8


def of_unit(user, unit: Unit, *, on: date) -> Owed | None:
    """None for who may not see the unit's duties."""
    duties = Duty.objects.visible_to(user, "registry.view_duty").filter(unit=unit).open()
    if not Unit.objects.visible_to(user, "registry.view_duty").filter(pk=unit.pk).exists():
        return None
    owed = list(duties.filter(period_end__lt=on).order_by("due_on", "code")[:SHOWN])
    items = WorkItem.objects.filter(duty_code__in={duty.code for duty in owed})
    by_code = {item.duty_code: item for item in items.select_related("plan")}
    lines = [Line(duty, by_code.get(duty.code)) for duty in owed]
    findings = []
    if user.has_perm("registry.view_finding"):
        mine = Finding.objects.visible_to(user, "registry.view_finding").filter(unit=unit)
        findings = list(mine.open().for_list()[:SHOWN])
    return Owed(lines, findings)
