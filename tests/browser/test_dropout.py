"""The whole way of one child in a real browser: found, brought back, closed, and out of school again."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from common import clock
from dashboard.demo.people import PASSWORD, SCHOOL, load_people
from dropout.models import ResponsibleRole
from registry.models import Enrolment, Student, Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def child(live_server):
    """The people of the demonstration, and a child of their school that goes nowhere now."""
    load_units()
    load_calendar()
    # A test before this one may have emptied what the migration wrote.
    if not ResponsibleRole.objects.exists():
        import_module("dropout.migrations.0001_cases").name_roles(apps, None)
    today = clock.today()
    load_people(today)
    banner = Unit.objects.get(key="banner-zuoqi")
    child = Student.objects.create(
        name="那仁", residence=banner, born_on=date(today.year - 10, 1, 1), sex="1"
    )
    Enrolment.objects.create(
        student=child,
        school=Unit.objects.get(key=SCHOOL),
        grade="13",
        class_name="1班",
        valid_from=ago(400),
        valid_to=ago(240),
        end_reason="LEFT",
    )
    return child


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def do(page, link, **facts):
    """Open a deed from the page of the case, fill its form in, and hand it in."""
    page.locator("#case").get_by_role("link", name=link, exact=True).first.click()
    fill(page, **facts)


def fill(page, **facts):
    for name, value in facts.items():
        at = page.locator(f"main [name={name}]")
        kind = at.first.evaluate("one => one.type")
        if kind == "radio":
            page.locator(f"main [name={name}][value='{value}']").check()
        elif kind == "select-one":
            at.select_option(
                value if value.isascii() else None, label=None if value.isascii() else value
            )
        else:
            at.fill(value.isoformat() if isinstance(value, date) else value)
    page.locator("main form[method=post] [type=submit]").last.click()
    page.wait_for_load_state()


def state(page) -> str:
    here = page.locator(".ax-steps [aria-current=step]")
    return here.inner_text().split("\n")[0] if here.count() else ""


@pytest.mark.parametrize("size", ["desk"])
def test_a_child_is_found_brought_back_closed_and_leaves_again(
    sign_in, child, axe, picture, complaints, size
):
    complaints.allow("422")
    left = sign_in("left", PASSWORD)
    found(left, child)
    axe(left)
    persuaded(left)
    served(left, axe)
    placed(left)
    axe(left)
    picture(left, "case-watched")
    case = left.url
    school = sign_in("school", PASSWORD)
    for _look in range(3):
        school.goto("/dropout/watches/")
        axe(school)
        school.get_by_role("link", name="回答").first.click()
        fill(school, answer="PRESENT")
    assert school.get_by_text("没有要回答的", exact=True).is_visible()
    closed(left, case, sign_in)
    do(left, "再次辍学，重新开案", source="DOOR_TO_DOOR", found_on=ago(0))
    assert left.get_by_text("反弹，第 2 次").is_visible() and state(left) == "疑似"
    for address in ("/dropout/", "/dropout/board/", "/dropout/closings/", "/dropout/transfers/"):
        left.goto(address)
        axe(left)
    left.goto(case)
    picture(left, "case-again")


def found(page, child):
    """From the list of who goes nowhere: suspected, verified, confirmed, with a fault on the way."""
    page.goto("/dropout/")
    page.get_by_role("link", name="从不在读的学生开个案").click()
    page.get_by_role("link", name=child.name).click()
    page.get_by_role("link", name="控辍保学个案").click()
    fill(page, source="DOOR_TO_DOOR", found_on=ago(200), absent_since=ago(230))
    assert state(page) == "疑似"
    do(page, "开始核实", on=ago(199))
    facts = {"kind": "DROPPED_OUT", "cause": "LEARNING", "on": ago(190)}
    do(page, "确认失学、辍学", **facts)
    assert page.locator("[name=left_on][aria-invalid=true]").count() == 1
    assert page.locator("[name=cause]").input_value() == "LEARNING"
    fill(page, left_on=ago(230))
    assert state(page) == "已确认"


def persuaded(page):
    do(page, "定责任人", role="旗长（区长）", name="额尔德尼")
    facts = {"on": ago(180), "way": "HOME", "visitor": "布和", "result": "HESITATES"}
    do(page, "记劝返", **facts, guardian_word="下月再说")
    assert state(page) == "劝返中"
    do(page, "办理四步", kind="TEACHING", done="TAKEN", taken_on=ago(180))
    page.locator("#kind").select_option("visit")
    assert page.locator("#time li[data-kind=visit]").count() == 1
    assert page.locator("#time li[data-kind=state]:visible").count() == 0


def served(page, axe):
    """A document is issued, fetched as a file, and served."""
    facts = {"kind": "RETURN_BY", "number": "某文 1 号", "issued_on": ago(170)}
    do(page, "制发文书", **facts, issuer="左旗", addressee="监护人", deadline=ago(160))
    axe(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载 Word 文档").click()
    assert fetched.value.suggested_filename.endswith(".docx")
    page.get_by_role("link", name="登记送达").click()
    fill(page, served_on=ago(169), served_by="DIRECT", result="已签收")
    page.get_by_role("link", name="个案 ").click()
    assert page.get_by_role("heading", name="送达“限期返校通知书”").is_visible()


def placed(page):
    do(page, "登记安置", kind="SAME_CLASS", began_on=ago(150))
    assert state(page) == "已安置"
    do(page, "核实在校", on=ago(100))
    assert state(page) == "巩固观察"


def closed(left, case, sign_in):
    """Asked for by one, agreed to by another."""
    left.goto(case)
    do(left, "申请销号", proof="三次回访都在校")
    assert left.get_by_role("button", name="收回申请").is_visible()
    other = sign_in("left2", PASSWORD)
    other.goto("/dropout/closings/")
    other.get_by_role("link", name="审核", exact=True).click()
    fill(other, accepted="1")
    assert other.get_by_text("已审核。").is_visible()
    left.goto(case)
    assert left.get_by_role("heading", name="同意销号").is_visible()
