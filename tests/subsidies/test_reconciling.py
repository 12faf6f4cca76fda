"""Expected against paid, to the cent: by hand, and for who sees what."""

from datetime import date
from decimal import Decimal

import pytest

from common.periods import Period
from subsidies.models import Award, Payment
from subsidies.services import corrections, reconciled_places, reconciling, totals
from subsidies.services.batches import approve_batch, submit_batch
from subsidies.services.reconciling import Standing
from tests.cast import NOW, TODAY
from tests.intake.rosters import make_school
from tests.subsidies.money import PAID_ON, TERM, approved, draft, programme, pupil


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def people(east, officer):
    return officer(east), officer(east)


@pytest.fixture
def pay(east, school, people):
    first, second = people
    return lambda student, amount: approved(
        east, school, [student], [amount], by=first, second=second
    )


def award(student, amount="312.50", term=TERM) -> Award:
    return Award.objects.create(
        student=student,
        programme=programme(),
        term=term,
        unit=student.enrolments.get().school,
        amount=Decimal(amount),
    )


def rows(on=PAID_ON, grace=0):
    return reconciling.reconciled(Award.objects.all(), Payment.objects.all(), on=on, grace=grace)


def test_every_standing_by_hand(east, school, people, pay):
    pupils = [pupil(n, school) for n in range(7)]
    for one in pupils[:6]:
        award(one)
    pay(pupils[0], "312.50")
    pay(pupils[1], "312.49")
    pay(pupils[2], "312.51")
    pay(pupils[3], "312.50")
    sent = Payment.objects.get(student=pupils[3])
    corrections.record_bank_return(sent, on=TODAY, reason="户名", by=people[0], at=NOW)
    draft(east, school, [pupils[4]], ["312.50"], by=people[0])
    pay(pupils[6], "50")
    found = {row.student_id: (row.standing, row.paid, row.waiting) for row in rows()}
    zero, whole = Decimal("0"), Decimal("312.50")
    assert [found[one.pk] for one in pupils[:6]] == [
        (Standing.FULL, whole, zero),
        (Standing.SHORT, Decimal("312.49"), zero),
        (Standing.OVER, Decimal("312.51"), zero),
        (Standing.RETURNED, zero, zero),
        (Standing.UNPAID, zero, whole),
        (Standing.UNPAID, zero, zero),
    ]
    extra = reconciling.unexpected(Payment.objects.all(), Award.objects.all())
    assert [(row["student"], row["paid"]) for row in extra] == [(pupils[6].pk, Decimal("50"))]


def test_dimes_that_make_the_whole_are_full_on_either_engine(school, pay):
    """0.1 + 0.2 is not 0.3 to an engine that adds in binary."""
    one = pupil(1, school)
    award(one, "0.30")
    pay(one, "0.10"), pay(one, "0.20")
    assert rows().get().standing == Standing.FULL


def test_people_and_person_times_are_two_numbers(school, pay):
    one, two = pupil(1, school), pupil(2, school)
    award(one), award(one, term="2024/25-1"), award(two, "100")
    pay(one, "312.50"), pay(two, "130")
    found = reconciling.totals(rows())
    assert (found.people, found.person_times) == (2, 3)
    assert (found.expected, found.paid) == (Decimal("725.00"), Decimal("442.50"))
    assert (found.short, found.over) == (Decimal("312.50"), Decimal("30.00"))
    nothing = reconciling.totals(rows().none())
    assert (nothing.people, nothing.expected) == (0, 0)


def test_late_is_after_the_end_of_the_term_and_the_days_of_grace(school, pay):
    one = pupil(1, school)
    award(one, term="2024/25-2")
    end = date(2025, 8, 31)
    assert reconciling.deadline_of(TERM) == end

    def late(on, grace=0):
        return rows(on, grace).get().is_late

    assert not late(end) and late(date(2025, 9, 1)) and not late(date(2025, 9, 1), grace=1)
    pay(one, "312.50")
    assert not late(date(2026, 1, 1))
    Payment.objects.update(paid_on=date(2025, 9, 2))
    assert late(date(2025, 9, 2)) and not late(date(2026, 1, 1), grace=2)


def test_a_corrected_payment_is_as_late_as_the_one_that_stands(school, people, pay):
    one = pupil(1, school)
    award(one)
    pay(one, "300")
    paid = Payment.objects.get()
    batch = corrections.correct_payment(
        paid, amount=Decimal("312.50"), reason="标准", by=people[0], at=NOW
    )
    assert rows().get().standing == Standing.SHORT, "a correction that waits changes nothing"
    approve_batch(submit_batch(batch, by=people[0], at=NOW), by=people[1], at=NOW)
    row = rows().get()
    assert (row.standing, row.last_paid_on, row.is_late) == (Standing.FULL, TODAY, True)


@pytest.mark.parametrize(
    "code, terms",
    [
        ("2024/25", ["2024/25-1", "2024/25-2"]),
        ("2025", ["2024/25-1", "2024/25-2"]),
        ("2024/25-2", ["2024/25-2"]),
    ],
)
def test_a_year_speaks_of_the_terms_that_end_in_it(code, terms):
    assert reconciling.terms_of(Period.parse(code)) == terms


def test_queries_do_not_grow_with_children(school, pay, django_assert_num_queries):
    for n in range(4):
        one = pupil(n, school)
        award(one)
        pay(one, "312.50")
    with django_assert_num_queries(2):  # the terms there are, and the rows
        assert len(rows()) == 4


def test_the_months_and_the_cards_add_up_to_what_is_out(school, people, pay):
    one = pupil(1, school)
    pay(one, "10.10")
    pay(one, "20.20")
    gone = Payment.objects.order_by("pk").first()
    corrections.record_bank_return(gone, on=TODAY, reason="退", by=people[0], at=NOW)
    months = dict(reconciling.months_of(Payment.objects.all(), 2025))
    assert months[6] == Decimal("20.20") and sum(months.values()) == Decimal("20.20")
    assert reconciling.by_holder(Payment.objects.all()) == [
        {"relation": "MOTHER", "count": 1, "paid": Decimal("20.20")}
    ]


def test_a_childs_history_has_each_award_with_its_payments(school, pay):
    one, other = pupil(1, school), pupil(2, school)
    award(one), award(one, term="2024/25-1"), award(other)
    pay(one, "312.50"), pay(other, "1")
    history = reconciling.history_of(one, Award.objects.all(), Payment.objects.all(), on=PAID_ON)
    assert [(told.award.term, len(told.payments)) for told in history] == [
        ("2024/25-2", 1),
        ("2024/25-1", 0),
    ]


# By school and programme ---------------------------------------------------------------------------
def test_places_tell_the_same_as_the_single_children(east, school, people, pay):
    there = make_school("阿左旗第二小学", east)
    pupils = [pupil(n, school if n % 2 else there) for n in range(8)]
    for n, one in enumerate(pupils):
        award(one, "0.30" if n else "0.10")
        award(one, "0.30", term="2024/25-1")
    for n, amount in enumerate(["0.10", "0.20", "0.31", "0.30", "0.30", "0.30"]):
        pay(pupils[n], amount)
    pay(pupils[1], "0.10"), pay(pupils[7], "0.20")
    sent = Payment.objects.get(student=pupils[4])
    corrections.record_bank_return(sent, on=TODAY, reason="户名", by=people[0], at=NOW)
    gone = Payment.objects.get(student=pupils[5])
    minus = corrections.reverse_payment(gone, reason="错", by=people[0], at=NOW)
    approve_batch(submit_batch(minus, by=people[0], at=NOW), by=people[1], at=NOW)
    draft(east, school, [pupils[6]], ["0.30"], by=people[0])
    terms = ["2024/25-1", TERM]
    places = reconciled_places.by_place(
        Award.objects.all(), Payment.objects.all(), terms, on=date(2025, 9, 1)
    )
    whole = reconciled_places.summed(places)
    single = list(rows(on=date(2025, 9, 1)))
    told = reconciling.totals(rows())
    standings = [row.standing for row in single]
    assert {one.unit_id for one in places} == {school.pk, there.pk}
    assert (whole.person_times, whole.expected, whole.paid) == (16, told.expected, told.paid)
    assert (whole.missing, whole.over_by) == (told.short, told.over)
    assert whole.short_by == Decimal("0.10")
    assert (whole.returned, whole.waiting) == (told.returned, told.waiting)
    assert (whole.full, whole.short, whole.over, whole.sent_back, whole.unpaid) == tuple(
        standings.count(one)
        for one in (
            Standing.FULL,
            Standing.SHORT,
            Standing.OVER,
            Standing.RETURNED,
            Standing.UNPAID,
        )
    )
    assert whole.late == sum(row.is_late for row in single) > 8
    assert (whole.full, whole.over, whole.sent_back) == (3, 1, 1)
    assert reconciled_places.people_of(Award.objects.all()) == 8


def test_who_was_paid_is_counted_once_and_whose_money_went_back_not_at_all(school, people, pay):
    one, two, three = (pupil(n, school) for n in range(3))
    pay(one, "0.10"), pay(one, "0.20"), pay(two, "5"), pay(three, "7")
    Payment.objects.filter(student=one, amount="0.20").update(term="2024/25-1")
    sent = Payment.objects.get(student=two)
    corrections.record_bank_return(sent, on=TODAY, reason="户名", by=people[0], at=NOW)
    gone = Payment.objects.get(student=three)
    minus = corrections.reverse_payment(gone, reason="错", by=people[0], at=NOW)
    waits = totals.paid_totals(Payment.objects.all())
    assert (waits.people, waits.person_times, waits.waiting) == (2, 3, Decimal("-7"))
    approve_batch(submit_batch(minus, by=people[0], at=NOW), by=people[1], at=NOW)
    found = totals.paid_totals(Payment.objects.all())
    assert (found.people, found.person_times, found.count) == (1, 2, 5)
    assert (found.out, found.sent_back, found.waiting) == (Decimal("0.30"), Decimal(5), 0)
    Payment.objects.filter(student=one).update(student=None)
    assert totals.paid_totals(Payment.objects.all()).people == 1, "a number stands for its child"


def test_what_has_become_of_each(east, school, people, pay):
    one, two, three, four = (pupil(n, school) for n in range(4))
    pay(one, "1"), pay(two, "2"), pay(three, "3")
    draft(east, school, [four], ["4"], by=people[0])
    sent = Payment.objects.get(student=two)
    corrections.record_bank_return(sent, on=TODAY, reason="户名", by=people[0], at=NOW)
    gone = Payment.objects.get(student=three)
    minus = corrections.reverse_payment(gone, reason="错", by=people[0], at=NOW)

    def fates():
        rows = Payment.objects.with_fate().order_by("pk")
        return list(rows.values_list("fate", flat=True))

    assert fates() == ["OUT", "SENT_BACK", "OUT", "WAITING", "WAITING"]
    anew = corrections.pay_again(sent, by=people[0], at=NOW)
    for batch in (minus, anew):
        approve_batch(submit_batch(batch, by=people[0], at=NOW), by=people[1], at=NOW)
    assert fates() == ["OUT", "REPAID", "REVERSED", "WAITING", "REVERSAL", "OUT"]
    assert set(Payment.objects.standing()) == set(Payment.objects.of_fate("OUT"))
