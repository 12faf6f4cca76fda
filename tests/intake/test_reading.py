"""Every format gives the same cells and facts, numbered as Excel shows them."""

import csv
import datetime
import io

import pytest

from intake import reading
from intake.cells import NO_VALUE, CellError, decode
from tests.intake import workbooks
from tests.intake.workbooks import by_hand, cell, stored, xlsx


def read(data: bytes, name: str = "名单.xlsx", sheet: int = 1) -> dict[int, list]:
    """The rows of a sheet by their numbers, cells decoded."""
    with reading.open_book(data, name=name) as book:
        return {
            first + position: [decode(raw) for raw in row]
            for first, rows in book.rows(sheet)
            for position, row in enumerate(rows)
        }


def facts(data: bytes, name: str = "名单.xlsx", sheet: int = 1) -> reading.SheetInfo:
    with reading.open_book(data, name=name) as book:
        return book.sheets[sheet - 1]


def warnings(data: bytes, name: str) -> list[str]:
    with reading.open_book(data, name=name) as book:
        return [fault.code for fault in book.warnings]


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


def number(value: int, more: str = "") -> str:
    return f'<cell office:value-type="float" office:value="{value}"{more}/>'


def test_an_ods_counts_what_is_repeated():
    again = ' table:number-columns-repeated="2"'
    spanned = ' table:number-columns-spanned="2" table:number-rows-spanned="3"'
    error = (
        f'<cell table:formula="of:=1/0" calcext:value-type="error"{again}>'
        "<text:p>#DIV/0!</text:p></cell>"
    )
    data = workbooks.ods(
        '<column table:visibility="collapse" table:number-columns-repeated="2"/><column/>'
        f"<row>{number(1, again)}{number(2)}{number(3)}</row>"
        f'<row table:number-rows-repeated="2" table:visibility="filter">{number(4)}{error}</row>'
        f"<row>{number(5, spanned)}</row>"
    )
    assert read(data, "a.ods") == {
        1: [1, 1, 2, 3],
        2: [4, CellError("#DIV/0!"), CellError("#DIV/0!"), None],
        3: [4, CellError("#DIV/0!"), CellError("#DIV/0!"), None],
        4: [5, None, None, None],
    }
    sheet = facts(data, "a.ods")
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([(2, 3)], [(1, 2)])
    assert sheet.merged == [(4, 1, 6, 2)]


def test_an_ods_tells_formulas_without_a_value_from_those_that_gave_nothing():
    formula = 'table:formula="of:=A1"'
    data = workbooks.ods(
        f"<row>{number(1)}<cell {formula}/><cell {formula}><text:p/></cell>"
        f"<cell {formula}><office:annotation><text:p>#N/A</text:p></office:annotation>"
        f"<text:p>Err:502</text:p></cell><cell><text:p>#N/A</text:p></cell></row>"
    )
    assert read(data, "a.ods")[1][:4] == [1, CellError(NO_VALUE), None, CellError("Err:502")]


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


# What calamine leaves out of an .xlsx -----------------------------------------------------------
def test_a_formula_whose_result_was_not_stored_is_no_blank_cell():
    rows = read(xlsx([["甲", "=1+1"], ["乙", 2]]))
    assert rows[1] == ["甲", CellError(NO_VALUE)] and rows[2] == ["乙", 2]


def test_a_formula_that_gave_an_empty_text_is_a_blank_cell():
    data = by_hand('<row r="1"><c r="A1" t="str"><f>A2</f><v></v></c>' + cell("B1", 1) + "</row>")
    assert read(data) == {1: [None, 1]}


def test_a_shared_formula_without_its_result_is_told():
    data = by_hand(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">1</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'
    )
    assert read(data) == {1: [1], 2: [CellError(NO_VALUE)]}


def test_error_cells_may_lie_beyond_all_values():
    data = by_hand(
        '<row r="1"><c r="D1" t="e"><v>#REF!</v></c></row>'
        f'<row r="3">{cell("B3", 5)}</row>'
        '<row r="5"><c r="E5"><f>1</f></c></row>'
    )
    assert read(data) == {
        1: [None, None, None, CellError("#REF!"), None],
        2: [None] * 5,
        3: [None, 5, None, None, None],
        4: [None] * 5,
        5: [None, None, None, None, CellError(NO_VALUE)],
    }


def test_a_sheet_of_nothing_but_errors_has_content():
    assert read(by_hand('<row r="2"><c r="B2"><f>1</f></c></row>')) == {
        1: [None, None],
        2: [None, CellError(NO_VALUE)],
    }


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_other_programs_spell_the_xml_in_other_ways(prefix, quote):
    xml = (
        '<{p}row r="1" ht="20" hidden="true"><{p}c r="A1" s="1" t="e"><{p}v>#N/A</{p}v></{p}c>'
        '<{p}c r="B1"><{p}v>1</{p}v></{p}c></{p}row>'
    )
    members = workbooks.parts()
    sheet = (
        f'<{prefix}worksheet xmlns{":x" if prefix else ""}="{workbooks.MAIN}">'
        f"<{prefix}sheetData>{xml.format(p=prefix)}</{prefix}sheetData></{prefix}worksheet>"
    )
    members[workbooks.SHEET] = sheet.replace('"', quote)
    data = workbooks.packed(members)
    assert read(data) == {1: [CellError("#N/A"), 1]}
    assert facts(data).hidden_rows == [(1, 1)]


def test_text_that_looks_like_an_error_cell_is_text():
    text = '<row r="1"><c r="A1" t="inlineStr"><is><t>t="e" hidden="1" &lt;f&gt;</t></is></c></row>'
    data = by_hand(text)
    assert read(data) == {1: ['t="e" hidden="1" <f>']}
    assert facts(data).hidden_rows == []


def test_cells_without_addresses_are_read_and_what_cannot_be_told_is_said():
    data = by_hand('<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>')
    with reading.open_book(data, name="a.xlsx") as book:
        assert "error_cells" in book.unknown
        assert [fault.code for fault in book.warnings] == ["format_cannot_tell"]
    assert read(data) == {1: [1, None]}


def test_hidden_rows_and_columns_are_ranges_within_what_is_used():
    data = by_hand(
        "".join(f'<row r="{n}" hidden="1">{cell(f"A{n}", n)}</row>' for n in (2, 3, 4, 7))
        + f'<row r="9">{cell("C9", 1)}</row><row r="10" hidden="1"/>',
        before='<cols><col min="2" max="2" hidden="1"/><col min="3" max="16384" hidden="1"/></cols>',
    )
    sheet = facts(data)
    assert sheet.hidden_rows == [(2, 4), (7, 7)]
    assert sheet.hidden_columns == [(2, 3)]


def test_marks_are_found_wherever_the_file_is_cut_into_pieces():
    """Errors in a sheet of several megabytes, so that pieces end within cells and rows."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c>{cell(f"B{n}", n)}'
        f'<c r="C{n}"><f>{n}</f></c></row>'
        for n in range(1, 30_001)
    )
    expected = [CellError("#N/A"), CellError(NO_VALUE)]
    read_rows = read(by_hand(rows))
    assert len(read_rows) == 30_000
    assert all([row[0], row[2]] == expected and row[1] == n for n, row in read_rows.items())


def test_rich_text_is_one_text():
    data = by_hand(
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="B1" t="inlineStr"><is><r><t>阿拉善</t></r><r><t>左旗</t></r></is></c></row>',
        strings="<si><r><t>张</t></r><r><t>三</t></r></si>",
    )
    assert read(data) == {1: ["张三", "阿拉善左旗"]}


def test_a_chart_has_a_tab_and_a_number_but_no_rows():
    members = workbooks.parts(f'<row r="1">{cell("A1", 1)}</row>', sheets=2)
    members["xl/_rels/workbook.xml.rels"] = members["xl/_rels/workbook.xml.rels"].replace(
        'worksheet" Target="worksheets/sheet1.xml', 'chartsheet" Target="chartsheets/sheet1.xml'
    )
    members["xl/chartsheets/sheet1.xml"] = f'<chartsheet xmlns="{workbooks.MAIN}"/>'
    with reading.open_book(workbooks.packed(members), name="a.xlsx") as book:
        assert [sheet.number for sheet in book.sheets] == [2]
        assert list(book.rows(2)) == [(1, [[1.0]])]


def test_names_of_parts_may_be_written_in_any_case():
    members = workbooks.parts('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    members["xl/Workbook.xml"] = members.pop("xl/workbook.xml")
    members["xl/worksheets/Sheet1.xml"] = members.pop(workbooks.SHEET)
    assert read(workbooks.packed(members)) == {1: [CellError("#N/A")]}


def test_the_strict_form_of_the_format_is_read():
    members = {
        name: content.replace(workbooks.MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        for name, content in workbooks.parts('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>').items()
    }  # fmt: skip
    assert read(workbooks.packed(members)) == {1: [CellError("#N/A")]}


@pytest.mark.parametrize("form", [14, 31, 57, 58])
def test_the_dates_that_excel_keeps_for_chinese_are_dates(form):
    members = workbooks.parts(
        f'<row r="1"><c r="A1" s="0"><v>45170</v></c>{cell("B1", 45170)}</row>'
    )
    members["xl/styles.xml"] = (
        f'<styleSheet xmlns="{workbooks.MAIN}"><cellXfs><xf numFmtId="{form}"/></cellXfs></styleSheet>'
    )
    assert read(workbooks.packed(members)) == {1: [datetime.date(2023, 9, 1), 45170]}


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
