"""The final account of a plan: its target year against baseline and target, by task."""

from dataclasses import dataclass
from datetime import date

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.periods import Period, between
from common.templatetags.ax import LOOKS
from dashboard.board_tables import plain, target_of, value_of
from dashboard.queries.board import Place, Row
from registry.models import Unit
from tasks_app.models import Baseline, Indicator, Light, Plan, WorkItem
from tasks_app.services import judging, series
from tasks_app.services.series import Book, Viewer

FINAL, PROVISIONAL, MISSING, RUNNING = "final", "provisional", "missing", "running"


@dataclass
class Line:
    """One indicator: where it began, what it should reach, what it came to."""

    row: Row
    baseline: Baseline | None
    baseline_mask: str
    is_over: bool

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def total(self) -> Place:
        return self.row.total

    @property
    def how_sure(self) -> str:
        number = self.total.number
        if not number.has_number:
            return MISSING if number.status == Light.NONE else FINAL
        if not self.is_over:
            return RUNNING
        return PROVISIONAL if number.is_provisional else FINAL

    @property
    def how_sure_says(self) -> str:
        return {
            FINAL: _("终值"),
            PROVISIONAL: _("暂定：未报齐"),
            MISSING: _("未报"),
            RUNNING: _("未到期末"),
        }[self.how_sure]


@dataclass
class Chapter:
    """One task."""

    item: WorkItem
    lines: list[Line]

    @property
    def light(self) -> series.TaskLight:
        return series.light_of(line.total.number for line in self.lines)


@dataclass
class Account:
    plan: Plan
    year: int
    units: list[Unit]
    chapters: list[Chapter]

    @property
    def lines(self) -> list[Line]:
        return [line for chapter in self.chapters for line in chapter.lines]

    def count(self, *statuses: str) -> int:
        return sum(chapter.light.status in statuses for chapter in self.chapters)

    @property
    def strip(self) -> list[tuple[str, int]]:
        """Indicators by what came of them."""
        codes = [*reversed(judging.VERDICTS), "prog", "unset", "none"]
        return [(code, sum(line.total.status == code for line in self.lines)) for code in codes]

    @property
    def unsettled(self) -> int:
        """Indicators whose last number is not final."""
        return sum(line.how_sure != FINAL for line in self.lines)


def last_period(indicator: Indicator, year: int) -> Period:
    """The indicator's last period that ends in the year."""
    kind = indicator.period_kind
    return [p for p in between(kind, date(year, 1, 1), date(year, 12, 31)) if p.end.year == year][
        -1
    ]


def account(plan: Plan, viewer: Viewer) -> Account:
    """In six questions, however many values there are."""
    year = plan.target_year
    items = list(WorkItem.objects.filter(plan=plan).for_list())
    indicators = list(Indicator.objects.filter(work_item__in=items).for_list())
    spans = {i: [last_period(i, year)] for i in indicators}
    units = viewer.reporting_on(min(date(year, 12, 31), viewer.on))
    book = Book(spans, viewer)
    starts = _baselines(indicators, viewer)
    chapters = {item.pk: Chapter(item, []) for item in items}
    for indicator in indicators:
        (period,) = spans[indicator]
        line = book.line_so_far if indicator.adds_up_over_time else book.line
        row = Row(indicator, line(indicator, period), units)
        baseline, mask = starts.get(indicator.pk, (None, ""))
        chapters[indicator.work_item_id].lines.append(
            Line(row, baseline, mask, period.end < viewer.on)
        )
    return Account(plan, year, units, list(chapters.values()))


def _baselines(indicators, viewer: Viewer) -> dict[int, tuple[Baseline, str]]:
    """{indicator: (the league's baseline, what stands in its place)}"""
    rows = Baseline.objects.current().filter(indicator__in=indicators, unit=viewer.league)
    by_pk = {indicator.pk: indicator for indicator in indicators}
    found = {}
    for row in rows.select_related("unit"):
        mask = series.baseline_mask(by_pk[row.indicator_id], row, viewer)
        found[row.indicator_id] = row, mask
    return found


class AccountTable(tables.Table):
    task = plain(gettext_lazy("任务"))
    indicator = plain(gettext_lazy("指标"))
    measure = plain(gettext_lazy("计量单位"))
    baseline = plain(gettext_lazy("基期值"))
    since = plain(gettext_lazy("基期"))
    target = plain(gettext_lazy("目标"))
    source = plain(gettext_lazy("目标依据"))
    value = plain(gettext_lazy("终值"))
    status = plain(gettext_lazy("结论"))
    sure = plain(gettext_lazy("是否终值"))

    def __init__(self, found: Account):
        columns = [(f"unit{unit.pk}", plain(unit.short)) for unit in found.units]
        super().__init__([_line(line) for line in found.lines], extra_columns=columns)


def _line(line: Line) -> dict:
    indicator, aim = line.indicator, line.total.number.aim
    base = line.baseline
    value = "" if base is None or base.value is None else round(base.value, 4)
    cells = {
        "task": indicator.work_item.number,
        "indicator": indicator.name,
        "measure": "%" if indicator.is_rate else indicator.unit_name,
        "baseline": line.baseline_mask or value,
        "since": base.span.label if base else "",
        "target": target_of(line.total),
        "source": aim.target.source if aim else "",
        "value": value_of(line.total),
        "status": str(LOOKS[line.total.status].word),
        "sure": line.how_sure_says,
    }
    return cells | {f"unit{p.unit.pk}": value_of(p) for p in line.row.places}
