"""Small kinds: each row is a deed of a service. What is stored is read once and compared in Python."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from zlib import crc32

from django.utils.translation import gettext_lazy as _

from common.changes import Recorder
from intake.columns.base import BLANK, CLEAR, Context
from intake.contexts import units_of
from intake.faults import BadCell, declare
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

declare(
    {
        "key_fixed": (
            _("“%(header)s”和表发出时不一样，这一格不能改"),
            _("改回原来的；要报别的，在最下面另起一行。"),
        ),
    }
)


def fingerprint(values) -> int:
    """A version for records that count none: it differs once what they hold differs, and is not 0."""
    return crc32(repr(values).encode()) % 999_999_999 + 1


@dataclass(slots=True)
class Row:
    """One record that a sheet's row asks for. `values` are those of the columns, by name."""

    sheet: int
    row: int
    values: dict
    token: tuple[int, int] | None = None  # pk and version of a pre-filled row
    extra: tuple = ()  # (claim of the kind, letter of its column, raw cell)
    letter: str = ""  # of a wide sheet: the column that holds the record
    letters: dict = field(default_factory=dict)  # and each of its values, where they are several
    number: int = 0  # of the sheet's row among all
    derived: frozenset[str] = frozenset()  # columns that another one implies: see kinds.Derived
    faulty: frozenset[str] = frozenset()  # columns whose cell has a fault of its own


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
    is_new: bool = False  # a place where nothing stands yet: what fills it in is new


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
    that a pre-filled form lists. `fixed` are columns of which a pre-filled row changes none.
    `scoped=False` where scope is the columns' own; else `stranger` is the fault of a row whose
    record another unit holds.
    """

    load: Callable
    write: Callable
    locks: tuple[str, ...]
    expand: Callable | None = None
    judge: Callable | None = None
    touches: Callable | None = None
    everything: Callable | None = None
    fixed: tuple[str, ...] = ()
    scoped: bool = True
    stranger: str = "other_unit"

    def stage(self, run: Run) -> "DeedStage":
        return DeedStage(self, run)

    def held(self, _kind, context: Context) -> Iterable[Held]:
        units = units_of(context) if self.scoped else descendants_of(context.unit, on=context.on)
        mine = set(units.values_list("descendant", flat=True))
        for one in self.everything(context) if self.everything else ():
            if one.unit_pk in mine:
                yield Held(one.pk, one.version, one.values)

    def held_count(self, _kind, _context) -> int:
        return 0  # few enough to be read whole


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
        names, faulty = list(chunk.values), _by_row(chunk.faulty)
        for i, row in enumerate(chunk.rows):
            if i in chunk.bad:
                self.bad.add(self.count)
            values = {name: chunk.values[name][i] for name in names}
            token = chunk.tokens[i] if chunk.tokens else None
            extra = tuple((c.claim, c.letter, cells[i]) for c, cells in chunk.extra)
            one = Row(
                chunk.sheet,
                row,
                values,
                token,
                extra,
                number=self.count,
                derived=frozenset(name for name, places in chunk.derived.items() if i in places),
                faulty=faulty.get(i, frozenset()),
            )
            for record in self._records(one):
                self._take(record)
            self.count += 1

    def _records(self, row: Row) -> Iterable[Row | RowFault]:
        if not self.store.expand:
            return [row]
        try:
            return list(self.store.expand(row, self.run.context))
        except BadCell as bad:
            column = next(iter(self.run.kind.key))
            return [row, RowFault(row.sheet, row.row, column, bad.code, bad.params)]

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
        self._count_versions(found)
        self._check_masks(found)
        self._reject(found, self._changed_keys())
        self._reject(found, self._twins())
        if self.store.judge:
            self._reject(found, self.store.judge(self.rows, self.stored, context))
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
        return found

    def _stored_of(self, row: Row) -> Stored | None:
        if row.token:
            return self.stored.get(row.token[0])
        return self.stored.get(tuple(row.values.get(name) for name in self.run.kind.key))

    def _count_versions(self, found: Comparison) -> None:
        """One for each row of the sheet, whatever records it holds: what a commit compares with."""
        versions: dict[int, list[int]] = {}
        places = {row.number: (row.sheet, row.row) for row in self.rows}
        for row in self.rows:
            stored = self._stored_of(row)
            versions.setdefault(row.number, []).append(stored.version if stored else 0)
        self.versions = {
            number: some[0] if len(some) == 1 else fingerprint(some)
            for number, some in versions.items()
        }
        for number, version in self.versions.items():
            sheet, line = places[number]
            lines, known = found.versions.setdefault(sheet, ([], []))
            lines.append(line)
            known.append(version)

    def _reject(self, found: Comparison, faults: Iterable[RowFault]) -> None:
        """The rows at which there are faults count as rejected. A cell that could not be read is not
        blamed once more for being blank."""
        rows = {(row.sheet, row.row): row for row in self.rows}
        for fault in list(faults):
            row = rows[fault.sheet, fault.row]
            self.bad.add(row.number)
            if fault.column not in row.faulty:
                found.faults.append(fault)

    def _check_masks(self, found: Comparison) -> None:
        rows = {row.number: row for row in self.rows}
        for number, name, mask in self.masks:
            row, column = rows[number], self.run.kind.columns[name]
            stored = self.stored.get(row.token[0])
            if stored and column.masked(stored.values.get(name)) != mask:
                params = {"header": str(column.header)}
                found.faults.append(RowFault(row.sheet, row.row, name, "mask_differs", params))
                self.bad.add(number)

    def _changed_keys(self) -> Iterable[RowFault]:
        """In a pre-filled row stands another name than that of the record it was made for."""
        for row in self.rows:
            stored = row.token and self.stored.get(row.token[0])
            for name in self.store.fixed if stored else ():
                if row.values.get(name) not in (BLANK, stored.values.get(name)):
                    params = {"header": str(self.run.kind.columns[name].header)}
                    yield RowFault(row.sheet, row.row, name, "key_fixed", params)

    def _twins(self) -> Iterable[RowFault]:
        """Two rows that mean the same record, one by this name and one by that."""
        first: dict[int, Row] = {}
        told: set[int] = set()
        for row in self.rows:
            stored = self._stored_of(row)
            if stored is None or row.number in self.bad:
                continue
            other = first.setdefault(stored.pk, row)
            if other is not row:
                if stored.pk not in told:
                    yield self._twin(other, row)
                told.add(stored.pk)
                yield self._twin(row, other)

    def _twin(self, row: Row, other: Row) -> RowFault:
        name = next(iter(self.run.kind.key))
        params = {
            "sheet": other.sheet,
            "row": other.row,
            "column": other.letter or name,
            "header": str(self.run.kind.columns[name].header),
        }
        return RowFault(row.sheet, row.row, row.letter or name, "key_twice", params)

    def _writable(self, context: Context) -> set[int] | None:
        if not self.store.scoped:
            return None
        seen = units_seen_by(context.user, context.permission, on=context.on)
        return set(seen.values_list("descendant", flat=True))

    def _compare_row(self, row: Row, found: Comparison) -> Outcome:
        stored = self._stored_of(row)
        if row.number in self.bad:
            return Outcome.REJECTED
        if stored is None and row.token:
            return self._refuse(found, row, "row_gone")
        changes = self._changes(row, stored) if stored else row.values
        if not changes:
            return Outcome.UNCHANGED
        if stored and stored.fault:
            return self._refuse(found, row, stored.fault)
        if self._is_strange(stored):
            self._blame(found, row, self.store.stranger, {"unit": stored.unit_name})
            return Outcome.OTHER_UNIT
        if self._is_stale(row, stored.version if stored else 0):
            self._blame(found, row, "stale")
            return Outcome.STALE
        if stored is None or stored.is_new:
            self.inserts.append(row)
            return Outcome.NEW
        self.updates.append(Update(row, stored, changes))
        return Outcome.CHANGED

    def _changes(self, row: Row, stored: Stored) -> dict:
        return {
            name: value
            for name, value in row.values.items()
            if value is not BLANK and _differs(row, name, value, stored.values)
        }

    def _is_strange(self, stored: Stored | None) -> bool:
        """Another unit holds the record."""
        return bool(
            self.mine is not None and stored and stored.unit_pk and stored.unit_pk not in self.mine
        )

    def _is_stale(self, row: Row, version: int) -> bool:
        """The record is another than when the form was handed out, or when the preview was made."""
        if row.token and row.token[1] != version:
            return True
        seen = self.run.seen.get((row.sheet, row.row))
        return seen is not None and seen != self.versions[row.number]

    def _refuse(self, found: Comparison, row: Row, code: str) -> Outcome:
        self._blame(found, row, code)
        self.bad.add(row.number)
        return Outcome.REJECTED

    def _blame(self, found: Comparison, row: Row, code: str, params: dict | None = None) -> None:
        """At the column that holds the record in a wide sheet, else at that of the key."""
        column = row.letter or next(iter(self.run.kind.key))
        found.faults.append(RowFault(row.sheet, row.row, column, code, params or {}))

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
                        one.row.letters.get(name) or one.row.letter or name,
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


def _by_row(cells: set[tuple[int, str]]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for at, name in cells:
        found.setdefault(at, set()).add(name)
    return {at: frozenset(names) for at, names in found.items()}


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
