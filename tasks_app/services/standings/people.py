"""Of people counted once each, the league's number cannot be added up from the units' afterwards.

So it is frozen with them: once the last unit that owes it is approved, the figure is asked for the
league a last time, and the answer is kept as an observation like any other.
"""

from datetime import datetime

from common import figures
from common.figures import State
from common.periods import Period
from registry.models import Duty, Unit
from tasks_app.models import Indicator, Observation, ProgressReport


def freeze_league(
    report: ProgressReport, indicators: list[Indicator], *, by, at: datetime
) -> list[Observation]:
    """The league's numbers that this approval completes. Called inside the approval."""
    found = []
    for indicator in indicators:
        if indicator.counts_each_once and not _is_open(indicator, report.duty):
            found += _freeze(report, indicator, by=by, at=at)
    return found


def _is_open(indicator: Indicator, duty: Duty) -> bool:
    """Whether a unit that owes the number has none approved."""
    owed = Duty.objects.filter(code=duty.code, period=duty.period, waived_at=None)
    approved = Observation.objects.current().filter(indicator=indicator, period=duty.period)
    return (
        owed.exclude(unit__kind=Unit.Kind.OFFICE).exclude(unit__in=approved.values("unit")).exists()
    )


def _freeze(report: ProgressReport, indicator: Indicator, *, by, at: datetime) -> list[Observation]:
    figure = figures.get(indicator.figure)
    duty, league = report.duty, Unit.objects.get(kind=Unit.Kind.LEAGUE, valid_to=None)
    answer = figure.compute(period=Period.parse(duty.period), units=[league]).get(league.pk)
    Observation.objects.current().filter(
        indicator=indicator, unit=league, period=duty.period
    ).update(superseded_at=at)
    if answer is None or answer.state == State.NOT_REPORTED:
        return []
    return [
        Observation.objects.create(
            indicator=indicator,
            unit=league,
            period=duty.period,
            period_end=duty.period_end,
            state=answer.state,
            numerator=answer.numerator,
            denominator=answer.denominator,
            report=report,
            source=str(figure.source),
            computed=True,
            entered_by=report.submitted_by,
            approved_by=by,
            approved_at=at,
        )
    ]
