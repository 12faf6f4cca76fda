"""What has to be computed anew: noted in the transaction of the deed, drained by one job."""

from collections.abc import Iterable

from django.db.models import Q

from common import jobs
from common.periods import Period
from registry.services.duties import OWED
from registry.services.units import REPORTING, TREE
from tasks_app.models import Indicator, Touched

JOB = "tasks_app.recompute"

Key = tuple[int, int | None, str]  # indicator, unit (None: all), period (empty: all)


def touch(keys: Iterable[Key], *, figure: str = "") -> None:
    """Note these numbers and ask for the job, in the transaction of the deed."""
    rows = [
        Touched(indicator_id=indicator, unit_id=unit, period=period, figure=figure)
        for indicator, unit, period in dict.fromkeys(keys)
    ]
    if rows:
        Touched.objects.bulk_create(rows, batch_size=500)
        jobs.enqueue(JOB, unique_key=JOB)


def touch_values(values) -> None:
    """After values were approved or replaced; each names its indicator, unit and period."""
    touch((value.indicator_id, value.unit_id, value.period) for value in values)


def touch_indicators(indicators: Iterable[int]) -> None:
    """Everything of some indicators: a rule or a plan has changed."""
    touch((pk, None, "") for pk in indicators)


def touch_all() -> None:
    touch_indicators(Indicator.objects.values_list("pk", flat=True))


def follow(code: str, units: list[int], periods: list[Period]) -> None:
    """A figure, or the ground that figures and totals stand on, has changed."""
    if code == REPORTING:
        touch_all()
        return
    found = Indicator.objects.filter(frequency__in={period.kind for period in periods})
    figure = code
    if code == OWED:
        # Where nobody owed a period before, this changes who does for all.
        figure, units = "", [None]
    elif code == TREE:
        found = found.exclude(figure="", denominator_figure="")
    else:
        found = found.filter(Q(figure=code) | Q(denominator_figure=code))
    begins = found.values_list("pk", "frequency", "work_item__plan__start_year")
    touch(
        (
            (pk, unit, period.code)
            for pk, kind, year in begins
            for period in periods
            if period.kind == kind and period.year_of_end >= year
            for unit in units
        ),
        figure=figure,
    )
