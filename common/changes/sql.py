"""The few words in which the two engines speak of JSON differently, and raw columns as JSON.

A column is recorded as the database holds it: ciphertext stays ciphertext, and what is put back is
what was there.
"""

from django.apps import apps
from django.db import connection, models


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def model_of(table: str) -> type[models.Model]:
    """The model of a table; RowChange names tables."""
    return {model._meta.db_table: model for model in apps.get_models()}[table]


def json_object(columns: dict[str, str]) -> str:
    """SQL of an object: {key: SQL expression}. No key holds a quote: they are names of columns."""
    build = "jsonb_build_object" if is_postgresql() else "json_object"
    pairs = ", ".join(f"'{key}', {expression}" for key, expression in columns.items())
    return f"{build}({pairs})"


def json_key(document: str, field: models.Field) -> str:
    """SQL of a column's value in a recorded object, in the column's own type."""
    if not is_postgresql():
        return f"json_extract({document}, '$.{field.column}')"
    if isinstance(field, models.JSONField):
        return f"{document}->'{field.column}'"
    return f"CAST({document}->>'{field.column}' AS {field.db_type(connection)})"


def json_has(document: str, column: str) -> str:
    """SQL: does the object have this key, be it null."""
    if is_postgresql():
        return f"jsonb_exists({document}, '{column}')"
    return f"json_type({document}, '$.{column}') IS NOT NULL"


def stored_raw(thing: models.Model, columns: list[str]) -> str:
    """The columns of one stored row as JSON text."""
    table = quoted(thing._meta.db_table)
    wanted = json_object({column: f"{table}.{quoted(column)}" for column in columns})
    if is_postgresql():
        wanted = f"CAST({wanted} AS text)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {wanted} FROM {table} WHERE {quoted(thing._meta.pk.column)} = %s", [thing.pk]
        )
        return cursor.fetchone()[0]
