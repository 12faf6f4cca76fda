"""Faults and warnings of a run, each at its cell: counted all, kept in part, grouped by cause."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from intake.faults import Fault

KEPT = 1000  # of one code
FIRST_PLACES = 5


@dataclass(slots=True)
class Finding:
    """A fault or warning at its place: `column` is a letter, `value` the cell as it may be shown."""

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    header: str = ""
    value: str = ""
    params: dict = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.column}{self.row or ''}"

    @property
    def wrong(self) -> str:
        return self._fault.wrong

    @property
    def cure(self) -> str:
        return self._fault.cure

    @property
    def message(self) -> str:
        return self._fault.message

    @property
    def _fault(self) -> Fault:
        return Fault(self.code, self.sheet, self.row, self.column, self.params)


@dataclass(slots=True)
class Cause:
    """All findings of one code in one column: what is wrong, what to do, how often, where first."""

    code: str
    header: str
    cells: int
    first: list[Finding]

    @property
    def wrong(self) -> str:
        return self.first[0].wrong

    @property
    def cure(self) -> str:
        return self.first[0].cure


class Findings:
    """Gathers findings of a run: every one is counted, the first of each code are kept."""

    def __init__(self):
        self.total = 0
        self.kept: list[Finding] = []
        self._kept_of: dict[str, int] = {}
        self._causes: dict[tuple[str, str], Cause] = {}

    def add(self, found: Finding) -> None:
        self.total += 1
        cause = self._causes.get((found.code, found.header))
        if cause is None:
            cause = Cause(found.code, found.header, 0, [])
            self._causes[found.code, found.header] = cause
        cause.cells += 1
        if len(cause.first) < FIRST_PLACES:
            cause.first.append(found)
        kept = self._kept_of.get(found.code, 0)
        if kept < KEPT:
            self._kept_of[found.code] = kept + 1
            self.kept.append(found)

    def extend(self, found: Iterable[Finding]) -> None:
        for one in found:
            self.add(one)

    def causes(self) -> list[Cause]:
        """The most frequent first."""
        return sorted(self._causes.values(), key=lambda cause: -cause.cells)

    def in_order(self, sheets: list[str]) -> list[Finding]:
        """By sheet and row, as the user walks through the workbook."""
        number = {name: no for no, name in enumerate(sheets)}
        return sorted(
            self.kept,
            key=lambda f: (number.get(f.sheet, -1), f.row or 0, len(f.column), f.column),
        )
