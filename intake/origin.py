"""The line of a workbook from which a stored row came: read anew from the kept original, masked."""

from dataclasses import dataclass
from datetime import datetime

from common import vault
from intake import kinds
from intake.cells import column_letter
from intake.columns.base import Context, Doubt
from intake.contexts import context_of
from intake.faults import BadCell
from intake.models import Upload
from intake.reading import open_book
from intake.services import headers
from intake.sheets import Table, read_tables
from intake.sheets.normal import is_blank


class NoSuchRow(Exception):
    """The workbook has no such sheet or no such line in it."""


@dataclass(frozen=True)
class Cell:
    """A cell of the line. What no column of the kind claims is not shown, only that it is filled."""

    letter: str
    header: str
    title: str = ""  # the kind's column, if it is taken in
    value: str = ""
    is_filled: bool = False
    is_faulty: bool = False


@dataclass(frozen=True)
class Line:
    sheet: str
    row: int
    cells: list[Cell]


def line_of(upload: Upload, sheet: int, row: int, *, at: datetime) -> Line:
    """The cells of a line. vault.Gone after the original's time, Unusable, NoSuchRow.

    Units are understood as the person who handed the sheet in knows them; a viewer sees masks.
    """
    if not upload.file_key:
        raise vault.Gone(upload.pk)
    kind, context = kinds.get(upload.kind), context_of(upload, upload.by, at)
    with open_book(vault.read(upload.file_key), name=upload.name) as book:
        tables = read_tables(
            book,
            kind,
            context=context,
            given=upload.mapping,
            remembered=headers.remembered(kind, upload.unit),
        )
        table = next((table for table in tables if table.sheet == sheet), None)
        if table is None:
            raise NoSuchRow(sheet)
        raw = _raw_line(table, row)
    return Line(table.sheet_name, row, list(_cells(table, raw, context)))


def _raw_line(table: Table, row: int) -> list:
    for first, rows in table.source():
        if first <= row < first + len(rows):
            return rows[row - first]
        if first > row:
            break
    raise NoSuchRow(row)


def _cells(table: Table, raw: list, context: Context):
    """In the order of the sheet; the columns of tokens and what is blank all along are left out."""
    placed = {placed.index: name for name, placed in table.columns.items()}
    known = [*table.columns.values(), *table.extra, *table.unclaimed]
    said = {heading.index: heading.header for heading in (*known, *table.passed_over)}
    said |= {suggestion.index: suggestion.header for suggestion in table.suggestions}
    for index, value in enumerate(raw):
        if index == table.token_index or (index not in said and is_blank(value)):
            continue
        letter, header = column_letter(index + 1), said.get(index, "")
        if index in placed:
            yield _taken(table.kind.columns[placed[index]], letter, header, value, context)
        else:
            yield Cell(letter, header, is_filled=not is_blank(value))


def _taken(column, letter: str, header: str, raw, context: Context) -> Cell:
    """As the column reads it, and masked as the column masks it."""
    facts = {"letter": letter, "header": header, "title": str(column.header)}
    try:
        value = column.reader(context)(raw)
    except BadCell:
        return Cell(**facts, is_filled=True, is_faulty=True)
    if isinstance(value, Doubt):
        value = value.value
    return Cell(**facts, value=column.masked(value), is_filled=not is_blank(raw))
