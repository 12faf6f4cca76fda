"""A sheet in the child: its values and marks joined, and its rows as JSON, chunk by chunk."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import orjson

from intake.cells import CellError, encode
from intake.limited.marks import Marks

MOST_SHEETS = 200
MOST_ROWS = 300_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # as in Excel
CHUNK_ROWS = 2_000
CHUNK_CELLS = 60_000
LONGEST_PAYLOAD = 24 * 1024 * 1024
OURS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# Characters that no sheet needs, and that could be mistaken for the mark of `intake.cells`.
CONTROL = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13))


class Refused(Exception):
    """The workbook cannot be read; the code of a fault that the parent knows says why."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params


@dataclass
class Grid:
    """The values of a sheet: where they begin and end, and a way to go through them.

    `read()` gives the rows from the first to the last, cells from the first column to the last.
    """

    first_row: int
    first_column: int
    last_row: int
    last_column: int
    read: Callable[[], Iterable[list]]
    merged: list[list[int]] | None = None


NOTHING = Grid(1, 1, 0, 0, list)


class Sheet:
    """A sheet's values and, once it was measured, its marks."""

    def __init__(self, number: int, name: str, hidden: bool, grid: Grid):
        self.number, self.name, self.hidden, self.grid = number, name, hidden, grid

    def measure(self, marks: Marks) -> None:
        """Join values and marks; refuse what is too large for any sheet that people fill in."""
        if marks.lost_cells:
            raise Refused("cells_not_read", sheet=self.name)
        if self.grid.last_row > MOST_ROWS or self.grid.last_column > MOST_COLUMNS:
            self.grid = _within_limits(self.grid, self.name)
        self.marks, errors = marks, marks.errors
        columns = [column for cells in errors.values() for column in cells]
        self.first_row = min([self.grid.first_row, *errors])
        # A formula without a value looks blank, so error cells may lie outside the values.
        self.last_row = max([self.grid.last_row, *errors])
        self.first_column = min([self.grid.first_column, *columns])
        self.width = max([self.grid.last_column, *columns])
        if self.last_row > MOST_ROWS:
            raise Refused("too_many_rows", sheet=self.name, most=MOST_ROWS)
        if self.width > MOST_COLUMNS:
            raise Refused("too_many_columns", sheet=self.name, most=MOST_COLUMNS)

    def describe(self) -> dict:
        marks = self.marks
        merged = self.grid.merged if marks.merged is None else marks.merged
        return {
            "number": self.number,
            "name": self.name,
            "hidden": self.hidden,
            "width": self.width,
            "height": max(self.last_row - self.first_row + 1, 0),
            "first_row": self.first_row,
            "first_column": self.first_column,
            "hidden_rows": _within(marks.hidden_rows, self.last_row),
            "hidden_columns": _within(marks.hidden_columns, self.width),
            "merged": merged or [],
        }

    def payloads(self) -> Iterator[bytes]:
        """The messages with the rows, then the one that ends them."""
        size = max(1, min(CHUNK_ROWS, CHUNK_CELLS // max(self.width, 1)))
        rows, number, last_filled = self._rows(), self.first_row, 0
        while chunk := list(islice(rows, size)):
            self._put_errors(chunk, number)
            filled = len(chunk)
            while filled and is_blank_row(chunk[filled - 1]):
                filled -= 1
            if filled:
                last_filled = number + filled - 1
                yield from self._written(number, chunk[:filled])
            number += len(chunk)
        blank = self.last_row - max(last_filled, self.first_row - 1)
        yield orjson.dumps({"blank_rows": blank})

    def _rows(self) -> Iterator[list]:
        """All rows at full width, from column A."""
        grid = self.grid
        before, after = [""] * (grid.first_column - 1), [""] * (self.width - grid.last_column)
        rows = grid.read()
        if before or after:
            rows = (before + row + after for row in rows)
        above, below = grid.first_row - self.first_row, self.last_row - grid.last_row
        return chain(self._blank_rows(above), rows, self._blank_rows(below))

    def _blank_rows(self, count: int) -> Iterator[list]:
        return ([""] * self.width for _ in range(count))

    def _put_errors(self, chunk: list[list], number: int) -> None:
        errors = self.marks.errors
        if errors:
            for position, row in enumerate(chunk, number):
                for column, code in errors.get(position, {}).items():
                    row[column - 1] = CellError(code)

    def _written(self, number: int, chunk: list[list]) -> Iterator[bytes]:
        cells = _as_json(chunk)
        if len(cells) <= LONGEST_PAYLOAD:
            yield b'{"row":%d,"cells":%b}' % (number, cells)
            return
        if len(chunk) == 1 or any(_is_too_long(cell) for row in chunk for cell in row):
            raise Refused("cell_too_long", sheet=self.name, most=LONGEST_CELL)
        half = len(chunk) // 2
        yield from self._written(number, chunk[:half])
        yield from self._written(number + half, chunk[half:])


def _as_json(rows: list[list]) -> bytes:
    """Cells as `intake.cells.encode` writes them, at the speed of one call for all of them.

    Blank cells come as empty texts. In JSON two quotation marks after a comma or bracket are
    nothing but an empty text, since one within a text has a backslash before it.
    """
    ours = 0

    def default(value):
        nonlocal ours
        cell = encode(value)
        ours += cell.__class__ is str  # a date or an error: other texts need no help
        return cell

    cells = orjson.dumps(rows, default=default, option=OURS)
    if cells.count(rb"\u00") != ours:  # control characters besides our marks
        rows, ours = [[_clean(cell) for cell in row] for row in rows], 0
        cells = orjson.dumps(rows, default=default, option=OURS)
    return cells.replace(b',""', b",null").replace(b'[""', b"[null")


def _clean(cell):
    return cell.translate(CONTROL) if isinstance(cell, str) else cell


def is_blank_row(cells: list) -> bool:
    """Nothing but empty cells (quickly told), or nothing but spaces."""
    return cells.count("") == len(cells) or all(
        isinstance(cell, str) and not cell.strip() for cell in cells
    )


def _is_too_long(cell) -> bool:
    return isinstance(cell, str) and len(cell) > LONGEST_CELL


def _within(ranges: list[list[int]], last: int) -> list[list[int]]:
    return [[first, min(end, last)] for first, end in ranges if first <= last]


def _within_limits(grid: Grid, name: str) -> Grid:
    """Spaces far below or far to the right do no harm; whatever else is written there does."""
    keep = max(MOST_COLUMNS - grid.first_column + 1, 0)
    height = width = 0
    for number, row in enumerate(grid.read(), 1):
        if not is_blank_row(row[keep:]):
            raise Refused("too_many_columns", sheet=name, most=MOST_COLUMNS)
        if is_blank_row(row[:keep]):
            continue
        height = number
        if grid.first_row + number - 1 > MOST_ROWS:
            raise Refused("too_many_rows", sheet=name, most=MOST_ROWS)
        while not is_blank_row(row[width:keep]):
            width += 1
    if not height:
        return NOTHING

    def read():
        return (row[:width] for row in islice(grid.read(), height))

    last_row, last_column = grid.first_row + height - 1, grid.first_column + width - 1
    return Grid(grid.first_row, grid.first_column, last_row, last_column, read, grid.merged)
