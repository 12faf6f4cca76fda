"""Workbooks of openpyxl written without a temporary file, and long sheets line by line.

openpyxl lays each sheet on the disk, in clear, before it packs it, and makes an object of every
cell. Here a sheet goes straight into the zip; the many lines below a header become XML at once,
seven times as quick (docs/decisions/0010). Nothing here knows Django: the limited child uses it too.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from xml.sax.saxutils import escape

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

# What a spreadsheet would take for the beginning of a formula, full-width forms included.
FORMULA_BEGINS = tuple("=+-@\t\r\n＝＋－＠")
WIDEST_TEXT = 32_767  # characters in one cell of Excel
LINES_AT_ONCE = 200
# Texts that cannot go into XML as they are; all others, nearly all there are, need one look.
_ODD = re.compile(r"[&<>\x00-\x1f]|^[\s=+\-@＝＋－＠]|\s$")
SHEET_END = b"</sheetData>"
SPACED = '<t xml:space="preserve">'


def begins_formula(text: str) -> bool:
    return text.startswith(FORMULA_BEGINS) or text.lstrip().startswith(FORMULA_BEGINS)


def sheet_title(text: str) -> str:
    """A text as the name of a sheet: without what Excel forbids there, short enough, never empty."""
    return re.sub(r"[\[\]:*?/\\']", " ", text)[:31].strip() or "list"


def shown_width(text: str) -> int:
    """How wide a text is, in the letters by which a spreadsheet measures: ideographs count double."""
    return sum(2 if ord(letter) > 255 else 1 for letter in text)


def clean(text: str) -> str:
    """A text without the control characters that no workbook can hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def put_text(cell, text: str) -> None:
    """Make a cell hold a text, whatever the text looks like: no formula, no error value."""
    cell.value = clean(text)[:WIDEST_TEXT] or None
    if cell.value is not None:
        cell.data_type = "s"
    if begins_formula(text):
        cell.quotePrefix = True  # stays text when somebody edits the cell


def save(book, stream, *, lines: dict | None = None, writer: Callable = WorksheetWriter) -> None:
    """Write the workbook to a binary stream, and nothing anywhere else.

    `lines` gives the XML of further rows for a sheet, by its title (see `rows_as_xml`). `writer` makes
    what writes one sheet, from the sheet and the open part of the zip.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        _StraightWriter(book, archive, lines or {}, writer).write_data()


class _StraightWriter(ExcelWriter):
    """As openpyxl writes a workbook, but each sheet straight into the zip."""

    def __init__(self, book, archive, lines, writer):
        super().__init__(book, archive)
        self.lines, self.sheet_writer = lines, writer

    def write_worksheet(self, ws):
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        with self._archive.open(ws.path[1:], "w") as part:
            if ws.title in self.lines:
                self._write_long(ws, self.lines[ws.title], part)
            else:
                self._write_short(ws, self.sheet_writer(ws, part))
        self.manifest.append(ws)

    def _write_short(self, ws, writer):
        writer.write()
        ws._rels = writer._rels

    def _write_long(self, ws, lines, part):
        """The sheet as it stands, with the lines before the end of its rows."""
        framed = BytesIO()
        self._write_short(ws, _WithoutSize(ws, framed))
        head, end, tail = framed.getvalue().rpartition(SHEET_END)
        part.write(head)
        lines = iter(lines)
        while some := "".join(islice(lines, LINES_AT_ONCE)):
            part.write(some.encode())
        part.write(end + tail)


class _WithoutSize(WorksheetWriter):
    """How long a sheet is that grows while it is written, nobody knows at its beginning."""

    def write_dimensions(self):
        pass


# Lines -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Look:
    """The numbers of the cell styles that a column's cells get, by what they hold."""

    text: int = 0
    quoted: int = 0  # a text that would begin a formula
    number: int = 0
    day: int = 0
    moment: int = 0


def style_number(sheet, **parts) -> int:
    """The number under which the sheet's workbook keeps a style: font, fill, number_format …"""
    cell = Cell(sheet, row=1, column=1)
    for name, part in parts.items():
        setattr(cell, name, part)
    return cell.style_id


def rows_as_xml(lines: Iterable[Sequence], looks: Sequence[Look], first_row: int) -> Iterator[str]:
    """Each line as a row of a sheet: texts as texts, numbers, days, None for an empty cell."""
    columns = [(get_column_letter(number), look) for number, look in enumerate(looks, 1)]
    for row, line in enumerate(lines, first_row):
        cells = [
            _text_xml(letter, row, value, look)
            if value.__class__ is str
            else _cell_xml(letter, row, value, look)
            for (letter, look), value in zip(columns, line, strict=True)
            if value is not None and value != ""
        ]
        yield f'<row r="{row}">{"".join(cells)}</row>'


def _text_xml(letter: str, row: int, value: str, look: Look) -> str:
    if _ODD.search(value) or len(value) > WIDEST_TEXT:
        style = look.quoted if begins_formula(value) else look.text
        value = escape(clean(value)[:WIDEST_TEXT], {"\r": "&#13;"})
        return f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is>{SPACED}{value}</t></is></c>'
    return f'<c r="{letter}{row}" s="{look.text}" t="inlineStr"><is><t>{value}</t></is></c>'


def _cell_xml(letter: str, row: int, value, look: Look) -> str:
    match value:
        case bool():
            return f'<c r="{letter}{row}" t="b"><v>{int(value)}</v></c>'
        case int() | float() | Decimal():
            return f'<c r="{letter}{row}" s="{look.number}"><v>{value}</v></c>'
        case datetime():
            return f'<c r="{letter}{row}" s="{look.moment}"><v>{to_excel(value)}</v></c>'
        case date():
            return f'<c r="{letter}{row}" s="{look.day}"><v>{to_excel(value)}</v></c>'
    return _text_xml(letter, row, str(value), look)
