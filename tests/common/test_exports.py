"""A list as a file: everything that is filtered, nothing else, as plain values."""

import csv
import io
from datetime import date
from decimal import Decimal

import django_tables2 as tables
import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.html import format_html
from openpyxl import load_workbook

from common import exports, jobs
from common.models import Event, Job, StoredFile
from registry.roles import Role


class People(tables.Table):
    name = tables.Column(verbose_name="名称")
    amount = tables.Column(verbose_name="数")
    since = tables.Column(verbose_name="自")
    act = tables.Column(verbose_name="", exclude_from_export=True, empty_values=())
    hidden = tables.Column(visible=False)

    def render_name(self, value):
        return format_html("<a href='/x/'>{}</a> <b>&amp;</b>", value)

    def render_amount(self, value):
        return f"{value:,} 元"

    def value_amount(self, value):
        return value

    def render_act(self):
        return format_html("<button>删除</button>")


HOSTILE = ["=1+1", "+86 13800000000", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "#N/A"]


def rows(*names):
    return [{"name": n, "amount": Decimal("-12.50"), "since": date(2025, 9, 1)} for n in names]


@pytest.fixture
def ask(officer, league):
    user = officer(league, Role.BUREAU)

    def ask(address, table, name="单位"):
        request = RequestFactory().get(address)
        request.user = user
        return exports.export_response(request, table, name)

    return ask


def cells(response):
    sheet = load_workbook(io.BytesIO(response.content)).active
    return sheet, [[cell.value for cell in row] for row in sheet.iter_rows()]


def lines(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_page_without_the_key_is_a_page(ask):
    assert ask("/units/", People(rows("a"))) is None
    assert ask("/units/?export=exe", People(rows("a"))) is None


def test_xlsx_holds_the_shown_columns_as_plain_values(ask):
    _sheet, found = cells(ask("/units/?export=xlsx", People(rows("左旗"))))
    assert found[1] == ["名称", "数", "自"]
    assert found[2][0] == "左旗 &"
    assert found[2][1] == -12.5
    assert found[2][2].date() == date(2025, 9, 1)


def test_the_first_line_says_that_it_is_not_for_taking_in(ask):
    _sheet, found = cells(ask("/units/?export=xlsx", People(rows("a"))))
    assert "列表导出，不能用于导入" in found[0][0]
    assert "列表导出，不能用于导入" in lines(ask("/?export=csv", People(rows("a"))))[0][0]


class Texts(tables.Table):
    text = tables.Column(verbose_name="=2+2")


@pytest.mark.parametrize("text", HOSTILE)
def test_xlsx_neutralises_formulas(ask, text):
    response = ask("/?export=xlsx", Texts([{"text": text}]))
    sheet, found = cells(response)
    cell = sheet["A3"]
    assert cell.data_type == "s"
    assert sheet["A2"].data_type == "s"
    assert cell.quotePrefix or text == "#N/A"
    assert found[2][0].strip() == text.strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_neutralises_formulas(ask, text):
    found = lines(ask("/?export=csv", Texts([{"text": text}])))
    assert found[2][0].startswith("'") or text == "#N/A"
    assert found[1][0] == "'=2+2"


def test_csv_keeps_negative_numbers_as_numbers(ask):
    found = lines(ask("/?export=csv", People(rows("a"))))
    assert found[2][1:] == ["-12.50", "2025-09-01"]


def test_csv_begins_with_the_mark_that_excel_needs(ask):
    assert ask("/?export=csv", People(rows("a"))).content.startswith(b"\xef\xbb\xbf")


def test_control_characters_do_not_break_the_workbook(ask):
    _sheet, found = cells(ask("/?export=xlsx", Texts([{"text": "a\x00b\x0bc"}])))
    assert found[2] == ["abc"]


def test_every_page_is_in_the_file(ask):
    table = People(rows(*map(str, range(120))))
    table.paginate(per_page=50)
    assert len(cells(ask("/?export=xlsx&page=2", table))[1]) == 122


def test_the_order_is_the_page_s(ask):
    table = Texts([{"text": "b"}, {"text": "c"}, {"text": "a"}], order_by="-text")
    assert [line[0] for line in lines(ask("/?export=csv", table))[2:]] == ["c", "b", "a"]


def test_the_file_name_is_chinese_with_the_day(ask, clock_at):
    clock_at(date(2025, 10, 13))
    header = ask("/?export=xlsx", People(rows("a")))["Content-Disposition"]
    assert header.startswith("attachment; filename*=utf-8''%E5%8D%95%E4%BD%8D-2025-10-13.xlsx")


def test_one_event_tells_the_list_the_count_and_the_filters(ask):
    ask("/?export=csv&kind=VILLAGE&page=2&sort=name&q=", People(rows("a", "b")))
    event = Event.objects.get(verb="common.list_exported")
    assert event.after == {
        "list": "单位",
        "rows": 2,
        "format": "csv",
        "filters": {"kind": ["VILLAGE"]},
    }


@pytest.fixture
def long_list(monkeypatch):
    monkeypatch.setattr(exports, "INLINE_ROWS", 3)
    seen = []

    def build(user, query):
        seen.append((user and user.pk, query.get("kind")))
        return Texts([{"text": f"{query['kind']}{n}"} for n in range(5)])

    code = "tests.long"
    exports._lists.pop(code, None)
    exports.exportable(code, title="长列表", permission="registry.view_unit", build=build)
    yield code, build, seen
    exports._lists.pop(code)


def test_a_long_list_is_made_by_a_job_as_the_person_who_asked(ask, long_list):
    code, build, seen = long_list
    response = ask("/?export=csv&kind=A", build(None, QueryDict("kind=A")), code)
    job = Job.objects.get()
    assert response.status_code == 302 and response.url == job.get_absolute_url()
    assert not Event.objects.filter(verb="common.list_exported").exists()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["rows"]) == (Job.State.DONE, 5)
    assert seen[-1] == (job.asked_by_id, "A")
    stored = StoredFile.objects.of("common.job", job.pk).get()
    from common import files

    with files.open_file(stored) as content:
        found = list(csv.reader(io.StringIO(content.read().decode("utf-8-sig"))))
    assert [line[0] for line in found[2:]] == ["A0", "A1", "A2", "A3", "A4"]
    assert Event.objects.filter(verb="common.list_exported").count() == 1


def test_a_job_asks_for_the_permission_again(ask, long_list):
    code, build, _seen = long_list
    ask("/?export=csv&kind=A", build(None, QueryDict("kind=A")), code)
    job = Job.objects.get()
    job.asked_by.postings.update(valid_to=date(2020, 1, 2))
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and job.fault
    assert not StoredFile.objects.exists()


def test_a_list_is_declared_once(long_list):
    code, build, _seen = long_list
    with pytest.raises(ValueError, match="twice"):
        exports.exportable(code, title="x", permission="x", build=build)
