"""Blank cells below a value that holds for them too: merged downwards, as far as the file can tell.

Only columns that say so are filled. Where the format tells of merged cells, a blank cell outside of
them is blank. A text file cannot tell: there a blank cell stands for the one above, and that is told.
In a form that we handed out a blank cell means "leave alone" and is never filled by guess.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.sheets.normal import is_blank

if TYPE_CHECKING:
    from intake.sheets.tables import Table


@dataclass
class Column:
    """One column that fills down. `tops`: row inside a merged range -> first row of the range."""

    tops: dict[int, int] = field(default_factory=dict)
    value: object = None
    row: int = 0  # where the value stands
    filled: int = 0  # cells filled without a merged range
    first: int | None = None


class Filling:
    def __init__(self, table: "Table"):
        self.table = table
        self.columns = {
            name: Column(_tops(table, placed.index))
            for name, placed in table.columns.items()
            if table.kind.columns[name].fills_down
        }

    def restart(self) -> None:
        """After a total or a header nothing above holds any more."""
        for column in self.columns.values():
            column.value = None

    def fill(self, name: str, numbers: list[int], cells: tuple) -> tuple | list:
        column = self.columns[name]
        blank = {raw for raw in set(cells) if is_blank(raw)}
        if not blank:
            column.value, column.row = cells[-1], numbers[-1]
            return cells
        filled = []
        for number, raw in zip(numbers, cells, strict=True):
            if raw not in blank:
                column.value, column.row = raw, number
            elif column.value is not None and self._holds(column, number):
                raw = column.value
            filled.append(raw)
        return filled

    def _holds(self, column: Column, number: int) -> bool:
        if self.table.merges is not None:
            return number in column.tops and column.row >= column.tops[number]
        if self.table.token_index is not None:
            return False
        column.filled += 1
        column.first = column.first or number
        return True

    def tell(self) -> None:
        for name, column in self.columns.items():
            if column.filled:
                self.table.warn(
                    "filled_down",
                    column.first,
                    self.table.columns[name].letter,
                    header=self.table.columns[name].header,
                    count=column.filled,
                )


def merged_down(table: "Table", index: int) -> list[tuple[int, int]]:
    """First and last rows of the ranges below the header that merge cells of a column."""
    return [
        (first_row, last_row)
        for first_row, first, last_row, last in table.merges or ()
        if first_row > table.header_rows[1] and last_row > first_row and first <= index + 1 <= last
    ]


def _tops(table: "Table", index: int) -> dict[int, int]:
    return {
        row: first_row
        for first_row, last_row in merged_down(table, index)
        for row in range(first_row + 1, last_row + 1)
    }
