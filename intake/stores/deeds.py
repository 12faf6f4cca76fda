"""Small kinds: each row is a deed of a service. What is stored is read once and compared in Python."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from common.changes import Recorder
from intake.columns.base import BLANK, CLEAR, Context
from intake.contexts import units_of
from intake.faults import BadCell
from intake.kinds import Chunk
from intake.stores.base import (
    WRITTEN,
    CellChange,
    Comparison,
    Held,
    Outcome,
    RowFault,
    Run,
)
from registry.models import descendants_of, units_seen_by


@dataclass(slots=True)
class Row:
    """One record that a sheet's row asks for. `values` are those of the columns, by name."""

    sheet: int
    row: int
    values: dict
    token: tuple[int, int] | None = None  # pk and version of a pre-filled row
    extra: tuple = ()  # (claim of the kind, letter of its column, raw cell)
    letter: str = ""  # of a wide sheet: the column that holds the record
    number: int = 0  # of the sheet's row among all
    derived: frozenset[str] = frozenset()  # columns that another one implies: see kinds.Derived


@dataclass(slots=True)
class Stored:
    """A record as the portal holds it: `values` by column name, in the form that columns give."""

    pk: int
    version: int
    values: dict
    unit_pk: int | None = None  # the unit whose deed a change is
    unit_name: str = ""
    subject: str = ""  # what people call it, without a personal value
    fault: str = ""  # code that forbids every change: frozen


@dataclass(slots=True)
class Update:
    """A stored record, and what a row changes of it: {column: new value, CLEAR for none}."""

    row: Row
    stored: Stored
    changes: dict


@dataclass(frozen=True)
class Deeds:
    """`load(rows, context) -> {key: Stored}` for the keys that the rows name; the key is the tuple of
    the key columns' values, and the pk alone for a row with a token.

    `write(inserts, updates, recorder, context)` does the deeds: lists of Row and of Update.
    `expand(row, context) -> [Row]` makes the records of a wide row from its `extra` (a BadCell that
    it raises is a fault of the row). `judge(rows, stored, context)`
    yields RowFault for what only a look at what is stored can tell. `touches(inserts, updates,
    context)` gives what a preview says that the rows move. `everything(context)` gives the Stored
    that a pre-filled form lists. `scoped=False` where scope is the columns' own.
    """

    load: Callable
    write: Callable
    locks: tuple[str, ...]
    expand: Callable | None = None
    judge: Callable | None = None
    touches: Callable | None = None
    everything: Callable | None = None
    scoped: bool = True

    def stage(self, run: Run) -> "DeedStage":
        return DeedStage(self, run)

    def held(self, _kind, context: Context) -> Iterable[Held]:
        units = units_of(context) if self.scoped else descendants_of(context.unit, on=context.on)
        mine = set(units.values_list("descendant", flat=True))
        for one in self.everything(context) if self.everything else ():
            if one.unit_pk in mine:
                yield Held(one.pk, one.version, one.values)


@dataclass
class DeedStage:
    store: Deeds
    run: Run
    rows: list[Row] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)  # numbers of sheet rows
    count: int = 0
    faults: list[RowFault] = field(default_factory=list)  # of rows that could not be expanded
    masks: list[tuple[int, str, str]] = field(default_factory=list)  # row's number, column, mask

    def expect(self, number: int, column: str, mask: str) -> None:
        self.masks.append((number, column, mask))

    def add(self, chunk: Chunk) -> None:
        names = list(chunk.values)
        for i, row in enumerate(chunk.rows):
            if i in chunk.bad:
                self.bad.add(self.count)
            values = {name: chunk.values[name][i] for name in names}
            token = chunk.tokens[i] if chunk.tokens else None
            extra = tuple((c.claim, c.letter, cells[i]) for c, cells in chunk.extra)
            derived = frozenset(name for name, places in chunk.derived.items() if i in places)
            one = Row(chunk.sheet, row, values, token, extra, number=self.count, derived=derived)
            for record in self._records(one):
                self._take(record)
            self.count += 1

    def _records(self, row: Row) -> Iterable[Row | RowFault]:
        if not self.store.expand:
            return [row]
        try:
            return list(self.store.expand(row, self.run.context))
        except BadCell as bad:
            return [row, RowFault(row.sheet, row.row, self._place(row), bad.code, bad.params)]

    def _take(self, record: Row | RowFault) -> None:
        if isinstance(record, RowFault):
            self.faults.append(record)
            self.bad.add(self.count)
        else:
            self.rows.append(record)

    def reject(self, numbers: Iterable[int]) -> None:
        self.bad.update(numbers)

    def close(self) -> None:
        self.rows.clear()

    # Comparing ---------------------------------------------------------------------------------
    def compare(self) -> Comparison:
        context = self.run.context
        self.stored = self.store.load(self.rows, context)
        self.mine = self._writable(context)
        found = Comparison(faults=list(self.faults))
        self._check_masks(found)
        if self.store.judge:
            for fault in self.store.judge(self.rows, self.stored, context):
                found.faults.append(fault)
                self.bad.update(r.number for r in self.rows if _is_at(r, fault))
        self.inserts, self.updates, worst = [], [], {}
        for row in self.rows:
            outcome = self._compare_row(row, found)
            worst[row.number] = max(worst.get(row.number, Outcome.UNCHANGED), outcome)
        for number in range(self.count):
            outcome = worst.get(number, Outcome.UNCHANGED)
            if number in self.bad:
                outcome = Outcome.REJECTED
            found.outcomes[outcome] = found.outcomes.get(outcome, 0) + 1
        good = {number for number, outcome in worst.items() if outcome in WRITTEN} - self.bad
        self.inserts = [row for row in self.inserts if row.number in good]
        self.updates = [one for one in self.updates if one.row.number in good]
        self._tell(found)
        if self.store.touches:
            found.touched = self.store.touches(self.inserts, self.updates, context)
        return found

    def _check_masks(self, found: Comparison) -> None:
        rows = {row.number: row for row in self.rows}
        for number, name, mask in self.masks:
            row, column = rows[number], self.run.kind.columns[name]
            stored = self.stored.get(row.token[0])
            if stored and column.masked(stored.values.get(name)) != mask:
                params = {"header": str(column.header)}
                found.faults.append(RowFault(row.sheet, row.row, name, "mask_differs", params))
                self.bad.add(number)

    def _writable(self, context: Context) -> set[int] | None:
        if not self.store.scoped:
            return None
        seen = units_seen_by(context.user, context.permission, on=context.on)
        return set(seen.values_list("descendant", flat=True))

    def _compare_row(self, row: Row, found: Comparison) -> Outcome:
        key = row.token[0] if row.token else self._key(row)
        stored = self.stored.get(key)
        self._remember_version(found, row, stored)
        if row.number in self.bad:
            return Outcome.REJECTED
        if stored is None:
            if row.token:
                return self._reject(found, row, "row_gone")
            return self._judge_new(found, row)
        changes = {
            name: value
            for name, value in row.values.items()
            if value is not BLANK and _differs(row, name, value, stored.values)
        }
        if not changes:
            return Outcome.UNCHANGED
        if stored.fault:
            return self._reject(found, row, stored.fault)
        if self.mine is not None and stored.unit_pk and stored.unit_pk not in self.mine:
            params = {"unit": stored.unit_name}
            found.faults.append(
                RowFault(row.sheet, row.row, self._place(row), "other_unit", params)
            )
            return Outcome.OTHER_UNIT
        if self._is_stale(row, stored.version):
            found.faults.append(RowFault(row.sheet, row.row, self._place(row), "stale"))
            return Outcome.STALE
        self.updates.append(Update(row, stored, changes))
        return Outcome.CHANGED

    def _place(self, row: Row) -> str:
        """The column to point at: of a wide sheet its letter, else that of the key."""
        return row.letter or next(iter(self.run.kind.key), "")

    def _judge_new(self, found: Comparison, row: Row) -> Outcome:
        if self._is_stale(row, 0):
            found.faults.append(RowFault(row.sheet, row.row, self._place(row), "stale"))
            return Outcome.STALE
        self.inserts.append(row)
        return Outcome.NEW

    def _key(self, row: Row) -> tuple:
        return tuple(row.values.get(name) for name in self.run.kind.key)

    def _is_stale(self, row: Row, version: int) -> bool:
        if row.token and row.token[1] != version:
            return True
        seen = self.run.seen.get((row.sheet, row.row))
        return seen is not None and not row.letter and seen != version

    def _remember_version(self, found: Comparison, row: Row, stored: Stored | None) -> None:
        rows, versions = found.versions.setdefault(row.sheet, ([], []))
        rows.append(row.row)
        versions.append(stored.version if stored else 0)

    def _reject(self, found: Comparison, row: Row, code: str) -> Outcome:
        found.faults.append(RowFault(row.sheet, row.row, self._place(row), code))
        self.bad.add(row.number)
        return Outcome.REJECTED

    def _tell(self, found: Comparison) -> None:
        columns = self.run.kind.columns
        for one in self.updates:
            for name, value in one.changes.items():
                column = columns[name]
                found.changes_total += 1
                found.cleared += value is CLEAR
                found.changes.append(
                    CellChange(
                        one.row.sheet,
                        one.row.row,
                        one.stored.subject,
                        one.row.letter or name,
                        column.masked(one.stored.values.get(name)),
                        "" if value is CLEAR else column.masked(value),
                        value is CLEAR,
                    )
                )
        if self.store.touches:
            found.touched = self.store.touches(self.inserts, self.updates, self.run.context)

    # Writing -----------------------------------------------------------------------------------
    def write(self, recorder: Recorder) -> None:
        self.store.write(self.inserts, self.updates, recorder, self.run.context)


def _differs(row: Row, name: str, value, stored: dict) -> bool:
    """A column of which nothing is kept (a banner beside its school) never differs."""
    if name not in stored:
        return False
    is_empty = stored[name] in (None, "")
    if value is CLEAR:
        return not is_empty
    if name in row.derived and not is_empty:
        return False
    return value != stored[name]


def _is_at(row: Row, fault: RowFault) -> bool:
    return row.sheet == fault.sheet and row.row == fault.row
