"""From a value and a target to a status. Values are compared unrounded."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from common import options
from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import Baseline, Indicator, Light, Target
from tasks_app.services import paths

OK, RISK, BEHIND, PROGRESS = Light.OK, Light.RISK, Light.BEHIND, Light.PROGRESS
NONE, NOT_APPLICABLE, NO_CASE, UNSET = (
    Light.NONE,
    Light.NOT_APPLICABLE,
    Light.NO_CASE,
    Light.UNSET,
)
# From worst to best, of those that are a verdict.
VERDICTS = (BEHIND, RISK, OK)
HUNDRED = Decimal(100)


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
    to_date: Decimal | None = None  # what should be reached by the period's end

    @property
    def is_verdict(self) -> bool:
        return self.status in VERDICTS


@dataclass(frozen=True)
class Rule:
    """By how much a miss is "at risk" and not "behind", and for how long after the year."""

    margin: Decimal  # a share of the target
    grace: int  # days

    @classmethod
    def of(cls, indicator: Indicator, settings: "Rule") -> "Rule":
        """What the indicator declares, else what holds for all."""
        margin = settings.margin if indicator.margin is None else indicator.margin / HUNDRED
        return cls(margin, settings.grace if indicator.grace is None else indicator.grace)


def rule_for_all() -> Rule:
    """The rule as set for the whole portal; asked once by who judges many."""
    found = options.get_many("tasks_app.risk_margin", "tasks_app.risk_grace")
    return Rule(found["tasks_app.risk_margin"] / HUNDRED, found["tasks_app.risk_grace"])


def margin() -> Decimal:
    """The share of a target within which a miss is "at risk" and not "behind"."""
    return rule_for_all().margin


def targets_of(indicator: Indicator, unit: Unit, rows: list[Target] | None = None) -> list[Target]:
    """The targets in force that a unit is held against, by year; out of `rows` where all are known.

    The league's own target holds for a unit where that makes sense: a rate, or zero. A number that
    the league must reach as a whole (80 students a year) is judged at the league only.
    """
    rows = indicator.targets.all() if rows is None else rows
    current = [row for row in rows if row.superseded_at is None]
    at_league = unit.kind in (Unit.Kind.LEAGUE, Unit.Kind.OFFICE)
    rows = [row for row in current if row.unit_id == unit.pk]
    if not rows:
        rows = [
            row
            for row in current
            if row.unit.kind == Unit.Kind.LEAGUE and (at_league or _holds_for_each(indicator, row))
        ]
    return sorted(rows, key=lambda row: row.year)


def _holds_for_each(indicator: Indicator, target: Target) -> bool:
    return indicator.is_rate or target.value == 0


def target_for(indicator: Indicator, unit: Unit, period: Period) -> Aim | None:
    """The target of a unit for a period: of its year, else the next later, else the last earlier."""
    return _aim(targets_of(indicator, unit), period)


def _aim(rows: list[Target], period: Period) -> Aim | None:
    if not rows:
        return None
    year = period.year_of_end
    coming = [row for row in rows if row.year >= year]
    if coming:
        return Aim(coming[0], ahead=coming[0].year > year)
    return Aim(rows[-1], carried=True)


def judge(
    indicator: Indicator,
    value: Decimal | None,
    target: Target | Aim | Decimal | None,
    *,
    closed: bool,
    state: State = State.REPORTED,
    allowed: Decimal | None = None,
    in_grace: bool = False,
) -> str:
    """The status of a value. `closed`: the target's time is over, a verdict is due.

    `allowed` is the rule's margin; `in_grace`: the year has just ended, what misses by more than
    the margin may still be put right.
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
    is_near = missing <= abs(aim) * (margin() if allowed is None else allowed)
    return RISK if is_near or in_grace else BEHIND


# When a verdict is due ---------------------------------------------------------------------------
def holds_always(indicator: Indicator) -> bool:
    """A floor or ceiling of what stands at each period's end. A year's flow needs the whole year."""
    return indicator.path == Indicator.Path.CONSTANT and not indicator.adds_up_over_time


def closing_day(indicator: Indicator, period: Period) -> date:
    """The last day before a verdict on a period is due: the end of the last period of its year.

    What must hold at all times is judged as each period ends.
    """
    return period.end if holds_always(indicator) else paths.last_of_year(period).end


def is_closed(indicator: Indicator, aim: Aim | None, period: Period, *, on: date) -> bool:
    """Whether a verdict is due on a value of a period."""
    return aim is not None and closing_day(indicator, period) < on


def in_grace(indicator: Indicator, period: Period, rule: Rule, *, on: date) -> bool:
    if holds_always(indicator):
        return False
    return on <= closing_day(indicator, period) + timedelta(days=rule.grace)


def turning_days(indicator: Indicator, period: Period, rule: Rule) -> set[date]:
    """The days on which a standing changes by itself, because time has passed."""
    closed = closing_day(indicator, period) + timedelta(days=1)
    over = period.end + timedelta(days=1)
    return {period.start, over, closed, closed + timedelta(days=rule.grace)}


def judgement(
    indicator: Indicator,
    unit: Unit,
    period: Period,
    measured,
    *,
    on: date,
    start: Baseline | None = None,
    rule: Rule | None = None,
) -> Judgement:
    """The status of a number (its `value` and `state`) of a unit, with the target it was held to.

    `start` is where the unit's path to the target begins.
    """
    return judge_by(
        indicator,
        period,
        measured,
        targets_of(indicator, unit),
        on=on,
        start=start,
        rule=rule or Rule.of(indicator, rule_for_all()),
    )


def judge_by(
    indicator: Indicator,
    period: Period,
    measured,
    targets: list[Target],
    *,
    on: date,
    start: Baseline | None,
    rule: Rule,
) -> Judgement:
    """The same for who has the unit's targets at hand."""
    aim = _aim(targets, period)
    to_date = paths.to_date(indicator, period, targets, aim.target, start) if aim else None
    closed = to_date is not None and is_closed(indicator, aim, period, on=on)
    status = judge(
        indicator,
        measured.value if measured else None,
        aim if to_date is None else to_date,
        closed=closed,
        state=measured.state if measured else State.NOT_REPORTED,
        allowed=rule.margin,
        in_grace=in_grace(indicator, period, rule, on=on),
    )
    return Judgement(status, aim, to_date)


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
