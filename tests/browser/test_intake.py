"""A messy roster, by the official who has it, in a real browser: dropped, marked, mended, undone."""

import base64
import io

import pytest
from openpyxl import Workbook, load_workbook

from common import clock
from dashboard.demo.people import PASSWORD, load_people
from intake.services import marking, uploads
from registry.models import Student, Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units
from tests.intake.rosters import children, id_number, make_school

pytestmark = pytest.mark.django_db(transaction=True)

SCHOOL = "阿左旗第一小学"
HEADERS = (
    "序号",
    "学校名称",
    "现就读年级",
    "姓 名",
    "公民身份号码",
    "性别",
    "监护人联系电话",
    "备注2",
)
DROP = """([place, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const at = document.querySelector(place);
  for (const kind of ["dragover", "drop"])
    at.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


@pytest.fixture
def portal(live_server, monkeypatch):
    """The people, and a school of 左旗. Nobody works the queue, so requests take their time."""
    monkeypatch.setattr(uploads, "INLINE_SECONDS", 60)
    monkeypatch.setattr(marking, "INLINE_SECONDS", 60)
    load_units()
    load_calendar()
    load_people(clock.today())
    make_school(SCHOOL, Unit.objects.get(key="banner-zuoqi"))
    return live_server


def messy() -> bytes:
    """Title and facts above, odd headers, three faults, a total that is wrong, signatures below."""
    school = Unit.objects.get(name=SCHOOL)
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.append(["2025年秋季学生名册"])
    sheet.append([f"填报单位：{SCHOOL}", None, None, "填报日期：2025-09-10"])
    sheet.append(HEADERS)
    for number, row in enumerate(children(6, school), 1):
        values = (row[name] for name in ("学校", "年级", "姓名", "身份证号", "性别", "监护人电话"))
        sheet.append([number, *values, "√"])
    sheet["B5"] = "哈镇小学"
    sheet["E6"] = 152921201509010000
    sheet["G7"] = "12345"
    sheet.append(["合计", None, None, 8])
    sheet.append(["填表人：", None, None, "审核人："])
    return saved(book)


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mended(marked: bytes) -> bytes:
    """The marked workbook with its three red cells put right."""
    book = load_workbook(io.BytesIO(marked))
    sheet = book["Sheet1"]
    sheet["B5"], sheet["G7"] = SCHOOL, "13900000003"
    sheet["E6"].number_format = "@"
    sheet["E6"] = id_number(2)
    return saved(book)


def hand_in(page, size, name, content, kind="students"):
    """Dropped at the desk, chosen on the phone."""
    page.goto("/intake/")
    if size == "desk":
        sent = base64.b64encode(content).decode()
        page.evaluate(DROP, [f"#kind-{kind} h3", name, sent])
    else:
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        page.locator(f"#{kind}-file").set_input_files(file)
    page.wait_for_url("**/intake/uploads/*/")


def test_a_messy_roster_goes_its_way(portal, size, sign_in, axe, picture):
    left = sign_in("left", PASSWORD)
    left.goto("/intake/")
    axe(left)
    picture(left, "intake-home")
    hand_in(left, size, "左旗名册.xlsx", messy())

    left.get_by_text("个表头要确认").wait_for()
    axe(left)
    picture(left, "intake-headers")
    assert left.get_by_label("“现就读年级”是哪一列").input_value() == "grade"
    left.get_by_label("“备注2”是哪一列").select_option(label="不导入")
    left.get_by_role("button", name="就这样对，接着查").click()

    left.get_by_text("3 行有错误，还不能整表提交").wait_for()
    axe(left)
    assert left.get_by_text("各行加起来是6").count() == 1
    left.get_by_role("searchbox", name="搜索错误").fill("哈镇")
    left.get_by_text("第 1—1 条，共 1 条").wait_for()
    assert left.locator("#faults tbody tr").count() == 1
    left.get_by_role("link", name="看全部").click()
    left.get_by_text("第 1—3 条，共 3 条").wait_for()
    picture(left, "intake-preview")  # leaves style attributes behind, which htmx would copy
    with left.expect_download() as download:
        left.get_by_role("link", name="下载标红的原表").click()
    assert download.value.suggested_filename == "左旗名册（已标红）.xlsx"
    marked = download.value.path().read_bytes()
    assert len(load_workbook(io.BytesIO(marked)).sheetnames) == 2

    hand_in(left, size, "左旗名册（已标红）.xlsx", mended(marked))
    left.get_by_text("6 行都没有错误，可以提交").wait_for()
    axe(left)
    left.get_by_role("button", name="提交 6 行").click()
    left.get_by_text("已提交 6 行").wait_for()
    axe(left)
    picture(left, "intake-committed")
    assert Student.objects.count() == 6

    left.get_by_role("link", name="逐行看").click()
    left.get_by_text("写入 6 条记录").wait_for()
    axe(left)
    left.get_by_role("link", name="第 4 行").first.click()
    left.get_by_text("原件里这一行").wait_for()
    axe(left)
    assert id_number(0) not in left.content()
    left.go_back()
    left.go_back()

    left.get_by_role("button", name="撤销这次提交").click()
    dialog = left.get_by_role("dialog", name="撤销 6 行？")
    dialog.get_by_role("button", name="先不撤销").click()
    assert Student.objects.count() == 6
    left.get_by_role("button", name="撤销这次提交").click()
    dialog.get_by_role("button", name="撤销 6 行").click()
    left.get_by_text("已撤销 6 行").wait_for()
    axe(left)
    assert Student.objects.count() == 0


@pytest.mark.parametrize("size", ["desk"])
def test_several_files_each_have_their_line(portal, sign_in, axe):
    left = sign_in("left", PASSWORD)
    left.goto("/intake/")
    kind = "application/octet-stream"
    left.locator("#students-file").set_input_files(
        [
            {"name": "甲.xlsx", "mimeType": kind, "buffer": messy()},
            {"name": "乙.xlsx", "mimeType": kind, "buffer": b"not a workbook at all"},
        ]
    )
    lines = left.locator("#on-the-way li")
    lines.filter(has_text="甲.xlsx").get_by_text("要对表头").wait_for()
    lines.filter(has_text="乙.xlsx").get_by_text("用不了").wait_for()
    assert left.url.endswith("/intake/")
    axe(left)


@pytest.mark.parametrize("size", ["desk"])
def test_a_file_beside_the_lists_is_not_opened(portal, sign_in):
    left = sign_in("left", PASSWORD)
    left.goto("/intake/")
    sent = base64.b64encode(b"text").decode()
    left.evaluate(DROP, ["h1", "甲.xlsx", sent])
    left.wait_for_timeout(300)
    assert left.url.endswith("/intake/") and left.locator("#on-the-way").is_hidden()


@pytest.mark.parametrize("size", ["desk"])
def test_a_list_of_a_department_asks_for_its_facts_first(portal, sign_in, axe):
    left = sign_in("left", PASSWORD)
    left.goto("/intake/")
    sent = base64.b64encode(messy()).decode()
    left.evaluate(DROP, ["#kind-outside-list h3", "名单.xlsx", sent])
    left.get_by_text("已放好：名单.xlsx").wait_for()
    axe(left)
    left.locator("[name=fact-department]").select_option(label="民政")
    left.locator("#kind-outside-list").get_by_role("button", name="上传").click()
    left.wait_for_url("**/intake/uploads/*/")


@pytest.mark.parametrize("size", ["desk"])
def test_without_a_script_the_form_is_a_plain_one(portal, sign_in, chromium):
    left = sign_in("left", PASSWORD)
    plain = chromium.new_context(base_url=portal.url, java_script_enabled=False)
    plain.add_cookies(left.context.cookies())
    page = plain.new_page()
    page.goto("/intake/kinds/students/")
    page.set_input_files(
        "#students-file",
        {"name": "甲.xlsx", "mimeType": "application/octet-stream", "buffer": messy()},
    )
    page.get_by_role("button", name="上传").click()
    page.wait_for_url("**/intake/uploads/*/")
    assert "个表头要确认" in page.content()
    plain.close()


@pytest.mark.parametrize("name", ["kinds/students/", "kinds/outside-list/", "uploads/", "sent/"])
def test_the_other_pages_are_in_order(portal, sign_in, axe, name):
    left = sign_in("left", PASSWORD)
    left.goto(f"/intake/{name}")
    axe(left)
