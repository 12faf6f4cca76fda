"""Which units are late, whom to ask there, and when they were last reminded."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from common.models import User
from registry.models import Posting, Unit
from tasks_app.services import reminders


@dataclass
class LateUnit:
    unit: Unit
    count: int
    since: date  # the earliest due day
    people: list[User] = field(default_factory=list)
    reminded_at: datetime | None = None
    seen_at: datetime | None = None
    may_remind: bool = False


def late_units(user, *, today: date, at: datetime) -> list[LateUnit]:
    """Units in the person's scope with something overdue, the latest first. Five queries."""
    late = reminders.overdue_by_unit(user, on=today)
    units = Unit.objects.in_bulk([row["unit"] for row in late])
    people = defaultdict(list)
    for posting in Posting.objects.visible_to(user, "registry.view_contact").who_report(today):
        people[posting.unit_id].append(posting.user)
    reminded = reminders.last_reminders(list(units), at=at)
    remindable = set(
        Unit.objects.visible_to(user, reminders.PERMISSION)
        .filter(pk__in=list(units))
        .values_list("pk", flat=True)
    )
    found = []
    for row in late:
        pk = row["unit"]
        last = reminded.get(pk)
        found.append(
            LateUnit(
                units[pk],
                row["count"],
                row["since"],
                people[pk],
                last.sent_at if last else None,
                last.read_at if last else None,
                pk in remindable and bool(people[pk]) and not reminders.is_recent(last, at=at),
            )
        )
    return found
