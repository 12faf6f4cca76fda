"""The pages of the intake: who sees what, and what each state of an upload says."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.models import Event, Job
from intake import kinds, pages
from intake.models import Upload
from intake.services import uploads as services
from registry.roles import Role
from tests.cast import TODAY
from tests.intake import made

HOME = "/intake/"
LIST = "/intake/uploads/"
PARTS = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def now(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def clerk(client, officer, east):
    """The banner official who hands sheets in, signed in."""
    user = officer(east, name="乌日娜")
    client.force_login(user)
    return user


def page_of(client, name, *args, headers=None, **query):
    return client.get(reverse(f"intake:{name}", args=args), query, headers=headers or {})


def text_of(client, upload, **query):
    return page_of(client, "upload-detail", upload.pk, **query).content.decode()


def sheet(name="名录.xlsx", content=b"not a workbook"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def taken(monkeypatch, clerk, east):
    """Calls of take_upload, which here only writes a row."""
    calls = []

    def take_upload(file, *, by, unit, at, **words):
        calls.append(words | {"unit": unit, "name": file.name})
        return made.upload(by, unit, "RECEIVED", name=file.name, kind=words["kind"], at=at)

    monkeypatch.setattr(services, "take_upload", take_upload)
    return calls


# Who ---------------------------------------------------------------------------------------------
LOOKERS = [Role.BUREAU, Role.OFFICIAL, Role.SCHOOL, Role.SUPERVISOR, Role.SYSADMIN]
STRANGERS = [Role.SECADMIN, Role.AUDITOR]


@pytest.mark.parametrize("role", LOOKERS + STRANGERS)
@pytest.mark.parametrize("address", [HOME, LIST])
def test_pages_open_to_who_hands_in_or_looks(client, officer, league, role, address):
    client.force_login(officer(league, role))
    wanted = 200 if role in LOOKERS else 403
    assert client.get(address, follow=True).status_code == wanted


@pytest.mark.parametrize(
    "posted_at, found", [("league", True), ("east", True), ("east_school", False), ("west", False)]
)
def test_an_upload_is_there_for_its_units_only(
    client, officer, league, east, west, units, posted_at, found
):
    school = next(unit for unit in units.values() if unit.kind == "TOWNSHIP")
    place = {"league": league, "east": east, "west": west, "east_school": school}[posted_at]
    upload = made.upload(officer(east), east, preview=made.full(), name="左旗的表.xlsx")
    client.force_login(officer(place))
    for name in ("upload-detail", "upload-line", "upload-faults", "upload-changes"):
        assert (page_of(client, name, upload.pk).status_code == 200) is found
    assert ("左旗的表" in client.get(LIST).content.decode()) is found


@pytest.mark.parametrize(
    "name",
    ["upload-map", "upload-answer", "upload-check", "upload-commit", "upload-discard"]
    + ["upload-undo"],
)
def test_deeds_are_posts_by_who_hands_in(client, officer, clerk, east, west, name):
    upload = made.upload(clerk, east, preview=made.full())
    address = reverse(f"intake:{name}", args=[upload.pk])
    assert client.get(address).status_code == 405
    client.force_login(officer(east, Role.SUPERVISOR))
    assert client.post(address).status_code == 403
    client.force_login(officer(west))
    assert client.post(address).status_code == 404


def test_who_only_looks_is_offered_no_deed(client, officer, clerk, east):
    upload = made.upload(clerk, east, preview=made.full())
    assert "提交 12 行" in text_of(client, upload)
    client.force_login(officer(east, Role.SUPERVISOR))
    page = text_of(client, upload)
    assert "提交 12 行" not in page and "放弃" not in page and "下载原件" not in page


# Handing in --------------------------------------------------------------------------------------
def test_home_offers_the_kinds_one_may_hand_in(client, clerk, officer, league):
    page = client.get(HOME).content.decode()
    assert "学校名录" in page and "账号与任职" not in page
    client.force_login(officer(league, Role.SYSADMIN))
    page = client.get(HOME).content.decode()
    assert "学校名录" not in page


def test_a_kind_one_may_not_hand_in_does_not_exist(client, clerk):
    assert page_of(client, "kind-detail", "schools").status_code == 200
    assert page_of(client, "kind-detail", "staff").status_code == 404
    assert page_of(client, "kind-detail", "no-such").status_code == 404


def test_kind_page_names_every_column(client, clerk):
    page = page_of(client, "kind-detail", "schools").content.decode()
    for word in ("学校名称", "学校标识码", "是否寄宿制", "必填", "学校全称"):
        assert word in page


def test_one_file_leads_to_its_page(client, clerk, taken, east):
    answer = client.post("/intake/kinds/schools/upload/", {"file": sheet()})
    assert answer["Location"] == Upload.objects.get().get_absolute_url()
    assert taken == [
        {"kind": "schools", "unit": east, "period": "", "facts": {}, "name": "名录.xlsx"}
    ]


def test_several_files_are_taken_each_for_itself(client, clerk, taken):
    files = [sheet("甲.xlsx"), sheet("乙.xlsx")]
    answer = client.post("/intake/kinds/schools/upload/", {"file": files}, follow=True)
    page = answer.content.decode()
    assert Upload.objects.count() == 2
    assert "收下 2 份" in page and "甲.xlsx" in page and "乙.xlsx" in page


def test_the_script_gets_the_line_of_its_file(client, clerk, taken):
    fetch = {"X-Requested-With": "fetch"}
    answer = client.post("/intake/kinds/schools/upload/", {"file": sheet()}, headers=fetch)
    upload = Upload.objects.get()
    page = answer.content.decode()
    assert "<html" not in page and f'data-url="{upload.get_absolute_url()}"' in page


def test_a_refused_file_says_why(client, clerk, monkeypatch):
    def refuse(file, **words):
        raise services.UploadRefused("文件是空的。")

    monkeypatch.setattr(services, "take_upload", refuse)
    address = "/intake/kinds/schools/upload/"
    answer = client.post(address, {"file": sheet()}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 422
    assert "文件是空的" in answer.content.decode() and "名录.xlsx" in answer.content.decode()
    assert "文件是空的" in client.post(address, {"file": sheet()}, follow=True).content.decode()


def test_no_file_is_told(client, clerk, taken):
    answer = client.post("/intake/kinds/schools/upload/")
    assert answer.status_code == 422 and "先选一个文件" in answer.content.decode()
    assert not taken


def test_a_sheet_is_handed_in_for_a_unit_in_scope_only(client, clerk, taken, units, east, west):
    address = "/intake/kinds/schools/upload/"
    answer = client.post(address, {"file": sheet(), "unit": west.pk})
    assert answer.status_code == 422 and not taken
    client.post(address, {"file": sheet(), "unit": east.pk})
    assert taken[0]["unit"] == east


def test_upload_needs_the_right(client, officer, east):
    client.force_login(officer(east, Role.SUPERVISOR))
    address = "/intake/kinds/schools/upload/"
    assert client.post(address, {"file": sheet()}).status_code == 403
    assert client.get(address).status_code == 403


# While it moves ----------------------------------------------------------------------------------
def job(**fields):
    return Job.objects.create(kind="intake.check", run_after=clock.now(), **fields)


def test_a_moving_upload_asks_again_by_a_timer(client, clerk, east):
    running = job(state=Job.State.RUNNING, done=8230, total=12860)
    upload = made.upload(clerk, east, "CHECKING", job=running)
    page = text_of(client, upload)
    assert 'value="8230" max="12860"' in page and "8,230 / 12,860" in page
    assert "可以离开此页" in page
    assert "every 1s" in page and '"X-Timer":"1"' in page
    part = page_of(client, "upload-detail", upload.pk, headers=PARTS).content.decode()
    assert "<html" not in part and "every 1s" in part


def test_a_settled_upload_asks_no_more(client, clerk, east):
    for state in ("CHECKED", "MAPPING", "COMMITTED", "UNDONE", "DISCARDED"):
        assert "every " not in text_of(client, made.upload(clerk, east, state, made.full()))
    upload = made.upload(clerk, east, "UNUSABLE", fault="empty_book")
    assert "every " not in text_of(client, upload)


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.CANCELLED])
def test_a_job_that_stopped_half_way_can_be_done_again(client, clerk, east, state):
    upload = made.upload(clerk, east, "CHECKING", job=job(state=state, fault="磁盘满了"))
    page = text_of(client, upload)
    assert "磁盘满了" in page and "再查一遍" in page and "every " not in page
    line = page_of(client, "upload-line", upload.pk).content.decode()
    assert "停在半路" in line and "every " not in line


def test_a_line_asks_again_while_it_moves(client, clerk, east):
    upload = made.upload(clerk, east, "CHECKING", job=job(state=Job.State.RUNNING))
    assert "every 2s" in page_of(client, "upload-line", upload.pk).content.decode()


# What a check found ------------------------------------------------------------------------------
def test_faults_are_told_by_cause_and_by_cell(client, clerk, east):
    preview = made.faulty(made.fault(3), made.fault(5), made.fault(7, "error_cell", error="#N/A"))
    page = text_of(client, made.upload(clerk, east, preview=preview))
    assert "3 行有错误，还不能整表提交" in page
    assert "2 种原因" in page and "公式错误（#N/A）" in page
    for place in ("A3", "A5", "A7"):
        assert place in page
    assert "下载标红的原表" in page and "只提交无误的 7 行" in page
    assert 'data-confirm="只提交 7 行？"' in page


def test_a_cause_leaves_open_what_differs_from_cell_to_cell(client, clerk, east):
    preview = made.faulty(
        made.fault(3, "key_twice", header="学校名称", place="A30"),
        made.fault(4, "key_twice", header="学校名称", place="A40"),
    )
    page = text_of(client, made.upload(clerk, east, preview=preview))
    assert "与 … 是同一个" in page and "与 A40 是同一个" in page


def many_faults(count=45):
    return made.faulty(
        *(made.fault(row, value="哈镇小学") for row in range(1, count)),
        made.fault(count, "error_cell", header="简称", column="D", value="#N/A", error="#N/A"),
        rows=100,
    )


def test_faults_are_paged_and_searched(client, clerk, east):
    upload = made.upload(clerk, east, preview=many_faults())

    def found(**query):
        return page_of(client, "upload-faults", upload.pk, headers=PARTS, **query).content.decode()

    assert "第 1—20 条，共 45 条" in found() and "1 / 3 页" in found()
    assert "第 41—45 条" in found(page=3) and "第 41—45 条" in found(page=99)
    assert "共 1 条" in found(q="d45") and "共 1 条" in found(q="简称 公式")
    assert "共 44 条" in found(q="哈镇") and "共 44 条" in found(code="required:学校名称")
    assert "没有符合的错误" in found(q="查无此词")
    assert (
        "<html" not in found()
        and "<html" in page_of(client, "upload-faults", upload.pk).content.decode()
    )


def test_a_faultless_sheet_can_be_committed_as_a_whole(client, clerk, east):
    page = text_of(client, made.upload(clerk, east, preview=made.full()))
    assert "12 行都没有错误，可以提交" in page
    assert "提交 12 行" in page and "只提交无误的" not in page
    assert "五年级" in page and "六年级" in page and "（清空）" in page
    assert "91.77% → 95.74%" in page
    assert "3 行合计" in page and "各行加起来是1,286" in page
    assert "某小学" in page and "提交时一并办离开" in page


def test_nothing_new_is_nothing_to_commit(client, clerk, east):
    preview = made.made({"rows": 5, "unchanged": 5})
    page = text_of(client, made.upload(clerk, east, preview=preview))
    assert "不用提交" in page and "commit/" not in page


def test_conflicts_are_left_out_of_the_commit(client, clerk, east):
    preview = made.made({"rows": 5, "updated": 3, "conflicts": 2})
    page = text_of(client, made.upload(clerk, east, preview=preview))
    assert "2 行和平台对不上" in page and "只提交无误的 3 行" in page


def test_an_expired_preview_can_be_made_again(client, clerk, east):
    page = text_of(client, made.upload(clerk, east))
    assert "预览已过保存期" in page and "再查一遍" in page


def test_an_unusable_file_says_why_and_what_to_do(client, clerk, east):
    upload = made.upload(clerk, east, "UNUSABLE", fault="empty_book")
    page = text_of(client, upload)
    assert "这个文件里没有内容" in page and "选错了文件" in page and "换一份再传" in page


def test_the_title_of_the_page_is_the_kinds(client, clerk, east):
    upload = made.upload(clerk, east, preview=made.full(), name="那仁的名册.xlsx")
    for name in ("upload-detail", "upload-faults", "upload-changes"):
        page = page_of(client, name, upload.pk).content.decode()
        title = page.partition("<title>")[2].partition("</title>")[0]
        assert "学校名录" in title and "那仁" not in title
        assert "那仁的名册.xlsx" in page


def test_the_page_of_an_upload_asks_few_questions(
    client, clerk, east, django_assert_max_num_queries
):
    upload = made.upload(clerk, east, preview=many_faults())
    made.upload(clerk, east, "COMMITTED", made.full())
    with django_assert_max_num_queries(16):
        text_of(client, upload)


# Headers and questions ---------------------------------------------------------------------------
def test_unsure_headers_are_matched_by_a_form(client, clerk, east, monkeypatch):
    uses = [
        made.HeaderUse("Sheet1", "A", "校名", "name", "suggested"),
        made.HeaderUse("Sheet1", "B", "备注2", how="unclaimed"),
        made.HeaderUse("Sheet1", "C", "旗(区)", "banner", "exact"),
    ]
    upload = made.upload(clerk, east, "MAPPING", made.made({}, headers=uses))
    page = text_of(client, upload)
    assert "1 个表头要确认" in page
    assert '<option value="name" selected>' in page and "“旗(区)”是哪一列" not in page
    said = {}
    monkeypatch.setattr(
        services, "confirm_headers", lambda upload, mapping, **_who: said.update(mapping) or upload
    )
    form = {"column-0": "name", "column-1": "remark", "header": "别的", "column-7": "remark"}
    client.post(f"{upload.get_absolute_url()}headers/", form | {"seen": seen(page)})
    assert said == {"校名": "name", "备注2": "remark"}


def test_two_columns_of_one_header_are_told_apart_by_their_letters():
    uses = [
        made.HeaderUse("Sheet1", "A", "电话", how="unclaimed"),
        made.HeaderUse("Sheet1", "H", "电话", how="unclaimed"),
    ]
    said = pages.mapping_said(
        made.made({}, headers=uses), kinds.get("schools"), {"column-1": "remark"}
    )
    assert said == {"电话@A": "", "电话@H": "remark"}


def test_a_question_is_asked_once_and_answered(client, clerk, east, monkeypatch):
    words = {"question": "是小数还是百分数？", "about": "rate"}
    asks = [
        made.fault(row, "needs_answer", answers={"f": "小数", "p": "百分数"}, **words)
        for row in (3, 4)
    ]
    preview = made.faulty(*asks, questions=asks)
    upload = made.upload(clerk, east, preview=preview)
    page = text_of(client, upload)
    assert page.count("是小数还是百分数？</legend>") == 1 and "百分数" in page
    said = {}
    monkeypatch.setattr(
        services, "answer", lambda upload, answers, **_who: said.update(answers) or upload
    )
    address = f"{upload.get_absolute_url()}answers/"
    client.post(address, {"answer-0": "p", "seen": seen(page)})
    assert said == {"rate": "p"}
    said.clear()
    answer = client.post(address, {"answer-0": "q", "seen": seen(page)}, follow=True)
    assert not said and "先选一个回答" in answer.content.decode()


# Deeds -------------------------------------------------------------------------------------------
def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


@pytest.fixture
def deeds(monkeypatch):
    """What was asked of the services."""
    calls = []

    def spy(name):
        def deed(upload, *, by, at, **words):
            calls.append((name, words))
            return upload

        monkeypatch.setattr(services, name, deed)

    for name in ("commit_upload", "discard_upload", "check_again"):
        spy(name)
    return calls


def test_commit_carries_the_choice(client, clerk, east, deeds):
    upload = made.upload(clerk, east, preview=made.full())
    stamp = seen(text_of(client, upload))
    address = f"{upload.get_absolute_url()}commit/"
    client.post(address, {"seen": stamp})
    client.post(address, {"seen": stamp, "rows": "good", "end_missing": "1"})
    assert deeds == [
        ("commit_upload", {"good_rows": False, "end_missing": False}),
        ("commit_upload", {"good_rows": True, "end_missing": True}),
    ]


@pytest.mark.parametrize("deed", ["commit", "discard", "check"])
def test_a_stale_page_decides_nothing(client, clerk, east, deeds, deed):
    upload = made.upload(clerk, east, preview=made.full())
    stamp = seen(text_of(client, upload))
    Upload.objects.filter(pk=upload.pk).update(
        state="COMMITTED", committed_at=upload.at, committed_by=clerk
    )
    address = f"{upload.get_absolute_url()}{deed}/"
    page = client.post(address, {"seen": stamp}, follow=True).content.decode()
    assert not deeds and "又查过或办过了" in page


def test_what_is_not_ones_own_to_handle_is_told(client, clerk, east, monkeypatch):
    def refuse(upload, **words):
        raise services.NotYours(upload.pk)

    monkeypatch.setattr(services, "commit_upload", refuse)
    upload = made.upload(clerk, east, preview=made.full())
    stamp = seen(text_of(client, upload))
    answer = client.post(f"{upload.get_absolute_url()}commit/", {"seen": stamp}, follow=True)
    assert "不归您办" in answer.content.decode()


# The list ----------------------------------------------------------------------------------------
def listed(client, query=""):
    """The file names in the exported list."""
    file = client.get(f"{LIST}?export=csv&{query}")
    return [line[0] for line in csv.reader(io.StringIO(file.content.decode("utf-8-sig")))][2:]


def test_the_list_is_narrowed_and_exported_as_shown(client, clerk, officer, east, league):
    made.upload(clerk, east, preview=made.full(), name="甲.xlsx")
    made.upload(clerk, east, "COMMITTED", made.full(), name="乙.xlsx", period="2025Q3")
    made.upload(officer(league, Role.BUREAU), east, "DISCARDED", name="丙.xlsx", kind="staff")
    assert sorted(listed(client)) == ["丙.xlsx", "乙.xlsx", "甲.xlsx"]
    assert listed(client, "q=甲") == ["甲.xlsx"]
    assert listed(client, "kind=staff") == ["丙.xlsx"]
    assert listed(client, "state=COMMITTED") == ["乙.xlsx"]
    assert listed(client, "period=2025Q3") == ["乙.xlsx"]
    assert sorted(listed(client, "whose=me")) == ["乙.xlsx", "甲.xlsx"]
    assert listed(client, f"since={TODAY.isoformat()}&until=2020-01-01") == []
    assert listed(client, "state=NO_SUCH") == []


def test_an_empty_list_says_so(client, clerk):
    assert "还没有传过表" in client.get(LIST).content.decode()
    assert "没有符合筛选的内容" in client.get(f"{LIST}?q=无").content.decode()


def test_the_list_asks_the_same_questions_whatever_its_length(client, clerk, east):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    made.upload(clerk, east, preview=made.full())
    asked()
    few = asked()
    for number in range(5):
        made.upload(clerk, east, "CHECKING", job=job(), name=f"{number}.xlsx")
    assert asked() == few


# The original ------------------------------------------------------------------------------------
def test_the_original_comes_back_as_it_was_and_is_an_event(client, clerk, east):
    upload = made.upload(clerk, east, preview=made.full(), original=b"abc" * 1000)
    answer = page_of(client, "upload-original", upload.pk)
    assert b"".join(answer.streaming_content) == b"abc" * 1000
    assert "attachment" in answer["Content-Disposition"]
    assert Event.objects.filter(verb="intake.original_fetched").count() == 1


def test_the_original_is_for_who_may_commit_it(client, officer, clerk, east):
    upload = made.upload(clerk, east, preview=made.full())
    client.force_login(officer(east, Role.SUPERVISOR))
    assert page_of(client, "upload-original", upload.pk).status_code == 403
    client.force_login(officer(east, Role.SCHOOL))  # may look, and hands in no list of schools
    assert page_of(client, "upload-original", upload.pk).status_code == 403


def test_an_original_past_its_time_is_told(client, clerk, east):
    upload = made.upload(clerk, east, preview=made.full(), original=b"")
    answer = client.get(reverse("intake:upload-original", args=[upload.pk]), follow=True)
    assert "原件已过保存期" in answer.content.decode()
    page = page_of(client, "upload-row", upload.pk, 1, 4).content.decode()
    assert "原件已过保存期" in page


def test_a_commit_that_wrote_nothing_says_so(client, clerk, east):
    tried = Job.objects.create(kind="intake.commit", run_after=clock.now(), state=Job.State.DONE)
    page = text_of(client, made.upload(clerk, east, preview=made.full(), job=tried))
    assert "刚才没有写入" in page and "提交 12 行" in page
    assert "刚才没有写入" not in text_of(client, made.upload(clerk, east, preview=made.full()))


def test_a_posting_that_ended_meanwhile_takes_no_sheet(client, clerk, monkeypatch):
    def refuse(file, **words):
        raise services.NotYours("schools")

    monkeypatch.setattr(services, "take_upload", refuse)
    answer = client.post("/intake/kinds/schools/upload/", {"file": sheet()}, follow=True)
    assert "不归您交" in answer.content.decode()
