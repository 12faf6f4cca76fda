"""A long walk of deeds with amounts to the cent: money in is money in batches is money in rows.

Beside the portal a plain account is kept by hand, in fen, and compared after every deed.
"""

from decimal import Decimal
from random import Random

import pytest

from subsidies.models import Award, Payment, PaymentBatch
from subsidies.models.money import cents
from subsidies.services import batches, corrections, reconciling
from subsidies.services.refusals import Refused
from tests.cast import NOW, TODAY
from tests.intake.rosters import commit, hand_in, make_school, undo
from tests.subsidies.money import TERM, programme, pupil
from tests.subsidies.test_kind_aid_payments import line

State = PaymentBatch.State
# How often each deed comes, against the others.
DEEDS = {
    "roster": 1,
    "again": 1,
    "undo": 2,
    "submit": 3,
    "approve": 4,
    "send_back": 1,
    "withdraw": 1,
    "reverse": 3,
    "correct": 4,
    "return": 3,
    "repeat": 3,
}
CHILDREN, STEPS = 6, 50


@pytest.fixture
def walk(east, officer, clock_at):
    clock_at(TODAY)
    return Walk(east, officer(east), officer(east))


@pytest.mark.parametrize("seed", [1, 4])
def test_no_deed_ever_loses_a_cent(walk, seed):
    walk.dice = Random(seed)
    for _step in range(STEPS):
        walk.step()
        walk.compare()
    assert walk.done >= {"roster", "undo", "approve", "reverse", "correct", "return", "repeat"}


class Walk:
    """One account by hand: `rows` are fen of what stands in some batch, `out` of what is out."""

    def __init__(self, unit, first, second):
        self.unit, self.first, self.second = unit, first, second
        school = make_school("阿左旗第一小学", unit)
        programme()
        self.pupils = [pupil(n, school) for n in range(CHILDREN)]
        for one in self.pupils:
            Award.objects.create(
                student=one, programme=programme(), term=TERM, unit=school, amount=Decimal("0.30")
            )
        self.rows: dict[int, int] = {}
        self.out: dict[int, int] = {}
        self.uploads, self.done, self.day = [], set(), 0

    def step(self):
        """One deed that came about; what is refused on the way changes nothing."""
        while not self._try("roster" if not self.uploads else self._next()):
            self.compare()

    def _try(self, deed: str) -> bool:
        try:
            came_about = getattr(self, f"_{deed}")() is not False
        except Refused:
            return False
        if came_about:
            self.done.add(deed)
        return came_about

    def _next(self) -> str:
        return self.dice.choices(list(DEEDS), list(DEEDS.values()))[0]

    def compare(self):
        for batch in PaymentBatch.objects.all():
            rows = batch.payments.aggregate(x=cents())["x"]
            assert (batch.total, batch.count) == (rows, batch.payments.count())
        in_rows = {
            pk: int(amount * 100) for pk, amount in Payment.objects.values_list("pk", "amount")
        }
        assert in_rows == self.rows
        in_batches = PaymentBatch.objects.aggregate(x=cents("total"))["x"]
        assert in_batches * 100 == sum(self.rows.values())
        out = Payment.objects.approved().arrived().aggregate(x=cents())["x"]
        assert out * 100 == sum(self.out.values())
        self._compare_awards()

    def _compare_awards(self):
        """What each child has, and how it stands, as the account says."""
        owner = dict(Payment.objects.values_list("pk", "student"))
        has = dict.fromkeys((one.pk for one in self.pupils), 0)
        for pk, fen in self.out.items():
            has[owner[pk]] += fen
        rows = reconciling.reconciled(Award.objects.all(), Payment.objects.all(), on=TODAY)
        assert {row.student_id: row.paid * 100 for row in rows} == has
        full = {row.student_id for row in rows if row.standing == reconciling.Standing.FULL}
        assert full == {pk for pk, fen in has.items() if fen == 30}
        told = reconciling.totals(rows)
        assert told.paid * 100 == sum(has.values())
        assert told.expected - told.paid == told.short - told.over

    # Deeds -----------------------------------------------------------------------------------------
    def _fen(self) -> int:
        return self.dice.choice([10, 20, 30, self.dice.randint(1, 99), self.dice.randint(1, 10**7)])

    def _some(self, rows):
        rows = list(rows.order_by("pk"))
        return self.dice.choice(rows) if rows else None

    def _batch(self, *states):
        return self._some(PaymentBatch.objects.filter(state__in=states))

    def _payment(self):
        """One about which something can still be done, mostly; or one that is to be refused."""
        free = Payment.objects.filter(pk__in=self.out, reversal_of=None, reversal=None)
        return self._some(free if self.dice.random() < 0.8 else Payment.objects.approved())

    def _roster(self):
        """A sheet of up to five rows; another day each time, so that it is no roster taken in before."""
        self.day = self.day % 27 + 1
        sums = [self._fen() for _row in range(self.dice.randint(1, 5))]
        rows = [
            line(n, f"{fen // 100}.{fen % 100:02}", 发放日期=f"2025-06-{self.day:02}")
            for n, fen in enumerate(sums)
        ]
        self._take(rows)

    def _again(self):
        """The sheet that came in last: refused while a row of it stands, else as good as new."""
        found = Payment.objects.filter(batch__source_upload=self.uploads[-1][0].pk)
        stood = found.filter(reversal=None, result=Payment.Result.PAID).exists()
        before = dict(self.rows)
        self._take(self.uploads[-1][1])
        assert not stood or self.rows == before
        return self.rows != before

    def _take(self, sheet):
        upload, _preview = hand_in(sheet, by=self.first, unit=self.unit, kind="aid-payments")
        upload = commit(upload, by=self.first)
        self.uploads.append((upload, sheet))
        found = Payment.objects.filter(batch__source_upload=upload.pk)
        for payment in found:
            self.rows[payment.pk] = int(payment.amount * 100)
        handed_in = sum(int(Decimal(row["发放金额"]) * 100) for row in sheet)
        assert not found or handed_in == sum(self.rows[one.pk] for one in found)

    def _undo(self):
        upload = self.dice.choice(self.uploads)[0]
        batch = PaymentBatch.objects.filter(source_upload=upload.pk).first()
        if batch is None:
            return False
        gone = (
            []
            if batch.state == State.APPROVED
            else list(batch.payments.values_list("pk", flat=True))
        )
        undo(upload, by=self.first)
        for pk in gone:
            del self.rows[pk]
        return bool(gone)

    def _submit(self):
        batch = self._batch(State.DRAFT, State.RETURNED)
        if batch is None:
            return False
        batches.submit_batch(batch, by=self.first, at=NOW)

    def _approve(self):
        batch = self._batch(State.SUBMITTED)
        if batch is None:
            return False
        batches.approve_batch(batch, by=self.second, at=NOW)
        for pk in batch.payments.values_list("pk", flat=True):
            self.out[pk] = self.rows[pk]

    def _send_back(self):
        batch = self._batch(State.SUBMITTED)
        if batch is None:
            return False
        batches.return_batch(batch, note="再核", by=self.second, at=NOW)

    def _withdraw(self):
        batch = self._batch(State.DRAFT, State.RETURNED)
        if batch is None:
            return False
        gone = list(batch.payments.values_list("pk", flat=True))
        batches.withdraw_batch(batch, by=self.first, at=NOW)
        for pk in gone:
            del self.rows[pk]

    def _made(self, batch, *sums):
        found = list(batch.payments.order_by("pk"))
        assert sorted(int(one.amount * 100) for one in found) == sorted(sums)
        self.rows |= {one.pk: int(one.amount * 100) for one in found}

    def _reverse(self):
        payment = self._payment()
        if payment is None:
            return False
        batch = corrections.reverse_payment(payment, reason="错", by=self.first, at=NOW)
        self._made(batch, -self.rows[payment.pk])

    def _correct(self):
        payment, fen = self._payment(), self._fen()
        if payment is None:
            return False
        amount = Decimal(fen) / 100
        batch = corrections.correct_payment(
            payment, reason="错", amount=amount, by=self.first, at=NOW
        )
        self._made(batch, -self.rows[payment.pk], fen)

    def _return(self):
        payment = self._payment()
        if payment is None:
            return False
        corrections.record_bank_return(payment, on=TODAY, reason="户名", by=self.first, at=NOW)
        del self.out[payment.pk]

    def _repeat(self):
        payment = self._some(Payment.objects.filter(result=Payment.Result.RETURNED))
        if payment is None:
            return False
        batch = corrections.pay_again(payment, by=self.first, at=NOW)
        self._made(batch, self.rows[payment.pk])
