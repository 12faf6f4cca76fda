"""The demonstration's numbers: made up, smooth enough to be read, the same on every machine."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zlib import crc32

from common.figures import State
from common.periods import Kind, Period
from registry import figures as registry_figures
from registry.models import Unit
from tasks_app.models import Indicator

HERE = Path(__file__).resolve().parent
MONTHS_OF = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.TERM: 6}


def read(name: str) -> dict:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def chance(*facts) -> float:
    """Always the same number from 0 to 1 for the same facts."""
    return crc32("|".join(map(str, facts)).encode()) % 10007 / 10006


@dataclass(frozen=True)
class Number:
    """A value as a report or the history holds it."""

    state: State
    numerator: Decimal | None = None
    denominator: Decimal | None = None


class Numbers:
    """Answers for every indicator, unit and period. `latest`: the latest ended quarter."""

    def __init__(self, *, start_year: int, target_year: int, latest: Period, units: list[Unit]):
        self.table = read("numbers.toml")
        self.start, self.years = start_year, target_year - start_year
        self.latest = latest
        self.units = units
        self.villages: dict = {}
        self.dips = {(d["code"], d["unit"]): d["by"] for d in self.table["dip"]}
        self.lost = {(row["code"], row["year"]) for row in self.table["lost"]}

    def along(self, period: Period) -> float:
        """0 in the plan's first year, 1 in its target year, a little beyond after it."""
        end = period.end
        years = end.year - self.start + (end.month - 12) / 12
        return max(-0.1, min(years / self.years, 1.06))

    def find(self, indicator: Indicator, unit: Unit, period: Period) -> Number:
        code = indicator.code
        if (code, period.year_of_end) in self.lost:
            return Number(State.NOT_REPORTED)
        late = period.end >= self.latest.start
        if not late and chance("gap", code, unit.key, period.code) < 0.015:
            return Number(State.NOT_REPORTED)
        dip = self.dips.get((code, unit.key), 0) if late else 0
        if indicator.is_rate:
            return self._rate(indicator, unit, period, self.table["rate"][code], dip)
        return self._count(indicator, unit, period, self.table["count"][code], dip)

    def _share(self, unit: Unit) -> float:
        return self.table["share"].get(unit.key, 1)  # an office answers for the whole league

    def _rate(self, indicator, unit, period, row, dip) -> Number:
        code = indicator.code
        bottom = self._denominator(indicator, unit, period, row)
        if bottom is None:
            return Number(State.NOT_APPLICABLE)
        if bottom == 0:
            return Number(State.NO_CASE, Decimal(0), Decimal(0))
        wide = abs(row["to"] - row["from"]) * 0.08 + 0.2
        rate = row["from"] + (row["to"] - row["from"]) * self.along(period)
        rate += (chance("unit", code, unit.key) - 0.5) * wide * 1.5
        rate += (chance("period", code, unit.key, period.code) - 0.5) * wide
        if indicator.over_time == Indicator.OverTime.CUMULATIVE:
            rate *= (0.2, 0.45, 0.75, 1)[period.part - 1]
        top = round(bottom * max(rate + dip, 0) / 100)
        if not indicator.may_exceed:
            top = min(top, bottom)
        return Number(State.REPORTED, Decimal(top), Decimal(bottom))

    def _denominator(self, indicator, unit, period, row) -> int | None:
        if indicator.denominator_figure:
            return self._villages(period).get(unit.pk, 0)
        if unit.key in row.get("without", ()):
            return None
        if "den" in row:
            return row["den"].get(unit.key)
        base = row["base"] * self._share(unit) * (1 + 0.03 * self.along(period))
        if row["base"] < 100:  # small numbers move by themselves
            spread = chance("den", indicator.code, unit.key, period.code)
            return round(base * (0.5 + spread)) if row["base"] < 20 else round(base)
        return round(base * (0.99 + 0.02 * chance("den", indicator.code, unit.key, period.code)))

    def _villages(self, period) -> dict[int, int]:
        if period.code not in self.villages:
            found = registry_figures.villages(period=period, units=self.units)
            self.villages[period.code] = {pk: int(v.numerator) for pk, v in found.items()}
        return self.villages[period.code]

    def _count(self, indicator, unit, period, row, dip) -> Number:
        if unit.key in row.get("without", ()):
            return Number(State.NOT_APPLICABLE)
        if "num" in row:
            number = row["num"].get(unit.key)
            return (
                Number(State.NOT_APPLICABLE)
                if number is None
                else Number(State.REPORTED, Decimal(number))
            )
        total = row["from"] + (row["to"] - row["from"]) * self.along(period)
        number = total * self._share(unit)
        if indicator.over_time != Indicator.OverTime.CUMULATIVE:
            number *= 0.93 + 0.14 * chance("count", indicator.code, unit.key, period.code)
        return Number(State.REPORTED, Decimal(max(round(number * (1 + dip)), 0)))
