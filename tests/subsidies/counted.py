"""What every figure of aid counts: a child on a list, an award paid in time, a payment said wrong."""

from datetime import date

from registry.models import Finding, Membership, OutsideList, Student
from subsidies.models import Award, Payment, PaymentBatch, Programme
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.children import make_child
from tests.subsidies.planted import HALF, TEXT, number_of


def aid_of_each(unit, school, by, second, *, term: str, n: int) -> Student:
    """One child of the school for whom all figures of the term count; `n` tells numbers apart."""
    load_standards()
    programme = Programme.objects.get(code="compulsory-living")
    child = make_child(school=school, grade="11")
    listed = OutsideList.objects.get_or_create(
        department="CIVIL_AFFAIRS", title="低保", listed_on=date(2025, 9, 20), unit=unit
    )[0]
    Membership.objects.create(
        list=listed,
        name="那仁",
        id_number=TEXT,
        id_number_index=number_of(n),
        category="SUBSISTENCE",
        student=child,
    )
    Award.objects.create(student=child, programme=programme, term=term, unit=school, amount=HALF)
    batch = PaymentBatch.objects.create(
        unit=unit,
        title="生活补助",
        state="APPROVED",
        made_by=by,
        made_at=NOW,
        approved_by=second,
        approved_at=NOW,
    )
    payment = Payment.objects.create(
        batch=batch,
        school=school,
        student=child,
        name="那仁",
        id_number=TEXT,
        id_number_index=number_of(n),
        programme=programme,
        term=term,
        amount=HALF,
        paid_on=TODAY,
    )
    Finding.objects.create(
        rule="subsidies.aid.account.holder",
        subject_code="subsidies.payment",
        subject_pk=str(payment.pk),
        period=term,
        unit=school,
        found_at=NOW,
        due_on=TODAY,
        answer="FIXED",
        answered_by=by,
        answered_at=NOW,
    )
    return child
