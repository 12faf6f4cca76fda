"""What calamine does not tell of an .ods: error cells, hidden rows and columns, merged cells.

Rows and cells have no addresses here, they are counted; so the content is parsed as a whole, but
only if a search of its bytes finds that there may be something to tell.
"""

import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from intake.cells import NO_VALUE
from intake.limited.marks import Looker, Marks
from intake.limited.sheets import MOST_SHEETS, Refused

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
PIECE = 1024 * 1024
WORDS = (b"-spanned", b":visibility=", b'"error"', b"Err:", b":formula=", b'"1904-')
LONGEST_WORD = max(map(len, WORDS))
ERROR_TEXTS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "Err:")
CELLS = ("table-cell", "covered-table-cell")
HIDDEN = ("collapse", "filter")


class Document(Looker):
    def __init__(self, file):
        super().__init__()
        self.zip = zipfile.ZipFile(file)
        with self.zip.open(MANIFEST) as manifest:
            if b"encryption-data" in manifest.read(PIECE):
                raise Refused("has_password")

    def all_marks(self) -> Iterator[tuple[int, Marks]]:
        if not self._has_something():
            yield from ((number, Marks(merged=[])) for number in range(1, MOST_SHEETS + 1))
            return
        content = Content()
        for piece in self._pieces():
            content.parser.Parse(piece)
        self.uses_1904 = content.uses_1904
        yield from enumerate(content.tables, 1)

    def _pieces(self) -> Iterator[bytes]:
        with self.zip.open(CONTENT) as part:
            while piece := part.read(PIECE):
                yield piece

    def _has_something(self) -> bool:
        end = b""
        for piece in self._pieces():
            text = end + piece
            if any(word in text for word in WORDS):
                return True
            end = piece[-LONGEST_WORD:]
        return False


class Content:
    """Counts rows and cells while the parser goes through the content."""

    def __init__(self):
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.tables: list[Marks] = []
        self.uses_1904 = False
        self.row = self.column = 0  # the last one that was passed
        self.rows = 1  # how often the present row is repeated
        self.cell = None  # the present cell's attributes
        self.words, self.has_text, self.in_note = [], False, False

    def _start(self, name: str, attributes: dict) -> None:
        name = _local(name)
        given = {_local(key): value for key, value in attributes.items()}
        if name in CELLS:
            self.cell, self.words, self.has_text = given, [], False
        elif name == "p":
            self.has_text = True
        elif name == "annotation":
            self.in_note = True
        elif name == "table-row":
            self.rows, self.column = int(given.get("number-rows-repeated", 1)), 0
            if given.get("visibility") in HIDDEN:
                self.tables[-1].hide_rows(self.row + 1, self.row + self.rows)
        elif name == "table-column":
            count = int(given.get("number-columns-repeated", 1))
            if given.get("visibility") in HIDDEN:
                self.tables[-1].hide_columns(self.column + 1, self.column + count)
            self.column += count
        elif name == "table":
            self.tables.append(Marks(merged=[]))
            self.row = self.column = 0
        elif name == "null-date":
            self.uses_1904 = given.get("date-value", "").startswith("1904")

    def _text(self, text: str) -> None:
        if self.cell is not None and not self.in_note:
            self.words.append(text)

    def _end(self, name: str) -> None:
        name = _local(name)
        if name in CELLS:
            self._end_cell()
        elif name == "annotation":
            self.in_note, self.has_text = False, False
        elif name == "table-row":
            self.row += self.rows

    def _end_cell(self) -> None:
        cell, marks = self.cell, self.tables[-1]
        count = int(cell.get("number-columns-repeated", 1))
        if code := self._fault(cell):
            for row in range(self.row + 1, self.row + self.rows + 1):
                for column in range(self.column + 1, self.column + count + 1):
                    marks.error(row, column, code)
        down, right = (int(cell.get(f"number-{what}-spanned", 1)) for what in ("rows", "columns"))
        if down > 1 or right > 1:
            row, column = self.row + 1, self.column + 1
            marks.merged.append([row, column, row + down - 1, column + right - 1])
        self.column += count
        self.cell = None

    def _fault(self, cell: dict) -> str:
        """LibreOffice says that a cell is an error; other programs only show it."""
        if "formula" not in cell:
            return ""
        text = "".join(self.words).strip()
        if cell.get("value-type") == "error" or text.startswith(ERROR_TEXTS):
            return text or "#"
        # The empty text that a formula gave is an empty paragraph.
        return "" if "value-type" in cell or self.has_text else NO_VALUE


def _local(name: str) -> str:
    return name.rpartition(":")[2]
