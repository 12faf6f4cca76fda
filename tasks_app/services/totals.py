"""League totals of an indicator: sums and ratios of sums, with how many units they rest on.

Pure functions over observations in memory, so that a page, a chart and a standing cannot disagree.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from common.figures import State
from registry.models import Unit
from tasks_app.models import Indicator, Observation

WHOLE = (Unit.Kind.LEAGUE, Unit.Kind.OFFICE)  # whose number is the league's


@dataclass(frozen=True)
class Total:
    """The league's number, unrounded, and how sure it is."""

    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None  # a count as it is, a rate in per cent
    state: State
    reported: int  # units whose number is in: reported, or no case
    due: int  # units that owe it; one for whom it does not apply owes nothing

    @property
    def is_complete(self) -> bool:
        return self.reported >= self.due

    @property
    def is_provisional(self) -> bool:
        """There is a number, and some unit's part is still missing."""
        return self.state == State.REPORTED and not self.is_complete


def unit_total(indicator: Indicator, part, live: Container[int] = ()) -> Total:
    """One unit's own number as a total of one."""
    return _add(indicator, [part], 1, live)


def league_total(
    indicator: Indicator,
    observations: Iterable[Observation],
    units: Iterable[Unit],
    live: Container[int] = (),
) -> Total:
    """The league's total of one period from the numbers of that period.

    `units` are those that owe the indicator. What is counted for the league only is the value its
    office reports. A value loaded for the league itself (past years) counts where no unit has one.
    Of people, each counted once, the league has a number of its own: the units' are never added.
    The number of a unit in `live` nobody has approved yet: it counts, and is not "reported".
    Needs `observation.unit` at hand (select_related).
    """
    found = {o.unit_id: o for o in observations}
    owing = {unit.pk for unit in units}
    whole = [o for o in found.values() if o.unit.kind in WHOLE][:1]
    if indicator.league_only:
        return _add(indicator, whole, 1, live)
    parts = [o for o in found.values() if o.unit_id in owing]
    if indicator.counts_each_once:
        return _each_once(indicator, whole, _add(indicator, parts, len(owing), live), live)
    if whole and not any(_counts(o) for o in parts):
        return _add(indicator, whole, 1, live)
    return _add(indicator, parts, len(owing), live)


def _each_once(indicator: Indicator, whole: list, parts: Total, live: Container[int]) -> Total:
    """The league's own number, and how many units stand behind it: past years may have none."""
    if not whole:
        state = State.NOT_REPORTED if parts.due else State.NOT_APPLICABLE
        return Total(None, None, None, state, parts.reported, parts.due)
    number = _add(indicator, whole, 1, live)
    if number.reported and not parts.reported:
        return number
    return replace(number, reported=parts.reported, due=parts.due)


def _counts(row) -> bool:
    return row.state in (State.REPORTED, State.NO_CASE)


def _add(indicator: Indicator, parts: list, owing: int, live: Container[int] = ()) -> Total:
    counted = [row for row in parts if _counts(row)]
    reported = len([row for row in counted if row.unit_id not in live] if live else counted)
    due = owing - sum(row.state == State.NOT_APPLICABLE for row in parts)
    if not counted:
        state = State.NOT_REPORTED if due else State.NOT_APPLICABLE
        return Total(None, None, None, state, 0, due)
    numerator = sum((row.numerator or Decimal(0) for row in counted), Decimal(0))
    if not indicator.is_rate:
        return Total(numerator, None, numerator, State.REPORTED, reported, due)
    denominator = sum((row.denominator or Decimal(0) for row in counted), Decimal(0))
    if not denominator:
        return Total(numerator, denominator, None, State.NO_CASE, reported, due)
    value = numerator * 100 / denominator
    return Total(numerator, denominator, value, State.REPORTED, reported, due)


def year_to_date(indicator: Indicator, totals: list[Total]) -> Total:
    """One total from those of a year's periods, in order of time.

    What happens in a period adds up; what stands at its end is the latest that is known.
    """
    if not totals:
        return Total(None, None, None, State.NOT_REPORTED, 0, 0)
    if not indicator.adds_up_over_time:
        known = [total for total in totals if _counts(total)]
        return (known or totals)[-1]
    joined = _add(indicator, totals, len(totals))
    return Total(
        joined.numerator,
        joined.denominator,
        joined.value,
        joined.state,
        sum(total.reported for total in totals),
        sum(total.due for total in totals),
    )
