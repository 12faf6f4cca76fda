"""The rows of a run in a temporary table: loaded column by column, by COPY where there is one.

Nothing personal lies there in clear: encrypted columns hold ciphertext and blind index, in a mere
preview a mask in place of the ciphertext.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO

from django.db import connection, models

from common import crypto
from common.changes.sql import is_postgresql
from intake.columns.base import BLANK, CLEAR
from intake.kinds import Chunk
from intake.stores.base import Run
from intake.stores.tables.declared import Declaration, Layout, Slot
from intake.stores.tables.dialect import STAGE, column_type

NULL = "\\N"
_ESCAPED = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
OWN = ("n", "sheet", "line", "bad", "token", "token_version", "seen", "clears", "soft")


class Staging:
    """The staging table of one run."""

    def __init__(self, store: Declaration, run: Run):
        self.run, self.layout = run, Layout(store, run.kind)
        self.count = 0
        self.masks: dict[str, dict[int, str]] = {}  # column -> row's number -> mask
        self.cursor = connection.cursor()
        self.slots = list(self.layout.by_column.values())
        self._seals = {slot.place: self._seal(slot) for slot in self.slots if slot.index}
        self._create()

    # The table ---------------------------------------------------------------------------------
    def _create(self) -> None:
        self.drop()
        columns = [
            "n integer PRIMARY KEY, sheet smallint, line integer, bad smallint, token bigint, "
            "token_version integer, seen integer, clears bigint, soft bigint"
        ]
        for slot in self.slots:
            columns.append(f"{slot.name} {'text' if slot.index else self._type(slot)}")
            if slot.index:
                columns.append(f"{slot.index_name} {column_type('uuid')}")
        self.cursor.execute(f"CREATE TEMPORARY TABLE {STAGE} ({', '.join(columns)})")

    def _type(self, slot: Slot) -> str:
        """As the stored column has it, so that the two compare without a cast."""
        if is_postgresql() and isinstance(slot.field, models.CharField):
            return "text"
        return slot.field.db_type(connection)

    def drop(self) -> None:
        self.cursor.execute(f"DROP TABLE IF EXISTS {STAGE}")

    def _seal(self, slot: Slot):
        """(function value -> text kept, function value -> blind index) of an encrypted column."""
        purpose = slot.field.purpose
        keep = crypto.ring().encrypter(purpose) if self.run.writes else slot.column.masked
        return keep, crypto.indexer(purpose)

    # Loading -----------------------------------------------------------------------------------
    def add(self, chunk: Chunk) -> None:
        size = len(chunk.rows)
        numbers = range(self.count, self.count + size)
        self.count += size
        clears, soft = [0] * size, [0] * size
        lists = []
        for slot in self.slots:
            values = chunk.values.get(slot.column.name)
            if values is None:  # the sheet has no such column
                lists += [[None] * size] * (2 if slot.index else 1)
                continue
            if CLEAR in values:
                values = _without_clears(values, clears, slot.bit)
            for at in chunk.derived.get(slot.column.name, ()):
                soft[at] |= slot.bit
            lists += self._texts(slot, values)
        bad = [0] * size
        for at in chunk.bad:
            bad[at] = 1
        tokens = chunk.tokens or [None] * size
        seen = self.run.seen
        own = [
            numbers,
            [chunk.sheet] * size,
            chunk.rows,
            bad,
            [token and token[0] for token in tokens],
            [token and token[1] for token in tokens],
            [seen.get((chunk.sheet, row)) for row in chunk.rows] if seen else [None] * size,
            clears,
            soft,
        ]
        self._load([*own, *lists])

    def _texts(self, slot: Slot, values: list) -> list[list]:
        if not slot.index:
            return [values if _are_plain(values) else [_plain(value) for value in values]]
        keep, index = self._seals[slot.place]
        kept = [None if value is BLANK else keep(value) for value in values]
        return [kept, [None if value is BLANK else index(value) for value in values]]

    def _load(self, lists: list[Iterable]) -> None:
        if is_postgresql():
            text = "\n".join(map("\t".join, zip(*map(_copy_texts, lists), strict=True)))
            self.cursor.cursor.copy_expert(f"COPY {STAGE} FROM STDIN", StringIO(text))
        else:
            holes = ", ".join(["%s"] * len(lists))
            rows = zip(*map(_sqlite_values, lists), strict=True)
            self.cursor.executemany(f"INSERT INTO {STAGE} VALUES ({holes})", rows)

    def expect(self, number: int, column: str, mask: str) -> None:
        self.masks.setdefault(column, {})[number] = mask

    def reject(self, numbers: Iterable[int]) -> None:
        for some in _by_thousands(sorted(numbers)):
            inside = ", ".join(map(str, some))
            self.cursor.execute(f"UPDATE {STAGE} SET bad = 1 WHERE n IN ({inside})")


def _by_thousands(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), 1000):
        yield numbers[start : start + 1000]


def _without_clears(values: list, clears: list[int], bit: int) -> list:
    for at, value in enumerate(values):
        if value is CLEAR:
            clears[at] |= bit
    return [BLANK if value is CLEAR else value for value in values]


def _are_plain(values: list) -> bool:
    return not any(isinstance(value, models.Model) for value in values[:1])


def _plain(value):
    """A record stands for its key."""
    return value.pk if isinstance(value, models.Model) else value


def _copy_texts(values: Iterable) -> list[str]:
    """Values as COPY reads them. What needs escaping is rare, and looked for in one go."""
    texts = [NULL if value is None else str(value) for value in values]
    if _ESCAPED.search(" ".join([text for text in texts if text is not NULL])):
        texts = [
            NULL if value is None else str(value).translate(_ESCAPES)
            for value, _text in zip(values, texts, strict=True)
        ]
    return texts


def _sqlite_values(values: Iterable) -> list:
    """Values as SQLite's tables hold them: days as text, truth as 0 and 1."""
    return [
        value.isoformat() if isinstance(value, date) else _sqlite_value(value) for value in values
    ]


def _sqlite_value(value):
    if value is None or value.__class__ in (int, float):
        return value
    return int(value) if value.__class__ is bool else str(value)
