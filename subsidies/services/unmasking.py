"""Showing the number of a person and of a card whole: with a reason, for some minutes, written down."""

from datetime import datetime, timedelta

from common import audit, options
from registry.services.unmasking import MINUTES
from subsidies.models import Payment

UNMASKED = "subsidies.payment_unmasked"
FIELDS = ("id_number", "card")


def unmask_payment(payment: Payment, *, by, reason: str, at: datetime) -> datetime:
    """Until when the values stand on the page."""
    held = [name for name in FIELDS if getattr(payment, name)]
    audit.record(UNMASKED, payment, by=by, after={"fields": held, "reason": reason})
    return at + timedelta(minutes=options.get(MINUTES))
