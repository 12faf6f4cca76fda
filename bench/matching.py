"""What comparing two lists of children costs, and how much of what is planted it finds."""

from collections.abc import Callable

from django.db import connection

from registry.matching import Matching, Note, match
from scripts.bench import Row, seconds
from tests.registry.lists_with_truths import Truths, draw

REGISTER, ROLL = 30_000, 28_000
JOIN = "SELECT count(*) FROM bench_register a JOIN bench_roll b ON a.number_index = b.number_index"


def main() -> list[Row]:
    """A register of 30,000 children and a roll of 28,000, of whom a thirtieth have a slip in the
    number or none; a hundredth are twins, some share name and birthday, a twentieth have moved. The
    time of the matcher is held up to one join of two indexed tables on the exact number. Precision and
    recall are shares of 1: of all pairs that are not exact, how many are suggested, and of all that is
    suggested how much is true; "likely" leaves out what is said to be a twin perhaps."""
    truths = draw(REGISTER, ROLL)
    kept: list[Matching] = []
    took = seconds(lambda: kept.append(match(truths.left, truths.right)))
    return [
        Row("matcher, lists in memory", took, "one join on the exact number", _join(truths)),
        *_quality(truths, kept[-1]),
    ]


def _quality(truths: Truths, found: Matching) -> list[Row]:
    exact = _keys(found.exact, lambda pair: True)
    suggested = _keys(found.suggestions, lambda pair: True)
    likely = _keys(found.suggestions, lambda pair: Note.MAYBE_TWINS not in pair.notes)
    told = [
        ("exact pairs that are true", len(exact & truths.pairs), len(exact)),
        ("exact pairs found", len(exact & truths.exact), len(truths.exact)),
        ("suggestions that are true", len(suggested & truths.pairs), len(suggested)),
        ("likely suggestions that are true", len(likely & truths.pairs), len(likely)),
        (
            "planted pairs suggested",
            len(suggested & truths.pairs),
            len(truths.pairs - truths.exact),
        ),
    ]
    return [Row(what, part, f"{whole:,}", whole) for what, part, whole in told]


def _keys(pairs, wanted: Callable) -> set[tuple]:
    return {(pair.left.key, pair.right.key) for pair in pairs if wanted(pair)}


def _join(truths: Truths) -> float:
    """The least that a database does: both lists are tables, with an index on the number."""
    with connection.cursor() as cursor:
        for table, people in (("bench_register", truths.left), ("bench_roll", truths.right)):
            cursor.execute(f"CREATE TABLE {table} (id integer, number_index char(32))")
            rows = [(n, one.id_index.hex if one.id_index else None) for n, one in enumerate(people)]
            cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s)", rows)
            cursor.execute(f"CREATE INDEX {table}_number ON {table} (number_index)")
            cursor.execute(f"ANALYZE {table}")

        def join():
            cursor.execute(JOIN)
            assert cursor.fetchone()[0] == len(truths.exact)

        return seconds(join)
