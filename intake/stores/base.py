"""Where the rows of a kind end up: staged, compared with what is stored, written.

Two ways: `tables.Tables` lets the database do it for kinds with a hundred thousand rows,
`deeds.Deeds` calls a service for small kinds whose rows are deeds. The check and the commit use
both alike:

    stage = kind.store.stage(run)
    stage.add(chunk) …; stage.reject(numbers)
    found = stage.compare()
    stage.write(recorder)             # commit only, inside the transaction, under the store's locks
    stage.close()
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from common.changes import Recorder
from intake.columns.base import Context
from intake.kinds import Chunk, ReportKind


class Outcome(IntEnum):
    """What becomes of a row; of several records in one row (a wide sheet) the highest counts."""

    UNCHANGED = 0
    CHANGED = 1
    NEW = 2
    STALE = 3
    OTHER_UNIT = 4
    REJECTED = 5


CONFLICTS = (Outcome.STALE, Outcome.OTHER_UNIT)
WRITTEN = (Outcome.NEW, Outcome.CHANGED)


@dataclass
class Run:
    """One pass of a workbook through a store, for a preview or to be written."""

    kind: ReportKind
    context: Context
    upload_pk: int | None = None
    at: datetime | None = None
    writes: bool = False  # else nothing is encrypted: masks do for a preview
    good_rows: bool = False
    end_missing: bool = False
    # (sheet, row) -> version of the stored record that the preview was compared with, 0 for none
    seen: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class Held:
    """A record as a pre-filled form shows it: `values` by column, in the form that columns give.

    With a `pk` its line is known again by that and the version; else by its key alone.
    """

    pk: int
    version: int
    values: dict


@dataclass(slots=True)
class RowFault:
    """A fault or warning that a store or the check found.

    `column` is the name of one of the kind's, or the letter of one that the kind has claimed.
    """

    sheet: int
    row: int
    column: str
    code: str
    params: dict = field(default_factory=dict)


@dataclass(slots=True)
class CellChange:
    """A stored value that a row changes, in words; personal values are masked."""

    sheet: int
    row: int
    subject: str
    column: str
    old: str
    new: str
    is_clear: bool = False


@dataclass(slots=True)
class MissingRow:
    """A stored row of the sheet's units that the sheet does not list."""

    subject: str
    place: str = ""


@dataclass
class Comparison:
    """What the rows of a sheet are against what is stored."""

    outcomes: dict[Outcome, int] = field(default_factory=dict)  # rows of each
    cleared: int = 0  # cells
    faults: list[RowFault] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    changes_total: int = 0
    missing: list[MissingRow] = field(default_factory=list)
    missing_total: int = 0
    # sheet -> (rows, versions compared with), for `Run.seen` of the commit
    versions: dict[int, tuple[list[int], list[int]]] = field(default_factory=dict)
    touched: list[dict] = field(default_factory=list)  # of previews.Touched

    def rows(self, *outcomes: Outcome) -> int:
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)

    @property
    def is_faultless(self) -> bool:
        return not self.rows(Outcome.REJECTED, *CONFLICTS)


class Stage(Protocol):
    """Holds the rows of one run. Its rows are numbered from 0 in the order they are added."""

    def add(self, chunk: Chunk) -> None:
        """Take in checked rows; those in `chunk.bad` count as rejected."""

    def expect(self, number: int, column: str, mask: str) -> None:
        """A cell of a pre-filled row holds a mask: it leaves the value alone if it is its mask."""

    def reject(self, numbers: Iterable[int]) -> None:
        """Rows already added turn out to be faulty: a key that comes a second time."""

    def compare(self) -> Comparison:
        """Compare with what is stored now. Inside the commit's transaction it holds the rows."""

    def write(self, recorder: Recorder) -> None:
        """Write the rows that are good after `compare`."""

    def close(self) -> None:
        """Leave nothing behind."""


class Store(Protocol):
    locks: tuple[str, ...]  # names that a commit holds, in this order

    def stage(self, run: Run) -> Stage: ...

    def held(self, kind: ReportKind, context: Context) -> Iterable[Held]:
        """What a pre-filled form lists: the records that a sheet of this person may change."""

    def held_count(self, kind: ReportKind, context: Context) -> int:
        """About how many they are."""
