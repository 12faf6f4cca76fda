"""What a sheet says beside its values, and what the quick reader of values leaves out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_ERRORS = 500_000
# What a reader may have to say it cannot know of a workbook.
ALL_MARKS = ("error_cells", "empty_formulas", "hidden_rows", "merged")


class CannotTell(Exception):
    """It is written in a way that only the quick reader of values understands."""


@dataclass
class Marks:
    """Rows and columns count from 1, as Excel shows them; ranges hold both ends."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)  # row -> column -> code
    hidden_rows: list[list[int]] = field(default_factory=list)
    hidden_columns: list[list[int]] = field(default_factory=list)
    merged: list[list[int]] | None = None  # None where the reader of values tells it
    lost_cells: bool = False  # the reader of values passes over some
    count: int = 0

    def error(self, row: int, column: int, code: str) -> None:
        self.count += 1
        if self.count > MOST_ERRORS:
            raise CannotTell("errors without end")
        self.errors.setdefault(row, {})[column] = code

    def hide_rows(self, first: int, last: int) -> None:
        _extend(self.hidden_rows, first, last)

    def hide_columns(self, first: int, last: int) -> None:
        _extend(self.hidden_columns, first, last)


def _extend(ranges: list[list[int]], first: int, last: int) -> None:
    if ranges and ranges[-1][1] == first - 1:
        ranges[-1][1] = last
    else:
        ranges.append([first, last])


class Looker:
    """Looks through a workbook for marks, one class for each format; `sheets` is in its order."""

    def __init__(self):
        self.sheets: list = []
        self.uses_1904 = False

    def marks(self, number: int) -> Marks:
        raise NotImplementedError

    def all_marks(self) -> Iterator[tuple[int, Marks]]:
        """(sheet's number, its marks); sheets of which nothing can be told are passed over."""
        for number in range(1, len(self.sheets) + 1):
            try:
                marks = self.marks(number)
            except Exception:  # the values are read by another reader, which may well understand
                continue
            yield number, marks
