"""A roster of aid by the official who has it: in, approved by a second person, reconciled, mended."""

from decimal import Decimal

import pytest

from common import clock
from dashboard.demo.people import PASSWORD, load_people
from intake.services import uploads
from registry.models import Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units
from subsidies.models import Award, BudgetLine, Payment, PaymentBatch
from tests.intake.rosters import make_school, workbook
from tests.subsidies.money import TERM, programme, pupil
from tests.subsidies.test_kind_aid_payments import line

pytestmark = pytest.mark.django_db(transaction=True)

SCHOOL = "阿左旗第一小学"


@pytest.fixture
def portal(live_server, monkeypatch):
    """Three children of 左旗 to whom 312.50 yuan is due. Nobody works the queue: requests do."""
    monkeypatch.setattr(uploads, "INLINE_SECONDS", 60)
    load_units()
    load_calendar()
    load_people(clock.today())
    banner = Unit.objects.get(key="banner-zuoqi")
    school = make_school(SCHOOL, banner)
    for n in range(3):
        Award.objects.create(
            student=pupil(n, school),
            programme=programme(),
            term=TERM,
            unit=school,
            amount=Decimal("312.50"),
        )
    BudgetLine.objects.create(
        year=clock.today().year,
        programme=programme(),
        unit=banner,
        source="REGION",
        document="内财教〔2025〕1号",
        amount=Decimal("100000"),
    )
    return live_server


def roster():
    """One in full, one short by twelve yuan and a half."""
    return workbook([line(0), line(1, "300")]).read()


def test_a_roster_is_approved_by_a_second_person_and_reconciled(
    portal, sign_in, axe, picture, complaints
):
    complaints.allow("422")
    left = sign_in("left", PASSWORD)
    taken_in(left, axe)
    batch = left.url
    left.get_by_role("button", name="提交审批").click()
    left.get_by_text("等另一个人审批").first.wait_for()
    axe(left)
    other = sign_in("left2", PASSWORD)
    other.goto("/subsidies/batches/")
    other.get_by_role("heading", name="1 个批次等您审批").wait_for()
    axe(other)
    other.goto(batch)
    other.get_by_role("link", name="审批", exact=True).click()
    axe(other)
    other.get_by_role("button", name="审批 2 笔").click()
    other.get_by_text("已审批，这些钱算作已发放。").wait_for()
    axe(other)
    picture(other, "aid-batch")
    assert PaymentBatch.objects.get().state == PaymentBatch.State.APPROVED
    reconciled(other, axe, picture)
    corrected(other, axe)
    for address in ("payments/", "funds/", "batches/new/", "funds/new/"):
        other.goto(f"/subsidies/{address}")
        axe(other)
    picture(other, "aid-fund-form")


def taken_in(page, axe):
    """By the page of batches to the sheet, checked and committed, and back to what it became."""
    page.goto("/subsidies/batches/")
    axe(page)
    page.get_by_role("link", name="导入花名册").click()
    file = {"name": "发放.xlsx", "mimeType": "application/octet-stream", "buffer": roster()}
    page.locator("#aid-payments-file").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    page.wait_for_url("**/intake/uploads/*/")
    page.get_by_role("button", name="提交 2 行").click()
    page.get_by_text("已提交 2 行").wait_for()
    page.goto("/subsidies/batches/")
    page.get_by_role("link", name="导入的发放花名册").click()
    page.get_by_text("612.50").first.wait_for()
    axe(page)


def reconciled(page, axe, picture):
    """Two of three got something, one of them too little; every number opens to its children."""
    page.goto(f"/subsidies/reconciling/?term={TERM}")
    page.get_by_role("heading", name="33.33% 足额到卡").wait_for()
    axe(page)
    picture(page, "aid-reconciling")
    page.locator(".ax-strip > div").filter(has_text="少发").get_by_role("link").click()
    page.get_by_role("heading", name="1 人次").wait_for()
    axe(page)
    page.get_by_role("link", name="300.00").click()
    page.get_by_text("应发 312.50 元，已到卡 300.00 元，少 12.50 元。").wait_for()
    axe(page)
    picture(page, "aid-payment")


def corrected(page, axe):
    """With a fault on the way: what was typed stays."""
    page.get_by_role("link", name="更正").click()
    page.fill("[name=amount]", "312.505")
    page.fill("[name=reason]", "按标准应为 312.50")
    page.locator("main form[method=post] [type=submit]").click()
    page.locator("[name=amount][aria-invalid=true]").wait_for()
    axe(page)
    assert page.locator("[name=reason]").input_value() == "按标准应为 312.50"
    page.fill("[name=amount]", "312.50")
    page.locator("main form[method=post] [type=submit]").click()
    page.get_by_text("已做更正批次").wait_for()
    axe(page)
    assert Payment.objects.filter(reversal_of__isnull=False).get().amount == Decimal("-300")
