"""The hidden sheet behind the drop-downs of a form, and the formulas that look into it.

A list that depends on another column (the schools of a banner) stands sorted by that column's
choices; the drop-down takes its part of it. Names and OFFSET are what Excel, WPS and LibreOffice
all understand.
"""

from collections.abc import Iterator

from openpyxl.workbook.defined_name import DefinedName

from common.workbooks import put_text
from intake.columns.base import Column, Context
from intake.columns.units import UnitRef
from intake.handed_out import DICTIONARY_SHEET


class Dictionary:
    """`choices` are those of each column; `formula` gives what the drop-down of a column says."""

    def __init__(self, book, columns: dict[str, Column], choices: dict[str, list[str]], context):
        self.book, self.columns, self.context = book, columns, context
        self.sheet, self.width = None, 0
        self.parents: dict[str, str] = {}  # column -> the column that its list depends on
        self.listed = [name for name in columns if choices[name]]
        for name in self.listed:
            self._add(name, columns[name], choices[name])

    def _add(self, name: str, column: Column, choices: list[str]) -> None:
        self._list(f"list_{name}", str(column.header), choices)
        within = getattr(column, "within", "")
        if within in self.columns:
            pairs = sorted_pairs(column, self.columns[within], self.context)
            if pairs:
                self.parents[name] = within
                self._list(f"keys_{name}", str(self.columns[within].header), [k for k, _v in pairs])
                self._list(f"part_{name}", str(column.header), [v for _k, v in pairs])

    def _list(self, called: str, header: str, values: list[str]) -> None:
        if self.sheet is None:
            self.sheet = self.book.create_sheet(DICTIONARY_SHEET)
            self.sheet.sheet_state = "hidden"
        self.width += 1
        put_text(self.sheet.cell(1, self.width), header)
        for row, value in enumerate(values, 2):
            put_text(self.sheet.cell(row, self.width), value)
        letter = self.sheet.cell(1, self.width).column_letter
        place = f"'{DICTIONARY_SHEET}'!${letter}$2:${letter}${len(values) + 1}"
        self.book.defined_names[called] = DefinedName(called, attr_text=place)

    def formula(self, name: str, letters: dict[str, str], row: int) -> str:
        """The drop-down of a column in a row; of a banner that is blank or not known, all of it."""
        if name not in self.parents:
            return f"list_{name}"
        key = f"${letters[self.parents[name]]}{row}"
        count = f"COUNTIF(keys_{name},{key})"
        part = f"OFFSET(INDEX(part_{name},1),MATCH({key},keys_{name},0)-1,0,{count},1)"
        return f"IF({count}=0,list_{name},{part})"


def sorted_pairs(column: UnitRef, parent: UnitRef, context: Context) -> list[tuple[str, str]]:
    """(choice of the parent, choice below it), in the order of the parent's choices."""
    return list(_pairs(column, parent, context))


def _pairs(column: UnitRef, parent: UnitRef, context: Context) -> Iterator[tuple[str, str]]:
    mine, holders = column.directory(context).names, parent.directory(context).names
    held_by = column.holders(parent, context)
    for holder, name in holders.items():
        for unit, called in mine.items():
            if held_by.get(unit) == holder:
                yield name, called
