"""What a column of a sheet is: a header with its aliases, and one parse of one distinct cell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from common.periods import Period
from intake.cells import CellError, decode
from intake.faults import BadCell


class _Clear:
    """The mark 清空: empty a stored value. A blank cell leaves it alone."""

    def __repr__(self):
        return "CLEAR"


CLEAR = _Clear()
BLANK = None
CLEAR_WORDS = ("清空",)  # data


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that is taken, with a warning at its cell."""

    value: object
    code: str
    params: dict = field(default_factory=dict)


@dataclass
class Context:
    """What a column may need to know to read a cell: who asks, for which unit and period."""

    user: object
    permission: str
    on: date
    unit: object = None  # registry.Unit for which the sheet is handed in
    period: Period | None = None
    facts: dict = field(default_factory=dict)  # given or found: department, list, 填报单位 …
    uses_1904: bool = False  # the workbook counts days from 1904
    answers: dict = field(default_factory=dict)  # what the user said to questions of this upload


class Column:
    """A column of a report kind. Subclasses read one cell; everything else is the same for all.

    `sql` is the type it has in the staging table, `personal` means masked, `encrypted` means kept
    as ciphertext with a blind index beside it under `purpose`.
    """

    sql = "text"
    personal = False
    type_name = "text"  # as `intake --kinds --json` says it

    def __init__(
        self,
        header: str,
        *,
        also: tuple[str, ...] = (),
        required: bool = False,
        example: str = "",
        note: str = "",
        fills_down: bool = False,
        purpose: str = "",
    ):
        self.header, self.also, self.required = header, also, required
        self.example, self.note, self.fills_down = example, note, fills_down
        self.purpose = purpose
        self.name = ""

    def __set_name__(self, owner, name):
        self.name = name

    @property
    def encrypted(self) -> bool:
        return bool(self.purpose)

    def choices(self, context: Context | None) -> list[str]:
        """What a drop-down offers; empty where the cell is free."""
        return []

    def reader(self, context: Context) -> Callable:
        """A function raw cell -> value, bound to a context: BLANK, CLEAR, Doubt, or BadCell raised."""
        read = self.bind(context)
        required, header = self.required, str(self.header)

        def parse(raw):
            cell = decode(raw)
            if isinstance(cell, CellError):
                raise BadCell("error_cell", error=cell.code)
            if isinstance(cell, str):
                if cell.strip() in CLEAR_WORDS:
                    if required:
                        raise BadCell("clear_required", header=header)
                    return CLEAR
                if not cell.strip():  # also blanks of full width and those that do not break
                    cell = None
            if cell is None:
                if required:
                    raise BadCell("required", header=header)
                return BLANK
            return read(cell)

        return parse

    def bind(self, context: Context) -> Callable:
        """A function cell -> value for cells that are neither blank, an error nor 清空."""
        raise NotImplementedError

    def shown(self, value) -> str:
        """A value in words, for previews and forms."""
        return "" if value is None else str(value)

    def masked(self, value) -> str:
        """The value as it looks to who may not see it whole."""
        return self.shown(value)

    def excel(self, value):
        """What a pre-filled form's cell holds; taken in again it gives the same value."""
        return self.shown(value)
