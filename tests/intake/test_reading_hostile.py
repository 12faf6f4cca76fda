"""Workbooks made to do harm are refused in seconds, by the limits of a process that may die."""

import stat
import time
import zipfile

import pytest

from intake import reading
from intake.faults import Unusable
from tests.intake import workbooks
from tests.intake.workbooks import by_hand, cell, packed, parts

ONE = f'<row r="1">{cell("A1", 1)}</row>'
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol0 "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>
<table:table table:name="a"><table:table-row table:number-rows-repeated="1000000"><table:table-cell
 office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def far_apart(address: str, row: int) -> bytes:
    return by_hand(f'{ONE}<row r="{row}">{cell(address, 1)}</row>')


def laughing(place: str) -> bytes:
    members = parts('<row r="1"><c r="A1" t="inlineStr"><is><t>&lol9;</t></is></c></row>')
    if place == "xl/workbook.xml":
        members = parts(ONE)
        members[place] = members[place].replace("<sheets>", "<x>&lol9;</x><sheets>")
    members[place] = LAUGHS + members[place]
    return packed(members)


def with_members(more: dict) -> bytes:
    return packed(parts(ONE) | more)


def one_string_many_times() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_000))
    return by_hand(rows, strings=f"<si><t>{'x' * 1_000_000}</t></si>")


def outcome(data: bytes, name: str = "a.xlsx") -> str:
    """The code of the refusal, or "read". Nothing else may happen, and not for long."""
    began = time.monotonic()
    try:
        with reading.open_book(data, name=name) as book:
            for sheet in book.sheets:
                for _chunk in book.rows(sheet.number):
                    pass
        code = "read"
    except Unusable as refused:
        code = refused.code
    assert time.monotonic() - began < 30  # ten on a machine that does nothing else
    return code


HOSTILE = {
    "two cells at the ends of a sheet": (
        lambda: far_apart("XFD1048576", 1048576), "reader_out_of_memory"),
    "two cells some way apart": (lambda: far_apart("XFD30000", 30000), "reader_out_of_memory"),
    "a cell in the last row": (lambda: far_apart("A1048576", 1048576), "too_many_rows"),
    "a bomb that tells its size": (
        lambda: workbooks.lying(workbooks.bomb(1 << 20), workbooks.SHEET, size=500 << 20),
        "unpacks_too_large"),
    "a bomb below the size": (lambda: workbooks.bomb(60 << 20), "unpacks_too_large"),
    "a bomb that lies": (
        lambda: workbooks.lying(workbooks.bomb(60 << 20), workbooks.SHEET, size=1000), "damaged"),
    "one long string in many cells": (one_string_many_times, "reader_out_of_memory"),
    "entities in a sheet": (lambda: laughing(workbooks.SHEET), "damaged"),
    "entities in the workbook": (lambda: laughing("xl/workbook.xml"), "read"),
    "deep nesting": (lambda: by_hand("<x>" * 200_000 + "</x>" * 200_000), "nothing_filled"),
    "deep nesting in a cell": (
        lambda: by_hand("<row r='1'><c r='A1'>" + "<is>" * 200_000), "damaged"),
    "a thousand sheets": (lambda: by_hand(ONE, sheets=1_000), "too_many_sheets"),
    "ten thousand sheets": (lambda: by_hand(ONE, sheets=10_000), "unpacks_too_large"),
    "many members": (
        lambda: with_members({f"xl/media/{n}": "" for n in range(5_000)}), "unpacks_too_large"),
    "a long directory": (
        lambda: with_members({f"{n:060000}": "" for n in range(40)}), "unpacks_too_large"),
    "a path that leads out": (lambda: with_members({"../../etc/x": "x"}), "leads_out"),
    "a table repeated without end": (
        lambda: packed({"META-INF/manifest.xml": "<m/>", "content.xml": ODS}), "damaged"),
    "a tag full of marks": (
        lambda: by_hand("<row r='1'><c " + " t='e' hidden='1'" * 50_000), "damaged"),
    "formulas without cells": (lambda: by_hand("<f></f></c>" * 50_000), "damaged"),
    "a zip of noise": (lambda: b"PK\x03\x04" + b"\x07noise" * 9_000, "damaged"),
    "a compound file of noise": (
        lambda: bytes.fromhex("D0CF11E0A1B11AE1") + b"\x07noise" * 9_000, "damaged"),
    "a compound file of zeros": (
        lambda: bytes.fromhex("D0CF11E0A1B11AE1") + bytes(60_000), "damaged"),
    "a million commas": (lambda: b"1" + b"," * 1_000_000, "read"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_meets_its_end(name):
    make, code = HOSTILE[name]
    assert outcome(make()) == code


def test_a_link_in_a_zip_is_refused():
    link = zipfile.ZipInfo("xl/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert outcome(with_members({link: "/etc/passwd"})) == "leads_out"


@pytest.mark.long
def test_a_gigabyte_is_refused_by_what_the_directory_says():
    data = workbooks.bomb(1 << 30)
    assert outcome(data) == "unpacks_too_large"
    assert outcome(workbooks.lying(data, workbooks.SHEET, size=1000)) == "damaged"
    strings = packed(
        parts("<row r='1'><c r='A1' t='s'><v>0</v></c></row>", strings=f"<si><t>{'x' * (1 << 30)}")
    )
    assert outcome(strings) == "unpacks_too_large"
    assert outcome(workbooks.lying(strings, "xl/sharedStrings.xml", size=1000)) == "damaged"


@pytest.mark.long
def test_as_much_as_a_directory_may_truly_say_ends_by_the_limits():
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n % 9}</v></c><c r="B{n}"><v>{n % 7}</v></c></row>'
        for n in range(1, 5_000_000)
    )
    assert outcome(by_hand(rows[: 390 << 20])) in ("damaged", "too_many_rows", "file_too_large")
