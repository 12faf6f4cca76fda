"""A workbook in the child: its values by calamine, and beside them what calamine leaves out."""

import csv
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from intake.limited import ods, ooxml, plain, xls, xlsb
from intake.limited.marks import ALL_MARKS, Looker, Marks
from intake.limited.sheets import MOST_SHEETS, NOTHING, Grid, Refused, Sheet

LOOKERS = {
    "xlsx": ooxml.Package,
    "xlsm": ooxml.Package,
    "xlsb": xlsb.Package,
    "ods": ods.Document,
    "xls": xls.Workbook,
}


class Book:
    """`open` reads everything once; then any sheet's rows may be asked for, in any order.

    Whatever is raised here and is not Refused means that the file is broken.
    """

    def __init__(self, file: int, form: str):
        # Opened anew by each reader, for a place in the file of its own.
        self.path, self.form = f"/proc/self/fd/{file}", form
        self.uses_1904, self.unknown = False, ()
        self.sheets: list[Sheet] = []

    def open(self, *, before_values: Callable[[], None]) -> None:
        """`before_values` is called when every thread that is needed has started."""
        if self.form == "text":
            before_values()
            self._open_text()
        else:
            look = Look(self._looker())
            look.start()
            before_values()
            self._open_values()
            look.join()
            self._take(look)

    def describe(self) -> dict:
        return {
            "format": self.form,
            "uses_1904": self.uses_1904,
            "unknown": self.unknown,
            "sheets": [sheet.describe() for sheet in self.sheets],
        }

    def payloads(self, number: int) -> Iterator[bytes]:
        return next(sheet for sheet in self.sheets if sheet.number == number).payloads()

    def _looker(self) -> Looker:
        try:
            return LOOKERS[self.form](open(self.path, "rb"))
        except Refused:
            raise
        except Exception:  # calamine is more patient with odd files than we are
            return Looker()

    def _open_values(self) -> None:
        with open(self.path, "rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        tabs = book.sheets_metadata
        if len(tabs) > MOST_SHEETS:
            raise Refused("too_many_sheets", most=MOST_SHEETS)
        for position, tab in enumerate(tabs):
            if tab.typ == SheetTypeEnum.WorkSheet:  # a chart has a tab, too, and a number
                is_hidden = tab.visible != SheetVisibleEnum.Visible
                grid = _grid(book.get_sheet_by_index(position))
                self.sheets.append(Sheet(position + 1, tab.name, is_hidden, grid))

    def _take(self, look: "Look") -> None:
        self.uses_1904 = look.looker.uses_1904
        for sheet in self.sheets:
            if sheet.number not in look.found:
                self.unknown = ALL_MARKS
            sheet.measure(look.found.get(sheet.number, Marks()))

    def _open_text(self) -> None:
        try:
            with open(self.path, "rb") as file:
                rows = plain.rows(file.read())
        except plain.NotText:
            raise Refused("encoding_unknown") from None
        except csv.Error:
            raise Refused("text_no_table") from None
        width = max(map(len, rows), default=0)
        for row in rows:
            row.extend([""] * (width - len(row)))
        grid = Grid(1, 1, len(rows), width, partial(iter, rows))
        self.sheets = [Sheet(1, plain.TEXT_SHEET, False, grid)]
        self.sheets[0].measure(Marks())


class Look(threading.Thread):
    """Looks for marks, sheet by sheet, while calamine reads the values."""

    def __init__(self, looker: Looker):
        super().__init__(daemon=True)
        self.looker, self.found = looker, {}

    def run(self) -> None:
        try:
            for number, marks in self.looker.all_marks():
                self.found[number] = marks
        except Exception:  # what was not found is told as unknown
            return


def _grid(values: CalamineSheet) -> Grid:
    if values.start is None:
        return NOTHING
    (top, left), (bottom, right) = values.start, values.end
    merged = [
        [row + 1, column + 1, last_row + 1, last_column + 1]
        for (row, column), (last_row, last_column) in values.merged_cell_ranges or ()
    ]

    def read():
        # calamine begins at the first row of the sheet, and at the first column of the values.
        return islice(values.iter_rows(), top, None)

    return Grid(top + 1, left + 1, bottom + 1, right + 1, read, merged)
