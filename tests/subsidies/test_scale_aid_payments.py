"""A league's roster of a term goes in whole."""

from decimal import Decimal
from time import perf_counter

import pytest

from subsidies.models import PaymentBatch
from tests.cast import TODAY
from tests.intake.rosters import commit, hand_in, make_school, undo
from tests.subsidies.money import programme
from tests.subsidies.test_kind_aid_payments import line

ROWS = 60_000


@pytest.mark.scale
def test_a_leagues_roster_goes_in_and_out(east, officer, clock_at):
    clock_at(TODAY)
    official = officer(east)
    make_school("阿左旗第一小学", east)
    programme()
    rows = [line(n // 4, 发放日期=f"2025-0{3 + n % 4}-20", 银行卡号=None) for n in range(ROWS)]
    began = perf_counter()
    upload, preview = hand_in(rows, by=official, unit=east, kind="aid-payments")
    checked = perf_counter()
    assert not preview.faults and preview.counts["inserted"] == ROWS
    upload = commit(upload, by=official)
    committed = perf_counter()
    batch = PaymentBatch.objects.get()
    assert (batch.count, batch.total) == (ROWS, ROWS * Decimal("312.50"))
    assert undo(upload, by=official).left == []
    undone = perf_counter()
    print(f"\nmade and checked {checked - began:.1f} s, committed {committed - checked:.1f} s")
    print(f"undone {undone - committed:.1f} s")
    assert not PaymentBatch.objects.exists()
    assert undone - committed < committed - checked, "one batch under all rows costs no search each"
