"""Which progress duties exist: task × unit × period, made before the period ends."""

from datetime import date

from django.db import transaction

from common import clock
from common.periods import Kind, Period, between
from registry.models import Duty, Unit
from registry.services.duties import (
    Owed,
    duties_since,
    open_duties,
    remember_since,
    reporting_units,
)
from tasks_app.models import Indicator, Plan, WorkItem


def begin_duties(*, by, since: date, on: date) -> int:
    """Remember from when duties are owed, once, and open those that have begun by a day."""
    remember_since(since, by=by, at=clock.now())
    return open_begun_duties(on=on)


def open_begun_duties(*, on: date) -> int:
    """The duties of every period that has begun by a day. Returns how many are new."""
    since = duties_since()
    return open_progress_duties(since=since, on=on) if since else 0


def owed_by_plan(plan: Plan, *, since: date, on: date) -> list[Owed]:
    """Everything the units owe for periods that touch the days from `since` to `on`.

    Units that report education owe the narrative each quarter and the indicators when they fall
    due; what is counted only for the league is owed by the task's leading office.
    """
    first = max(since, date(plan.start_year, 1, 1))
    units = reporting_units(on)
    owed = []
    tasks = WorkItem.objects.filter(plan=plan).prefetch_related("indicators")
    for task in tasks:
        kinds = {Kind.QUARTER}
        office_kinds = set()
        for indicator in task.indicators.all():
            (office_kinds if indicator.league_only else kinds).add(indicator.period_kind)
        for period in _periods(kinds, first, on):
            owed += [Owed(task.duty_code, unit.pk, period) for unit in units]
        if task.lead_office_id:
            for period in _periods(office_kinds, first, on):
                owed.append(Owed(task.duty_code, task.lead_office_id, period))
    return owed


def _periods(kinds, first: date, last: date):
    """Periods that have begun by `last`; the one that `first` lies in is the earliest."""
    return [p for kind in sorted(kinds) for p in between(kind, first, last)]


@transaction.atomic
def open_progress_duties(*, since: date, on: date) -> int:
    """Make the duties of all plans that run. Returns how many are new."""
    return sum(
        open_duties(owed_by_plan(plan, since=since, on=on)) for plan in Plan.objects.running()
    )


def work_item_of(duty: Duty) -> WorkItem:
    return WorkItem.objects.select_related("plan").get(duty_code=duty.code)


def indicators_of(duty: Duty, work_item: WorkItem) -> list[Indicator]:
    """The indicators that fall due in this duty: of its kind of period, for its kind of unit."""
    league = duty.unit.kind == Unit.Kind.OFFICE
    return [
        indicator
        for indicator in sorted(work_item.indicators.all(), key=lambda one: one.code)
        if indicator.period_kind == Kind(duty.period_kind) and indicator.league_only == league
    ]


def has_narrative(duty: Duty) -> bool:
    """Words are asked for each quarter only, and of units that report."""
    return duty.period_kind == Kind.QUARTER and duty.unit.kind != Unit.Kind.OFFICE


def period_label(duty: Duty) -> str:
    return Period.parse(duty.period).label
