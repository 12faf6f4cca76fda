"""What calamine does not tell of an .ods: error cells, hidden rows and columns, merged cells.

Rows and cells have no addresses here, they are counted. Rows are counted by their tags alone; only
a row that holds one of a few words is looked at cell by cell, since a parser of the whole would
take ten times as long as calamine.
"""

import re
import zipfile
from collections.abc import Iterator

from intake.cells import NO_VALUE
from intake.limited.marks import CannotTell, Looker, Marks
from intake.limited.sheets import Refused

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
PIECE = 1024 * 1024
LONGEST_ROW = 32 * 1024 * 1024

STRUCTURE = re.compile(rb"<table:(table|table-column|table-row|null-date)(?=[\s/>])([^<>]*)>")
CELL = re.compile(rb"<table:(?:covered-)?table-cell(?=[\s/>])([^<>]*)>")
ATTRIBUTE = re.compile(rb"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*')""")
NOTE = re.compile(rb"<office:annotation.*?</office:annotation>", re.DOTALL)
TAG = re.compile(rb"<[^<>]*>")
# The empty text that a formula gave is an empty paragraph, so such a cell has an end tag.
EMPTY_FORMULA = re.compile(
    rb"<table:table-cell(?=[^<>]*\stable:formula=)(?![^<>]*\soffice:value-type=)[^<>]*/>"
)
WORDS = (b"-spanned=", b'"error"', b">#", b">Err:")  # something may have to be told of the row
ERRORS = (b"#N/A", b"#DIV/0!", b"#VALUE!", b"#REF!", b"#NAME?", b"#NUM!", b"#NULL!", b"Err:")
HIDDEN = (b"collapse", b"filter")


class Document(Looker):
    def __init__(self, file):
        super().__init__()
        self.zip = zipfile.ZipFile(file)
        with self.zip.open(MANIFEST) as manifest:
            if b"encryption-data" in manifest.read(PIECE):
                raise Refused("has_password")

    def all_marks(self) -> Iterator[tuple[int, Marks]]:
        count = Count()
        for kind, tag, inside in self._structure():
            count.take(kind, tag, inside)
        self.uses_1904 = count.uses_1904
        yield from enumerate(count.tables, 1)

    def _structure(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """(kind of tag, the tag's attributes, what follows up to the next one)."""
        rest, last = b"", None
        with self.zip.open(CONTENT) as part:
            while piece := part.read(PIECE):
                text, last = rest + piece, None
                for found in STRUCTURE.finditer(text):
                    if last:
                        yield last[1], last[2], text[last.end() : found.start()]
                    last = found
                rest = text[last.start() :] if last else text
                if len(rest) > LONGEST_ROW:
                    raise CannotTell("a row without end")
        if last := STRUCTURE.match(rest):
            yield last[1], last[2], rest[last.end() :]


class Count:
    """Where we are while the tags go by, and what was found."""

    def __init__(self):
        self.tables: list[Marks] = []
        self.uses_1904 = False
        self.row = self.column = 0  # the last ones that were passed

    def take(self, kind: bytes, tag: bytes, inside: bytes) -> None:
        if kind == b"table":
            self.tables.append(Marks(merged=[]))
            self.row = self.column = 0
        elif kind == b"null-date":
            self.uses_1904 = b'"1904-' in tag
        elif kind == b"table-column":
            given = _attributes(tag)
            first, self.column = self.column + 1, self.column + _number(given, b"columns-repeated")
            if given.get(b"table:visibility") in HIDDEN:
                self.tables[-1].hide_columns(first, self.column)
        else:
            given = _attributes(tag)
            first, self.row = self.row + 1, self.row + _number(given, b"rows-repeated")
            if given.get(b"table:visibility") in HIDDEN:
                self.tables[-1].hide_rows(first, self.row)
            if any(word in inside for word in WORDS) or (
                b":formula=" in inside and EMPTY_FORMULA.search(inside)
            ):
                self._look(first, inside)

    def _look(self, row: int, inside: bytes) -> None:
        """Go through the cells of a row, or of several that are the same."""
        marks, column = self.tables[-1], 1
        cells = list(CELL.finditer(inside))
        ends = [cell.start() for cell in cells[1:]] + [len(inside)]
        for cell, end in zip(cells, ends, strict=True):
            given = _attributes(cell[1])
            after = column + _number(given, b"columns-repeated")
            if code := _fault(given, inside[cell.end() : end]):
                for number in range(row, self.row + 1):
                    for position in range(column, after):
                        marks.error(number, position, code)
            down, right = _number(given, b"rows-spanned"), _number(given, b"columns-spanned")
            if down > 1 or right > 1:
                marks.merged.append([row, column, row + down - 1, column + right - 1])
            column = after


def _fault(given: dict[bytes, bytes], content: bytes) -> str:
    """LibreOffice says that a cell is an error; other programs only show it."""
    if b"table:formula" not in given:
        return ""
    text = TAG.sub(b"", NOTE.sub(b"", content)).strip()
    if given.get(b"calcext:value-type") == b"error" or text.startswith(ERRORS):
        return text.decode("utf-8", "replace")[:20] or "#"
    has_value = b"office:value-type" in given or b"<text:p" in content
    return "" if has_value else NO_VALUE


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return {name: value[1:-1] for name, value in ATTRIBUTE.findall(tag)}


def _number(given: dict[bytes, bytes], what: bytes) -> int:
    return int(given.get(b"table:number-" + what, 1))
