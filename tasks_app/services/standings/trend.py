"""From a run of values: what has changed, and where it leads. Pure functions.

A run is `{number of the period: what was seen}`, the number as `paths.ordinal` counts it.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tasks_app.models import Indicator, Standing

WINDOW = 12  # periods back that a forecast looks at, and so periods ahead that a value reaches
LEAST_POINTS = 5
SIX = Decimal("0.000001")
HUNDRED = Decimal(100)


class Seen(NamedTuple):
    """What a later period needs to know of an earlier one."""

    state: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    reported: int
    due: int


Run = dict[int, Seen]


def rounded(number: Decimal | None) -> Decimal | None:
    """As it is stored, so that what is computed and what is read back are equal."""
    return None if number is None else number.quantize(SIX)


def final_value(seen: Seen | None) -> Decimal | None:
    """The value if all its parts are in: sums of more and of fewer units cannot be compared."""
    return seen.value if seen is not None and seen.state == Standing.State.REPORTED else None


def change(own: Seen, before: Seen | None) -> Decimal | None:
    """By how much the value moved; of a rate in percentage points."""
    now, then = final_value(own), final_value(before)
    return None if now is None or then is None else now - then


def points(run: Run, own: int) -> list[tuple[int, Decimal]]:
    """(period number, value) of the final values up to a period, the last WINDOW periods."""
    found = ((at, final_value(run.get(at))) for at in range(own - WINDOW + 1, own + 1))
    return [(at, value) for at, value in found if value is not None]


def forecast(
    indicator: Indicator, run: Run, own: int, in_a_year: int, known: Sequence[tuple[int, Decimal]]
) -> Decimal | None:
    """Where the straight line through the known points leads by the end of the target year.

    What adds up over a year is what is in already, and the line for the periods still to come.
    """
    year = indicator.work_item.plan.target_year
    first, last = year * in_a_year + 1, (year + 1) * in_a_year
    if own >= last or len(known) < LEAST_POINTS or known[-1][0] != own:
        return None
    slope, level = _line(known)

    def at(number: int) -> Decimal:
        return max(level + slope * (number - own), Decimal(0))

    if indicator.is_rate:
        found = at(last)
        return rounded(found if indicator.may_exceed else min(found, HUNDRED))
    if not indicator.adds_up_over_time:
        return rounded(at(last))
    parts = (final_value(run.get(number)) for number in range(first, own + 1))
    so_far = sum((part for part in parts if part is not None), Decimal(0))
    return rounded(so_far + sum(at(number) for number in range(max(first, own + 1), last + 1)))


def _line(known: Sequence[tuple[int, Decimal]]) -> tuple[Decimal, Decimal]:
    """(slope, level at the last point) of the line of least squares."""
    own, count = known[-1][0], len(known)
    xs = [at - own for at, _value in known]
    ys = [value for _at, value in known]
    sum_x, sum_y = sum(xs), sum(ys, Decimal(0))
    sum_xy = sum((x * y for x, y in zip(xs, ys, strict=True)), Decimal(0))
    spread = count * sum(x * x for x in xs) - sum_x * sum_x
    slope = (count * sum_xy - sum_x * sum_y) / spread
    return slope, (sum_y - slope * sum_x) / count


def attainment(
    indicator: Indicator, value: Decimal | None, to_date: Decimal | None
) -> Decimal | None:
    """How far the value has come towards the target to date, in per cent.

    Where lower is better, a value at half of the ceiling is at 200 %.
    """
    if value is None or to_date is None:
        return None
    if indicator.direction != Indicator.Direction.DOWN:
        return rounded(value * HUNDRED / to_date) if to_date else None
    if not value:
        return HUNDRED.quantize(SIX)
    return rounded(to_date * HUNDRED / value)
