"""Stored records as lines of a form, so that they are the same records when they come back."""

from collections.abc import Iterator
from datetime import date

from common.workbooks import clean
from intake import tokens
from intake.columns.base import BLANK, Column, Context, Doubt
from intake.columns.ditto import DITTOS
from intake.columns.units import OneOf
from intake.faults import BadCell
from intake.kinds import ReportKind
from intake.stores.base import Held

MASKED = "masked_cell"  # the fault of a cell with a mask, which in a line with a token is none


def held_of(kind: ReportKind, context: Context) -> list[Held]:
    """What the portal holds, in the order of the columns that people fill down: school, grade …"""
    held = list(kind.store.held(kind, context))
    _fill_holders(kind, context, held)
    order = [_order(column, context) for column in kind.columns.values() if column.fills_down]
    return sorted(held, key=lambda one: [place(one.values) for place in order])


def _fill_holders(kind: ReportKind, context: Context, held: list[Held]) -> None:
    """The banner beside the school: stored nowhere, and known."""
    for name, column in kind.columns.items():
        within = getattr(column, "within", "")
        if within in kind.columns:
            holders = column.holders(kind.columns[within], context)
            for one in held:
                one.values.setdefault(within, holders.get(one.values.get(name)))


def _order(column: Column, context: Context):
    """A function values -> place among the others; units stand as in every list of units."""
    places = {}
    if hasattr(column, "directory"):
        places = {pk: number for number, pk in enumerate(column.directory(context).names)}

    def place(values):
        value = values.get(column.name)
        return (value is None, places.get(value, len(places)), str(value))

    return place


def lines_of(
    kind: ReportKind, context: Context, held: list[Held], *, unmasked: bool
) -> Iterator[list]:
    """The cells of each record's line, its token at the end."""
    writers = [
        CellWriter(column, context, unmasked=unmasked).cell for column in kind.columns.values()
    ]
    token = tokens.maker(kind.slug)
    names = list(kind.columns)
    for one in held:
        values = [one.values.get(name) for name in names]
        cells = [write(value) for write, value in zip(writers, values, strict=True)]
        yield [*cells, token(one.pk, one.version) if one.pk else None]


class CellWriter:
    """Writes stored values of one column as cells; each distinct value is thought about once.

    A cell that would not be read back as the very value stays blank, and so leaves alone what is
    stored: the remark 同上 is nobody's wish to copy the line above.
    """

    def __init__(self, column: Column, context: Context, *, unmasked: bool):
        self.column, self.read = column, column.reader(context)
        self.is_masked = column.personal and not unmasked
        self.known: dict = {None: None}

    def cell(self, value):
        if value not in self.known:
            self.known[value] = self._cell(value)
        return self.known[value]

    def _cell(self, value):
        if self.is_masked:
            cell = self.column.masked(value)
            return cell if self._reads_as_mask(cell) else None
        cell = self.column.excel(value)
        if isinstance(cell, date):
            cell = self.column.shown(value)  # a text: no spreadsheet shows it in another way
        if cell in (None, ""):
            return None
        return cell if self.column.required or self._reads_as(cell, value) else None

    def _reads_as_mask(self, cell: str) -> bool:
        if cell != clean(cell).strip():  # blanks at its ends do not come back
            return False
        try:
            self.read(cell)
        except BadCell as bad:
            return bad.code == MASKED
        return False

    def _reads_as(self, cell, value) -> bool:
        if self.column.ditto and isinstance(cell, str) and cell.strip() in DITTOS:
            return False
        try:
            found = self.read(cell)
        except BadCell:
            return False
        if isinstance(found, Doubt):
            found = found.value
        return found is not BLANK and (
            value in found if isinstance(found, OneOf) else found == value
        )
