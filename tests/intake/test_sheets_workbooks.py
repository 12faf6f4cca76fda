"""Which sheets of a workbook are read, and what is said of the others."""

import pytest

from intake import kinds
from intake.faults import Unusable
from tests.intake.grids import COUNTS, ROLL, WIDE, Book, grid, read_all

ROLL_SHEET = "学校 | 年级 | 姓名 | 身份证号\n一中 | 七年级 | 巴图 | A1"
COUNTS_SHEET = "学校名称 | 残疾儿童总数 | 残疾类型/视力\n一小 | 3 | 1"
HELP = "填表说明\n一、姓名：按身份证填写\n二、学校：写全称"
CHOICES = "性别 | 年级 | 旗(区)\n男 | 一年级 | 阿左旗\n女 | 二年级 |"


def told(tables) -> list[tuple[str, str]]:
    return [(f.code, f.sheet) for f in tables[0].table.warnings if f.code.startswith("sheet_")]


def test_all_sheets_of_the_kind_are_read_each_with_its_own_header():
    book = Book().add(grid(ROLL_SHEET), "一班")
    book.add(grid("二班\n姓名 | 学校 | 身份证号码 | 年级\n那顺 | 一中 | A2 | 七年级"), "二班")
    first, second = read_all(book)
    assert [first.table.sheet_name, second.table.sheet_name] == ["一班", "二班"]
    assert (second.letters["name"], second.numbers) == ("A", [3])


def test_sheets_of_something_else_are_passed_over_and_told():
    book = Book().add(grid(HELP), "填表说明").add(grid(ROLL_SHEET)).add(grid(CHOICES), "下拉")
    book.add([], "Sheet4")
    (only,) = tables = read_all(book)
    assert only.table.sheet == 2
    assert told(tables) == [("sheet_skipped", "填表说明"), ("sheet_skipped", "下拉")]


def test_summary_beside_a_roster_is_passed_over_with_what_it_lacks():
    summary = "学校 | 年级 | 人数\n一中 | 七年级 | 30"
    tables = read_all(Book().add(grid(ROLL_SHEET)).add(grid(summary), "汇总"))
    assert told(tables) == [("sheet_incomplete", "汇总")]
    assert tables[0].table.warnings[0].params["wanted"] == "姓名、身份证号"


def test_second_roster_that_lacks_a_column_is_a_fault():
    tables = read_all(
        Book().add(grid(ROLL_SHEET)).add(grid("姓名 | 年级 | 身份证号\n那顺 | 七 | A2"))
    )
    assert [one.blamed for one in tables] == [[], ["column_missing"]]


def test_sheets_of_our_own_are_no_news():
    book = Book().add(grid(ROLL_SHEET)).add(grid(CHOICES), "字典", hidden=True)
    assert told(read_all(book.add(grid(ROLL_SHEET), "错误清单"))) == []


def test_hidden_sheet_is_told_and_not_read():
    tables = read_all(Book().add(grid(ROLL_SHEET)).add(grid(ROLL_SHEET), "去年", hidden=True))
    assert told(tables) == [("sheet_hidden", "去年")]


def test_hidden_sheet_is_read_if_no_other_fits():
    book = Book().add(grid(HELP), "说明").add(grid(ROLL_SHEET), "名单", hidden=True)
    (only,) = tables = read_all(book)
    assert only.numbers == [2]
    assert told(tables) == [("sheet_skipped", "说明"), ("sheet_hidden_read", "名单")]


@pytest.mark.parametrize(
    "sheets, code",
    [
        ([""], "no_header"),
        ([HELP], "no_header"),
        (["巴图 | 152921 | 一中\n那顺 | 152921 | 二中"], "no_header"),
        ([CHOICES, HELP], "no_header"),
    ],
)
def test_workbook_without_the_kind_is_unusable(sheets, code):
    book = Book()
    for sheet in sheets:
        book.add(grid(sheet))
    with pytest.raises(Unusable) as refused:
        read_all(book)
    assert refused.value.code == code
    assert "学校、年级、姓名、身份证号" in refused.value.message


def test_refusal_names_the_headers_found_and_no_cell():
    book = Book().add(grid("姓名 | 住址\n巴图 | 某街"), "名册")
    with pytest.raises(Unusable) as refused:
        read_all(book)
    assert "“名册”里认出了姓名" in refused.value.message
    assert "巴图" not in refused.value.message


def test_empty_workbook_is_unusable():
    with pytest.raises(Unusable) as refused:
        read_all(Book().add([]))
    assert refused.value.code == "empty_book"


def test_sheet_of_another_kind_is_named(monkeypatch):
    monkeypatch.setattr(kinds, "all_kinds", lambda: [ROLL, COUNTS, WIDE])
    for sheet, asked, meant in ((ROLL_SHEET, COUNTS, ROLL), (COUNTS_SHEET, ROLL, COUNTS)):
        with pytest.raises(Unusable) as refused:
            read_all(Book().add(grid(sheet)), asked)
        assert refused.value.code == "other_kind"
        assert refused.value.params["title"] == meant.title


def test_sheet_that_only_lacks_a_column_is_not_another_kind(monkeypatch):
    monkeypatch.setattr(kinds, "all_kinds", lambda: [ROLL, COUNTS, WIDE])
    (only,) = read_all(Book().add(grid("年级 | 姓名 | 身份证号\n七 | 巴图 | A1")))
    assert only.blamed == ["column_missing"]


def test_given_column_that_no_kind_has_is_unusable():
    with pytest.raises(Unusable) as refused:
        read_all(Book().add(grid(ROLL_SHEET)), given={"学校": "校名"})
    assert refused.value.code == "map_unknown"


# Reading in order ----------------------------------------------------------------------------------
def long(rows: int, school: str = "一中") -> list[list]:
    return grid(ROLL_SHEET)[:1] + [[school, "七年级", "生", f"A{i}"] for i in range(rows)]


def test_one_sheet_is_opened_once():
    book = Book(50).add(long(500))
    (only,) = read_all(book)
    assert len(only.rows) == 500 and book.opened == [1]


def test_small_sheets_beside_a_long_one_are_opened_once():
    book = Book(50).add(long(500)).add(long(10)).add(grid(HELP))
    tables = read_all(book)
    assert [len(one.rows) for one in tables] == [500, 10]
    assert sorted(book.opened) == [1, 2, 3]


def test_two_long_sheets_are_read_to_their_ends():
    book = Book(50).add(long(500)).add(long(400))
    assert [len(one.rows) for one in read_all(book)] == [500, 400]
