"""What many tests begin with, written once by the real deed and from then on by its copy.

Loading the units and the plan takes a third of a second, a thousand times in a run. The first test
loads them through the portal's own functions; the rows that came of it are kept as SQL of this
engine, and later tests of the same process insert them. Tests of the loading itself load.
"""

from collections.abc import Callable

from django.apps import apps
from django.db import connection

_copies: dict[str, dict[str, "Rows"]] = {}


class Rows:
    """Rows of one table: their keys, and the statement that writes them."""

    def __init__(self, model, rows: dict[int, str]):
        self.model = model
        self.keys = list(rows)
        table = connection.ops.quote_name(model._meta.db_table)
        self.statement = (
            f"INSERT INTO {table} ({', '.join(_columns(model))}) VALUES {', '.join(rows.values())}"
        )
        self.after = ""  # the next key of the table's own, where somebody has set the counter back
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                column = model._meta.pk.column
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column])
                (sequence,) = cursor.fetchone()
            if sequence:
                least = f"GREATEST((SELECT last_value FROM {sequence}), {max(rows)})"
                self.after = f"SELECT setval('{sequence}', {least})"


def _columns(model) -> list[str]:
    return [connection.ops.quote_name(field.column) for field in model._meta.local_concrete_fields]


def _literals(model) -> dict[int, str]:
    """{key: the row as a tuple of SQL literals}"""
    key = connection.ops.quote_name(model._meta.pk.column)
    table = connection.ops.quote_name(model._meta.db_table)
    quote = "quote({})" if connection.vendor == "sqlite" else "quote_nullable({}::text)"
    values = ", ".join(quote.format(column) for column in _columns(model))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {values} FROM {table} ORDER BY {key}")
        return {row[0]: f"({', '.join(row[1:])})" for row in cursor.fetchall()}


def _everything() -> dict:
    models = [model for model in apps.get_models() if model._meta.managed]
    return {model: _literals(model) for model in models}


def begin_with(name: str, load: Callable[[], object]) -> None:
    """Bring about what `load` brings about; it only inserts."""
    copy = _copies.get(name)
    if copy is None:
        before = _everything()
        load()
        _copies[name] = _kept(before, _everything())
    elif _is_free(copy):
        _write(copy)
    else:
        load()


def _kept(before: dict, after: dict) -> dict[str, Rows]:
    kept = {}
    for model, rows in after.items():
        fresh = {key: row for key, row in rows.items() if before[model].get(key) != row}
        changed = before[model].keys() & fresh.keys()
        assert not changed, f"{model._meta.label} is changed and not only added to"
        if fresh:
            kept[model._meta.db_table] = Rows(model, fresh)
    return kept


def _is_free(copy: dict[str, Rows]) -> bool:
    """No row of the test stands where one of the copy goes."""
    return not any(
        rows.model._base_manager.filter(pk__range=(min(rows.keys), max(rows.keys))).exists()
        for rows in copy.values()
    )


def _write(copy: dict[str, Rows]) -> None:
    # A row may point at one of a later table: looked at when the transaction ends.
    with connection.cursor() as cursor:
        for rows in copy.values():
            cursor.execute(rows.statement)
            if rows.after:
                cursor.execute(rows.after)
        if connection.vendor == "postgresql":  # as the loading does after itself
            for table in copy:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
