"""The user's own .xlsx, opened, marked and saved; what that loses is counted and said."""

import io
import warnings
from collections import Counter

from openpyxl import load_workbook
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet._writer import WorksheetWriter

from common.workbooks import save
from intake.limited.marking.cells import Marker, take_off
from intake.limited.marking.census import census
from intake.limited.marking.listing import add_list
from intake.limited.marking.places import Job, Notes
from intake.limited.marking.results import results_of, writer_with


def marked_copy(file, job: Job) -> tuple[bytes, Notes]:
    """The bytes of the marked workbook, and what is to be said of it."""
    notes = Notes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of losses, which the census tells in our own words
        book = load_workbook(file, rich_text=True)
    _forget_earlier_list(book, job)
    take_off(book)
    marker = Marker(notes)
    for sheet in book.worksheets:
        mine = [place for place in job.places if place.sheet == sheet.title and place.is_cell]
        marker.mark(sheet, mine)
    notes.add("left_out", job.left_out)
    _recalculate(book)
    _tell_losses(book, census(file), notes)
    add_list(book, job, notes, {title: title for title in book.sheetnames})
    stream = io.BytesIO()
    save(book, stream, writer=writer_with(results_of(file)))
    return stream.getvalue(), notes


def _forget_earlier_list(book, job: Job) -> None:
    """Remove the list of an earlier marking; a sheet that is only called so is the user's own."""
    if job.list_title in book.sheetnames and len(book.worksheets) > 1:
        title = getattr(book[job.list_title], "_cells", {}).get((1, 1))
        if title and str(title.value).startswith(job.list_title):
            del book[job.list_title]


def _recalculate(book) -> None:
    """Excel works out all formulas anew when it opens the workbook."""
    book.calculation = book.calculation or CalcProperties()
    book.calculation.fullCalcOnLoad = True


def _tell_losses(book, before: Counter, notes: Notes) -> None:
    """Write the workbook without its rows, to see what else is no longer there."""
    bare = io.BytesIO()
    save(book, bare, writer=_WithoutRows)
    after = census(bare)
    for what, count in (before - after).items():
        notes.add(what, count)
    notes.add("redrawn", min(before["charts"], after["charts"]))


class _WithoutRows(WorksheetWriter):
    def rows(self):
        return []
