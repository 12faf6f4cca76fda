"""The one place that looks at the clock. Views and jobs ask here and pass the day on."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    """Today in Alxa."""
    return timezone.localdate()
