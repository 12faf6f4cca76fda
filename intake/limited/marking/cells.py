"""Red cells with a comment: put on, and taken off again when a workbook comes a second time."""

from collections.abc import Iterable
from itertools import groupby

from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill, Protection
from openpyxl.utils import coordinate_to_tuple

from intake.limited.marking.places import Notes, Place

# A shade that no palette offers: what is ours can be taken off again, what is the user's stays.
RED, YELLOW = "FFFFC1C2", "FFFFECA1"
FAULT = PatternFill("solid", fgColor=RED)
WARNING = PatternFill("solid", fgColor=YELLOW)
BEGINNING = "【核对】"  # data: our part of a comment begins here
MOST_COMMENTS = 5000  # of a workbook: with more, Excel takes minutes to open it
WIDTH, LINE, MOST_LINES = 320, 18, 14  # pixels


class Marker:
    """Marks cells of one workbook."""

    def __init__(self, notes: Notes):
        self.notes, self.comments = notes, 0

    def mark(self, sheet, places: Iterable[Place]) -> None:
        """Mark the cells of a sheet; several faults of a cell share its comment."""
        ordered = sorted(places, key=lambda place: coordinate_to_tuple(place.address))
        for address, of_cell in groupby(ordered, key=lambda place: place.address):
            of_cell = list(of_cell)
            cell = _shown_cell(sheet, address)
            cell.fill = WARNING if all(place.is_warning for place in of_cell) else FAULT
            if sheet.protection.sheet and cell.protection.locked:
                cell.protection = Protection(locked=False, hidden=cell.protection.hidden)
                self.notes.add("unlocked")
            self._comment(cell, of_cell)

    def _comment(self, cell, places: list[Place]) -> None:
        if self.comments >= MOST_COMMENTS:
            self.notes.add("no_comment")
            return
        self.comments += 1
        said = dict.fromkeys(f"{place.wrong} {place.cure}".strip() for place in places)
        text = BEGINNING + "\n".join(said)
        author = ""
        if cell.comment:
            text, author = f"{cell.comment.text}\n{text}", cell.comment.author
        lines = sum(len(line) // 22 + 1 for line in text.splitlines())
        height = LINE * (min(lines, MOST_LINES) + 1)
        cell.comment = Comment(text, author or BEGINNING, height=height, width=WIDTH)


def _shown_cell(sheet, address: str):
    """The cell itself, or the one that shows a merged range."""
    cell = sheet[address]
    if not isinstance(cell, MergedCell):
        return cell
    merged = next(some for some in sheet.merged_cells.ranges if address in some)
    return sheet.cell(merged.min_row, merged.min_col)


def take_off(book) -> None:
    """Remove what an earlier marking left in the cells."""
    ours = {number for number, fill in enumerate(book._fills) if fill.fgColor.rgb in (RED, YELLOW)}
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):
            if cell.has_style and cell._style.fillId in ours:
                cell.fill = PatternFill()
            if cell.comment and BEGINNING in cell.comment.text:
                _take_off_comment(cell)


def _take_off_comment(cell) -> None:
    theirs = cell.comment.text.partition(BEGINNING)[0].rstrip()
    author = cell.comment.author
    cell.comment = Comment(theirs, author) if theirs else None
