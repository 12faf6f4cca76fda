"""A new .xlsx with the values of a workbook: of another format, or of the faulty rows alone."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time

import orjson
from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from common.workbooks import put_text, save, sheet_title, shown_width
from intake.cells import CellError, decode
from intake.limited.books import Book
from intake.limited.marking.cells import Marker
from intake.limited.marking.listing import add_list
from intake.limited.marking.places import Job, Notes
from intake.limited.sheets import Sheet

MOST_ROWS = 20_000
MOST_CELLS = 500_000
FORMATS = {
    datetime: "yyyy-mm-dd hh:mm:ss",
    date: "yyyy-mm-dd",
    time: "hh:mm:ss",
}
ANY_ERROR = "#N/A"  # for a formula whose result is not known: not a blank
NARROWEST, WIDEST, MEASURED_ROWS = 8, 40, 60


def is_too_long(book: Book) -> bool:
    """Whether only the faulty rows go into the marked workbook."""
    sizes = [(max(s.last_row - s.first_row + 1, 0), s.width) for s in book.sheets]
    rows, cells = sum(size[0] for size in sizes), sum(height * width for height, width in sizes)
    return rows > MOST_ROWS or cells > MOST_CELLS


def values_marked(book: Book, job: Job, notes: Notes, *, only_faulty: bool) -> bytes:
    """The bytes of the new workbook."""
    made = Workbook()
    made.remove(made.active)
    if book.uses_1904:
        made.epoch = CALENDAR_MAC_1904
    marker, titles, moved = Marker(notes), {}, {}
    for sheet in book.sheets:
        mine = [place for place in job.places if place.sheet == sheet.name]
        if sheet.name == job.list_title or (only_faulty and not mine):
            continue
        target = made.create_sheet(sheet_title(sheet.name))
        titles[sheet.name] = target.title
        head = job.heads.get(sheet.name, 1)
        rows = _fill(target, sheet, head, {p.row for p in mine} if only_faulty else None)
        there = [place for place in mine if not place.row or place.row in rows]
        moved |= {place: replace(place, row=rows.get(place.row, head)) for place in there}
        marker.mark(target, [moved[place] for place in there if place.is_cell])
    notes.add("left_out", job.left_out)
    add_list(made, job, notes, titles, moved)
    stream = io.BytesIO()
    save(made, stream)
    return stream.getvalue()


def _fill(target, sheet: Sheet, head: int, faulty: set[int] | None) -> dict[int, int]:
    """Write the rows, all or the faulty ones below the header; old numbers -> new ones."""
    facts, rows, below = sheet.describe(), {}, head
    for number, cells in _lines(sheet):
        if faulty is None or number <= head:
            rows[number] = number
        elif number in faulty:
            below += 1
            rows[number] = below
        else:
            continue
        for column, raw in enumerate(cells, 1):
            if raw is not None:
                _put(target.cell(rows[number], column), decode(raw))
    _lay_out(target, facts, head, faulty is None)
    return rows


def _lines(sheet: Sheet) -> Iterator[tuple[int, list]]:
    """Number and raw cells of each row, as the reader hands them over."""
    for payload in sheet.payloads():
        message = orjson.loads(payload)
        yield from enumerate(message.get("cells", ()), message.get("row", 0))


def _put(cell, value) -> None:
    if isinstance(value, str):
        put_text(cell, value)
        cell.number_format = "@"
    elif isinstance(value, CellError):
        cell.value = value.code if value.code in ERROR_CODES else ANY_ERROR
    else:
        cell.value = value
        if form := FORMATS.get(value.__class__):
            cell.number_format = form


def _lay_out(target, facts: dict, head: int, is_whole: bool) -> None:
    """Merged ranges, what is hidden, widths, and a header that stays in view."""
    for first_row, first, last_row, last in facts["merged"]:
        if is_whole or last_row <= head:
            target.merge_cells(None, first_row, first, last_row, last)
    for first, last in facts["hidden_columns"]:
        for column in range(first, last + 1):
            target.column_dimensions[get_column_letter(column)].hidden = True
    if is_whole:
        for first, last in facts["hidden_rows"]:
            for row in range(first, last + 1):
                target.row_dimensions[row].hidden = True
    for column, width in _widths(target.iter_rows(max_row=MEASURED_ROWS, values_only=True)):
        target.column_dimensions[get_column_letter(column)].width = width
    target.freeze_panes = target.cell(head + 1, 1)


def _widths(rows: Iterable[tuple]) -> Iterator[tuple[int, int]]:
    for column, values in enumerate(zip(*rows, strict=True), 1):
        texts = [str(value) for value in values[1:] or values if value is not None]
        longest = max(map(shown_width, texts), default=0)
        yield column, min(max(longest + 2, NARROWEST), WIDEST)
