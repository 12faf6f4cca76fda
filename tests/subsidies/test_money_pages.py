"""Pages about money: what a list comes to, why a payment is short or late, batches by two people."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import Event
from registry.roles import Role
from subsidies.models import Award, BudgetLine, Payment, PaymentBatch, Source
from subsidies.services import batches, corrections
from subsidies.services.funds import record_arrival
from tests.cast import NOW, TODAY
from tests.intake.rosters import id_number, make_school
from tests.subsidies.money import TERM, approved, draft, programme, pupil

State = PaymentBatch.State
CARD = "6222020200112230"
LIST = "/subsidies/payments/"


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def first(east, officer):
    return officer(east, name="制单人")


@pytest.fixture
def second(east, officer):
    return officer(east, name="审批人")


@pytest.fixture
def as_first(client, first):
    client.force_login(first)
    return client


@pytest.fixture
def pupils(school):
    return [pupil(n, school) for n in range(3)]


@pytest.fixture
def paid(east, school, pupils, first, second):
    approved(east, school, pupils, ("312.50", "300", "350"), by=first, second=second)
    return list(Payment.objects.order_by("pk"))


@pytest.fixture
def expected(school, pupils):
    return [award(one, school) for one in pupils]


def award(student, school, amount="312.50", term=TERM):
    return Award.objects.create(
        student=student, programme=programme(), term=term, unit=school, amount=Decimal(amount)
    )


def listed(client, address=LIST, query=""):
    file = client.get(f"{address}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


def page(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# The list ------------------------------------------------------------------------------------------
def test_the_list_says_what_it_comes_to_in_money_people_and_person_times(
    as_first, east, school, pupils, paid, first
):
    draft(east, school, pupils[:1], ["100"], by=first)
    corrections.record_bank_return(paid[1], on=TODAY, reason="户名", by=first, at=NOW)
    said = page(as_first, LIST)
    assert "已到卡 662.50 元，2 人、2 人次" in said
    assert "列出 4 笔" in said and "还没审批 100.00 元" in said and "银行退回 300.00 元" in said


@pytest.mark.parametrize(
    "query, amounts",
    [
        ("term=2024/25-2", ["350.00", "312.50", "300.00"]),
        ("term=2024/25", ["350.00", "312.50", "300.00"]),
        ("term=2025", ["350.00", "312.50", "300.00"]),
        ("term=2024", []),
        ("term=2025/26-1", []),
        ("term=1999", []),
        ("fate=OUT", ["350.00", "312.50"]),
        ("fate=SENT_BACK", ["300.00"]),
        ("fate=WAITING", []),
        ("relation=MOTHER", ["350.00", "312.50", "300.00"]),
        ("relation=NONE", []),
        ("whose=NOBODY", []),
        ("whose=UNEXPECTED", ["350.00", "312.50"]),
        ("programme=x", []),
        ("batch=99999999999999999999", []),
    ],
)
def test_the_list_is_narrowed(as_first, paid, first, query, amounts):
    corrections.record_bank_return(paid[1], on=TODAY, reason="户名", by=first, at=NOW)
    found = listed(as_first, query=f"{query}&sort=-amount")
    assert [row[3] for row in found] == amounts


def test_a_child_is_found_without_its_name_in_the_address(as_first, paid, pupils):
    Payment.objects.filter(pk=paid[0].pk).update(name="苏日娜", student=None)
    for typed, amounts in (("苏日娜", ["312.50"]), (id_number(1), ["300.00"])):
        answer = as_first.post(f"{LIST}search/", {"text": typed})
        assert typed not in answer["Location"]
        key = answer["Location"].partition("?")[2]
        assert [row[3] for row in listed(as_first, query=key)] == amounts
    assert as_first.post(f"{LIST}search/", {"text": "苏"})["Location"] == LIST
    assert as_first.get(f"{LIST}?found=nobodys").status_code == 404


@pytest.mark.parametrize(
    "posted_at, role, shown",
    [
        ("league", Role.BUREAU, "那仁"),
        ("banner-zuoqi", Role.OFFICIAL, "那仁"),
        ("league", Role.SUPERVISOR, "那**"),
        ("banner-ejina", Role.OFFICIAL, None),
    ],
)
def test_list_and_file_are_scoped_and_masked(client, officer, units, paid, posted_at, role, shown):
    client.force_login(officer(units[posted_at], role))
    said, file = page(client, LIST), listed(client)
    assert len(file) == (3 if shown else 0)
    if shown:
        assert shown in said and file[0][0] == shown
    assert id_number(0) not in said
    event = Event.objects.filter(verb="common.list_exported").latest("pk")
    assert event.after["rows"] == len(file)


def test_a_school_sees_its_own(client, east, officer, school, pupils, paid, first, second):
    other = make_school("阿左旗第二小学", east)
    approved(east, other, [pupil(8, other)], ["77"], by=first, second=second)
    client.force_login(officer(school, Role.SCHOOL))
    assert len(listed(client)) == 3
    theirs = Payment.objects.get(amount="77")
    assert client.get(theirs.get_absolute_url()).status_code == 404
    assert client.get(paid[0].get_absolute_url()).status_code == 200
    assert client.get(paid[0].batch.get_absolute_url()).status_code == 404
    assert client.get(reverse("subsidies:payment-reverse", args=[paid[0].pk])).status_code == 403


# A payment -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "which, says",
    [
        (0, "应发 312.50 元，已足额到卡。"),
        (1, "应发 312.50 元，已到卡 300.00 元，少 12.50 元。"),
        (2, "应发 312.50 元，已到卡 350.00 元，多 37.50 元。"),
    ],
)
def test_a_page_says_why(as_first, expected, paid, which, says):
    assert says in page(as_first, paid[which].get_absolute_url())


def test_a_page_says_how_late_and_what_came_back(as_first, expected, paid, first):
    Payment.objects.filter(pk=paid[0].pk).update(paid_on=date(2025, 9, 2))
    said = page(as_first, paid[0].get_absolute_url())
    assert "最迟 8月31日 发，最后一笔 9月2日 才发。" in said
    corrections.record_bank_return(paid[1], on=TODAY, reason="户名不符", by=first, at=NOW)
    said = page(as_first, paid[1].get_absolute_url())
    assert "银行退回过 300.00 元。" in said and "户名不符" in said
    assert "最迟 8月31日 发，到现在还没发齐。" in said


def test_a_page_says_what_nothing_was_expected_for(as_first, paid):
    assert "没有这一项的应发记录" in page(as_first, paid[0].get_absolute_url())
    Payment.objects.filter(pk=paid[0].pk).update(student=None)
    assert "对不上任何一名学生" in page(as_first, paid[0].get_absolute_url())


def test_numbers_are_masked_until_a_reason_is_given(as_first, paid, pupils, first):
    corrections.correct_payment(
        paid[0], reason="卡", card=CARD, card_holder="阿爸", relation="FATHER", by=first, at=NOW
    )
    one = Payment.objects.get(relation="FATHER")
    said = page(as_first, one.get_absolute_url())
    assert "2230" in said and CARD not in said and id_number(0) not in said
    unmask = reverse("subsidies:payment-unmask", args=[one.pk])
    assert as_first.post(unmask, {}).status_code == 422
    assert as_first.post(unmask, {"reason": "CHECK"}).status_code == 302
    said = page(as_first, one.get_absolute_url())
    assert CARD in said and id_number(0) in said
    event = Event.objects.get(verb="subsidies.payment_unmasked")
    assert event.after["fields"] == ["id_number", "card"] and CARD not in str(event.after)


# Deeds on a payment --------------------------------------------------------------------------------
def deed(code, payment):
    return reverse(f"subsidies:payment-{code}", args=[payment.pk])


def test_a_payment_is_corrected_and_what_is_wrong_stays_typed(as_first, paid):
    bad = {"amount": "312.505", "card": CARD[:-1] + "1", "reason": "标准错了"}
    answer = as_first.post(deed("correct", paid[1]), bad)
    said = answer.content.decode()
    assert answer.status_code == 422 and "最多两位小数" in said and "标准错了" in said
    assert PaymentBatch.objects.count() == 1
    assert as_first.post(deed("correct", paid[1]), {"reason": "错"}).status_code == 422
    half = {"card": CARD, "reason": "换卡"}
    assert "换卡要写是谁的卡" in as_first.post(deed("correct", paid[1]), half).content.decode()
    good = {"amount": "312.50", "reason": "标准错了"}
    answer = as_first.post(deed("correct", paid[1]), good)
    batch = PaymentBatch.objects.latest("pk")
    assert answer["Location"] == batch.get_absolute_url() and batch.total == Decimal("12.50")
    again = as_first.post(deed("correct", paid[1]), good)
    assert again.status_code == 422 and PaymentBatch.objects.count() == 2, "a double click"


def test_sent_back_by_the_bank_and_paid_anew_once(as_first, paid):
    early = {"on": "2025-06-01", "reason": "户名"}
    assert "早于发放日期" in as_first.post(deed("return", paid[0]), early).content.decode()
    sent = as_first.post(deed("return", paid[0]), {"on": "2025-10-01", "reason": "户名"})
    assert sent["Location"] == paid[0].get_absolute_url()
    assert deed("repeat", paid[0]) in page(as_first, paid[0].get_absolute_url())
    anew = {"card": CARD, "card_holder": "阿爸", "relation": "FATHER"}
    assert as_first.post(deed("repeat", paid[0]), anew).status_code == 302
    assert as_first.post(deed("repeat", paid[0]), anew).status_code == 422
    assert Payment.objects.get(instead_of=paid[0]).card == CARD
    assert deed("repeat", paid[0]) not in page(as_first, paid[0].get_absolute_url())


def test_a_reversal_needs_a_reason(as_first, paid):
    assert as_first.post(deed("reverse", paid[0]), {"reason": " "}).status_code == 422
    assert as_first.post(deed("reverse", paid[0]), {"reason": "重复"}).status_code == 302
    assert Payment.objects.get(reversal_of=paid[0]).amount == Decimal("-312.50")


def test_another_banner_does_nothing_to_a_payment(client, officer, west, paid):
    client.force_login(officer(west))
    for code in ("reverse", "correct", "return", "repeat", "unmask"):
        assert client.post(deed(code, paid[0]), {}).status_code == 404


# Batches -------------------------------------------------------------------------------------------
def step(code, batch):
    return reverse(f"subsidies:batch-{code}", args=[batch.pk])


def test_one_submits_and_another_approves(client, east, school, pupils, first, second):
    batch = draft(east, school, pupils, ("312.50", "625", "0.01"), by=first)
    client.force_login(first)
    said = page(client, batch.get_absolute_url())
    assert "937.51" in said and step("submit", batch) in said
    client.post(step("submit", batch), {"seen": batch.version})
    client.post(step("submit", batch), {"seen": batch.version})  # a double click
    batch.refresh_from_db()
    assert batch.state == State.SUBMITTED
    assert step("approve", batch) not in page(client, batch.get_absolute_url())
    own = client.post(step("approve", batch), {"seen": batch.version})
    assert own.status_code == 422 and "制单的人不能自己审批" in own.content.decode()
    client.force_login(second)
    assert "1 个批次等您审批" in page(client, reverse("subsidies:batch-list"))
    assert "审批 3 笔、937.51 元？" in page(client, step("approve", batch))
    stale = client.post(step("approve", batch), {"seen": batch.version - 1})
    assert stale.status_code == 422 and "别人刚改过" in stale.content.decode()
    assert client.post(step("approve", batch), {"seen": batch.version}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == (State.APPROVED, second)
    again = client.post(step("approve", batch), {})
    assert again.status_code == 422 and "不在待审批状态" in again.content.decode()


def test_sent_back_with_a_word_then_withdrawn(client, east, school, pupils, first, second):
    batch = draft(east, school, pupils[:1], ["1"], by=first)
    batch = batches.submit_batch(batch, by=first, at=NOW)
    client.force_login(second)
    assert client.post(step("return", batch), {"note": ""}).status_code == 422
    assert client.post(step("return", batch), {"note": "少一人"}).status_code == 302
    client.force_login(first)
    assert "少一人" in page(client, batch.get_absolute_url())
    assert client.post(step("withdraw", batch), {}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.count) == (State.WITHDRAWN, 0)
    assert client.post(step("withdraw", batch), {}).status_code == 422


def test_a_batch_is_made_from_what_is_expected_and_not_paid(
    as_first, east, school, pupils, expected, paid, first
):
    four = pupil(4, school)
    award(four, school)
    corrections.record_bank_return(paid[0], on=TODAY, reason="户名", by=first, at=NOW)
    asked = {"unit": east.pk, "programme": programme().pk, "term": TERM, "paid_on": "2025-10-13"}
    answer = as_first.post(reverse("subsidies:batch-new"), asked)
    batch = PaymentBatch.objects.latest("pk")
    assert answer["Location"] == batch.get_absolute_url()
    rows = batch.payments.order_by("amount").values_list("student", "amount", "relation")
    assert list(rows) == [
        (pupils[1].pk, Decimal("12.50"), ""),
        (four.pk, Decimal("312.50"), ""),
    ]
    assert (batch.count, batch.total, batch.term) == (2, Decimal("325.00"), TERM)
    again = as_first.post(reverse("subsidies:batch-new"), asked)
    assert again.status_code == 422 and "没有要发的" in again.content.decode()


def test_a_batch_uses_the_card_that_was_used_last(as_first, east, school, pupils, first, second):
    one = pupils[0]
    made = draft(east, school, [one], ["1"], by=first)
    made.payments.update(**batches.card_of(CARD))
    batches.approve_batch(batches.submit_batch(made, by=first, at=NOW), by=second, at=NOW)
    award(one, school, term="2025/26-1")
    asked = {"unit": east.pk, "programme": programme().pk, "term": "2025/26-1"}
    as_first.post(reverse("subsidies:batch-new"), asked | {"paid_on": "2025-10-13"})
    anew = Payment.objects.get(term="2025/26-1")
    assert (anew.card, anew.card_holder, anew.relation) == (CARD, "阿妈", "MOTHER")


@pytest.mark.parametrize("gone", ["unit", "programme", "term", "paid_on"])
def test_a_batch_form_that_is_not_filled_makes_nothing(as_first, east, expected, gone):
    asked = {"unit": east.pk, "programme": programme().pk, "term": TERM, "paid_on": "2025-10-13"}
    answer = as_first.post(reverse("subsidies:batch-new"), asked | {gone: "x"})
    assert answer.status_code == 422 and not PaymentBatch.objects.exists()


def test_the_paper_has_sums_words_and_places_to_sign(as_first, paid):
    said = page(as_first, step("print", paid[0].batch))
    assert "962.50" in said and "玖佰陆拾贰元伍角整" in said
    assert said.count("（签字）") == 3 and "（盖章）" in said and "那仁" in said
    assert id_number(0) not in said
    assert Event.objects.get(verb="subsidies.batch_printed").after == {"rows": 3}


def test_a_neighbours_batch_does_not_exist(client, officer, west, paid):
    client.force_login(officer(west))
    for code in ("detail", "print", "approve", "return", "withdraw"):
        assert client.get(step(code, paid[0].batch)).status_code == 404
    assert client.post(step("submit", paid[0].batch)).status_code == 404
    assert paid[0].batch.title not in page(client, reverse("subsidies:batch-list"))


# Expected against paid -----------------------------------------------------------------------------
def test_the_overview_counts_and_each_number_opens(as_first, school, expected, paid, first):
    corrections.record_bank_return(paid[0], on=TODAY, reason="户名", by=first, at=NOW)
    address = reverse("subsidies:reconciling")
    said = page(as_first, f"{address}?term={TERM}")
    assert "2024-2025学年第二学期：0.00% 足额到卡" in said
    assert "3 人、3 人次" in said and "少 12.50 元" in said and "多 37.50 元" in said
    (row,) = listed(as_first, address, f"term={TERM}")
    assert row[2:5] == ["3", "937.50", "650.00"] and row[6:] == ["1", "1", "0", "1", "2"]
    children = reverse("subsidies:reconciled-list")
    for standing, paids in (
        ("SHORT", ["300.00"]),
        ("OVER", ["350.00"]),
        ("RETURNED", ["0.00"]),
        ("UNPAID", []),
        ("LATE", ["0.00", "300.00"]),
    ):
        query = f"term={TERM}&standing={standing}&unit={school.pk}&programme={programme().pk}"
        assert [one[4] for one in listed(as_first, children, f"{query}&sort=paid")] == paids


@pytest.mark.parametrize("period", ["2024/25", "2025", "2024/25-2"])
def test_school_year_calendar_year_and_term_are_told(as_first, expected, paid, period):
    (row,) = listed(as_first, reverse("subsidies:reconciling"), f"term={period}")
    assert row[3:5] == ["937.50", "962.50"]
    assert listed(as_first, reverse("subsidies:reconciling"), "term=2023") == []
    assert page(as_first, reverse("subsidies:reconciling") + "?term=x&unit=y")


def test_money_nobody_expected_is_told_and_opens(as_first, paid):
    said = page(as_first, reverse("subsidies:reconciling") + f"?term={TERM}")
    assert "3 笔没有应发记录，共 962.50 元" in said
    assert len(listed(as_first, query=f"term={TERM}&whose=UNEXPECTED")) == 3


# Funds ---------------------------------------------------------------------------------------------
LINE = {
    "year": "2025",
    "source": Source.REGION,
    "document": "内财教〔2025〕1号",
    "amount": "1000000.50",
}


@pytest.fixture
def line(east, first):
    return BudgetLine.objects.create(**LINE | {"unit": east, "programme": programme()})


def test_money_is_written_down_once_arrives_and_sits(as_first, east, first):
    asked = LINE | {"unit": east.pk, "programme": programme().pk}
    bad = as_first.post("/subsidies/funds/new/", asked | {"amount": "十万"})
    assert bad.status_code == 422 and "写数字" in bad.content.decode()
    as_first.post("/subsidies/funds/new/", asked)
    twice = as_first.post("/subsidies/funds/new/", asked)
    assert twice.status_code == 422 and "已经登记过" in twice.content.decode()
    line = BudgetLine.objects.get()
    arrive = f"/subsidies/funds/{line.pk}/arrival/"
    for fault in ({"amount": "1000000.51"}, {"amount": "0"}, {"on": "2025-10-14"}):
        asked = {"amount": "100000", "on": "2025-08-01"} | fault
        assert as_first.post(arrive, asked).status_code == 422
    as_first.post(arrive, {"amount": "100000", "on": "2025-08-01", "note": "第一笔"})
    said = page(as_first, "/subsidies/funds/?year=2025")
    assert "1 笔资金滞留" in said and "1,000,000.50" in said and "资金滞留" in said
    assert "第一笔" in page(as_first, line.get_absolute_url())
    (row,) = listed(as_first, "/subsidies/funds/", "year=2025")
    assert row[2:6] == ["1000000.50", "100000.00", "0.00", "100000.00"] and row[7] == "资金滞留"


def test_a_line_is_corrected_by_who_saw_it_last(as_first, line, first):
    edit = f"/subsidies/funds/{line.pk}/edit/"
    record_arrival(line, amount=Decimal("500"), on=TODAY, by=first, at=NOW)
    less = {"document": "x", "amount": "499.99", "seen": line.version}
    assert "少于已经到账的金额" in as_first.post(edit, less).content.decode()
    stale = as_first.post(edit, less | {"amount": "600", "seen": line.version - 1})
    assert stale.status_code == 422 and "别人刚改过" in stale.content.decode()
    assert as_first.post(edit, less | {"amount": "600"}).status_code == 302
    line.refresh_from_db()
    assert (line.amount, line.document, line.version) == (Decimal("600"), "x", 2)


def test_a_neighbours_money_does_not_exist(client, officer, west, school, line):
    client.force_login(officer(west))
    for address in ("", "edit/", "arrival/"):
        assert client.get(f"/subsidies/funds/{line.pk}/{address}").status_code == 404
    assert line.document not in page(client, "/subsidies/funds/")
    client.force_login(officer(school, Role.SCHOOL))
    assert client.get("/subsidies/funds/").status_code == 403


# Cost ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address, most",
    [
        (LIST, 24),
        ("/subsidies/reconciling/?term=2024/25", 30),
        ("/subsidies/reconciling/children/?term=2024/25", 24),
        ("batch", 22),
    ],
)
def test_questions_do_not_grow_with_rows(as_first, east, school, first, second, address, most):
    counts = []
    for some in (range(10), range(10, 60)):
        children = [pupil(n, school) for n in some]
        for child in children:
            award(child, school)
        approved(east, school, children, ["312.50"] * len(children), by=first, second=second)
        at = PaymentBatch.objects.latest("pk").get_absolute_url() if address == "batch" else address
        page(as_first, at)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(as_first, at)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= most, counts
