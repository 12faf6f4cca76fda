"""What should be reached by a period's end, on the way from the baseline to the target.

Time is reckoned in years, in equal parts: the third of four quarters of 2025 ends at 2024 3/4, the
year, and the school year that ends in it, at 2025. A target of 2025 is due at 2025.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from common.periods import Kind, Period
from tasks_app.models import Baseline, Indicator, Target

IN_A_YEAR = {Kind.MONTH: 12, Kind.QUARTER: 4, Kind.TERM: 2, Kind.YEAR: 1, Kind.SCHOOL_YEAR: 1}
NEW_LEVEL = (8, 31)  # the school year's last day: a new step has been reached


def parts_in_year(period: Period) -> int:
    return IN_A_YEAR[period.kind]


def ordinal(period: Period) -> int:
    """Its number in the run of periods of its kind: those of a year follow those of the last."""
    return period.year_of_end * parts_in_year(period) + (period.part or 1)


def place(period: Period) -> Fraction:
    """When the period ends, in years."""
    return Fraction(ordinal(period), parts_in_year(period)) - 1


def last_of_year(period: Period) -> Period:
    """The last period of its kind that ends in the same calendar year."""
    return replace(period, part=parts_in_year(period)) if period.part else period


def to_date(
    indicator: Indicator,
    period: Period,
    targets: list[Target],
    target: Target,
    start: Baseline | None,
) -> Decimal | None:
    """The target to date; None where the way there is not known.

    `targets` are all those of the unit, by year; `target` is the one that counts for the period.
    """
    if indicator.over_time == Indicator.OverTime.FLOW and not indicator.is_rate:
        year = _level_of_year(indicator, period, targets, target, start)
        share = Fraction(period.part or 1, parts_in_year(period))
        return None if year is None else _number(year * share)
    if indicator.path == Indicator.Path.CONSTANT or target.year < period.year_of_end:
        return target.value
    if indicator.path == Indicator.Path.STEPS:
        return _step(period, targets, start)
    level = _on_line(place(period), _anchors(targets, start), target)
    return None if level is None else _number(level)


def _number(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _anchors(targets: list[Target], start: Baseline | None) -> list[tuple[Fraction, Fraction]]:
    """(when, level) of everything the line can start from."""
    found = [(Fraction(row.year), Fraction(row.value)) for row in targets]
    if start is not None and start.value is not None:
        found.append((place(start.span), Fraction(start.value)))
    return found


def _on_line(when: Fraction, anchors, target: Target) -> Fraction | None:
    """The level on the straight line from the latest anchor to the target."""
    if when >= target.year:
        return Fraction(target.value)
    before = [anchor for anchor in anchors if anchor[0] <= when]
    if not before:
        return None
    began, level = max(before)
    return level + (Fraction(target.value) - level) * (when - began) / (target.year - began)


def _level_of_year(indicator, period, targets, target, start) -> Fraction | None:
    """What a whole year should bring. A baseline of a part of a year counts for the whole."""
    year = period.year_of_end
    if indicator.path == Indicator.Path.CONSTANT or target.year <= year:
        return Fraction(target.value)
    anchors = [(Fraction(row.year), Fraction(row.value)) for row in targets]
    if start is not None and start.value is not None:
        whole = Fraction(start.value) * parts_in_year(start.span)
        anchors.append((Fraction(start.span.year_of_end), whole))
    return _on_line(Fraction(year), anchors, target)


def _step(period: Period, targets: list[Target], start: Baseline | None) -> Decimal | None:
    """The level of the last school year that is over by the period's end."""
    reached = period.year_of_end
    if period.end < date(reached, *NEW_LEVEL):
        reached -= 1
    done = [row for row in targets if row.year <= reached]
    if done:
        return done[-1].value
    if start is not None and start.value is not None and place(start.span) <= place(period):
        return start.value
    return None
