"""An indicator over time: the way to its target, units side by side, what was changed when."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from common.periods import Period
from common.templatetags.ax import LOOKS
from dashboard.charts import FORECAST, TARGET, Chart, Mark, Point, Series
from dashboard.queries.board import difference, said, value_text
from registry.models import Unit
from tasks_app.models import Indicator
from tasks_app.services import series
from tasks_app.services.series import Book, Number, Viewer

WORDS = {
    "NOT_REPORTED": "none",
    "NOT_APPLICABLE": "na",
    "NO_CASE": "nocase",
    "IN_PROGRESS": "prog",
}


class Story:
    """One indicator in all its periods, for the league and its units. Five questions."""

    def __init__(
        self, indicator: Indicator, viewer: Viewer, *, years: tuple[int, int] | None = None
    ):
        self.indicator, self.viewer = indicator, viewer
        periods = series.all_periods(indicator, viewer.on)
        if years:
            periods = [p for p in periods if years[0] <= p.year_of_end <= years[1]]
        self.periods: list[Period] = periods
        self.book = Book({indicator: periods}, viewer, opened=True)
        # A flow is held against its target by what the year has come to.
        line = self.book.line_so_far if indicator.adds_up_over_time else self.book.line
        self.lines = [line(indicator, period) for period in periods]
        self.units = series.columns(self.lines)

    def numbers(self, unit: Unit) -> list[Number | None]:
        if unit.kind == Unit.Kind.LEAGUE:
            return [line.total for line in self.lines]
        return [line.numbers.get(unit.pk) for line in self.lines]

    @property
    def latest(self) -> Number | None:
        """The league's latest number, else its latest line."""
        totals = [line.total for line in self.lines]
        known = [n for n in totals if n.has_number]
        return (known or totals or [None])[-1]

    @property
    def labels(self) -> list[str]:
        return [period.short for period in self.periods]

    @property
    def source(self) -> str:
        formula = self.indicator.numerator
        if self.indicator.is_rate:
            formula = f"{formula} ÷ {self.indicator.denominator}"
        return _("口径：%(formula)s。只画已通过的数；%(day)s 所知。") % {
            "formula": formula,
            "day": self.viewer.on.isoformat(),
        }

    # Charts --------------------------------------------------------------------------------------
    def path(self, unit: Unit) -> Chart:
        """The way of one unit: what was reached, what should have been, where it leads."""
        numbers = self.numbers(unit)
        lines = [Series(unit.short, [self._point(n) for n in numbers])]
        labels, aims = self.labels, self._aims(numbers)
        forecast = self._forecast(numbers)
        if forecast:
            label, value = forecast
            labels = [*labels, label]
            lines = [Series(lines[0].name, [*lines[0].points, Point(None, "")])]
            aims = aims and [*aims, self._target_at(numbers)]
        if aims:
            lines.append(Series(_("到期目标"), aims, TARGET))
        if forecast:
            ahead = [Point(None, "")] * len(self.periods)
            last = self._last_known(numbers)
            ahead[last] = Point(numbers[last].value, "")
            ahead.append(Point(value, value_text(self.indicator, value)))
            lines.append(Series(_("预测"), ahead, FORECAST))
        return Chart(
            self._finding(unit, numbers),
            self._measure(unit, numbers),
            labels,
            lines,
            self.source,
            self._address("dashboard:chart-path", unit=unit.pk),
            marks=self._marks(unit),
            is_rate=self.indicator.is_rate,
        )

    def side_by_side(self, units: Iterable[Unit]) -> Chart:
        """Some units in one picture."""
        units = list(units)
        lines = [Series(u.short, [self._point(n) for n in self.numbers(u)]) for u in units]
        aims = self._aims(self.numbers(self.viewer.league))
        if aims:
            lines.append(Series(_("全盟到期目标"), aims, TARGET))
        return Chart(
            _("%(name)s：%(units)s")
            % {"name": self.indicator.name, "units": _("、").join(u.short for u in units)},
            _("%(unit)s | 缺数处断开") % {"unit": self._unit_name()},
            self.labels,
            lines,
            self.source,
            self._address("dashboard:chart-units", unit=[u.pk for u in units]),
            is_rate=self.indicator.is_rate,
        )

    def _address(self, name: str, **query) -> str:
        if self.viewer.moment:
            query["asof"] = self.viewer.on.isoformat()
        return f"{reverse(name, args=[self.indicator.pk])}?{urlencode(query, doseq=True)}"

    def _point(self, number: Number | None) -> Point:
        if number is None:
            return Point(None, _("不适用"), "na")
        if number.mask:
            return Point(None, number.mask, number.status)
        if not number.has_number:
            return Point(None, word_of(number), number.status)
        return Point(
            number.value,
            value_text(self.indicator, number.value),
            number.status,
            number.is_provisional,
            bool(number.earlier),
        )

    def _aims(self, numbers: list[Number | None]) -> list[Point]:
        """The target to date of each period; nothing where none is set."""
        found = []
        for number in numbers:
            row = number.standing if number else None
            value = row.target_to_date if row else None
            found.append(Point(value, "" if value is None else value_text(self.indicator, value)))
        return found if any(point.value is not None for point in found) else []

    def _target_at(self, numbers) -> Point:
        row = next(n.standing for n in reversed(numbers) if n and n.standing)
        value = row.target.value if row.target else None
        return Point(value, "" if value is None else value_text(self.indicator, value))

    def _last_known(self, numbers) -> int | None:
        known = [at for at, n in enumerate(numbers) if n and n.has_number and not n.mask]
        return known[-1] if known else None

    def _forecast(self, numbers) -> tuple[str, Decimal] | None:
        """(year, value) where five points allow one and the year is still to come."""
        last = self._last_known(numbers)
        if last is None or any(n.mask for n in numbers if n):  # it would tell of what is hidden
            return None
        row = numbers[last].standing
        if row is None or row.forecast is None or row.target is None:
            return None
        if row.target.year <= self.periods[-1].year_of_end:
            return None
        return str(row.target.year), row.forecast

    def _measure(self, unit: Unit, numbers) -> str:
        parts = [unit.short, self._unit_name()]
        if self.indicator.adds_up_over_time:
            parts.append(_("当年累计"))
        pairs = zip(self.periods, numbers, strict=True)
        gaps = [period.short for period, n in pairs if n and n.state == "NOT_REPORTED"]
        if gaps:
            shown = _("、").join(gaps[:4])
            more = _("等 %(n)s 期") % {"n": len(gaps)} if len(gaps) > 4 else ""
            parts.append(_("%(periods)s%(more)s 未报，画为断线") % {"periods": shown, "more": more})
        last = self._last_known(numbers)
        if last is not None and numbers[last].is_few:
            parts.append(_("小数字：分母不到 10，一个人就能让它大变"))
        if last is not None and numbers[last].standing.forecast is None:
            parts.append(_("数据点不足 5 个，不作预测"))
        return " | ".join(parts)

    def _unit_name(self) -> str:
        return "%" if self.indicator.is_rate else self.indicator.unit_name

    def _finding(self, unit: Unit, numbers) -> str:
        """The title says what the picture shows."""
        last = self._last_known(numbers)
        name = f"{unit.short} {self.indicator.name}"
        if last is None:
            return _("%(name)s：还没有数") % {"name": name}
        number = numbers[last]
        now = said(self.indicator, number.value)
        row = number.standing
        if row is None or row.target_to_date is None:
            return _("%(name)s：%(now)s，目标待定") % {"name": name, "now": now}
        off = number.value - row.target_to_date
        if self.indicator.direction == Indicator.Direction.DOWN:
            off = -off
        if number.since or off >= 0:
            return _("%(name)s：%(now)s") % {"name": name, "now": now}
        return _("%(name)s离到期目标还差 %(gap)s") % {
            "name": name,
            "gap": difference(self.indicator, off),
        }

    # What happened when --------------------------------------------------------------------------
    def _marks(self, unit: Unit) -> list[Mark]:
        found = []
        for place, number in enumerate(self.numbers(unit)):
            for old in number.earlier if number else []:
                if old.value is not None:
                    text = _("更正：原为 %(old)s") % {"old": said(self.indicator, old.value)}
                    found.append(Mark(place, text))
        return sorted([*found, *self._targets_set(unit)], key=lambda mark: mark.place)

    def _targets_set(self, unit: Unit) -> list[Mark]:
        """When targets were set; several of one day are told together."""
        days = defaultdict(list)
        for target in self.indicator.all_targets():
            if target.unit_id == unit.pk:
                days[target.set_at.date()].append(target)
        found = []
        for day, rows in days.items():
            place = self._place_of(day)
            if place is not None:
                found.append(Mark(place, self._target_said(rows)))
        return found

    def _target_said(self, rows) -> str:
        if len(rows) > 1:
            years = sorted(row.year for row in rows)
            return _("定 %(first)s—%(last)s 年目标，%(n)s 个") % {
                "first": years[0],
                "last": years[-1],
                "n": len(rows),
            }
        return _("定 %(year)s 年目标 %(value)s") % {
            "year": rows[0].year,
            "value": said(self.indicator, rows[0].value),
        }

    def _place_of(self, day) -> int | None:
        """The period in which a day lies; the last one for later days."""
        if not self.periods or day < self.periods[0].start:
            return None
        fits = [at for at, period in enumerate(self.periods) if day <= period.end]
        return fits[0] if fits else len(self.periods) - 1


def word_of(number: Number) -> str:
    """Why there is no number."""
    return str(LOOKS[WORDS.get(number.state, "none")].word)
