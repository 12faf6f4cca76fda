"""Charts as values: what a chart shows is made here once, and drawn, listed and exported from it.

A page includes `components/chart.html` with a `Chart`; the picture is drawn by `static/js/charts.js`
from the same JSON that the guarded address gives (`dashboard:chart-…`). What is missing is a gap
(None) with the word for why; a target is a line; what a viewer may not see never leaves the server.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import django_tables2 as tables
from django.utils.translation import gettext as _

ACTUAL, TARGET, FORECAST = "actual", "target", "forecast"
LINE, BAR = "line", "bar"
SERIES_MOST = 4  # the palette has four colours; more become small multiples


@dataclass(frozen=True)
class Point:
    """One value. `text` is what the table says: the number, or the word for why there is none.

    `url` leads to the rows behind it, for who may see them.
    """

    value: Decimal | None
    text: str
    status: str = ""
    is_provisional: bool = False
    is_corrected: bool = False
    url: str = ""


@dataclass(frozen=True)
class Series:
    name: str
    points: list[Point]
    kind: str = ACTUAL


@dataclass(frozen=True)
class Mark:
    """Something that happened in a period: a target was changed, a number corrected."""

    place: int  # index of the period
    text: str


@dataclass(frozen=True)
class Chart:
    """`address` gives the JSON; with `export=xlsx` or `csv` the same as a file."""

    title: str
    measure: str  # unit of area, measure, gaps
    labels: list[str]  # periods, short; of bars, what is compared
    series: list[Series]
    source: str
    address: str = ""
    first: str = ""  # head of the first column
    marks: list[Mark] = field(default_factory=list)
    is_rate: bool = False
    shape: str = LINE  # bars lie on their side and begin at zero

    @property
    def has_points(self) -> bool:
        return any(p.value is not None for s in self.series for p in s.points)

    @property
    def summary(self) -> str:
        """The sentence that stands for the picture."""
        if self.shape == BAR:
            said = [f"{row['label']} {_all_told(row['points'])}" for row in self.rows]
            return _("柱图：%(title)s。%(all)s") % {"title": self.title, "all": _("；").join(said)}
        last = []
        for series in self.series:
            known = [
                (label, p) for label, p in zip(self.labels, series.points, strict=True) if p.text
            ]
            if known and series.kind == ACTUAL:
                label, point = known[-1]
                last.append(f"{series.name} {label} {point.text}")
        return _("折线图：%(title)s。%(last)s") % {
            "title": self.title,
            "last": _("；").join(last),
        }

    @property
    def rows(self) -> list[dict]:
        """The table: a period, and what each series says of it."""
        marks = {}
        for mark in self.marks:
            marks.setdefault(mark.place, []).append(mark.text)
        return [
            {
                "label": label,
                "points": [series.points[place] for series in self.series],
                "marks": _("；").join(marks.get(place, [])),
            }
            for place, label in enumerate(self.labels)
        ]

    def as_json(self) -> dict:
        return {
            "title": self.title,
            "measure": self.measure,
            "source": self.source,
            "rate": self.is_rate,
            "shape": self.shape,
            "labels": self.labels,
            "series": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "values": [None if p.value is None else float(p.value) for p in one.points],
                    "texts": [p.text for p in one.points],
                    "hollow": [p.is_corrected for p in one.points],
                }
                for one in self.series
            ],
            "marks": [{"place": mark.place, "text": mark.text} for mark in self.marks],
        }


def _all_told(points: Iterable[Point]) -> str:
    return " / ".join(point.text for point in points)


class ChartTable(tables.Table):
    """What the export of a chart holds: what its table shows."""

    def __init__(self, chart: Chart):
        plain = {"orderable": False}
        columns = [("label", tables.Column(verbose_name=chart.first or _("期别"), **plain))]
        columns += [
            (f"s{number}", tables.Column(verbose_name=series.name, **plain))
            for number, series in enumerate(chart.series)
        ]
        if chart.marks:
            columns.append(("marks", tables.Column(verbose_name=_("变动"), **plain)))
        super().__init__(list(_lines(chart)), extra_columns=columns)


def _lines(chart: Chart) -> Iterable[dict]:
    for row in chart.rows:
        line = {"label": row["label"], "marks": row["marks"]}
        for number, point in enumerate(row["points"]):
            line[f"s{number}"] = point.text if point.value is None else point.value
        yield line
