"""What is no workbook, or none that can be read, is told with a reason of its own."""

from zipfile import ZIP_STORED

import pytest
from django.test import override_settings

from intake import reading
from intake.faults import Unusable, words_of
from intake.limited import sheets
from tests.intake.workbooks import by_hand, cell, packed, parts, stored, xlsx


def refusal(data: bytes, name: str = "名单.xlsx") -> Unusable:
    with pytest.raises(Unusable) as caught, reading.open_book(data, name=name) as book:
        for sheet in book.sheets:
            for _chunk in book.rows(sheet.number):
                pass
    assert caught.value.message  # the words fit the parameters
    return caught.value


DOCX = packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
PPTX = packed({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"})
ODT = packed(
    {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"}, ZIP_STORED
)


def renamed_stream(name: str) -> bytes:
    """list.xls with its stream of records under another name."""
    data = stored("list.xls")
    old, new = (text.encode("utf-16-le").ljust(26, b"\0") for text in ("Workbook", name))
    start = data.index(old)
    made = bytearray(data.replace(old, new))
    made[start + 64] = 2 * len(name) + 2
    return bytes(made)


@pytest.mark.parametrize(
    "data,reason",
    [
        (b"%PDF-1.7\n%abc", "is_pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is_picture"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "is_picture"),
        (b"GIF89a" + bytes(40), "is_picture"),
        (b"\xef\xbb\xbf\r\n<HTML><table>", "is_web_page"),
        (b"<table><tr><td>1</td></tr></table>", "is_web_page"),
        (b"MIME-Version: 1.0\r\n", "is_web_page"),
        (b"<?xml version='1.0'?><a/>", "is_xml"),
        (DOCX, "is_document"),
        (ODT, "is_document"),
        (renamed_stream("WordDocument"), "is_document"),
        (PPTX, "is_slides"),
        (packed({"名单.xlsx": xlsx([["甲"]])}), "is_archive"),
        (b"Rar!\x1a\x07" + bytes(40), "is_archive"),
        (b"MZ" + bytes(40), "is_program"),
        (bytes(1000), "not_a_workbook"),
        (renamed_stream("Worknote"), "not_a_workbook"),
    ],
)
def test_what_it_is_instead_is_said(data, reason):
    assert refusal(data).code == reason


@pytest.mark.parametrize("text", ["BMI,身高\n21,160\n", "MZ,PK\n1,2\n", "RIFF,II*\n1,2\n"])
def test_text_that_begins_like_another_file_is_text(text):
    with reading.open_book(text.encode(), name="a.csv") as book:
        assert book.format == "csv"


@pytest.mark.parametrize("name", ["locked.xlsx", "locked.xls", "locked.ods"])
def test_a_password_is_told_as_such(name):
    assert refusal(stored(name), name).code == "has_password"


def test_a_zip_with_locked_members_has_a_password():
    data = bytearray(stored("list.xlsx"))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)).code == "has_password"


def test_an_empty_file_is_told_as_such():
    assert refusal(b"").code == "file_empty"


@override_settings(FILE_MAX_BYTES=1024 * 1024)
def test_a_file_beyond_the_limit_is_not_read_to_its_end():
    def pieces():
        yield bytes(1024 * 1024)
        yield b"1"
        raise AssertionError("read on")

    found = refusal(pieces())
    assert (found.code, found.params) == ("file_too_large", {"most": 1})


@pytest.mark.parametrize("name", ["list.xlsx", "list.xls", "list.ods", "list.xlsb"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_file_cut_short_is_damaged(name, kept):
    data = stored(name)
    assert refusal(data[: int(len(data) * kept)], name).code == "damaged"


def test_text_cut_within_a_character_is_damaged():
    assert refusal("姓名,人数\n张三,一".encode()[:-1], "a.csv").code == "damaged"


def test_a_sheet_with_broken_xml_is_damaged():
    assert refusal(by_hand("<row r='1'><c r='A1'><v>1")).code == "damaged"


@pytest.mark.parametrize("data", [xlsx([], []), b"\n\n\n", b"\xef\xbb\xbf", b" , , \n"])
def test_a_workbook_without_a_filled_sheet_is_told(data):
    found = refusal(data)
    assert found.code == "nothing_filled"


def test_bytes_in_no_known_encoding_are_told():
    data = ("甲,乙\n" * 2000).encode("gb18030") + b"\xff\xff" + b"a" * 100
    assert refusal(data, "a.csv").code == "encoding_unknown"


def test_an_unclosed_quotation_mark_is_told():
    data = '姓名,人数\n"张三,1\n' + "李四,2\n" * 10_000
    assert refusal(data.encode(), "a.csv").code == "text_no_table"


def test_cells_that_the_reader_would_lose_refuse_the_whole():
    assert refusal(stored("short-cells.xlsb"), "a.xlsb").code == "cells_not_read"


# Limits ------------------------------------------------------------------------------------------
def test_too_many_columns_are_named_with_their_sheet():
    found = refusal(xlsx([["甲"] * (sheets.MOST_COLUMNS + 1)], name="表"))
    assert (found.code, found.params["sheet"]) == ("too_many_columns", "表1")


def test_as_many_columns_as_allowed_are_read():
    with reading.open_book(xlsx([["甲"] * sheets.MOST_COLUMNS]), name="a.xlsx") as book:
        assert book.sheets[0].width == sheets.MOST_COLUMNS


def test_spaces_far_out_are_no_content():
    data = by_hand(
        f'<row r="1">{cell("A1", 1)}{cell("B1", 2)}<c r="ZZ1" t="str"><v> </v></c></row>'
        f'<row r="3">{cell("A3", 3)}</row><row r="5000"><c r="A5000" t="str"><v> </v></c></row>'
    )
    with reading.open_book(data, name="a.xlsx") as book:
        [sheet] = book.sheets
        assert (sheet.width, sheet.height) == (2, 3)
        assert list(book.rows(1)) == [(1, [[1, 2], [None, None], [3, None]])]


def test_too_many_rows_are_told():
    far = sheets.MOST_ROWS + 1
    assert refusal(by_hand(f'<row r="{far}">{cell(f"A{far}", 1)}</row>')).code == "too_many_rows"


def test_too_many_lines_of_text_are_told():
    assert refusal(b"1\n" * (sheets.MOST_ROWS + 1), "a.csv").code == "too_many_rows"


def test_too_many_sheets_are_told():
    data = by_hand(f'<row r="1">{cell("A1", 1)}</row>', sheets=sheets.MOST_SHEETS + 1)
    assert refusal(data).code == "too_many_sheets"


@override_settings(FILE_MAX_BYTES=64 * 1024 * 1024)
def test_a_cell_that_would_fill_the_memory_is_told():
    text = '<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % ("字" * 9_000_000)
    assert refusal(packed(parts(text), ZIP_STORED)).code == "cell_too_long"


def test_every_reason_has_words_and_a_cure():
    for code in ("file_empty", "damaged", "reader_died", "reader_too_slow", "leads_out"):
        assert str(words_of(code).wrong) and str(words_of(code).cure)
