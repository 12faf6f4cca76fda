"""The first rows of every sheet, and all rows of one, with no sheet parsed twice for want of order.

The reader gives one sheet at a time, and a sheet that was left half read costs the same again.
So small sheets are kept, and the largest is looked at last and goes on from where it was left.
"""

from collections.abc import Iterator
from itertools import chain

from intake.reading import Book, SheetInfo
from intake.sheets.headers import DEEPEST, SCANNED

Chunk = tuple[int, list[list]]
HEAD = SCANNED + DEEPEST


class Heads:
    def __init__(self, book: Book, sheets: list[SheetInfo]):
        self.book = book
        self._read: dict[int, list[Chunk]] = {}  # what was read of each sheet
        self._whole: set[int] = set()
        self._open: tuple[int, Iterator[Chunk]] | None = None
        for info in sorted(sheets, key=lambda info: info.height * info.width):
            self._look(info)

    def _look(self, info: SheetInfo) -> None:
        """Read until the head is there; a sheet of one chunk is then known to its end."""
        chunks = self.book.rows(info.number)
        read = self._read[info.number] = []
        for first, rows in chunks:
            read.append((first, rows))
            if HEAD < first + len(rows) < info.first_row + info.height:
                self._open = info.number, chunks
                return
        self._whole.add(info.number)

    def head(self, info: SheetInfo) -> list[list]:
        """The first rows, from row 1 on: rows that no chunk holds are blank."""
        rows: list[list] = []
        for first, chunk in self._read[info.number]:
            rows += [[]] * (first - 1 - len(rows))
            rows += chunk
            if len(rows) >= HEAD:
                break
        return rows[:HEAD]

    def chunks(self, info: SheetInfo) -> Iterator[Chunk]:
        """All rows of a sheet. What was kept of it is given up on the way."""
        read = self._read.pop(info.number, None)
        if read is not None and info.number in self._whole:
            return iter(read)
        current, self._open = self._open, None
        if read is not None and current and current[0] == info.number:
            return chain(read, current[1])
        return self.book.rows(info.number)
