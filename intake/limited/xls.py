"""What calamine does not tell of an .xls or .et: error cells, hidden rows and columns, the dates.

The workbook is a stream of records, each with its kind, its size and its body.
"""

import struct
from collections.abc import Iterator

from intake.limited.marks import Looker, Marks
from intake.limited.ole import Compound
from intake.limited.sheets import Refused

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
START, END, LOCKED, DATES, TAB = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085
ERROR, FORMULA, ROW, COLUMNS = 0x0205, 0x0006, 0x0208, 0x007D
IS_ERROR, ROW_IS_HIDDEN, COLUMNS_ARE_HIDDEN = 2, 0x20, 1
LOCKED_STREAMS = {"EncryptedPackage", "EncryptionInfo"}
OTHERS = {"WordDocument": "is_document", "PowerPoint Document": "is_slides"}


class Workbook(Looker):
    """The records of a workbook; a sheet is named by where its own begin."""

    def __init__(self, file):
        super().__init__()
        compound = Compound(file.read())
        self.data = compound.stream(_stream_of(set(compound.entries)))
        for kind, body, _size in self._records(0):
            if kind == LOCKED:
                raise Refused("has_password")
            if kind == DATES:
                self.uses_1904 = self.data[body] == 1
            elif kind == TAB:
                self.sheets.append(struct.unpack_from("<I", self.data, body)[0])

    def _records(self, start: int) -> Iterator[tuple[int, int, int]]:
        """(kind, where its body begins, size) up to the end of what begins there; charts lie within."""
        data, depth, unpack = self.data, 0, struct.Struct("<HH").unpack_from
        while start + 4 <= len(data):
            kind, size = unpack(data, start)
            yield kind, start + 4, size
            depth += (kind == START) - (kind == END)
            if depth <= 0:
                return
            start += 4 + size

    def marks(self, number: int) -> Marks:
        marks, data = Marks(), self.data
        for kind, body, size in self._records(self.sheets[number - 1]):
            if kind == FORMULA and size >= 14:
                row, column, what, code, end = struct.unpack_from("<HH2xBxB3xH", data, body)
                if end == 0xFFFF and what == IS_ERROR:
                    marks.error(row + 1, column + 1, ERRORS.get(code, "#"))
            elif kind == ERROR and size >= 8:
                row, column, code, is_error = struct.unpack_from("<HH2xBB", data, body)
                if is_error:
                    marks.error(row + 1, column + 1, ERRORS.get(code, "#"))
            elif kind == ROW and size >= 14 and data[body + 12] & ROW_IS_HIDDEN:
                (row,) = struct.unpack_from("<H", data, body)
                marks.hide_rows(row + 1, row + 1)
            elif kind == COLUMNS and size >= 10 and data[body + 8] & COLUMNS_ARE_HIDDEN:
                first, last = struct.unpack_from("<HH", data, body)
                marks.hide_columns(first + 1, last + 1)
        return marks


def _stream_of(names: set[str]) -> str:
    if names & LOCKED_STREAMS:
        raise Refused("has_password")
    for name in ("Workbook", "Book"):
        if name in names:
            return name
    raise Refused(next((OTHERS[name] for name in OTHERS if name in names), "not_a_workbook"))
