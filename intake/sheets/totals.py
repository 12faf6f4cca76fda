"""Whether the totals that a sheet states are the sums of its rows.

Cells are counted as they come and read only when a total appears, each distinct cell once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from intake.cells import column_letter
from intake.columns.base import CLEAR, Doubt
from intake.faults import BadCell, Fault
from intake.sheets.lines import TOTAL, Line, clean
from intake.sheets.normal import is_blank

HALF_A_CENT = Decimal("0.005")
PEOPLE, YUAN = "人名户份条", "元"  # data
SUBTOTAL = "小计"  # data


@dataclass(frozen=True)
class Summed:
    """A column whose cells add up: where it stands, what reads a cell of it, and what it counts."""

    index: int
    read: Callable
    is_money: bool


@dataclass
class Sums:
    """Of rows: how many, the sum of each column, and the cells that were no number."""

    rows: int = 0
    of: Counter = field(default_factory=Counter)
    unread: Counter = field(default_factory=Counter)

    def copy(self) -> "Sums":
        return Sums(self.rows, Counter(self.of), Counter(self.unread))

    def since(self, earlier: "Sums") -> "Sums":
        of, unread = Counter(self.of), Counter(self.unread)
        of.subtract(earlier.of)
        unread.subtract(earlier.unread)
        return Sums(self.rows - earlier.rows, of, unread)


@dataclass
class Stated:
    """A total line, with the sums it may be meant to be, the likeliest first."""

    line: Line
    word: str
    until: Sums
    before: list[Sums]


class Totals:
    """Follows one table from top to bottom."""

    def __init__(self, sheet: str, summed: dict[str, Summed]):
        self.sheet, self.summed = sheet, summed
        self.sums = Sums()
        self._counted = {name: Counter() for name in summed}
        self._start = self._header = self._total = self._last = Sums()
        self._leading: dict[str, Stated] = {}  # totals above their rows, by their word

    def add(self, rows: list[list]) -> None:
        self.sums.rows += len(rows)
        for name, column in self.summed.items():
            index = column.index
            self._counted[name].update([row[index] for row in rows])

    def check(self, line: Line) -> list[Fault]:
        """A total has come: warn where it is none of the sums that it may stand for."""
        now = self._now()
        word = _word(line)
        since = [self._header, self._start, self._total, self._last]
        if word == SUBTOTAL:
            since = [self._last]
        stated = Stated(line, word, now, [now.since(mark) for mark in since])
        self._last = now
        if word != SUBTOTAL:
            self._total = now
        if word in self._leading:
            earlier, self._leading[word] = self._leading[word], stated
            return self._leading_differs(earlier, now)
        if now.rows == self._header.rows:
            self._leading[word] = stated
            return []
        return self._differs(stated.line, stated.before)

    def restart(self) -> list[Fault]:
        """The header came again."""
        faults = self.finish()
        self._header = self._last = self._now()
        return faults

    def finish(self) -> list[Fault]:
        """Totals that stand above their rows can only be judged below them."""
        now = self._now()
        leading, self._leading = self._leading, {}
        return [f for stated in leading.values() for f in self._leading_differs(stated, now)]

    def _leading_differs(self, stated: Stated, now: Sums) -> list[Fault]:
        below = now.since(stated.until)
        return self._differs(stated.line, [below] if below.rows else stated.before)

    def _now(self) -> Sums:
        """The sums so far, with the cells counted since they were last asked for."""
        for name, cells in self._counted.items():
            for raw, times in cells.items():
                value = _number(self.summed[name].read, raw)
                if value is None:
                    self.sums.unread[name] += times
                else:
                    self.sums.of[name] += value * times
            self._counted[name] = Counter()
        return self.sums.copy()

    def _differs(self, line: Line, candidates: list[Sums]) -> list[Fault]:
        faults = []
        for name, column in self.summed.items():
            raw = line.row[column.index]
            value = None if is_blank(raw) else _number(column.read, raw)
            if value is None or any(sums.unread[name] for sums in candidates):
                continue
            if not any(abs(sums.of[name] - value) < HALF_A_CENT for sums in candidates):
                faults.append(self._fault(line, column.index, value, candidates[0].of[name]))
        return faults + self._words_differ(line, candidates)

    def _words_differ(self, line: Line, candidates: list[Sums]) -> list[Fault]:
        """共 35 人 is the number of rows or the sum of a column of counts; 合计：3125元 that of money."""
        found = _said(line, bare=not self.summed)
        if found is None:
            return []
        index, value, measure = found
        meant = [number for sums in candidates for number in self._meant(sums, measure)]
        if not meant or any(abs(number - value) < HALF_A_CENT for number in meant):
            return []
        return [self._fault(line, index, value, meant[0])]

    def _meant(self, sums: Sums, measure: str) -> list:
        """What a number of this measure may be, the likeliest first."""
        money = [sums.of[name] for name, column in self.summed.items() if column.is_money]
        if measure == YUAN:
            return money
        counts = [sums.of[name] for name, column in self.summed.items() if not column.is_money]
        return [*money, *counts, sums.rows] if self.summed and not measure else [sums.rows, *counts]

    def _fault(self, line: Line, index: int, stated, computed) -> Fault:
        params = {"stated": _shown(stated), "computed": _shown(computed)}
        return Fault("total_differs", self.sheet, line.number, column_letter(index + 1), params)


def _word(line: Line) -> str:
    for raw in line.row:
        if isinstance(raw, str) and (found := TOTAL.match(clean(raw))):
            return found["word"] or ""
    return ""


def _said(line: Line, *, bare: bool) -> tuple[int, Decimal, str] | None:
    """A number that a total says in words, beside the cells of the columns that add up: where it
    stands, and its measure. `bare`: also one without a measure, in a cell of its own."""
    for index, raw in enumerate(line.row):
        words = clean(raw) if isinstance(raw, str) else ""
        if found := TOTAL.match(words):
            number = (found["count"] or found["number"]).replace(",", "").strip(".")
            if number:
                return index, Decimal(number), found["measure"] or (found["count"] and PEOPLE) or ""
        elif words[:-1].isdecimal() and words[-1] in PEOPLE:
            return index, Decimal(words[:-1]), words[-1]
        elif bare and isinstance(raw, float | int) and not isinstance(raw, bool):
            return index, Decimal(str(raw)), ""
    return None


def _number(read: Callable, raw):
    """A cell as a number; a blank adds nothing; None if it cannot be read."""
    try:
        value = read(raw)
    except BadCell as bad:
        return 0 if bad.code == "required" else None
    if isinstance(value, Doubt):
        value = value.value
    if value is None or value is CLEAR:
        return 0
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) else None


def _shown(number) -> str:
    return f"{number:,.2f}".removesuffix(".00") if number != int(number) else f"{int(number):,}"
