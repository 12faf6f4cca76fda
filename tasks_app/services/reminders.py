"""One click reminds everyone who reports for a unit of what is overdue there, once a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef
from django.utils import timezone

from common import audit, inbox
from common.models import InboxLine
from registry.models import Duty, Posting, Unit
from tasks_app.models import ProgressReport

PERMISSION = "tasks_app.send_reminder"
NOT_REMINDED = (Unit.Kind.LEAGUE, Unit.Kind.OFFICE, Unit.Kind.SCHOOL)
LOOK_BACK = timedelta(days=90)


class NothingOverdue(Exception):
    """The unit owes nothing that is late."""


class NobodyToRemind(Exception):
    """No one reports for the unit: the bureau has to call."""


class AlreadyReminded(Exception):
    """The unit was reminded today."""


@dataclass
class Reminder:
    """The last reminder of a unit; `read_at` when somebody there opened it."""

    sent_at: datetime
    read_at: datetime | None


def overdue(duties, *, on: date):
    """Late and still with the unit: what waits for the league is not the unit's to hurry.

    Schools have no official to be asked; whoever their sheets are for reminds them.
    """
    waiting = ProgressReport.objects.waiting_for_review().filter(duty=OuterRef("pk"))
    late = duties.overdue(on).exclude(Exists(waiting))
    return late.exclude(unit__kind__in=NOT_REMINDED)


def overdue_by_unit(user, *, on: date) -> list[dict]:
    """[{unit, its names, count, since}] of the units in the person's scope, most overdue first."""
    return list(
        overdue(Duty.objects.visible_to(user, "registry.view_duty"), on=on)
        .values("unit", "unit__name", "unit__short_name")
        .annotate(count=Count("pk"), since=Min("due_on"))
        .order_by("-count", "since", "unit__sort_no", "unit")
    )


def last_reminders(unit_ids: list[int], *, at: datetime) -> dict[int, Reminder]:
    """{unit: its last reminder}. A reminder is a person's line about one of the unit's duties."""
    lines = InboxLine.objects.filter(
        subject_code=Duty._meta.label_lower, sent_by__isnull=False, sent_at__gt=at - LOOK_BACK
    ).values_list("subject_pk", "sent_at", "read_at")
    lines = list(lines)
    unit_of = dict(
        Duty.objects.filter(pk__in={int(pk) for pk, _sent, _read in lines}, unit__in=unit_ids)
        .order_by()
        .values_list("pk", "unit")
    )
    found: dict[int, Reminder] = {}
    for pk, sent_at, read_at in sorted(lines, key=lambda line: line[1]):
        unit = unit_of.get(int(pk))
        if unit is None:
            continue
        known = found.get(unit)
        if known and known.sent_at == sent_at:
            known.read_at = known.read_at or read_at
        else:
            found[unit] = Reminder(sent_at, read_at)
    return found


def is_recent(last: Reminder | None, *, at: datetime) -> bool:
    """Whether a unit was reminded today."""
    return last is not None and timezone.localdate(last.sent_at) == timezone.localdate(at)


@transaction.atomic
def send_reminder(unit: Unit, *, by, at: datetime) -> int:
    """Put a line into the inbox of all who report for the unit. Returns how many people."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)  # two clicks at once send one
    today = timezone.localdate(at)
    late = overdue(Duty.objects.filter(unit=unit), on=today).order_by("due_on", "code")
    first, count = late.first(), late.count()
    if first is None:
        raise NothingOverdue(unit)
    if is_recent(last_reminders([unit.pk], at=at).get(unit.pk), at=at):
        raise AlreadyReminded(unit)
    people = [p.user for p in Posting.objects.who_report(today).filter(unit=unit)]
    if not people:
        raise NobodyToRemind(unit)
    due = f"{first.due_on.month}月{first.due_on.day}日"  # data
    text = f"催报：{unit.short}有 {count} 项过了截止日期还没有报，最早的应在 {due} 前报。"  # data
    inbox.send(people, text, first, by=by, at=at)
    audit.record(
        "tasks_app.reminder_sent", unit, by=by, after={"duties": count, "people": len(people)}
    )
    return len(people)
