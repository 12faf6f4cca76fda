"""The working-day calendar that ships with the portal, loaded once and edited by the bureau."""

import csv
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction

from registry.models import CalendarDay

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
