"""What a list of payments comes to: money by what has become of it, and for how many it was.

People are children, person-times children times programmes and terms; the two are never added. A
child whose money was all taken back got none.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Cast, Coalesce

from subsidies.models import Payment, PaymentBatch
from subsidies.models.money import cents


@dataclass(frozen=True)
class PaidTotals:
    people: int
    person_times: int
    count: int
    out: Decimal
    waiting: Decimal
    sent_back: Decimal


def paid_totals(payments) -> PaidTotals:
    """In two statements."""
    rows = payments.order_by()
    approved = Q(batch__state=PaymentBatch.State.APPROVED)
    returned = Q(result=Payment.Result.RETURNED)
    sums = rows.aggregate(
        count=Count("pk"),
        out=cents(filter=approved & ~returned),
        waiting=cents(filter=~approved),
        sent_back=cents(filter=approved & returned),
    )
    who = Coalesce(Cast("student", models.CharField()), Cast("id_number_index", models.CharField()))
    paid = (
        rows.approved()
        .arrived()
        .annotate(who=who)
        .values("who", "programme", "term")
        .annotate(had=cents())
        .filter(had__gt=0)
    )
    counts = paid.aggregate(people=Count("who", distinct=True), person_times=Count("who"))
    return PaidTotals(**counts, **sums)
