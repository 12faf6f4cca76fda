"""The rows of a run in a temporary table: loaded column by column, by COPY where there is one.

Nothing personal lies there in clear: encrypted columns hold ciphertext and blind index, in a mere
preview a mask in place of the ciphertext.
"""

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
        self._load([*own, *lists], size)

    def _texts(self, slot: Slot, values: list) -> list[list]:
        """What the table holds of a column: of an encrypted one ciphertext and blind index."""
        if not slot.index:
            return [values]
        purpose = slot.field.purpose
        if self.run.writes:
            kept = crypto.ring().encrypt_many(values, purpose)
        else:
            mask = slot.column.masked
            kept = [None if value is BLANK else mask(value) for value in values]
        return [kept, crypto.index_many(values, purpose)]

    def _load(self, lists: list[Iterable], size: int) -> None:
        if is_postgresql():
            self.cursor.cursor.copy_expert(f"COPY {STAGE} FROM STDIN", _copy_text(lists, size))
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


def _copy_text(lists: list[Iterable], size: int) -> StringIO:
    """Columns as the lines that COPY reads.

    Values that need escaping are rare: they are looked for in the finished text, by counting what a
    text without them has.
    """
    columns, nulls = [], 0
    for values in lists:
        texts, none = _as_texts(values)
        columns.append(texts)
        nulls += none
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))
    if (
        text.count("\t") != size * (len(columns) - 1)
        or text.count("\n") != size - 1
        or text.count("\\") != nulls
        or "\r" in text
    ):
        columns = [
            [text if text is NULL else text.translate(_ESCAPES) for text in column]
            for column in columns
        ]
        text = "\n".join(map("\t".join, zip(*columns, strict=True)))
    return StringIO(text)


def _as_texts(values: Iterable) -> tuple[list[str], int]:
    """(each value as a text, NULL for none; how many are none). Most columns hold only texts."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values, 0
    if type(None) not in kinds:
        return list(map(str, values)), 0
    if len(kinds) == 1:
        return [NULL] * len(values), len(values)
    return [NULL if value is None else str(value) for value in values], values.count(None)


def _sqlite_values(values: Iterable) -> list:
    """Values as SQLite's tables hold them: days as text, truth as 0 and 1."""
    return [
        value.isoformat() if isinstance(value, date) else _sqlite_value(value) for value in values
    ]


def _sqlite_value(value):
    if value is None or value.__class__ in (int, float):
        return value
    return int(value) if value.__class__ is bool else str(value)
