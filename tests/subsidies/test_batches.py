"""Batches by two people, and money that no deed may lose a cent of."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from common.models import Event
from common.refusals import Stale
from registry.roles import Role
from subsidies.models import Payment, PaymentBatch
from subsidies.services import batches, corrections
from subsidies.services.refusals import Refused
from tests.cast import NOW, TODAY
from tests.intake.rosters import make_school
from tests.subsidies.money import approved, draft, pupil

State = PaymentBatch.State


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def first(east, officer):
    return officer(east)


@pytest.fixture
def second(east, officer):
    return officer(east)


@pytest.fixture
def pupils(school):
    return [pupil(n, school) for n in range(3)]


@pytest.fixture
def batch(east, school, pupils, first):
    return draft(east, school, pupils, ("312.50", "625", "0.01"), by=first)


@pytest.fixture
def payment(east, school, pupils, first, second):
    approved(east, school, pupils[:1], ["312.50"], by=first, second=second)
    return Payment.objects.get()


def refused(deed, *args, **more) -> str:
    with pytest.raises(Refused) as why:
        deed(*args, by=more.pop("by"), at=NOW, **more)
    return why.value.code


def out() -> Decimal:
    """The money that is out."""
    return Payment.objects.approved().arrived().aggregate(x=Sum("amount"))["x"] or Decimal(0)


# Two people --------------------------------------------------------------------------------------
def test_one_makes_and_another_approves(batch, first, second):
    assert (batch.count, batch.total) == (3, Decimal("937.51"))
    assert refused(batches.approve_batch, batch, by=second) == "not_submitted"
    batch = batches.submit_batch(batch, by=first, at=NOW)
    assert out() == 0
    assert refused(batches.approve_batch, batch, by=first) == "own_batch"
    assert refused(batches.return_batch, batch, by=first, note="不对") == "own_batch"
    batch = batches.approve_batch(batch, by=second, at=NOW)
    assert (batch.state, batch.approved_by, out()) == (State.APPROVED, second, batch.total)
    assert refused(batches.approve_batch, batch, by=second) == "not_submitted", "a double click"
    assert refused(batches.withdraw_batch, batch, by=first) == "not_open"


def test_the_database_lets_nobody_approve_their_own(batch, first):
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBatch.objects.update(state=State.APPROVED, approved_by=first, approved_at=NOW)


def test_sent_back_with_a_word_and_submitted_again(batch, first, second):
    batch = batches.submit_batch(batch, by=first, at=NOW)
    assert refused(batches.return_batch, batch, by=second, note=" ") == "required"
    batch = batches.return_batch(batch, note="少一人", by=second, at=NOW)
    assert (batch.state, batch.note, batch.approved_by) == (State.RETURNED, "少一人", None)
    assert batches.submit_batch(batch, by=first, at=NOW).state == State.SUBMITTED


def test_a_form_opened_before_somebody_elses_deed_is_stale(batch, first, second):
    seen = batch.version
    batches.submit_batch(batch, by=first, at=NOW, seen=seen)
    with pytest.raises(Stale):
        batches.approve_batch(batch, by=second, at=NOW, seen=seen)


def test_a_draft_given_up_leaves_an_empty_batch(batch, first):
    batch = batches.withdraw_batch(batch, by=first, at=NOW)
    assert (batch.state, batch.count, batch.total) == (State.WITHDRAWN, 0, 0)
    assert refused(batches.submit_batch, batch, by=first) == "not_open"


@pytest.mark.parametrize("amount", ["0", "-1", "0.005", "NaN", "Infinity"])
def test_what_is_no_money_is_not_paid(east, school, pupils, first, amount):
    with pytest.raises(Refused) as why:
        draft(east, school, pupils[:1], [amount], by=first)
    assert why.value.code == "not_money"
    assert not PaymentBatch.objects.exists()


# Corrections -------------------------------------------------------------------------------------
def test_a_reversal_waits_for_another_person_and_comes_once(payment, first, second):
    batch = corrections.reverse_payment(payment, reason="重复", by=first, at=NOW)
    assert out() == Decimal("312.50") and batch.total == Decimal("-312.50")
    assert refused(corrections.reverse_payment, payment, by=second, reason="重复") == "reversed"
    batches.approve_batch(batches.submit_batch(batch, by=first, at=NOW), by=second, at=NOW)
    assert out() == 0
    minus = Payment.objects.get(reversal_of=payment)
    assert refused(corrections.reverse_payment, minus, by=first, reason="再") == "is_reversal"


def test_a_reversal_that_is_given_up_may_be_made_again(payment, first):
    batch = corrections.reverse_payment(payment, reason="重复", by=first, at=NOW)
    batches.withdraw_batch(batch, by=first, at=NOW)
    assert corrections.reverse_payment(payment, reason="重复", by=first, at=NOW).count == 1


def test_a_correction_moves_the_difference_only(payment, first, second):
    batch = corrections.correct_payment(
        payment, reason="标准", amount=Decimal("375.00"), card="6222020200112230", by=first, at=NOW
    )
    assert (batch.count, batch.total) == (2, Decimal("62.50"))
    batches.approve_batch(batches.submit_batch(batch, by=first, at=NOW), by=second, at=NOW)
    assert out() == Decimal("375.00")
    anew = Payment.objects.get(amount="375.00")
    assert (anew.card, anew.relation, anew.student) == (
        "6222020200112230",
        "MOTHER",
        payment.student,
    )
    payment.refresh_from_db()
    assert payment.amount == Decimal("312.50"), "what was paid stands as it was"


def test_what_the_bank_sent_back_is_paid_anew_once(payment, first, second):
    deed = corrections.record_bank_return
    assert refused(
        deed, payment, by=first, on=payment.paid_on.replace(day=1), reason="户名不符"
    ) == ("before_paid")
    assert (
        refused(deed, payment, by=first, on=TODAY.replace(year=2026), reason="户名") == "in_future"
    )
    assert refused(corrections.pay_again, payment, by=first) == "not_returned"
    payment = deed(payment, on=TODAY, reason="户名不符", by=first, at=NOW)
    assert out() == 0
    assert refused(corrections.reverse_payment, payment, by=first, reason="退") == "returned"
    batch = corrections.pay_again(payment, by=first, at=NOW, card_holder="阿爸", relation="FATHER")
    assert refused(corrections.pay_again, payment, by=second) == "repaid"
    batches.approve_batch(batches.submit_batch(batch, by=first, at=NOW), by=second, at=NOW)
    assert out() == Decimal("312.50")


def test_nothing_is_reversed_before_it_is_approved(batch, first):
    one = batch.payments.first()
    assert refused(corrections.reverse_payment, one, by=first, reason="错") == "not_approved"


def test_the_log_holds_no_name_and_no_number(payment, first):
    corrections.correct_payment(payment, reason="卡号错", card="6222020200112230", by=first, at=NOW)
    told = "".join(f"{e.before}{e.after}{e.subject_title}" for e in Event.objects.all())
    assert Event.objects.filter(verb="subsidies.payment_corrected").exists()
    assert "那仁" not in told and "6222020200112230" not in told and payment.id_number not in told


# Scope -------------------------------------------------------------------------------------------
def test_a_child_paid_in_two_banners_is_each_banners_own(
    east, west, school, officer, first, second
):
    there = make_school("额济纳旗小学", west)
    child = pupil(9, school)
    approved(east, school, [child], ["100"], by=first, second=second)
    one, two = officer(west), officer(west)
    approved(west, there, [child], ["200"], by=one, second=two)

    def seen(user):
        rows = Payment.objects.visible_to(user, "subsidies.view_payment")
        return [int(amount) for amount in rows.values_list("amount", flat=True).order_by("amount")]

    assert seen(first) == [100] and seen(one) == [200]
    assert seen(officer(school, Role.SCHOOL)) == [100]
    assert seen(officer(there, Role.SCHOOL)) == [200]


# Not a cent --------------------------------------------------------------------------------------
CENTS = st.integers(1, 10**9).map(lambda n: Decimal(n) / 100)
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["reverse", "correct", "return", "again", "submit", "approve", "withdraw"]),
        st.integers(0, 30),
        CENTS,
    ),
    max_size=14,
)


@given(st.lists(CENTS, min_size=1, max_size=3), DEEDS)
def test_money_in_is_money_in_batches_is_money_in_rows(
    east, school, pupils, first, second, amounts, deeds
):
    with transaction.atomic():
        chosen = pupils[: len(amounts)]
        approved(east, school, chosen, amounts, by=first, second=second)
        owed = dict(Payment.objects.values_list("pk", "amount"))  # what each row counts now
        for deed in deeds:
            _do(*deed, owed=owed, by=first, second=second)
            for one in PaymentBatch.objects.all():
                rows = one.payments.aggregate(x=Sum("amount"))["x"] or 0
                assert (one.total, one.count) == (rows, one.payments.count())
            assert out() == sum(owed.values(), Decimal(0))
            approved_total = PaymentBatch.objects.filter(state=State.APPROVED).aggregate(
                x=Sum("total")
            )["x"]
            sent_back = Payment.objects.filter(result="RETURNED").aggregate(x=Sum("amount"))["x"]
            assert approved_total - (sent_back or 0) == out()
        transaction.set_rollback(True)


def _do(deed, which, amount, *, owed, by, second) -> None:
    """One deed on one row or batch; `owed` follows by hand what ought to be out."""
    rows, some = list(Payment.objects.order_by("pk")), list(PaymentBatch.objects.order_by("pk"))
    row, batch = rows[which % len(rows)] if rows else None, some[which % len(some)]
    try:
        match deed:
            case "reverse":
                corrections.reverse_payment(row, reason="错", by=by, at=NOW)
            case "correct":
                corrections.correct_payment(row, reason="错", amount=amount, by=by, at=NOW)
            case "return":
                corrections.record_bank_return(row, on=TODAY, reason="退", by=by, at=NOW)
                owed.pop(row.pk)
            case "again":
                corrections.pay_again(row, by=by, at=NOW)
            case "submit":
                batches.submit_batch(batch, by=by, at=NOW)
            case "approve":
                batches.approve_batch(batch, by=second, at=NOW)
                owed.update(batch.payments.values_list("pk", "amount"))
            case "withdraw":
                batches.withdraw_batch(batch, by=by, at=NOW)
    except Refused:
        pass
