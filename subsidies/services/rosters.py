"""What a taken-in roster of payments leads to: its batch, whose money it is, the sums."""

from django.db.models import F, OuterRef, Subquery

from common import changes
from common.models import ChangeSet
from registry.models import Identifier, IdKind
from subsidies.models import Payment, PaymentBatch
from subsidies.services.batches import settle_batch

SAME_ROW = ("id_number_index", "programme_id", "term", "amount", "paid_on")


def batch_of(upload_pk: int | None) -> PaymentBatch | None:
    return PaymentBatch.objects.filter(source_upload=upload_pk).first() if upload_pk else None


def follow_roster(change_set: ChangeSet) -> None:
    """After a roster was taken in or taken back: whose each payment is, and the sums of its batches."""
    written = change_set.rows.filter(root=Payment._meta.db_table).values("root_pk")
    payments = Payment.objects.filter(pk__in=written)
    link_students(payments)
    made = change_set.rows.filter(root=PaymentBatch._meta.db_table).values("root_pk")
    touched = PaymentBatch.objects.filter(pk__in=made) | PaymentBatch.objects.filter(
        pk__in=payments.values("batch")
    )
    for batch in touched.distinct():
        terms = batch.payments.order_by("term").values_list("term", flat=True).distinct()
        batch.term = terms[0] if len(terms) == 1 else ""
        batch.save(update_fields=["term"])
        settle_batch(batch)


def link_students(payments) -> int:
    """Point payments at the child whose number they name; a corrected number still means its child."""
    papers = Identifier.objects.filter(
        value_index=OuterRef("id_number_index"), student__merged_into=None
    ).exclude(kind=IdKind.ROLL)
    papers = papers.order_by(F("valid_to").desc(nulls_first=True), "pk").values("student")
    return payments.update(student_id=Subquery(papers[:1]))


def already_paid(indexes) -> set[tuple]:
    """Rows of these children that stand in some batch, as `SAME_ROW` tells them apart."""
    rows = Payment.objects.filter(
        id_number_index__in=indexes,
        reversal_of=None,
        reversal=None,
        result=Payment.Result.PAID,
    )
    return set(rows.values_list(*SAME_ROW))


def _approved(pks) -> list[int]:
    """Payments that an undo leaves: another person has approved them, so they are reversed."""
    stands = PaymentBatch.State.APPROVED
    return list(
        Payment.objects.filter(pk__in=list(pks), batch__state=stands).values_list("pk", flat=True)
    )


changes.frozen_by(Payment, _approved)
