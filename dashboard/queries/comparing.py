"""Units and years of one indicator: periods down, units across."""

from dataclasses import dataclass

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.periods import Period
from dashboard.board_tables import plain, value_of
from dashboard.charts import SERIES_MOST, Chart
from dashboard.queries.board import Place
from dashboard.queries.paths import Story
from registry.models import Unit


@dataclass(frozen=True)
class Compared:
    title: str
    chart: Chart
    units: list[Unit]
    rows: list[tuple[Period, list[Place]]]  # newest first


def compare(story: Story, units: list[Unit]) -> Compared:
    numbers = {unit.pk: story.numbers(unit) for unit in units}
    rows = [
        (period, [Place(story.indicator, u, numbers[u.pk][at]) for u in units])
        for at, period in enumerate(story.periods)
    ]
    title = _("%(name)s 比较") % {"name": story.indicator.name}
    return Compared(title, story.side_by_side(units[:SERIES_MOST]), units, rows[::-1])


class ComparisonTable(tables.Table):
    period = plain(gettext_lazy("期别"))

    def __init__(self, found: Compared):
        columns = [(f"unit{unit.pk}", plain(unit.short)) for unit in found.units]
        rows = [
            {"period": period.label} | {f"unit{p.unit.pk}": value_of(p) for p in places}
            for period, places in found.rows
        ]
        super().__init__(rows, extra_columns=columns)
