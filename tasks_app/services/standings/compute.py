"""From values, duties, targets and baselines to standings: the one calculation of them.

Nothing is written here and nothing is asked but `Sources`: a recomputation from scratch, one after
an approval and a test by hand all come through `compute`.
"""

from collections.abc import Container
from hashlib import blake2b
from typing import NamedTuple

from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import Indicator, Light, Standing
from tasks_app.services import judging, paths
from tasks_app.services.standings import trend
from tasks_app.services.standings.sources import Line, Part, Sources, stored
from tasks_app.services.standings.trend import Run, Seen, rounded
from tasks_app.services.totals import WHOLE, Total, league_total, unit_total, year_to_date

FORMULA = "1"  # what is computed rests on it too: a new calculation gives new standings
S = Standing.State

Runs = dict[tuple[int, int], Run]  # (indicator, unit): what was seen in earlier periods


class Own(NamedTuple):
    """A number before it is judged, and what it is made of."""

    total: Total
    parts: list[Part]
    is_live: bool = False
    fault: str = ""


def compute(
    indicator: Indicator,
    periods: list[Period],
    sources: Sources,
    runs: Runs,
    *,
    units: Container[int] | None = None,
) -> list[Standing]:
    """The standings of the league and of units (all, or those named) in some periods.

    `runs` must hold what precedes the periods, and grows by what is computed.
    """
    found, desk = [], Desk(indicator, sources, runs)
    for period in sorted(periods):
        line = sources.line(indicator, period)
        if line is None:
            continue
        if not indicator.league_only:
            for unit in _units_of(line):
                if units is None or unit.pk in units:
                    found.append(desk.standing(unit, period, _of_unit(indicator, unit, line)))
        found.append(desk.standing(sources.league, period, _of_league(indicator, line)))
    return found


def _units_of(line: Line) -> list[Unit]:
    """Those that owe it, and those that reported it without owing it."""
    units = {} if line.is_beyond else {unit.pk: unit for unit in line.owing}
    units |= {pk: part.unit for pk, part in line.parts.items() if part.unit.kind not in WHOLE}
    return list(units.values())


def _of_unit(indicator: Indicator, unit: Unit, line: Line) -> Own:
    part = line.parts.get(unit.pk)
    if part is None:
        return Own(Total(None, None, None, State.NOT_REPORTED, 0, 1), [], fault=line.fault)
    live = (unit.pk,) if part.is_live else ()
    return Own(unit_total(indicator, part, live), [part], part.is_live)


def _of_league(indicator: Indicator, line: Line) -> Own:
    parts = list(line.parts.values())
    live = {part.unit.pk for part in parts if part.is_live}
    total = league_total(indicator, parts, line.owing, live)
    if indicator.league_only or indicator.counts_each_once:
        is_live = any(part.is_live for part in parts if part.unit.kind in WHOLE)
    else:
        is_live = bool(live)
    return Own(total, parts, is_live, line.fault)


class Desk:
    """Where one indicator's standings are worked out, period after period."""

    def __init__(self, indicator: Indicator, sources: Sources, runs: Runs):
        self.indicator, self.sources, self.runs = indicator, sources, runs
        self.rule = sources.rule_of(indicator)
        self.on = sources.on

    def standing(self, unit: Unit, period: Period, own: Own) -> Standing:
        run = self.runs.setdefault((self.indicator.pk, unit.pk), {})
        number = paths.ordinal(period)
        state = self._state(own, period).value
        seen = Seen(state, *_numbers(own.total), own.total.reported, own.total.due)
        run[number] = seen
        targets = self.sources.targets_of(self.indicator, unit)
        start = self.sources.baselines.get((self.indicator.pk, unit.pk))
        return Standing(
            indicator=self.indicator,
            unit=unit,
            period=period.code,
            period_end=period.end,
            is_live=own.is_live,
            fault=own.fault,
            baseline=start,
            inputs_hash=self._hash(period, own, run, number, targets, start),
            **seen._asdict(),
            **self._verdict(own, run, number, period, targets, start),
            **self._trend(run, number, period),
        )

    def _verdict(self, own: Own, run: Run, number: int, period: Period, targets, start) -> dict:
        """What is judged, against what, and how it comes out."""
        year, since = self._year(own.total, run, number, period)
        judged = judging.judge_by(
            self.indicator, period, year, targets, on=self.on, start=start, rule=self.rule
        )
        return {
            "since": since,
            "year_numerator": year.numerator,
            "year_denominator": year.denominator,
            "year_value": rounded(year.value),
            "year_reported": year.reported,
            "year_due": year.due,
            "target": judged.aim.target if judged.aim else None,
            "target_to_date": rounded(judged.to_date),
            "attainment": trend.attainment(self.indicator, year.value, judged.to_date),
            "light": self._light(judged, period),
        }

    def _trend(self, run: Run, number: int, period: Period) -> dict:
        """Where it comes from and where it leads."""
        seen, in_a_year = run[number], paths.parts_in_year(period)
        points = trend.points(run, number)
        return {
            "change": trend.change(seen, run.get(number - 1)),
            "year_change": trend.change(seen, run.get(number - in_a_year)),
            "forecast": trend.forecast(self.indicator, run, number, in_a_year, points),
            "points": len(points),
        }

    def _state(self, own: Own, period: Period) -> S:
        total, is_over = own.total, period.end < self.on
        if total.state == State.NOT_REPORTED:
            return S.NOT_REPORTED if is_over else S.IN_PROGRESS
        if total.state != State.REPORTED:
            return S(str(total.state))
        if total.reported >= total.due and not own.is_live:
            return S.REPORTED
        return S.PROVISIONAL if is_over else S.IN_PROGRESS

    def _year(self, total: Total, run: Run, number: int, period: Period) -> tuple[Total, str]:
        """What is judged: what has come together in the year, else the number itself."""
        parts_in_year = paths.parts_in_year(period)
        first = period.year_of_end * parts_in_year + 1
        if not self.indicator.adds_up_over_time or number == first:
            return total, ""
        earlier = [_total(run[n]) for n in range(first, number) if n in run]
        since = Period(period.kind, period.year, 1)
        return year_to_date(self.indicator, [*earlier, total]), since.code

    def _light(self, judged: judging.Judgement, period: Period) -> str:
        """A period that is not over is in progress, whatever has come in."""
        waits = judged.status == Light.NONE and period.end >= self.on
        return Light.PROGRESS if waits else judged.status

    def _hash(self, period, own: Own, run: Run, number: int, targets, start) -> str:
        """A digest of all that the standing rests on."""
        indicator, on = self.indicator, self.on
        back = max(trend.WINDOW, paths.parts_in_year(period))
        facts = (
            FORMULA,
            indicator.direction,
            indicator.aggregation,
            indicator.over_time,
            indicator.path,
            indicator.may_exceed,
            indicator.is_rate,
            indicator.work_item.plan.target_year,
            self.rule,
            period.end < on,
            judging.closing_day(indicator, period) < on,
            judging.in_grace(indicator, period, self.rule, on=on),
            own.total,
            own.fault,
            sorted((part.unit.pk, *part[1:]) for part in own.parts),
            [target.pk for target in targets],
            start and start.pk,
            [(n - number, tuple(run[n])) for n in range(number - back, number) if n in run],
        )
        return blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _numbers(total: Total) -> tuple:
    return stored(total.numerator), stored(total.denominator), rounded(total.value)


def _total(seen: Seen) -> Total:
    """What was seen of an earlier period, as a part of its year."""
    if seen.value is not None:
        state = State.REPORTED
    elif seen.state in (S.NO_CASE, S.NOT_APPLICABLE):
        state = State(seen.state)
    else:
        state = State.NOT_REPORTED
    return Total(seen.numerator, seen.denominator, seen.value, state, seen.reported, seen.due)
