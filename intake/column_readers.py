"""The cells of one column parsed, and the values that no two rows of a file may share."""

from collections.abc import Iterator

from intake.columns.base import BLANK, CLEAR, Column, Context, Doubt
from intake.columns.ditto import fill_dittos
from intake.faults import BadCell
from intake.kinds import Chunk, ReportKind


class ColumnReader:
    """Parses the cells of one column: each distinct cell once, unless nearly all are distinct."""

    FEW = 0.5  # share of distinct cells from which remembering costs more than it saves
    TRIED = 5000  # distinct cells after which that is known

    def __init__(self, column: Column, context: Context):
        self.column, self.parse = column, column.reader(context)
        self.known: dict = {}
        self.odd: dict = {}  # those of which something is to be told: BadCell or Doubt
        self.seen = 0
        self.remembers = True
        self.above = None

    def read(self, cells) -> tuple[list, list[tuple[int, BadCell | Doubt]]]:
        """(values, what is to be told of which positions). A faulty cell counts as blank."""
        if self.column.ditto:
            cells = fill_dittos(cells, self.above)
            self.above = cells[-1]
        if not self.remembers or bool in set(map(type, cells)):  # True would pass for 1
            return self._read_all(cells)
        known, distinct = self.known, set(cells)
        for raw in distinct:
            if raw not in known:
                known[raw] = self._parsed(raw)
        self.seen += len(cells)
        if len(known) > self.TRIED and len(known) > self.FEW * self.seen:
            self.remembers = False
        told = []
        if not self.odd.keys().isdisjoint(distinct):
            told = [(at, self.odd[raw]) for at, raw in enumerate(cells) if raw in self.odd]
        return [known[raw] for raw in cells], told

    def _parsed(self, raw):
        try:
            value = self.parse(raw)
        except BadCell as bad:
            self.odd[raw] = bad
            return BLANK
        if value.__class__ is Doubt:
            self.odd[raw] = value
            return value.value
        return value

    def _read_all(self, cells) -> tuple[list, list]:
        """Without remembering: in one go from each faulty cell to the next."""
        values, told, rest = [], [], iter(cells)
        while len(values) < len(cells):
            try:
                values.extend(map(self.parse, rest))
            except BadCell as bad:
                told.append((len(values), bad))
                values.append(BLANK)
        if Doubt in set(map(type, values)):
            for at, value in enumerate(values):
                if value.__class__ is Doubt:
                    told.append((at, value))
                    values[at] = value.value
        return values, told


class Keys:
    """Values that no two rows of a file may share; both places are named."""

    def __init__(self, kind: ReportKind):
        self.groups = [(names, {}) for names in (kind.key, *kind.also_keys) if names]

    def twice(self, chunk: Chunk, first: int) -> Iterator[tuple[int, int, str]]:
        """(row number, number of the row that was first, column) of what comes again."""
        for names, seen in self.groups:
            if any(name not in chunk.values for name in names):
                continue
            values = (
                chunk.values[names[0]]
                if len(names) == 1
                else list(zip(*(chunk.values[name] for name in names), strict=True))
            )
            for number, value in enumerate(values, start=first):
                if value is BLANK or value is CLEAR:
                    continue
                if len(names) > 1 and (BLANK in value or CLEAR in value):
                    continue
                before = seen.setdefault(value, number)
                if before != number:
                    yield number, before, names[0]
