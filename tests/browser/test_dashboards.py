"""From the overview to the row of the sheet in three clicks; charts that are drawn and say what they draw."""

import pytest
from django.urls import reverse

from common import clock
from common.models import User
from common.periods import Kind, Period, between
from dashboard.demo.people import PASSWORD, load_people
from registry.models import Duty, Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units
from tasks_app.models import Indicator
from tasks_app.services import reports
from tasks_app.services.catalogue import load_plan
from tasks_app.services.duties import open_progress_duties
from tasks_app.services.standings import recompute
from tests.intake.rosters import commit, hand_in

pytestmark = pytest.mark.django_db(transaction=True)

FAIRS = "T07-04"
# How many points of the canvas are not of one colour.
INK = """(element) => {
  const canvas = element.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at] > 0) inked += 1;
  return inked;
}"""


@pytest.fixture
def portal(live_server):
    """Four quarters of job fairs of 左旗, handed in as a workbook, checked and approved."""
    load_units()
    load_calendar()
    load_plan()
    today, now = clock.today(), clock.now()
    load_people(today)
    since = today.replace(year=today.year - 2, month=1, day=1)
    open_progress_duties(since=since, on=today)
    last = Period.of(Kind.QUARTER, today).previous()
    for number, quarter in enumerate(list(between(Kind.QUARTER, since, last.end))[-4:]):
        report_by_workbook(quarter, 5 + number, now)
    recompute.recompute_all(at=now, on=today)
    return live_server


def report_by_workbook(quarter: Period, count: int, now) -> None:
    people = {user.username: user for user in User.objects.all()}
    left, unit = people["left"], Unit.objects.get(key="banner-zuoqi")
    rows = [{"指标代码": FAIRS, "分子": count, "分母": None, "数值": None, "说明": None}]
    upload, preview = hand_in(
        rows, by=left, unit=unit, kind="indicator-values", period=quarter.code
    )
    assert not preview.faults
    commit(upload, by=left)
    duty = Duty.objects.get(code="tasks.07", unit=unit, period=quarter.code)
    report = reports.open_report(duty, by=left, at=now)
    words = {"self_assessment": "ON_PLAN", "done": "办了专场招聘会。"}
    base = report.draft_version
    reports.save_draft(report, by=left, base_version=base, data=report.draft | words, at=now)
    report.refresh_from_db()
    report = reports.submit_report(report, by=left, at=now)
    report = reports.check_report(report, by=people["left2"], at=now, seen=report.draft_version)
    reports.approve_report(report, by=people["bureau"], at=now, seen=report.draft_version)


def test_from_the_overview_to_the_row_in_three_clicks(portal, sign_in, axe, picture):
    page = sign_in("left", PASSWORD)
    page.goto("/overview/")
    axe(page)
    picture(page, "overview")
    row = page.get_by_role("row").filter(has_text="专场招聘会场次")
    row.get_by_role("link", name="左旗").first.click()  # one: the number's card
    page.get_by_role("heading", name="怎么算出来的").wait_for()
    axe(page)
    picture(page, "card")
    page.get_by_role("link", name="第 2 行").click()  # two: the row of the workbook
    page.get_by_text(FAIRS).first.wait_for()
    assert "/intake/" in page.url


def test_each_chart_is_drawn_and_its_table_says_the_same(portal, sign_in, axe, picture):
    indicator = Indicator.objects.get(code=FAIRS)
    page = sign_in("supervisor", PASSWORD)
    page.goto(reverse("dashboard:indicator", args=[indicator.pk]))
    page.wait_for_selector('[data-drawn="yes"]')
    charts = page.locator("[data-chart]")
    assert charts.count() >= 2, "the league and at least one unit"
    for number in range(charts.count()):
        chart = charts.nth(number)
        chart.scroll_into_view_if_needed()
        page.wait_for_function("(e) => e.dataset.drawn === 'yes'", arg=chart.element_handle())
        assert chart.evaluate(INK) > 500, "an empty picture"
    data = page.evaluate(
        "(at) => fetch(at).then((a) => a.json())", charts.first.get_attribute("data-chart")
    )
    page.get_by_role("button", name="看表").first.click()
    table = page.locator("#t-whole tbody tr")
    shown = [row.locator("td").all_inner_texts() for row in table.all()]
    wanted = [list(texts) for texts in zip(*(one["texts"] for one in data["series"]), strict=True)]
    assert [cells[: len(data["series"])] for cells in shown] == wanted
    last = Period.of(Kind.QUARTER, clock.today()).previous()
    assert shown[-1][0] == str(sum((8, 7, 6, 5)[: last.part])), "what the year has come to"
    axe(page)
    picture(page, "indicator")
    with page.expect_download() as saved:
        page.get_by_role("button", name="存图").first.click()
    assert saved.value.suggested_filename.endswith(".png")


@pytest.mark.parametrize("size", ["desk"])
def test_every_dashboard_is_clean(portal, sign_in, axe, picture):
    page = sign_in("supervisor", PASSWORD)
    indicator = Indicator.objects.get(code=FAIRS)
    unit = Unit.objects.get(key="banner-zuoqi")
    for name, address in {
        "task": reverse("dashboard:task", args=[indicator.work_item_id]),
        "unit": reverse("dashboard:unit", args=[unit.pk]),
        "comparison": f"{reverse('dashboard:comparison')}?indicator={indicator.pk}",
        "final": reverse("dashboard:final"),
        "aid": reverse("dashboard:aid"),
        "dropout": reverse("dashboard:dropout"),
        "reporting": reverse("dashboard:reporting"),
    }.items():
        page.goto(address)
        axe(page)
        picture(page, name)


@pytest.mark.parametrize("size", ["desk"])
def test_the_screen_fits_and_refreshes_itself(portal, sign_in, picture):
    page = sign_in("supervisor", PASSWORD)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/screen/")
    page.wait_for_selector('[data-drawn="yes"]')
    assert page.locator("[data-chart]").evaluate(INK) > 500
    height = page.evaluate("() => document.documentElement.scrollHeight")
    assert height <= 1080, height
    small = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((e) => e.children.length === 0 &&
          e.textContent.trim() && !e.classList.contains("visually-hidden") &&
          parseFloat(getComputedStyle(e).fontSize) < 23.9).map((e) => e.textContent.trim())"""
    )
    assert not small, small
    picture(page, "screen")
