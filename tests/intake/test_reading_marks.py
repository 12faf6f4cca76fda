"""What the quick reader of values leaves out is found beside it: errors, hidden, merged."""

import datetime

import pytest

from intake import reading
from intake.cells import NO_VALUE, CellError
from tests.intake import workbooks
from tests.intake.workbooks import by_hand, cell, facts, read, xlsx


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


# .ods ------------------------------------------------------------------------------------------
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
