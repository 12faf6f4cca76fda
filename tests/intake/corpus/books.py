"""Workbooks of the corpus, written in few words: rows of cells, and what a sheet has besides."""

import csv
import io
import zipfile
from types import SimpleNamespace

from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH

from tests.intake import rosters, workbooks

SCHOOL = "阿左旗第一小学"
NOWHERE = SimpleNamespace(name=SCHOOL)


# Rows --------------------------------------------------------------------------------------------
def pupil(n: int, **over) -> dict:
    """A row of a short roster: what it asks for, and a sex that fits the number."""
    full = rosters.child(n, NOWHERE)
    short = {name: full[name] for name in ("学校", "年级", "班级", "姓名", "性别", "身份证号")}
    return short | over


def stored_child(n: int, **over) -> dict:
    """A row as the corpus's world has stored it."""
    return rosters.child(n, NOWHERE) | over


def table(*rows: dict, above=(), below=(), renamed: dict | None = None) -> list[list]:
    """Rows below a header of their keys; `renamed` writes some headers otherwise."""
    headers = list(dict.fromkeys(key for row in rows for key in row))
    shown = [(renamed or {}).get(header, header) for header in headers]
    body = [[row.get(header) for header in headers] for row in rows]
    return [*map(list, above), shown, *body, *map(list, below)]


# Books -------------------------------------------------------------------------------------------
def book(
    rows: list[list],
    *,
    sheet: str = "名册",
    merges: tuple = (),
    hidden_rows: tuple = (),
    hidden_columns: str = "",
    blank_to: int = 0,
    also: dict | None = None,
    hidden_sheets: tuple = (),
    uses_1904: bool = False,
) -> bytes:
    """An .xlsx: `blank_to` the last row that is formatted only,
    `also` further sheets by name."""
    made = Workbook()
    if uses_1904:
        made.epoch = MAC_EPOCH
    first = made.active
    first.title = sheet
    for line in rows:
        first.append(line)
    for address in merges:
        first.merge_cells(address)
    for row in hidden_rows:
        first.row_dimensions[row].hidden = True
    for letter in hidden_columns:
        first.column_dimensions[letter].hidden = True
    for row in range(len(rows) + 1, blank_to + 1):
        first.cell(row, 1).number_format = "@"
    for name, lines in (also or {}).items():
        other = made.create_sheet(name)
        for line in lines:
            other.append(line)
    for name in hidden_sheets:
        made[name].sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text(rows: list[list], encoding: str, separator: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def with_macros(data: bytes) -> bytes:
    """An .xlsm: the same workbook with a macro project of which nothing is ever run."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            new.writestr(name, content)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no macro of anybody")
    return out.getvalue()


def xlsb(rows: list[list]) -> bytes:
    """An .xlsb by hand, record by record."""
    records = []
    for number, line in enumerate(rows, 1):
        records.append(workbooks.xlsb_row(number))
        for column, value in enumerate(line, 1):
            if isinstance(value, int | float):
                records.append(workbooks.xlsb_number(column, value))
            elif value is not None:
                records.append(workbooks.xlsb_text(column, value))
    return workbooks.xlsb(*records)
