"""Batches of payments: made, handed on, approved by another person, sent back, withdrawn.

The batch is held first and its rows after it, so that two people at once take turns. `count` and
`total` are written by `settle_batch` alone.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count

from common import audit, jobs, locks
from common.crypto import blind_index
from common.refusals import Stale
from registry import identity
from registry.models import Identifier, IdKind
from subsidies.models import Payment, PaymentBatch
from subsidies.models.money import CENT, cents
from subsidies.services.refusals import Refused

State = PaymentBatch.State
ROWS_AT_ONCE = 1000
LOCK = "subsidies.payments"  # held by whoever approves, takes in or takes back a roster


@dataclass(frozen=True)
class Line:
    """What one child is to get, and on whose card."""

    student: object
    school: object
    programme: object
    amount: Decimal
    standard: Decimal | None = None
    card_holder: str = ""
    relation: str = ""
    bank: str = ""
    card: str = ""


# Making ------------------------------------------------------------------------------------------
@transaction.atomic
def make_batch(
    unit, *, title: str, term: str, paid_on: date, lines: Iterable[Line], by, at: datetime
) -> PaymentBatch:
    """A draft with a row for each line, paid on one day."""
    lines = list(lines)
    if not title.strip():
        raise Refused("required", "title")
    if not lines:
        raise Refused("no_rows")
    for line in lines:
        refuse_no_money(line.amount)
    batch = begin_batch(unit, title=title, term=term, by=by, at=at)
    add_lines(batch, lines, paid_on)
    settle_batch(batch)
    _tell("subsidies.batch_made", batch, by=by)
    return batch


def begin_batch(unit, *, title: str, term: str, by, at: datetime, note: str = "") -> PaymentBatch:
    return PaymentBatch.objects.create(
        unit=unit, title=title.strip(), term=term, made_by=by, made_at=at, note=note.strip()
    )


def add_lines(batch: PaymentBatch, lines: list[Line], paid_on: date) -> None:
    papers = _papers_of(lines)
    rows = [new_payment(batch, line, papers[line.student.pk], paid_on) for line in lines]
    Payment.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def new_payment(batch: PaymentBatch, line: Line, number: str, paid_on: date, **more) -> Payment:
    """A row that is not saved yet."""
    return Payment(
        batch=batch,
        school=line.school,
        student=line.student,
        name=line.student.name,
        id_number=number,
        id_number_index=identity.number_index(number),
        programme=line.programme,
        term=batch.term,
        standard=line.standard,
        amount=line.amount,
        paid_on=paid_on,
        card_holder=line.card_holder,
        relation=line.relation,
        bank=line.bank,
        **card_of(line.card),
        **more,
    )


def card_of(number: str) -> dict:
    """Both columns of a card's number."""
    index = blind_index(number, Payment._meta.get_field("card").purpose)
    return {"card": number, "card_index": index if number else None}


def _papers_of(lines: list[Line]) -> dict[int, str]:
    """The number by which each child is known to a bank; empty where it has no paper."""
    students = {line.student.pk for line in lines}
    papers = Identifier.objects.current().filter(student__in=students).exclude(kind=IdKind.ROLL)
    return dict.fromkeys(students, "") | {one.student_id: one.value for one in papers}


def refuse_no_money(amount: Decimal) -> None:
    """Money has two decimals, and nobody is paid nothing."""
    is_exact = isinstance(amount, Decimal) and amount.is_finite() and amount % CENT == 0
    if not is_exact or amount <= 0:
        raise Refused("not_money", "amount")


def settle_batch(batch: PaymentBatch) -> None:
    """Count and add up the rows as they are now: the only place where either is written."""
    found = batch.payments.aggregate(count=Count("pk"), total=cents())
    batch.count, batch.total = found["count"], found["total"]
    batch.version += 1
    batch.save(update_fields=["count", "total", "version"])


# Handing on --------------------------------------------------------------------------------------
def submit_batch(batch: PaymentBatch, *, by, at: datetime, seen: int | None = None):
    """Ask for the approval of another person."""
    with _deed("subsidies.batch_submitted", batch, by=by, seen=seen) as batch:
        if not batch.is_open:
            raise Refused("not_open")
        if not batch.count:
            raise Refused("no_rows")
        batch.state, batch.submitted_at = State.SUBMITTED, at
    return batch


def approve_batch(batch: PaymentBatch, *, by, at: datetime, seen: int | None = None):
    """A second person says that it is right; from now on its rows are only reversed."""
    with _deed("subsidies.batch_approved", batch, by=by, seen=seen) as batch:
        _refuse_decided(batch, by)
        batch.state, batch.approved_by, batch.approved_at = State.APPROVED, by, at
        jobs.announce("subsidies.payments", by=by)
    return batch


def return_batch(batch: PaymentBatch, *, note: str, by, at: datetime, seen: int | None = None):
    """A second person sends it back with a word about why."""
    with _deed("subsidies.batch_returned", batch, by=by, seen=seen) as batch:
        _refuse_decided(batch, by)
        if not note.strip():
            raise Refused("required", "note")
        batch.state, batch.note, batch.submitted_at = State.RETURNED, note.strip(), None
    return batch


def withdraw_batch(batch: PaymentBatch, *, by, at: datetime, seen: int | None = None):
    """Give a draft up: no money has gone out by it, so its rows go and the batch stays, empty.

    What came in by a sheet goes by the undo of that upload, which keeps the rows.
    """
    with _deed("subsidies.batch_withdrawn", batch, by=by, seen=seen) as batch:
        if not batch.is_open:
            raise Refused("not_open")
        if batch.source_upload is not None:
            raise Refused("from_sheet")
        batch.payments.all().delete()
        settle_batch(batch)
        batch.state = State.WITHDRAWN
    return batch


def _refuse_decided(batch: PaymentBatch, by) -> None:
    if batch.state != State.SUBMITTED:
        raise Refused("not_submitted")
    if batch.made_by_id == by.pk:
        raise Refused("own_batch")


def hold_batch(pk: int, seen: int | None = None) -> PaymentBatch:
    """The batch as it is now, held until the transaction ends. Stale if it was changed since."""
    batch = PaymentBatch.objects.select_for_update().get(pk=pk)
    if seen is not None and seen != batch.version:
        raise Stale(pk)
    return batch


@contextmanager
def _deed(verb: str, batch: PaymentBatch, *, by, seen: int | None):
    """Yields the batch as it is now; what was set on it is saved, and the event written."""
    with transaction.atomic():
        locks.hold(LOCK)  # no undo of an upload looks at a batch while somebody approves it
        batch = hold_batch(batch.pk, seen)
        before = batch.state
        yield batch
        batch.version += 1
        batch.save()
        _tell(verb, batch, by=by, before={"state": before})


def _tell(verb: str, batch: PaymentBatch, *, by, before: dict | None = None) -> None:
    after = {"state": batch.state, "count": batch.count, "total": str(batch.total)}
    audit.record(verb, batch, by=by, before=before, after=after)
