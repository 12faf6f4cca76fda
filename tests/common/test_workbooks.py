"""Workbooks that go nowhere but into their stream, and long sheets line by line."""

import io
import tempfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook

from common import workbooks


def written(lines, looks=None) -> io.BytesIO:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "名单"
    sheet["A1"] = "表头"
    lines = list(lines)
    looks = looks or [look(sheet)] * max(map(len, lines), default=0)
    rows = workbooks.rows_as_xml(lines, looks, first_row=2)
    workbooks.save(book, stream, lines={sheet.title: rows})
    stream.seek(0)
    return stream


def look(sheet) -> workbooks.Look:
    return workbooks.Look(
        text=workbooks.style_number(sheet, number_format="@"),
        quoted=workbooks.style_number(sheet, number_format="@", quotePrefix=True),
        day=workbooks.style_number(sheet, number_format="yyyy-mm-dd"),
        moment=workbooks.style_number(sheet, number_format="yyyy-mm-dd hh:mm"),
    )


def test_no_file_is_made_beside_the_stream(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a temporary file was asked for")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", refuse)
    assert load_workbook(written([["a"]])).active["A2"].value == "a"


def test_values_keep_their_types():
    day, moment = date(2015, 9, 1), datetime(2025, 10, 13, 8, 30)
    sheet = load_workbook(written([["男", 3, 1.5, Decimal("-12.50"), day, moment, True]])).active
    found = [cell.value for cell in sheet[2]]
    assert found[:4] == ["男", 3, 1.5, -12.5]
    assert found[4].date() == day and sheet["E2"].number_format == "yyyy-mm-dd"
    assert found[5] == moment and sheet["F2"].number_format == "yyyy-mm-dd hh:mm"
    assert found[6] is True


def test_blanks_are_no_cells():
    sheet = load_workbook(written([["", None, "c"]])).active
    assert [cell.value for cell in sheet[2]] == [None, None, "c"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1", "#N/A"])
def test_nothing_becomes_a_formula_or_an_error(text):
    cell = load_workbook(written([[text]])).active["A2"]
    assert cell.data_type == "s" and cell.value.strip() == text.strip()
    assert cell.quotePrefix or text == "#N/A"


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_any_text_comes_back_from_both_readers(lines):
    stream = written([*line, "end"] for line in lines)
    sheet = load_workbook(stream).active
    stream.seek(0)
    quick = CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python()
    for number, line in enumerate(lines):
        for column, text in enumerate(line):
            kept = workbooks.clean(text)
            assert (sheet.cell(number + 2, column + 1).value or "") == kept
            read = quick[number + 1][column]
            assert read.replace("\r\n", "\n") == kept.replace("\r\n", "\n")


def test_a_text_too_long_for_excel_is_cut():
    sheet = load_workbook(written([["字" * 40_000]])).active
    assert len(sheet["A2"].value) == workbooks.WIDEST_TEXT


def test_what_stands_around_the_lines_stays():
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title, sheet.freeze_panes = "名单", "A2"
    sheet["A1"] = "表头"
    sheet.add_data_validation(DataValidation(type="list", formula1='"是,否"', sqref="A2:A9"))
    sheet.protection.enable()
    other = book.create_sheet("字典")
    other["A1"] = "值"
    rows = workbooks.rows_as_xml([["是"]], [workbooks.Look()], first_row=2)
    workbooks.save(book, stream, lines={"名单": rows})
    stream.seek(0)
    found = load_workbook(stream)
    sheet = found["名单"]
    assert (sheet["A1"].value, sheet["A2"].value, found["字典"]["A1"].value) == ("表头", "是", "值")
    assert sheet.freeze_panes == "A2" and sheet.protection.sheet
    assert str(sheet.data_validations.dataValidation[0].sqref) == "A2:A9"


def test_a_line_of_another_length_is_refused():
    with pytest.raises(ValueError):
        written([["a", "b"]], looks=[workbooks.Look()])


@pytest.mark.parametrize(
    ("title", "kept"), [("甲/乙", "甲 乙"), ("[*]", "list"), ("长" * 40, "长" * 31), ("", "list")]
)
def test_any_title_can_name_a_sheet(title, kept):
    assert workbooks.sheet_title(title) == kept
