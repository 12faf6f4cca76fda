"""What it costs to hand workbooks out: long lists, forms, and the user's own sheet marked."""

import io
import os

from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from bench import _rosters
from common import workbooks
from intake.faults import Fault
from intake.marked import mark
from scripts.bench import Row, seconds

ROWS = int(os.environ.get("BENCH_ROWS", 100_000))
KEPT_WHOLE = min(ROWS // 20, 5_000)
SCHOOLS = [f"第{n}小学" for n in range(60)]
SHEET = "名册"  # data


def main() -> list[Row]:
    """A list of 100,000 rows and 20 columns written as .xlsx, against openpyxl's write-only mode; the
    marked copy of a workbook of 5,000 rows, against opening and saving it with openpyxl; and the
    workbook with the 1,000 faulty ones of 100,000 rows, against parsing them with calamine."""
    lines = list(_rosters.rows(ROWS, SCHOOLS))
    long, short = written(lines), written(lines[:KEPT_WHOLE])
    return [
        Row(
            f"{ROWS:,} rows as .xlsx",
            seconds(lambda: written(lines), repeat=2),
            "openpyxl write-only",
            seconds(lambda: by_openpyxl(lines), repeat=1),
        ),
        Row(
            f"{KEPT_WHOLE:,} rows, marked in a copy",
            seconds(lambda: marked(short, KEPT_WHOLE), repeat=2),
            "openpyxl opens and saves it",
            seconds(lambda: opened_and_saved(short), repeat=2),
        ),
        Row(
            f"the faulty rows of {ROWS:,}, marked",
            seconds(lambda: marked(long, ROWS), repeat=2),
            "calamine parses them all",
            seconds(lambda: parsed(long), repeat=2),
        ),
    ]


def written(lines: list[list]) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(_rosters.HEADERS)
    look = workbooks.Look(
        text=workbooks.style_number(sheet, number_format="@"),
        quoted=workbooks.style_number(sheet, quotePrefix=True),
        day=workbooks.style_number(sheet, number_format="yyyy-mm-dd"),
    )
    rows = workbooks.rows_as_xml(lines, [look] * len(_rosters.HEADERS), first_row=2)
    workbooks.save(book, stream, lines={SHEET: rows})
    return stream.getvalue()


def by_openpyxl(lines: list[list]) -> bytes:
    book, stream = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet(SHEET)
    sheet.append(_rosters.HEADERS)
    for line in lines:
        sheet.append(line)
    book.save(stream)
    return stream.getvalue()


def opened_and_saved(content: bytes) -> bytes:
    stream = io.BytesIO()
    load_workbook(io.BytesIO(content)).save(stream)
    return stream.getvalue()


def marked(content: bytes, rows: int) -> bytes:
    faults = [
        Fault("required", SHEET, row, "C", {"header": "学校"}) for row in range(2, rows, 100)
    ]  # data
    return mark(content, faults=faults, heads={SHEET: 1}).content


def parsed(content: bytes) -> list:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
