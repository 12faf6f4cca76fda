"""What becomes of money that went out wrongly: reversed, paid anew, sent back by the bank.

Each makes a batch of its own that waits for another person like every other. Until it is approved
the earlier payment counts as it did.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit, jobs
from subsidies.models import Payment, PaymentBatch
from subsidies.services.batches import (
    begin_batch,
    card_of,
    hold_batch,
    refuse_no_money,
    settle_batch,
)
from subsidies.services.refusals import Refused

# What a payment in the place of another takes over where nothing else is said.
SAME = (
    "school",
    "student",
    "name",
    "id_number",
    "id_number_index",
    "programme",
    "term",
    "standard",
    "card_holder",
    "relation",
    "bank",
    "card",
    "card_index",
)


@transaction.atomic
def reverse_payment(payment: Payment, *, reason: str, by, at: datetime) -> PaymentBatch:
    """Take an approved payment back by a row of the opposite amount."""
    payment = _hold(payment)
    batch = _batch_of(payment, _("冲销"), reason, by=by, at=at)
    _reversal(payment, batch, reason, at)
    return _done("subsidies.payment_reversed", payment, batch, by=by)


@transaction.atomic
def correct_payment(
    payment: Payment, *, reason: str, by, at: datetime, amount: Decimal | None = None, **card
) -> PaymentBatch:
    """Reverse it, and pay anew beside it: another amount, or the same on another card.

    `card` may hold card_holder, relation, bank and card.
    """
    payment = _hold(payment)
    amount = payment.amount if amount is None else amount
    refuse_no_money(amount)
    batch = _batch_of(payment, _("更正"), reason, by=by, at=at)
    _reversal(payment, batch, reason, at)
    _anew(payment, batch, amount, card, at)
    return _done("subsidies.payment_corrected", payment, batch, by=by)


@transaction.atomic
def record_bank_return(payment: Payment, *, on: date, reason: str, by, at: datetime) -> Payment:
    """The bank sent the money back: the child has not got it."""
    payment = _hold(payment)
    if on < payment.paid_on:
        raise Refused("before_paid", "on")
    if on > timezone.localdate(at):
        raise Refused("in_future", "on")
    payment.result, payment.returned_on = Payment.Result.RETURNED, on
    payment.reason = _given(reason)
    payment.version += 1
    payment.save(update_fields=["result", "returned_on", "reason", "version"])
    audit.record("subsidies.payment_returned", payment, by=by, after={"returned_on": str(on)})
    jobs.announce("subsidies.payments", by=by)
    return payment


@transaction.atomic
def pay_again(payment: Payment, *, by, at: datetime, **card) -> PaymentBatch:
    """Pay anew what the bank sent back; once for each return."""
    payment = _held_row(payment)
    if payment.result != Payment.Result.RETURNED:
        raise Refused("not_returned")
    if Payment.objects.filter(instead_of=payment).exists():
        raise Refused("repaid")
    batch = _batch_of(payment, _("重发"), payment.reason, by=by, at=at)
    _anew(payment, batch, payment.amount, card, at, instead_of=payment)
    return _done("subsidies.payment_repeated", payment, batch, by=by)


# What they share ---------------------------------------------------------------------------------
def _held_row(payment: Payment) -> Payment:
    """The payment as it is now, held after its batch."""
    hold_batch(payment.batch_id)
    return Payment.objects.select_for_update().get(pk=payment.pk)


def _hold(payment: Payment) -> Payment:
    """A payment that is out, and about which nothing else is under way."""
    payment = _held_row(payment)
    if payment.batch.state != PaymentBatch.State.APPROVED:
        raise Refused("not_approved")
    if payment.reversal_of_id:
        raise Refused("is_reversal")
    if payment.result == Payment.Result.RETURNED:
        raise Refused("returned")
    if Payment.objects.filter(reversal_of=payment).exists():
        raise Refused("reversed")
    return payment


def _batch_of(payment: Payment, word: str, reason: str, *, by, at: datetime) -> PaymentBatch:
    title = f"{word} {payment.batch.title}"[:120]
    unit, note = payment.batch.unit, _given(reason)
    return begin_batch(unit, title=title, term=payment.term, by=by, at=at, note=note)


def _reversal(payment: Payment, batch: PaymentBatch, reason: str, at: datetime) -> None:
    Payment.objects.create(
        **_same(payment),
        batch=batch,
        amount=-payment.amount,
        paid_on=timezone.localdate(at),
        reversal_of=payment,
        reason=_given(reason),
    )


def _anew(payment, batch, amount: Decimal, card: dict, at: datetime, instead_of=None) -> None:
    number = card.pop("card", None)
    changed = card | (card_of(number) if number is not None else {})
    Payment.objects.create(
        **_same(payment) | changed,
        batch=batch,
        amount=amount,
        paid_on=timezone.localdate(at),
        instead_of=instead_of,
    )


def _same(payment: Payment) -> dict:
    return {name: getattr(payment, name) for name in SAME}


def _done(verb: str, payment: Payment, batch: PaymentBatch, *, by) -> PaymentBatch:
    settle_batch(batch)
    audit.record(verb, payment, by=by, after={"batch": batch.pk, "total": str(batch.total)})
    return batch


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("required", "reason")
    return reason.strip()
