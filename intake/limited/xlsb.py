"""What calamine does not tell of an .xlsb: error cells, hidden rows and columns, merged cells.

Its parts are those of an .xlsx, written as records: a kind and a size of seven bits a byte, a body.
"""

import struct
from collections.abc import Iterator

from intake.limited import ooxml
from intake.limited.marks import Marks
from intake.limited.xls import ERRORS

ROW, ERROR, FORMULA_ERROR, COLUMNS, WORKBOOK, SHEET, MERGED = 0, 3, 11, 60, 153, 156, 176
SHORT_CELLS = range(12, 19)  # without a column, as the next one of the row: calamine loses these
LEAST = {ROW: 17, ERROR: 9, FORMULA_ERROR: 9, COLUMNS: 18, WORKBOOK: 4, SHEET: 12, MERGED: 16}
ROW_IS_HIDDEN, COLUMNS_ARE_HIDDEN, USES_1904 = 0x10, 1, 1


class Package(ooxml.Package):
    def _open_workbook(self) -> None:
        links, data = self.links("workbook.bin"), self.small_part("xl/workbook.bin")
        for kind, body in records(data):
            if kind == WORKBOOK:
                self.uses_1904 = bool(data[body] & USES_1904)
            elif kind == SHEET:
                (length,) = struct.unpack_from("<I", data, body + 8)
                name = data[body + 12 : body + 12 + 2 * length].decode("utf-16-le")
                self.sheets.append(links.get(name))

    def marks(self, number: int) -> Marks:
        marks, row = Marks(merged=[]), 0
        with self.part(self.sheets[number - 1]) as part:
            data = part.read()
        for kind, body in records(data):
            if kind == ROW:
                row = struct.unpack_from("<I", data, body)[0] + 1
                if data[body + 11] & ROW_IS_HIDDEN:
                    marks.hide_rows(row, row)
            elif kind in (ERROR, FORMULA_ERROR):
                column, code = struct.unpack_from("<I4xB", data, body)
                marks.error(row, column + 1, ERRORS.get(code, "#"))
            elif kind == COLUMNS and data[body + 16] & COLUMNS_ARE_HIDDEN:
                first, last = struct.unpack_from("<II", data, body)
                marks.hide_columns(first + 1, last + 1)
            elif kind in SHORT_CELLS:
                marks.lost_cells = True
            elif kind == MERGED:
                top, bottom, left, right = struct.unpack_from("<4I", data, body)
                marks.merged.append([top + 1, left + 1, bottom + 1, right + 1])
        return marks


def records(data: bytes) -> Iterator[tuple[int, int]]:
    """(kind, where its body begins) of each record that is as long as its kind must be."""
    at = 0
    while at < len(data):
        kind, at = _number(data, at, longest=2)
        size, at = _number(data, at, longest=4)
        if size >= LEAST.get(kind, 0):
            yield kind, at
        at += size


def _number(data: bytes, at: int, *, longest: int) -> tuple[int, int]:
    number = 0
    for place in range(longest):
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return number, at
