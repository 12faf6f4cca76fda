"""A batch made from what is expected and not paid yet: who is owed, how much, on which card.

The draft is there at once and empty; a job fills it, since a banner's children take some seconds.
What the bank sent back is left out: that is paid anew from the payment itself, once for each return.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from common import audit, jobs, locks
from common.periods import Kind, NotAPeriod, Period
from subsidies.models import Award, Payment, PaymentBatch, Programme
from subsidies.models.money import NOTHING
from subsidies.services import reconciling
from subsidies.services.batches import LOCK, Line, add_lines, begin_batch, settle_batch
from subsidies.services.reconciling import Standing
from subsidies.services.refusals import Refused

FILL = "subsidies.fill_batch"  # the job
VIEW, CHANGE = "subsidies.view_payment", "subsidies.change_payment"
AT_ONCE = 2000  # awards
INLINE_SECONDS = 2.0


def owed(unit, *, programme, term: str, user, on: date):
    """Awards of which something is missing and nothing is under way, as far as the person sees."""
    awards = Award.objects.visible_to(user, CHANGE).within(unit, on).of_term(term)
    paid = Payment.objects.visible_to(user, VIEW)
    rows = reconciling.reconciled(awards.filter(programme=programme), paid, on=on)
    return rows.filter(
        standing__in=(Standing.UNPAID, Standing.SHORT), waiting=NOTHING, returned=NOTHING
    )


def payable(programmes):
    """Those whose money goes to a child's card."""
    return programmes.filter(form=Programme.Form.MONEY, paid_to=Programme.PaidTo.CHILD)


def prepare_batch(unit, *, programme, term: str, paid_on: date, by, at: datetime) -> PaymentBatch:
    """An empty draft, and the job that fills it; small ones are full when this returns."""
    title = f"{programme.name} {_term(term).label}"
    with transaction.atomic():
        batch = begin_batch(unit, title=title[:120], term=term, by=by, at=at)
        job = jobs.enqueue(
            FILL,
            by=by,
            quietly=True,
            batch=batch.pk,
            programme=programme.pk,
            paid_on=paid_on.isoformat(),
        )
    jobs.run(job.pk, seconds=INLINE_SECONDS)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def fill_batch(batch: PaymentBatch, programme: Programme, *, paid_on: date, on: date) -> int:
    """A row for each that is owed something; without any the draft is given up. Safe to repeat."""
    locks.hold(LOCK)  # two who prepare the same at once: the second finds it under way
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != PaymentBatch.State.DRAFT or batch.payments.exists():
        return 0
    rows = owed(batch.unit, programme=programme, term=batch.term, user=batch.made_by, on=on)
    lines = list(_lines(rows, _cards(rows)))
    if lines:
        add_lines(batch, lines, paid_on)
    else:
        batch.state = PaymentBatch.State.WITHDRAWN
        batch.save(update_fields=["state"])
    settle_batch(batch)
    told = {"state": batch.state, "count": batch.count, "total": str(batch.total)}
    audit.record("subsidies.batch_made", batch, by=batch.made_by, after=told)
    return batch.count


def _lines(rows, cards: dict) -> Iterator[Line]:
    rows = rows.select_related("student", "unit", "programme").order_by("unit__sort_key", "pk")
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield Line(
            row.student,
            row.unit,
            row.programme,
            row.amount - row.paid,
            standard=row.amount,
            **cards.get(row.student_id, {}),
        )


def _cards(rows) -> dict[int, dict]:
    """The card to which each child was paid last."""
    names = ("card_holder", "relation", "bank", "card")
    paid = (
        Payment.objects.standing()
        .filter(student__in=rows.order_by().values("student"))
        .exclude(Q(card_index=None))
        .order_by("student", F("paid_on").asc(), "pk")
    )
    return {one.student_id: {name: getattr(one, name) for name in names} for one in paid.iterator()}


def _term(code: str) -> Period:
    try:
        period = Period.parse(code)
    except NotAPeriod:
        raise Refused("required", "term") from None
    if period.kind is not Kind.TERM:
        raise Refused("required", "term")
    return period
