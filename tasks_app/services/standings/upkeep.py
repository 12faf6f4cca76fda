"""What follows a deed: the standings it touched, and what looks wrong with the numbers now."""

from datetime import date, datetime

from django.db import transaction

from tasks_app.services import quality
from tasks_app.services.standings import frozen, recompute
from tasks_app.services.standings.recompute import Outcome


@transaction.atomic
def keep_up(*, at: datetime, on: date) -> Outcome:
    """Drain what was touched; ask what was approved against its figure; check the new numbers."""
    outcome = recompute.drain(at=at, on=on)
    frozen.compare(outcome.touched, at=at, on=on)
    quality.check(outcome.written, outcome.gone, outcome.runs, at=at, on=on)
    return outcome
