"""League totals of an indicator: sums and ratios of sums, with how many units they rest on.

Pure functions over observations in memory, so that a page, a chart and a standing cannot disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from common.figures import State
from common.periods import Period
from registry.models import Duty, Unit
from tasks_app.models import Indicator, Observation


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


def league_total(
    indicator: Indicator, observations: Iterable[Observation], units: Iterable[Unit]
) -> Total:
    """The league's total of one period from the current observations of that period.

    `units` are those that owe the indicator. What is counted for the league only is the value its
    office reports. A value loaded for the league itself (past years) counts where no unit has one.
    Needs `observation.unit` at hand (select_related).
    """
    found = {o.unit_id: o for o in observations}
    owing = {unit.pk for unit in units}
    whole = [o for o in found.values() if o.unit.kind in (Unit.Kind.LEAGUE, Unit.Kind.OFFICE)]
    if indicator.league_only:
        return _add(indicator, whole[:1], max(1, len(whole[:1])))
    parts = [o for o in found.values() if o.unit_id in owing]
    if whole and not any(_counts(o) for o in parts):
        return _add(indicator, whole[:1], 1)
    return _add(indicator, parts, len(owing))


def _counts(row) -> bool:
    return row.state in (State.REPORTED, State.NO_CASE)


def _add(indicator: Indicator, parts: list, owing: int) -> Total:
    counted = [row for row in parts if _counts(row)]
    due = owing - sum(row.state == State.NOT_APPLICABLE for row in parts)
    if not counted:
        state = State.NOT_REPORTED if due else State.NOT_APPLICABLE
        return Total(None, None, None, state, 0, due)
    numerator = sum((row.numerator or Decimal(0) for row in counted), Decimal(0))
    if not indicator.is_rate:
        return Total(numerator, None, numerator, State.REPORTED, len(counted), due)
    denominator = sum((row.denominator or Decimal(0) for row in counted), Decimal(0))
    if not denominator:
        return Total(numerator, denominator, None, State.NO_CASE, len(counted), due)
    value = numerator * 100 / denominator
    return Total(numerator, denominator, value, State.REPORTED, len(counted), due)


def year_to_date(indicator: Indicator, totals: list[Total]) -> Total:
    """One total from those of a year's periods, in order of time.

    What happens in a period adds up; what stands at its end is the latest that is known.
    """
    if not totals:
        return Total(None, None, None, State.NOT_REPORTED, 0, 0)
    if indicator.over_time != Indicator.OverTime.FLOW:
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


class Owing:
    """Which units owe an indicator for a period: those with a duty; a waived one owes nothing.

    Past years were loaded without duties: there the units that report count, those that existed
    then. One query, however many indicators and periods are asked.
    """

    def __init__(self, duty_codes: Iterable[str], periods: Iterable[str], reporting: list[Unit]):
        self.reporting = reporting
        self.duties: dict[tuple, list[Duty]] = {}
        found = Duty.objects.filter(code__in=set(duty_codes), period__in=set(periods))
        for duty in found.select_related("unit").order_by("unit__sort_no", "unit__sort_key"):
            of_office = duty.unit.kind == Unit.Kind.OFFICE
            self.duties.setdefault((duty.code, duty.period, of_office), []).append(duty)

    def of(self, indicator: Indicator, period: Period) -> list[Unit]:
        key = (indicator.work_item.duty_code, period.code, indicator.league_only)
        if key in self.duties:
            return [duty.unit for duty in self.duties[key] if duty.waived_at is None]
        return [
            unit
            for unit in self.reporting
            if unit.valid_from <= period.end
            and (unit.valid_to is None or unit.valid_to >= period.end)
        ]
