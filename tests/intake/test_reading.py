"""Every format gives the same cells and facts, numbered as Excel shows them."""

import csv
import datetime
import io

import pytest

from intake import reading
from intake.cells import CellError, decode
from tests.intake import workbooks
from tests.intake.workbooks import by_hand, cell, facts, read, stored, xlsx

LIST_FILES = ["list.xlsx", "list.xls", "list.et", "list.ods"]


# The same list in each format -------------------------------------------------------------------
@pytest.mark.parametrize("name", LIST_FILES)
def test_a_format_gives_its_cells_at_their_places(name):
    rows = read(stored(name), name)
    yes, no = (1, 0) if name.endswith(".ods") else (True, False)
    length = "PT30H00M00S" if name.endswith(".ods") else 1.25
    assert rows == {
        2: [None, "学生名单", None, None, None, None, None, None, None],
        3: [None, "姓名", "身份证号", "出生日期", "金额", "是否寄宿", "平均", "入学", "用时"],
        4: [
            None,
            "张\u3000三",
            "152921201001010014",
            datetime.date(2010, 1, 1),
            625.5,
            yes,
            2,
            datetime.date(2023, 9, 1),
            length,
        ],
        5: [
            None,
            "李四",
            1.5292120100101e17,
            datetime.datetime(2010, 1, 1, 8, 5),
            CellError("#DIV/0!"),
            no,
            CellError("#N/A"),
            datetime.date(2023, 9, 1),
            datetime.time(8, 30),
        ],
        6: [None, "王五", None, None, None, None, None, None, None],
    }


@pytest.mark.parametrize("name", LIST_FILES)
def test_a_format_tells_what_is_hidden_and_merged(name):
    with reading.open_book(stored(name), name=name) as book:
        listed, hidden, blank = book.sheets
        assert book.unknown == () and book.warnings == [] and not book.uses_1904
    assert (listed.name, listed.hidden, hidden.name, hidden.hidden) == (
        "名单",
        False,
        "藏着的",
        True,
    )
    assert listed.merged == [(2, 2, 2, 5)]
    assert listed.hidden_rows == [(5, 5)] and listed.hidden_columns == [(5, 5)]
    assert (listed.first_row, listed.height, listed.first_column, listed.width) == (2, 5, 2, 9)
    assert (blank.height, blank.width) == (0, 0)


@pytest.mark.parametrize("name", ["dates1904.xls", "dates1904.ods"])
def test_days_counted_from_1904_are_told(name):
    with reading.open_book(stored(name), name=name) as book:
        assert book.uses_1904
        [(_row, rows)] = book.rows(1)
    assert decode(rows[0][0]) == datetime.date(2010, 1, 1)
    assert rows[1][0] == 38717  # a bare number stays one; a column of dates knows what to do


@pytest.mark.parametrize("flag", ["1", "true"])
def test_an_xlsx_that_counts_from_1904_is_told(flag):
    data = by_hand(f'<row r="1">{cell("A1", 1)}</row>', workbook=f'<workbookPr date1904="{flag}"/>')
    with reading.open_book(data, name="a.xlsx") as book:
        assert book.uses_1904


def test_an_xlsb_of_another_program_is_read():
    rows = read(stored("list.xlsb"), "list.xlsb")
    assert rows[1] == ["姓名", "身份证号", "出生日期", "金额", "是"]
    assert rows[3][1:4] == [1.5292120100101e17, datetime.datetime(2010, 1, 1, 8, 5), 7]


def test_an_xlsb_tells_errors_hidden_and_merged():
    data = workbooks.xlsb(
        workbooks.xlsb_row(1),
        workbooks.xlsb_text(1, "学校"),
        workbooks.xlsb_row(2, hidden=True),
        workbooks.xlsb_number(1, 7.5),
        workbooks.xlsb_error(3, 0x2A),
        columns=workbooks.xlsb_hidden_columns(2, 3),
        after=workbooks.xlsb_merged(1, 1, 1, 2),
        flags=1,
    )
    with reading.open_book(data, name="a.xlsb") as book:
        [sheet], [(first, rows)] = book.sheets, book.rows(1)
        assert book.format == "xlsb" and book.uses_1904 and book.unknown == ()
    assert (first, rows[0]) == (1, ["学校", None, None])
    assert [decode(raw) for raw in rows[1]] == [7.5, None, CellError("#N/A")]
    assert sheet.hidden_rows == [(2, 2)] and sheet.hidden_columns == [(2, 3)]
    assert sheet.merged == [(1, 1, 1, 2)]


# Text --------------------------------------------------------------------------------------------
TABLE = "姓名,人数\n张三,12\n斯琴高娃,3\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_text_is_read_in_the_encodings_that_offices_write(encoding):
    assert read(TABLE.encode(encoding), "a.csv") == {
        1: ["姓名", "人数"],
        2: ["张三", "12"],
        3: ["斯琴高娃", "3"],
    }


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_delimiter_is_the_one_that_splits_all_lines_alike(mark):
    text = f'姓名{mark}说明\n张三{mark}"一,二;三"\n李四{mark}四,五;六\n'
    quoted = text.replace("四,五;六", '"四,五;六"')
    assert read(quoted.encode(), "a.tsv")[3] == ["李四", "四,五;六"]


def test_excel_may_name_the_delimiter_in_the_first_line():
    assert read("sep=;\r\n甲;1,5\r\n".encode(), "a.csv") == {1: [None, None], 2: ["甲", "1,5"]}


def test_text_rows_are_filled_to_the_widest_and_keep_their_numbers():
    rows = read("甲,乙,丙\n\n一,二\n,,\n".encode(), "a.txt")
    assert rows == {1: ["甲", "乙", "丙"], 2: [None] * 3, 3: ["一", "二", None]}


def test_a_quoted_line_break_stays_in_its_cell():
    assert read('甲,"第一行\n第二行"\n乙,x\n'.encode(), "a.csv")[1] == ["甲", "第一行\n第二行"]


def test_a_number_that_a_system_guarded_as_text_is_laid_bare():
    out = io.StringIO()
    csv.writer(out).writerows([["号", "名"], ['="015292"', "甲"]])
    assert read(out.getvalue().encode(), "a.csv")[2] == ["015292", "甲"]


# Names -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "data,name,form,told",
    [
        (stored("list.xls"), "a.xlsx", "xls", ["named_otherwise"]),
        (stored("list.xlsx"), "a.xls", "xlsx", ["named_otherwise"]),
        (stored("list.ods"), "a.csv", "ods", ["named_otherwise"]),
        (TABLE.encode(), "a.xlsx", "csv", ["named_otherwise"]),
        (TABLE.encode(), "a.TSV", "tsv", []),
        (stored("list.xls"), "表.et", "et", []),
        (stored("list.xlsx"), "表.et", "et", []),
        (stored("list.xlsx"), "没有扩展名", "xlsx", []),
    ],
)
def test_content_decides_and_a_wrong_name_is_told(data, name, form, told):
    with reading.open_book(data, name=name) as book:
        assert book.format == form
        assert [fault.code for fault in book.warnings] == told


def test_macros_are_told_and_never_seen_by_anyone():
    members = workbooks.parts(f'<row r="1">{cell("A1", 1)}</row>')
    members["xl/vbaProject.bin"] = b"Sub Auto_Open()"
    with reading.open_book(workbooks.packed(members), name="a.xlsm") as book:
        assert book.format == "xlsm"
        assert [fault.code for fault in book.warnings] == ["has_macros"]


# Rows --------------------------------------------------------------------------------------------
def test_rows_begin_at_column_a_with_excels_numbers():
    data = by_hand(f'<row r="40">{cell("C40", 1)}{cell("D40", 2)}</row>')
    assert read(data) == {40: [None, None, 1, 2]}
    sheet = facts(data)
    assert (sheet.first_row, sheet.height, sheet.first_column, sheet.width) == (40, 1, 3, 4)


def test_blank_rows_at_the_end_are_left_out_and_counted():
    data = xlsx([["甲", 1]] + [[" ", "\u3000"]] * 5_000)
    with reading.open_book(data, name="a.xlsx") as book:
        assert list(book.rows(1)) == [(1, [["甲", 1.0]])]
        assert book.blank_rows == {1: 5_000}


def test_blank_rows_in_between_keep_the_numbers_of_what_follows():
    data = by_hand(f'<row r="1">{cell("A1", 1)}</row><row r="9000">{cell("A9000", 2)}</row>')
    rows = read(data)
    assert (rows[1], rows[9000]) == ([1], [2])
    assert all(row == [None] for number, row in rows.items() if 1 < number < 9000)


def test_chunks_are_small_and_miss_nothing():
    data = xlsx([[n, f"第{n}行"] for n in range(1, 5_001)])
    with reading.open_book(data, name="a.xlsx") as book:
        chunks = list(book.rows(1))
    assert max(len(rows) for _first, rows in chunks) == 2_000
    assert [row[0] for _first, rows in chunks for row in rows] == list(range(1, 5_001))


def test_rows_may_be_asked_for_again_and_left_half_read():
    data = xlsx([[n] for n in range(6_000)], [["第二张"]])
    with reading.open_book(data, name="a.xlsx") as book:
        half = book.rows(1)
        assert next(half)[1][0] == [0.0]
        assert list(book.rows(2)) == [(1, [["第二张"]])]
        assert sum(len(rows) for _first, rows in book.rows(1)) == 6_000
        assert sum(len(rows) for _first, rows in book.rows(1)) == 6_000


def test_pieces_are_as_good_as_the_whole():
    data = stored("list.xlsx")
    pieces = (data[start : start + 1000] for start in range(0, len(data), 1000))
    with reading.open_book(pieces, name="list.xlsx") as book:
        assert book.sheets[0].name == "名单"


def test_no_text_can_pass_for_a_date_or_an_error():
    """The mark of a decoded cell and other control characters do not come out of a file."""
    data = workbooks.xlsb(
        workbooks.xlsb_row(1),
        workbooks.xlsb_text(1, "\x01D2010-01-01"),
        workbooks.xlsb_text(2, "\x01E#N/A\x00\x0b\x1f"),
        workbooks.xlsb_text(3, "a\tb\nc\\u0001"),
        workbooks.xlsb_error(4, 0x2A),
    )
    assert read(data, "a.xlsb") == {
        1: ["D2010-01-01", "E#N/A", "a\tb\nc\\u0001", CellError("#N/A")]
    }


def test_a_mark_spelled_out_in_xml_is_no_mark():
    """Excel writes a control character as _x0001_."""
    data = by_hand('<row r="1"><c r="A1" t="str"><v>_x0001_D2010-01-01</v></c></row>')
    assert read(data) == {1: ["D2010-01-01"]}


@pytest.mark.parametrize("text", ['"', ',"', '[""', ',"",', "\\", '\\"', "[", ","])
def test_no_text_is_taken_for_the_marks_around_it(text):
    assert read(xlsx([[text, "", text, None, text]])) == {1: [text, None, text, None, text]}
