"""A roster of payments: in as a batch that waits, out with an undo, refused at the cell."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db.models import Sum

from intake import kinds
from intake.contexts import context_of
from subsidies.models import Award, Payment, PaymentBatch
from subsidies.report_kinds.columns import term_in
from subsidies.services import corrections
from subsidies.services.batches import approve_batch, submit_batch
from tests.cast import NOW, TODAY
from tests.intake.rosters import commit, domain_rows, hand_in, id_number, make_school, undo
from tests.subsidies.money import TERM, programme, pupil

CARD = "6222020200112230"


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east)


@pytest.fixture
def second(east, officer):
    return officer(east)


@pytest.fixture
def check(east, school, official):
    programme()
    return lambda rows: hand_in(rows, by=official, unit=east, kind="aid-payments")


@pytest.fixture
def take(check, official):
    return lambda rows: commit(check(rows)[0], by=official)


def line(n, amount="312.50", **over) -> dict:
    return {
        "学校": "阿左旗第一小学",
        "姓名": "那仁",
        "身份证号": id_number(n),
        "资助项目": "生活补助",
        "学年学期": "2024-2025学年第二学期",
        "标准": "312.50",
        "发放金额": amount,
        "发放日期": "2025-06-20",
        "卡主姓名": "阿妈",
        "与学生关系": "母亲",
        "开户行": "农业银行",
        "银行卡号": CARD,
        "备注": None,
    } | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def test_a_roster_becomes_a_batch_that_waits_and_goes_with_an_undo(
    school, check, official, second, east
):
    child = pupil(1, school)
    upload, preview = check([line(1), line(2, "0.01")])
    assert not preview.faults and preview.counts["inserted"] == 2
    assert not PaymentBatch.objects.exists(), "a check makes no batch"
    upload = commit(upload, by=official)
    batch = PaymentBatch.objects.get()
    assert (batch.count, batch.total, batch.state) == (2, Decimal("312.51"), "DRAFT")
    assert (batch.unit, batch.term, batch.made_by) == (east, TERM, official)
    known, unknown = batch.payments.order_by("pk")
    assert (known.student, unknown.student) == (child, None)
    assert (known.card, known.relation, known.paid_on) == (CARD, "MOTHER", date(2025, 6, 20))
    batch = submit_batch(batch, by=official, at=NOW)
    assert undo(upload, by=official).left == []
    assert domain_rows(Payment, PaymentBatch) == {
        "subsidies_payment": [],
        "subsidies_paymentbatch": [],
    }


def test_what_is_approved_is_left_by_an_undo_and_reversed(take, official, second):
    upload = take([line(1)])
    batch = submit_batch(PaymentBatch.objects.get(), by=official, at=NOW)
    approve_batch(batch, by=second, at=NOW)
    undone = undo(upload, by=official)
    assert {one.code for one in undone.left} >= {"frozen"}
    batch.refresh_from_db()
    assert (batch.count, batch.total) == (1, Decimal("312.50"))
    reversal = corrections.reverse_payment(Payment.objects.get(), reason="错", by=official, at=NOW)
    approve_batch(submit_batch(reversal, by=official, at=NOW), by=second, at=NOW)
    assert Payment.objects.approved().aggregate(x=Sum("amount"))["x"] == 0


def test_every_fault_is_told_at_its_cell(check):
    rows = [
        line(1, "三百"),
        line(2, "-1"),
        line(3, "312.505"),
        line(4, "0"),
        line(5, 资助项目="没有的"),
        line(6, 学年学期="2019-2020学年第二学期"),
        line(7, 学年学期="2026-2027学年第一学期"),
        line(8, 学年学期="去年"),
        line(9, 发放日期="2025-12-01"),
        line(10, 银行卡号=6222020200112230),
        line(11, 银行卡号="6222020200112231"),
        line(12),
        line(12),
    ]
    _upload, preview = check(rows)
    assert told(preview) == {
        ("number_wrong", "G2"),
        ("number_small", "G3"),
        ("number_places", "G4"),
        ("amount_nothing", "G5"),
        ("programme_unknown", "D6"),
        ("term_closed", "E7"),
        ("term_ahead", "E8"),
        ("term_wrong", "E9"),
        ("paid_ahead", "H10"),
        ("card_lost_digits", "L11"),
        ("card_checksum", "L12"),
        ("key_twice", "C13"),
        ("key_twice", "C14"),
    }
    assert preview.counts["rejected"] == len(rows)


def test_the_same_roster_again_is_refused(check, take):
    take([line(1), line(2)])
    _upload, preview = check([line(1), line(2), line(3)])
    assert told(preview) == {("paid_already", "C2"), ("paid_already", "C3")}


def test_a_total_that_is_wrong_refuses_the_sheet(check, official):
    rows = [line(1), line(2)]
    _upload, right = check([*rows, {"学校": "合计", "发放金额": "625.00"}])
    assert not right.faults
    upload, wrong = check([*rows, {"学校": "合计", "发放金额": "625.01"}])
    assert [(one.code, one.place) for one in wrong.faults] == [("total_differs", "G4")]
    upload = commit(upload, by=official)
    assert not Payment.objects.exists() and not PaymentBatch.objects.exists()


def test_what_no_standard_knows_is_stored_as_paid(take):
    take([line(1, "9999.99", 标准="1", 卡主姓名="谁", 与学生关系=None)])
    assert Payment.objects.get().amount == Decimal("9999.99")


def test_the_form_lists_what_is_still_to_be_paid(east, school, official, take):
    one, two = pupil(1, school), pupil(2, school)
    for child in (one, two):
        Award.objects.create(
            student=child, programme=programme(), term=TERM, unit=school, amount=Decimal("312.50")
        )
    take([line(1)])
    kind = kinds.get("aid-payments")
    upload = SimpleNamespace(kind="aid-payments", unit=east, period="", answers={})
    held = list(kind.store.held(kind, context_of(upload, official, NOW)))
    assert [row.values["id_number"] for row in held] == [id_number(2)]
    assert held[0].values["amount"] == Decimal("312.50")


@pytest.mark.parametrize(
    "text, code",
    [
        ("2024/25-2", "2024/25-2"),
        ("2024-2025学年第二学期", "2024/25-2"),
        ("2024—2025学年度 第1学期", "2024/25-1"),
        ("2024-2025学年春季学期", "2024/25-2"),
        ("2024-2025学年上学期", "2024/25-1"),
        ("2025年春季学期", "2024/25-2"),
        ("2025秋", "2025/26-1"),
        ("2024-2026学年第二学期", None),
        ("2024-2025学年", None),
        ("2024/25", None),
        ("第二学期", None),
    ],
)
def test_a_term_as_offices_write_it(text, code):
    found = term_in(text)
    assert (found and found.code) == code
