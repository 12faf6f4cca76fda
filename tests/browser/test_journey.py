"""The main job, by the people who do it, in a real browser: fill, check, send back, approve, see."""

from datetime import date

import pytest

from common import clock
from dashboard.demo.people import PASSWORD, load_people
from registry.models import Duty
from registry.services.setup import load_calendar
from registry.services.units import load_units
from tasks_app.models import Indicator, Observation, ProgressReport
from tasks_app.services.catalogue import load_plan
from tasks_app.services.duties import open_progress_duties

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(live_server):
    """The plan, the demonstration's people, and this year's duties."""
    load_units()
    load_calendar()
    load_plan()
    today = clock.today()
    load_people(today)
    open_progress_duties(since=date(today.year - 1, 1, 1), on=today)
    return live_server


@pytest.fixture
def duty(portal):
    """The latest job-fair quarter of 左旗 that is over: one count, and the words."""
    return (
        Duty.objects.filter(code="tasks.07", unit__key="banner-zuoqi", period_kind="QUARTER")
        .ended(clock.today())
        .order_by("-period_end")
        .first()
    )


def number_of(code):
    return f"#i{Indicator.objects.get(code=code).pk}-num"


def test_a_report_goes_its_way(portal, duty, sign_in, axe, picture, complaints):
    complaints.allow(r"422 \(Unprocessable")
    number = number_of("T07-04")

    left = sign_in("left", PASSWORD)
    axe(left)
    left.goto(f"/reports/duties/{duty.pk}/")
    axe(left)
    left.fill(number, "八场")
    left.fill("#done", "办了两场专场招聘会，116 人到场。")
    left.get_by_label("按计划").check()
    left.get_by_text("已自动保存").wait_for()
    assert ProgressReport.objects.get(duty=duty).draft["done"].startswith("办了两场")
    left.get_by_role("button", name="提交").click()
    left.get_by_role("alert").get_by_text("这里要填数字").wait_for()
    axe(left)
    assert left.input_value(number) == "八场"
    left.fill(number, "２")
    picture(left, "duty-form")
    left.get_by_role("button", name="提交").click()
    left.get_by_text("等本单位另一位填报员复核").wait_for()
    axe(left)

    left2 = sign_in("left2", PASSWORD)
    left2.goto(f"/reports/duties/{duty.pk}/")
    left2.get_by_role("button", name="复核通过").click()
    left2.get_by_text("交到盟局审核").wait_for()

    bureau = sign_in("bureau", PASSWORD)
    bureau.goto(f"/reports/duties/{duty.pk}/")
    axe(bureau)
    bureau.get_by_role("button", name="退回").click()
    bureau.get_by_text("退回要写意见").wait_for()
    bureau.fill(f"#n-{number[1:]}", "请把秋季那一场补上")
    bureau.get_by_role("button", name="退回").click()
    bureau.get_by_text("已退回").wait_for()

    left.goto(f"/reports/duties/{duty.pk}/")
    left.get_by_text("请把秋季那一场补上").wait_for()
    axe(left)
    left.fill(number, "3")
    left.get_by_role("button", name="提交").click()
    left.get_by_text("等本单位另一位填报员复核").wait_for()
    left2.goto(f"/reports/duties/{duty.pk}/")
    left2.get_by_role("button", name="复核通过").click()
    left2.get_by_text("交到盟局审核").wait_for()
    bureau.goto(f"/reports/duties/{duty.pk}/")
    picture(bureau, "review")
    bureau.get_by_role("button", name="通过", exact=True).click()
    bureau.get_by_text("本期冻结").wait_for()
    assert Observation.objects.get(indicator__code="T07-04").numerator == 3

    supervisor = sign_in("supervisor", PASSWORD)
    axe(supervisor)
    supervisor.goto(f"/overview/?period={duty.period}")
    axe(supervisor)
    picture(supervisor, "overview")
    cell = supervisor.locator(f'a[href="/reports/duties/{duty.pk}/"], a[href*="/reports/"]')
    assert cell.count(), "the matrix opens to the reports"
    supervisor.goto(f"/reports/duties/{duty.pk}/")
    supervisor.get_by_text("已通过").first.wait_for()
    axe(supervisor)


@pytest.mark.parametrize("size", ["desk"])
def test_two_people_on_one_draft_see_each_other(portal, duty, sign_in):
    left, left2 = sign_in("left", PASSWORD), sign_in("left2", PASSWORD)
    for page in (left, left2):
        page.goto(f"/reports/duties/{duty.pk}/")
    left.fill("#done", "甲写的一段")
    left.get_by_text("已自动保存").wait_for()
    left2.fill("#done", "乙写的一段")
    left2.get_by_text("乌日娜 也改过这一段").wait_for()
    assert left2.input_value("#done") == "乙写的一段"
    left2.get_by_role("button", name="用这一份").click()
    left2.get_by_text("已自动保存").wait_for()
    assert left2.input_value("#done") == "甲写的一段"
    left2.fill("#problems", "乙另写的问题")
    left2.get_by_text("已自动保存").wait_for()
    left2.wait_for_timeout(1600)
    left.fill("#next_step", "甲的下一步")
    left.get_by_text("已更新到本页").wait_for()
    assert left.input_value("#problems") == "乙另写的问题"


@pytest.mark.parametrize("size", ["desk"])
def test_expired_session_keeps_what_was_typed(portal, duty, sign_in, complaints):
    complaints.allow(r"401 \(Unauthorized")
    left = sign_in("left", PASSWORD)
    left.goto(f"/reports/duties/{duty.pk}/")
    left.fill("#done", "写到一半")
    left.get_by_text("已自动保存").wait_for()
    left.context.clear_cookies(name="sessionid")
    left.fill("#done", "写到一半，又写了一句")
    left.wait_for_url(lambda url: "/accounts/login/" in url)
    sign_in("left", PASSWORD, page=left)
    left.goto(f"/reports/duties/{duty.pk}/")
    assert left.input_value("#done") == "写到一半，又写了一句"


@pytest.mark.parametrize("size", ["desk"])
def test_double_click_submits_once(portal, duty, sign_in):
    left = sign_in("left", PASSWORD)
    left.goto(f"/reports/duties/{duty.pk}/")
    left.fill(number_of("T07-04"), "2")
    left.fill("#done", "办了两场。")
    left.get_by_label("按计划").check()
    left.get_by_text("已自动保存").wait_for()
    left.get_by_role("button", name="提交").dblclick()
    left.get_by_text("等本单位另一位填报员复核").wait_for()
    assert ProgressReport.objects.filter(duty=duty).count() == 1
