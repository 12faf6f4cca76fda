"""What units owe: opened by themselves, due by the working-day calendar, met or waived by deeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common import audit, figures, options, statistics
from common.models import Option
from common.periods import Kind, Period
from registry.models import CalendarDay, Duty, Unit

DUE_OPTION = {
    Kind.MONTH: "registry.due_month",
    Kind.QUARTER: "registry.due_quarter",
    Kind.TERM: "registry.due_term",
    Kind.YEAR: "registry.due_year",
    Kind.SCHOOL_YEAR: "registry.due_year",
}


SINCE = "registry.duties_since"  # an option that no page changes
OWED = "registry.duties"  # told as a figure is: totals and figures rest on what is owed


class AlreadyMet(Exception):
    """The duty was met, or waived, before."""


@dataclass(frozen=True)
class Owed:
    """One duty that should exist."""

    code: str
    unit_id: int
    period: Period


class Workdays:
    """The working-day calendar in memory: weekdays, as moved by the bureau's rows."""

    def __init__(self):
        self.exceptions = dict(CalendarDay.objects.values_list("on", "is_workday"))

    def is_workday(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < 5)

    def after(self, day: date, count: int) -> date:
        """The day on which `count` working days have passed since a day."""
        while count:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day


def due_days() -> dict[Kind, int]:
    """Working days allowed after a period's end, as set now."""
    return {kind: options.get(code) for kind, code in DUE_OPTION.items()}


def duties_since() -> date | None:
    """The day from which duties are owed here, as set when the portal began; None before that."""
    kept = Option.objects.filter(code=SINCE).first()
    return date.fromisoformat(kept.value) if kept else None


def remember_since(since: date, *, by, at: datetime) -> None:
    """Once: a later start would take duties away that somebody has met."""
    Option.objects.get_or_create(
        code=SINCE, defaults={"value": since.isoformat(), "changed_by": by, "changed_at": at}
    )


@transaction.atomic
def open_duties(owed: Iterable[Owed]) -> int:
    """Make the duties that do not exist yet. Two schedulers at once do no harm."""
    owed = list(owed)
    have = set(
        Duty.objects.filter(code__in={o.code for o in owed}).values_list(
            "code", "unit_id", "period"
        )
    )
    workdays, allowed = Workdays(), due_days()
    fresh = [
        Duty(
            code=o.code,
            unit_id=o.unit_id,
            period=o.period.code,
            period_kind=o.period.kind,
            period_end=o.period.end,
            due_on=workdays.after(o.period.end, allowed[o.period.kind]),
        )
        for o in owed
        if (o.code, o.unit_id, o.period.code) not in have
    ]
    Duty.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    if fresh:
        statistics.refresh(Duty)
        _touch(fresh)
    return len(fresh)


def _touch(duties: Iterable[Duty]) -> None:
    """What is owed has changed for these units and periods: figures follow where they rest on it."""
    periods: dict[int, set[str]] = {}
    for duty in duties:
        if not duty.kind.moves_figures:
            continue
        periods.setdefault(duty.unit_id, set()).add(duty.period)
    together: dict[frozenset, list[int]] = {}
    for unit, codes in periods.items():
        together.setdefault(frozenset(codes), []).append(unit)
    for codes, units in together.items():
        spans = [Period.parse(code) for code in sorted(codes)]
        figures.touch(OWED, Unit.objects.filter(pk__in=units), spans)


@transaction.atomic
def move_due_days() -> int:
    """After the calendar or a setting changed: due days of open duties are worked out anew."""
    workdays, allowed = Workdays(), due_days()
    moved = []
    for duty in Duty.objects.open():
        due_on = workdays.after(duty.period_end, allowed[Kind(duty.period_kind)])
        if due_on != duty.due_on:
            duty.due_on = due_on
            moved.append(duty)
    Duty.objects.bulk_update(moved, ["due_on"], batch_size=500)
    return len(moved)


@transaction.atomic
def waive_duty(duty: Duty, *, by, reason: str) -> Duty:
    """The unit does not owe it after all; the reason stays with the duty."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if duty.met_at or duty.waived_at:
        raise AlreadyMet(duty)
    duty.waived_at, duty.waived_reason = timezone.now(), reason
    duty.save(update_fields=["waived_at", "waived_reason"])
    _touch([duty])
    audit.record("registry.duty_waived", duty, by=by, after={"reason": reason})
    return duty


@transaction.atomic
def restore_duty(duty: Duty, *, by) -> Duty:
    """Take a waiver back."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if not duty.waived_at:
        raise AlreadyMet(duty)
    before = {"reason": duty.waived_reason}
    duty.waived_at, duty.waived_reason = None, ""
    duty.save(update_fields=["waived_at", "waived_reason"])
    _touch([duty])
    audit.record("registry.duty_restored", duty, by=by, before=before)
    return duty


NO_LONGER_REPORTS = "不再报送教育数据"  # data


def follow_reporting(unit: Unit, *, at) -> int:
    """Waive what a unit still owes once it no longer reports, or let it owe that again."""
    mine = Duty.objects.filter(unit=unit)
    if unit.reports_education:
        waived = mine.filter(waived_reason=NO_LONGER_REPORTS)
        return waived.update(waived_at=None, waived_reason="")
    return mine.open().update(waived_at=at, waived_reason=NO_LONGER_REPORTS)


def meet(duty: Duty, *, at) -> None:
    """Mark a duty as met; called inside the deed that met it."""
    Duty.objects.filter(pk=duty.pk, met_at=None).update(met_at=at)


def reporting_units(on: date) -> list[Unit]:
    return list(Unit.objects.reporting(on))
