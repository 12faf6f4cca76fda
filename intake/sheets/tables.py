"""A table found on a sheet: which column stands where, and its rows as chunks of raw cells."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from intake.columns.base import Context
from intake.faults import Fault
from intake.kinds import ReportKind
from intake.sheets.facts import Facts
from intake.sheets.matching import Placed, Placement, Suggestion
from intake.sheets.rows import RawChunk, Rows
from intake.sheets.vocabulary import Heading

# Faults that go away once a person has said what a header means.
ASKING = frozenset({"needs_answer", "column_missing", "column_claimed_twice", "header_twice"})


@dataclass(frozen=True)
class Claimed:
    """A column that the kind made its own, such as one unit's values in a wide sheet."""

    index: int
    letter: str
    header: str
    claim: object  # what `kind.claims` gave


@dataclass(frozen=True)
class Use:
    """What became of one sheet column. `how`: given, exact, alias, form or remembered for a column
    taken in, suggested for one to be confirmed; claimed, ignored, signature, left_out, twice,
    headless or unclaimed."""

    letter: str
    header: str  # under which a mapping names it
    column: str  # name of the kind's column, empty if it is none
    how: str


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
    placement: Placement
    extra: list[Claimed]
    facts: Facts
    merges: list[tuple[int, int, int, int]] | None  # None: the format cannot tell
    hidden_rows: frozenset[int]
    source: Callable[[], Iterable[tuple[int, list[list]]]]  # opens the sheet's chunks
    headless: list[str] = field(default_factory=list)  # letters
    warnings: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)  # lines.Kind -> rows

    @property
    def columns(self) -> dict[str, Placed]:
        """The columns taken in, by name."""
        return self.placement.columns

    @property
    def suggestions(self) -> list[Suggestion]:
        return self.placement.suggestions

    @property
    def unclaimed(self) -> list[Heading]:
        """What nobody claims, and the second of two of a kind: a mapping may name them."""
        return [*self.placement.unclaimed, *(heading for _name, heading in self.placement.twice)]

    @property
    def passed_over(self) -> list[Heading]:
        """Running numbers, signatures, and what is left out because somebody said so."""
        return [*self.placement.ignored, *self.placement.signature, *self.placement.left_out]

    @property
    def token_index(self) -> int | None:
        """Where the row tokens of our own pre-filled form stand."""
        return self.placement.token and self.placement.token.index

    @property
    def needs_mapping(self) -> bool:
        """Whether a person must first say which column is which."""
        return any(fault.code in ASKING for fault in self.faults)

    def chunks(self) -> Iterator[RawChunk]:
        """The rows of data, once."""
        return Rows(self).chunks()

    def uses(self) -> list[Use]:
        """Every column of the sheet that has a header or content, from left to right."""
        place = self.placement
        known = [(p.index, p.letter, p.header, name, p.how) for name, p in self.columns.items()]
        known += [(s.index, s.letter, s.header, s.column, "suggested") for s in self.suggestions]
        known += [(c.index, c.letter, c.header, "", "claimed") for c in self.extra]
        known += [(h.index, h.letter, h.key, name, "twice") for name, h in place.twice]
        for how in ("ignored", "signature", "left_out", "unclaimed"):
            known += [(h.index, h.letter, h.header, "", how) for h in getattr(place, how)]
        by_place = [Use(*rest) for _index, *rest in sorted(known)]
        return by_place + [Use(letter, "", "", "headless") for letter in self.headless]

    @property
    def width(self) -> int:
        """So many cells a row must have for every column to be found in it."""
        used = (*self.columns.values(), *self.extra, *self.passed_over)
        return max([place.index for place in used] + [self.token_index or 0]) + 1

    def warn(self, code: str, row: int | None = None, letter: str = "", /, **params) -> None:
        self.warnings.append(Fault(code, self.sheet_name, row, letter, params))

    def blame(self, code: str, row: int | None = None, letter: str = "", /, **params) -> None:
        self.faults.append(Fault(code, self.sheet_name, row, letter, params))
