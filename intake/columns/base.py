"""What a column of a sheet is: a header with its aliases, and one parse of one distinct cell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from common.periods import Period
from intake.cells import MARK, NO_VALUE, CellError, decode
from intake.columns.spelling import tidy
from intake.faults import BadCell


class _Clear:
    """The mark 清空: empty a stored value. A blank cell leaves it alone."""

    def __repr__(self):
        return "CLEAR"


CLEAR = _Clear()
BLANK = None
CLEAR_WORDS = ("清空",)  # data
# What people write into a cell that stays empty; to a column that is ticked it means no.
DASHES = ("-", "--", "—", "——", "–", "－", "─", "―", "/", "／", "\\", "、")
NONE_WORDS = ("无", "没有", "暂无")  # data: nothing, in columns of numbers and days
# A 同上 with no cell above it, as `ditto.fill_dittos` hands it on.
NOTHING_ABOVE = MARK + "A"


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
    loaded: dict = field(default_factory=dict, repr=False)  # what columns looked up for this run


class Column:
    """A column of a report kind. Subclasses read one cell; everything else is the same for all.

    `sql` is the type it has in the staging table, `personal` means masked, `encrypted` means kept
    as ciphertext with a blind index beside it under `purpose`.
    """

    sql = "text"
    personal = False
    adds_up = False  # the sum of its cells means something: totals in a sheet are checked
    ditto = True  # 同上 stands for the cell above
    dashes = DASHES  # what counts as left blank
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

    def nothing(self):
        """What a blank cell is: it leaves alone what is stored, unless it has to be filled in."""
        if self.required:
            raise BadCell("required", header=str(self.header))
        return BLANK

    def choices(self, context: Context | None) -> list[str]:
        """What a drop-down offers; empty where the cell is free."""
        return []

    def reader(self, context: Context) -> Callable:
        """A function raw cell -> value, bound to a context: BLANK, CLEAR, Doubt, or BadCell raised.

        It runs for each distinct cell, and numbers of people are all distinct: the plain text is
        told by its class and let through in as few steps as there are.
        """
        read = self.bind(context)
        standing = self._standing_words()

        def parse(raw):
            if raw.__class__ is str:
                text = raw.strip()
                if not text.isprintable() or "  " in text:
                    if raw[0] == MARK:
                        return read(_plain(raw))
                    text = tidy(text)
                if text in standing:
                    return standing[text]()
                return read(text)
            return standing[""]() if raw is None else read(raw)

        return parse

    def _standing_words(self) -> dict[str, Callable]:
        """Texts that mean the same in every column: nothing, and 清空."""

        def clear():
            if self.required:
                raise BadCell("clear_required", header=str(self.header))
            return CLEAR

        blank = dict.fromkeys(("", *self.dashes), self.nothing)
        return blank | dict.fromkeys(CLEAR_WORDS, clear)

    def bind(self, context: Context) -> Callable:
        """A function cell -> value for cells that are neither blank, an error nor 清空.

        A text comes tidied (`spelling.tidy`); a number comes as int or float.
        """
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


def _plain(raw: str):
    """The value of a cell that came as a marked text: a date, a time; an error is raised."""
    if raw == NOTHING_ABOVE:
        raise BadCell("nothing_above")
    cell = decode(raw)
    if isinstance(cell, CellError):
        if cell.code == NO_VALUE:
            raise BadCell("formula_without_value")
        raise BadCell("error_cell", error=cell.code)
    return cell
