"""A department's list by the official who has it: in, a child whom nobody aids, explained, closed."""

from datetime import timedelta

import pytest

from common import clock, jobs, options
from common.models import Job, User
from dashboard.demo.people import PASSWORD, load_people
from intake.services import uploads
from registry.models import Finding, Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units
from subsidies.services.standards import load_standards
from tests.intake.rosters import id_number, make_school, workbook
from tests.subsidies.money import pupil

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(live_server, monkeypatch):
    """Three children of 左旗, recognition due from the term's first day. Nobody works the queue."""
    monkeypatch.setattr(uploads, "INLINE_SECONDS", 60)
    load_units()
    load_calendar()
    load_people(clock.today())
    load_standards()
    bureau = User.objects.get(username="bureau")
    for code in ("subsidies.recognised_by", "subsidies.counted_after"):
        options.change(code, "0", by=bureau)
    school = make_school("阿左旗第一小学", Unit.objects.get(key="banner-zuoqi"))
    for n in range(3):
        pupil(n, school)
    return live_server


def sheet() -> bytes:
    listed = {"姓名": "那仁", "身份证号": id_number(0), "类别": "低保", "旗(区)": "阿拉善左旗"}
    day = clock.today() - timedelta(days=5)
    above = (
        ["低保名单"],
        ["提供单位：民政", None, f"数据日期：{day.year}年{day.month}月{day.day}日"],
    )
    return workbook([listed], above=above).read()


def work_queue() -> None:
    """What a worker does: the list was new, so aid is checked."""
    for pk in Job.objects.filter(kind__startswith="subsidies.").values_list("pk", flat=True):
        jobs.run(pk)


def test_a_missed_child_is_found_explained_and_closed(portal, sign_in, axe, picture, complaints):
    complaints.allow("422")
    left = sign_in("left", PASSWORD)
    taken_in(left)
    work_queue()
    left.goto("/subsidies/findings/")
    left.get_by_role("heading", name="资助核对：1 条没了结").wait_for()
    axe(left)
    picture(left, "aid-findings")
    left.get_by_role("link", name="1", exact=True).last.click()
    left.get_by_role("link", name="在部门名单上，还没有认定").first.click()
    left.get_by_role("link", name="看这些数").click()
    left.get_by_text("这个学期没有认定").or_(left.get_by_text("最低生活保障家庭")).first.wait_for()
    axe(left)
    picture(left, "aid-finding-proof")
    left.get_by_role("link", name="说明和复看").click()
    left.get_by_role("button", name="交说明").click()
    left.get_by_text("选一项结论。").first.wait_for()
    left.get_by_label("情况属实，有原因").check()
    left.locator("[name=text]").fill("家长正在补写承诺书，本周认定")
    axe(left)
    left.get_by_role("button", name="交说明").click()
    left.get_by_role("paragraph").filter(has_text="家长正在补写承诺书").wait_for()
    second = sign_in("supervisor", PASSWORD)
    second.goto(left.url)
    axe(second)
    second.get_by_role("button", name="通过").click()
    second.get_by_text("说明通过，线索了结。").wait_for()
    assert Finding.objects.get().end == Finding.End.ACCEPTED
    work_again_finds_nothing()


def work_again_finds_nothing() -> None:
    """What was explained does not come back while nothing has changed."""
    jobs.run(jobs.enqueue("subsidies.screen").pk)
    assert not Finding.objects.open().exists()


def taken_in(page) -> None:
    page.goto("/intake/kinds/outside-list/")
    file = {"name": "低保名单.xlsx", "mimeType": "application/octet-stream", "buffer": sheet()}
    page.locator("#outside-list-file").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    page.wait_for_url("**/intake/uploads/*/")
    page.get_by_role("button", name="提交 1 行").click()
    page.get_by_text("已提交 1 行").wait_for()
