"""The working-day calendar for reading, and what the bureau does to it.

Due days of open duties move with every change.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from common import audit
from registry.models import CalendarDay
from registry.services.duties import Workdays, move_due_days

LONGEST = 31  # days in one arrangement


class BadDays(Exception):
    """The last day lies before the first, or the stretch is too long to be a holiday."""


@dataclass
class Stretch:
    """Days in a row that are out of the ordinary for the same reason."""

    first: date
    last: date
    note: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass
class Month:
    first: date
    workdays: int
    holidays: list[Stretch] = field(default_factory=list)
    moved: list[Stretch] = field(default_factory=list)  # weekend days that are worked


def year_by_month(year: int, workdays: Workdays) -> list[Month]:
    """A year for reading: each month with its working days and what is out of the ordinary."""
    months = []
    for number in range(1, 13):
        last = monthrange(year, number)[1]
        days = [date(year, number, day) for day in range(1, last + 1)]
        months.append(Month(days[0], sum(map(workdays.is_workday, days))))
    for day in CalendarDay.objects.of_year(year):
        month = months[day.on.month - 1]
        found = month.moved if day.is_workday else month.holidays
        before = found[-1] if found else None
        if before and before.last + timedelta(days=1) == day.on and before.note == day.note:
            before.last = day.on
        else:
            found.append(Stretch(day.on, day.on, day.note))
    return months


@transaction.atomic
def set_days(
    first: date, last: date, *, by, is_workday: bool, note: str = "", source: str = ""
) -> int:
    """Say of each day from first to last whether it is worked. Returns how many due days moved."""
    if not first <= last < first + timedelta(days=LONGEST):
        raise BadDays(first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    before = dict(CalendarDay.objects.filter(on__in=days).values_list("on", "is_workday"))
    CalendarDay.objects.bulk_create(
        [CalendarDay(on=day, is_workday=is_workday, note=note, source=source) for day in days],
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=["is_workday", "note", "source"],
    )
    moved = move_due_days()
    audit.record(
        "registry.calendar_set",
        by=by,
        before={day.isoformat(): worked for day, worked in before.items()} or None,
        after={
            "from": first.isoformat(),
            "to": last.isoformat(),
            "is_workday": is_workday,
            "note": note,
            "moved": moved,
        },
        title=note,
    )
    return moved


@transaction.atomic
def clear_day(day: CalendarDay, *, by) -> int:
    """The day is again what its weekday says. Returns how many due days moved."""
    before = {"on": day.on.isoformat(), "is_workday": day.is_workday, "note": day.note}
    day.delete()
    moved = move_due_days()
    audit.record(
        "registry.calendar_cleared", by=by, before=before, after={"moved": moved}, title=day.note
    )
    return moved
