"""What a portal begins with: the working-day calendar, and the first two administrators."""

import csv
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction

from common import audit, clock
from registry.models import CalendarDay, Posting, Unit
from registry.roles import Role
from registry.services.postings import propose_posting

DATA = Path(__file__).resolve().parent.parent / "data" / "calendar.csv"


@transaction.atomic
def load_calendar(file: Path = DATA) -> int:
    """Add the days that are not there yet; the bureau's own rows are never touched."""
    days = []
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            day, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
            while day <= last:
                days.append(
                    CalendarDay(
                        on=day,
                        is_workday=row["is_workday"] == "1",
                        note=row["note"],
                        source=row["source"],
                    )
                )
                day += timedelta(days=1)
    have = set(CalendarDay.objects.values_list("on", flat=True))
    fresh = [day for day in days if day.on not in have]
    CalendarDay.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic
def found_administrator(user, *, role: Role, on: date) -> Posting:
    """Give a first administrator the posting: nobody is there yet to confirm it, so set-up does."""
    league = Unit.objects.get(kind=Unit.Kind.LEAGUE)
    posting = propose_posting(user, by=None, unit=league, role=role, valid_from=on)
    posting.confirmed_at = clock.now()
    posting.save(update_fields=["confirmed_at"])
    audit.record(
        "registry.posting_confirmed",
        posting,
        by=None,
        after={"user": user.username, "role": str(posting.get_role_display()), "at_set_up": True},
    )
    return posting
