"""A table found on a sheet: which column stands where, and its rows as chunks of raw cells."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from intake.columns.base import Context
from intake.faults import Fault
from intake.kinds import ReportKind
from intake.sheets.facts import Facts
from intake.sheets.matching import Placed, Suggestion
from intake.sheets.rows import RawChunk, Rows
from intake.sheets.vocabulary import Heading


@dataclass(frozen=True)
class Claimed:
    """A column that the kind made its own, such as one unit's values in a wide sheet."""

    index: int
    letter: str
    header: str
    claim: object  # what `kind.claim` gave


@dataclass
class Table:
    """One sheet of the kind: header, columns, facts, and what is to be told about it.

    `warnings`, `faults` and `left_out` are complete once `chunks` has run to its end: a total can
    be judged only when its rows have passed.
    """

    kind: ReportKind
    context: Context | None
    sheet: int
    sheet_name: str
    header_rows: tuple[int, int]  # first and last
    header_cells: list[list]
    columns: dict[str, Placed]
    extra: list[Claimed]
    unclaimed: list[Heading]
    suggestions: list[Suggestion]
    passed_over: list[Heading]  # running numbers and signatures
    token_index: int | None
    facts: Facts
    merges: list[tuple[int, int, int, int]]
    hidden_rows: frozenset[int]
    source: Callable[[], Iterable[tuple[int, list[list]]]]  # opens the sheet's chunks
    warnings: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)  # total, note, header, blank: rows

    @property
    def needs_mapping(self) -> bool:
        """Whether a person must first say which column is which."""
        return bool(self.faults)

    def chunks(self) -> Iterator[RawChunk]:
        """The rows of data, once."""
        return Rows(self).chunks()

    @property
    def width(self) -> int:
        """So many cells a row must have for every column to be found in it."""
        claimed = [claimed.index for claimed in self.extra]
        passed = [heading.index for heading in self.passed_over]
        placed = [placed.index for placed in self.columns.values()]
        return max([*placed, *claimed, *passed, self.token_index or 0]) + 1

    def warn(self, code: str, row: int | None = None, column: str = "", **params) -> None:
        self.warnings.append(Fault(code, self.sheet_name, row, column, params))

    def blame(self, code: str, row: int | None = None, column: str = "", **params) -> None:
        self.faults.append(Fault(code, self.sheet_name, row, column, params))
