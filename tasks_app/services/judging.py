"""From a value and a target to a status. Values are compared unrounded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from common import options
from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import Indicator, Target

# The codes of the look's status vocabulary.
OK, RISK, BEHIND, PROGRESS = "ok", "risk", "behind", "prog"
NONE, NOT_APPLICABLE, NO_CASE, UNSET = "none", "na", "nocase", "unset"
# From worst to best, of those that are a verdict.
VERDICTS = (BEHIND, RISK, OK)


def with_targets(lookup: str = "targets") -> Prefetch:
    """For prefetch_related: what `target_for` reads, in one query for many indicators."""
    return Prefetch(lookup, Target.objects.current().select_related("unit"))


@dataclass(frozen=True)
class Aim:
    """The target that a value is held against."""

    target: Target
    carried: bool = False  # an earlier year's target goes on, because no later one is set
    ahead: bool = False  # a later year's target: not yet due

    @property
    def value(self) -> Decimal:
        return self.target.value


@dataclass(frozen=True)
class Judgement:
    status: str
    aim: Aim | None

    @property
    def is_verdict(self) -> bool:
        return self.status in VERDICTS


def target_for(indicator: Indicator, unit: Unit, period: Period) -> Aim | None:
    """The target of a unit for a period: of its year, else the next later, else the last earlier.

    The league's own target holds for a unit where that makes sense: a rate, or zero. A number that
    the league must reach as a whole (80 students a year) is judged at the league only.
    """
    current = [row for row in indicator.targets.all() if row.superseded_at is None]
    at_league = unit.kind in (Unit.Kind.LEAGUE, Unit.Kind.OFFICE)
    rows = [row for row in current if row.unit_id == unit.pk]
    if not rows:
        rows = [
            row
            for row in current
            if row.unit.kind == Unit.Kind.LEAGUE and (at_league or _holds_for_each(indicator, row))
        ]
    if not rows:
        return None
    year = period.year_of_end
    rows.sort(key=lambda row: row.year)
    coming = [row for row in rows if row.year >= year]
    if coming:
        return Aim(coming[0], ahead=coming[0].year > year)
    return Aim(rows[-1], carried=True)


def _holds_for_each(indicator: Indicator, target: Target) -> bool:
    return indicator.is_rate or target.value == 0


def margin() -> Decimal:
    """The share of a target within which a miss is "at risk" and not "behind"."""
    return options.get("tasks_app.risk_margin") / 100


def judge(
    indicator: Indicator,
    value: Decimal | None,
    target: Target | Aim | Decimal | None,
    *,
    closed: bool,
    state: State = State.REPORTED,
    allowed: Decimal | None = None,
) -> str:
    """The status of a value. `closed`: the target's time is over, a verdict is due.

    `allowed` is `margin()`, asked once by who judges many.
    """
    if state == State.NOT_APPLICABLE:
        return NOT_APPLICABLE
    if state == State.NO_CASE:
        return NO_CASE
    if state == State.NOT_REPORTED or value is None:
        return NONE
    if target is None:
        return UNSET
    if not closed:
        return PROGRESS
    aim = getattr(target, "value", target)
    # "Keep" is a level not to fall below.
    missing = value - aim if indicator.direction == Indicator.Direction.DOWN else aim - value
    if missing <= 0:
        return OK
    return RISK if missing <= abs(aim) * (margin() if allowed is None else allowed) else BEHIND


def is_closed(indicator: Indicator, aim: Aim | None, period: Period, *, on: date) -> bool:
    """Whether a verdict is due on a value of a period.

    A year is judged when the last of its periods has ended. What must be zero must be zero at all
    times, so each period is judged as it ends.
    """
    if aim is None or aim.ahead and not _always_zero(indicator, aim):
        return False
    if _always_zero(indicator, aim):
        return period.end < on
    last = period
    while last.next().year_of_end == period.year_of_end:
        last = last.next()
    return last.end < on


def _always_zero(indicator: Indicator, aim: Aim) -> bool:
    return (
        aim.value == 0
        and indicator.direction == Indicator.Direction.DOWN
        and indicator.over_time == Indicator.OverTime.STOCK
    )


def judgement(
    indicator: Indicator, unit: Unit, period: Period, measured, *, on: date, allowed=None
) -> Judgement:
    """The status of a `Total` or an observation of a unit, with the target it was held against."""
    aim = target_for(indicator, unit, period)
    status = judge(
        indicator,
        measured.value if measured else None,
        aim,
        closed=is_closed(indicator, aim, period, on=on),
        state=measured.state if measured else State.NOT_REPORTED,
        allowed=allowed,
    )
    return Judgement(status, aim)


def worst(judgements) -> tuple[str, int, int]:
    """A task's light: the worst of what is judged, with (judged, of all)."""
    judgements = list(judgements)
    judged = [j.status for j in judgements if j.is_verdict]
    if judged:
        return min(judged, key=VERDICTS.index), len(judged), len(judgements)
    for status in (PROGRESS, UNSET, NONE):
        if any(j.status == status for j in judgements):
            return status, 0, len(judgements)
    return (NOT_APPLICABLE if judgements else UNSET), 0, len(judgements)
