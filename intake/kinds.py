"""Report kinds: one class declares a sheet. The form we hand out, the check of what comes back, the
preview, the export and the menu entry are all made from it.

A kind is declared in `<app>/report_kinds.py` and registers itself. A new kind costs its class and
one test. It never touches openpyxl, a request or a job; the machinery never knows a domain word.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from common.models import ChangeSet
from intake.columns.base import Column, Context

_kinds: dict[str, "ReportKind"] = {}


class HalfDeclared(Exception):
    """A report kind lacks what every kind must say of itself."""


@dataclass(frozen=True)
class Fact:
    """Something that holds for a whole upload and is asked for once: department, list, date.

    `column` reads what was typed or found above the header (`also`: the words before the colon). Of
    one that `is_title` the heading of a sheet speaks too, where no label does.
    """

    name: str
    column: Column
    required: bool = False
    is_title: bool = False


@dataclass
class Chunk:
    """Some rows of a sheet after their cells were read, column by column.

    `values[name][i]` is the value of the i-th row (BLANK, CLEAR, or what the column's type gives);
    a faulty cell counts as BLANK and its row is in `bad`. `rows[i]` is the row as Excel counts it.
    """

    sheet: int
    rows: list[int]
    values: dict[str, list]
    bad: set[int] = field(default_factory=set)  # positions in this chunk
    faulty: set[tuple[int, str]] = field(default_factory=set)  # cells with a fault of their own
    tokens: list | None = None  # (pk, version) of each row of a pre-filled form, or None
    derived: dict[str, set[int]] = field(default_factory=dict)  # column -> positions, see Derived
    extra: list[tuple[object, list]] = field(default_factory=list)  # (Claimed, raw cells)


@dataclass(frozen=True)
class Derived:
    """A column that another one implies where it is blank: the birth date of an identity number.

    It fills what is empty and never changes what is stored. `make(value)` may give BLANK.
    """

    column: str
    source: str
    make: Callable


class Rule:
    """A check across the columns of a row, or across rows; it says what it is for `--kinds`.

    `check(chunk)` yields (position, column name, fault code, params); `is_warning` rules do not
    reject the row. A rule that looks across rows keeps what it saw on the instance that `begin`
    gives, one for each run.
    """

    title = ""
    is_warning = False

    def begin(self, context: Context) -> "Rule":
        return self

    def check(self, chunk: Chunk) -> Iterable[tuple[int, str, str, dict]]:
        raise NotImplementedError


class ReportKind:
    """Base of all kinds. `columns` are collected in the order in which they are written."""

    slug = ""
    title = ""
    about = ""  # one sentence for who looks for the right sheet: what it is for, one row is what
    permission = ""
    key: tuple[str, ...] = ()  # names of the columns that tell one row from another
    also_keys: tuple[tuple[str, ...], ...] = ()  # others that no two rows of a file may share
    derives: tuple[Derived, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()  # groups of columns of which a sheet needs one
    complete_for = ""  # "unit" or "unit_period": a sheet holds all rows there are, else empty
    facts: tuple[Fact, ...] = ()
    rules: tuple[Rule, ...] = ()
    figures: tuple[str, ...] = ()  # codes of the figures that a commit changes
    takes_period = False  # a period belongs to the upload
    needs_right_totals = False  # a stated total that is not the sum refuses the sheet
    store = None  # intake.stores: where the rows end up

    columns: dict[str, Column]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.columns = {
            name: value
            for base in reversed(cls.__mro__)
            for name, value in vars(base).items()
            if isinstance(value, Column)
        }
        if not cls.slug:
            return
        missing = [name for name in ("title", "permission", "columns") if not getattr(cls, name)]
        missing += [f"key {name}" for name in cls.key if name not in cls.columns]
        if missing:
            raise HalfDeclared(f"{cls.__name__} does not say its {', '.join(missing)}")
        if cls.slug in _kinds:
            raise HalfDeclared(f"Report kind {cls.slug} is declared twice")
        _kinds[cls.slug] = cls()

    def claims(self, context: Context | None) -> Callable[[str], object | None]:
        """A function header -> what a header that is no column means to the kind, in a sheet with a
        column for each unit: what it gives is handed on with the cells below. None: nothing."""
        return lambda _header: None

    def settle(self, change_set: ChangeSet, context: Context, at: datetime) -> None:
        """See to what rests on the rows of a set: in the commit's transaction once they are written,
        and in an undo's once they are put back."""


def get(slug: str) -> ReportKind | None:
    return _kinds.get(slug)


def all_kinds() -> list[ReportKind]:
    return list(_kinds.values())


def kinds_for(user) -> list[ReportKind]:
    """The kinds that a person may hand in."""
    return [kind for kind in _kinds.values() if user.has_perm(kind.permission)]


def describe(kind: ReportKind) -> dict:
    """What `intake --kinds --json` says of a kind."""
    return {
        "kind": kind.slug,
        "title": str(kind.title),
        "key": [str(kind.columns[name].header) for name in kind.key],
        "complete_for": kind.complete_for,
        "columns": [
            {
                "header": str(column.header),
                "aliases": list(column.also),
                "type": column.type_name,
                "required": column.required,
                "example": column.example,
                "choices": [str(choice) for choice in column.choices(None)],
            }
            for column in kind.columns.values()
        ],
        "rules": [str(rule.title) for rule in kind.rules],
    }
