"""A workbook as the rest of the intake sees it: sheets with their facts, and rows in chunks."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.conf import settings

from intake.faults import Fault, Unusable
from intake.limited.sheets import MOST_ROWS
from intake.reading import processes, words  # noqa: F401  the faults' words
from intake.reading.content import ENDINGS, Content, content_of

log = logging.getLogger(__name__)

ROWS = b'{"row":'  # how a message with rows begins
RANGES = ("hidden_rows", "hidden_columns", "merged")


@dataclass(frozen=True)
class SheetInfo:
    """A sheet's facts; rows and columns count from 1, as Excel shows them, ranges hold both ends.

    `width` is the number of cells in each row that `Book.rows` gives, the first of them column A.
    `height` counts the rows from `first_row` to the last one used, blank ones at the end included.
    """

    number: int
    name: str
    hidden: bool
    width: int
    height: int
    first_row: int
    first_column: int
    hidden_rows: list[tuple[int, int]]
    hidden_columns: list[tuple[int, int]]
    merged: list[tuple[int, int, int, int]]  # first row and column, last row and column


class Book:
    """An opened workbook. Close it, or use it in a `with`: it holds a process."""

    def __init__(self, child: processes.Child, described: dict):
        self._child, self._unread = child, False
        self.format: str = described["format"]
        self.uses_1904: bool = described["uses_1904"]
        self.sheets = [_sheet(facts) for facts in described["sheets"]]
        self.unknown = tuple(described["unknown"])  # what could not be told of it
        self.warnings: list[Fault] = []
        self.blank_rows: dict[int, int] = {}  # left out at a sheet's end, once it was read

    def rows(self, sheet_number: int) -> Iterator[tuple[int, list[list]]]:
        """Chunks of a sheet: the number of the chunk's first row, and its rows of raw cells.

        Each row has `width` cells as `intake.cells.encode` writes them. Rows that no chunk holds,
        between two or at the end, are blank. One sheet is read at a time: the next call passes
        over what an earlier one has left.
        """
        self._drain()
        self._child.ask({"rows": sheet_number})
        self._unread, last = True, 0
        while "cells" in (message := _said(self._child.answer())):
            first, rows = message.get("row"), message["cells"]
            if not _follows(first, rows, last):
                raise self._child.strange()
            last = first + len(rows) - 1
            yield first, rows
        self._unread = False
        self.blank_rows[sheet_number] = message.get("blank_rows", 0)

    def _drain(self) -> None:
        while self._unread:
            message = self._child.skip()
            if not message.startswith(ROWS):
                self._unread = False
                _said(orjson.loads(message))

    def close(self) -> None:
        processes.end_child(self._child)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def open_book(pieces: Iterable[bytes] | bytes, *, name: str) -> Book:
    """Open a workbook given as its bytes; `name` is only compared with what the content is.

    Unusable says why it cannot be read. What is in doubt is told in `Book.warnings`.
    """
    with in_memory(pieces) as (memory, content):
        child = processes.take_child()
        try:
            child.give({"format": content.form}, memory, work=content.work)
            return _book(child, name)
        except BaseException:
            processes.end_child(child)
            raise


@contextmanager
def in_memory(pieces: Iterable[bytes] | bytes) -> Iterator[tuple[int, Content]]:
    """The bytes as an open file in memory, never on a disk, and what they are. Unusable if none."""
    memory = os.memfd_create("workbook", os.MFD_CLOEXEC)
    try:
        size = _write(memory, [pieces] if isinstance(pieces, bytes) else pieces)
        with open(memory, "rb", closefd=False) as stream:
            stream.seek(0)
            content = content_of(stream, size)
        yield memory, content
    finally:
        os.close(memory)


def _write(memory: int, pieces: Iterable[bytes]) -> int:
    size, most = 0, settings.FILE_MAX_BYTES
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Unusable("file_too_large", most=most // 1024 // 1024)
        while piece:
            piece = piece[os.write(memory, piece) :]
    if not size:
        raise Unusable("file_empty")
    return size


def _book(child: processes.Child, name: str) -> Book:
    described = _said(child.answer())
    try:
        book = Book(child, described)
    except (KeyError, TypeError, ValueError):
        raise Unusable("reader_died") from None
    if not any(sheet.height for sheet in book.sheets):
        raise Unusable("nothing_filled")
    ending = Path(name).suffix.lower()
    book.warnings = list(_warnings(book, ending))
    # What the user calls it, where one content goes by several names.
    if ending in ENDINGS[book.format] and ending in (".et", ".tsv", ".txt"):
        book.format = ending[1:]
    elif book.format == "text":
        book.format = "csv"
    return book


def _sheet(facts: dict) -> SheetInfo:
    return SheetInfo(**facts | {name: [tuple(ends) for ends in facts[name]] for name in RANGES})


def _follows(first, rows, last: int) -> bool:
    """Whether these are rows below the last ones: a reader gone wild must not go on for ever."""
    is_chunk = isinstance(first, int) and isinstance(rows, list)
    return is_chunk and last < first <= first + len(rows) - 1 <= MOST_ROWS


def _said(message: dict) -> dict:
    """A message of the child that is no complaint."""
    if "fault" in message:
        if why := message.get("why"):
            log.warning("A workbook could not be read: %s", why)
        raise _refusal(message)
    return message


def _refusal(message: dict) -> Unusable:
    """The child's complaint, if it is one for which there are words."""
    try:
        refusal = Unusable(message["fault"], **message["params"])
        str(refusal.message)
    except (KeyError, TypeError, ValueError):
        return Unusable("reader_died")
    return refusal


def _warnings(book: Book, ending: str) -> Iterator[Fault]:
    if ending and ending not in ENDINGS[book.format]:
        content = "CSV" if book.format == "text" else book.format.upper()
        yield Fault("named_otherwise", params={"named": ending[1:].upper(), "content": content})
    if book.format == "xlsm":
        yield Fault("has_macros")
    if book.unknown:
        yield Fault("format_cannot_tell")
