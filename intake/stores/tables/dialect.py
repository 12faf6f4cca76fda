"""What the two engines say differently, and statements that collect their own parameters."""

from datetime import date

from django.db import connection, models

from common.changes.sql import is_postgresql, quoted

# Temporary tables of a run. One run at a time on a connection.
STAGE, MATCH, COMPARED, SCOPE, WRITTEN = (
    "intake_stage",
    "intake_match",
    "intake_compared",
    "intake_scope",
    "intake_written",
)


def differs(one: str, other: str) -> str:
    if is_postgresql():
        return f"{one} IS DISTINCT FROM {other}"
    return f"{one} IS NOT {other}"


def greatest(*some: str) -> str:
    return f"{'GREATEST' if is_postgresql() else 'MAX'}({', '.join(some)})"


def least(*some: str) -> str:
    return f"{'LEAST' if is_postgresql() else 'MIN'}({', '.join(some)})"


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'" if is_postgresql() else f"'{value.isoformat()}'"


def day_before(value: date) -> str:
    return day(date.fromordinal(value.toordinal() - 1))


def json_text(expression: str) -> str:
    """SQL of a value as JSON text; NULL becomes null."""
    if is_postgresql():
        return f"COALESCE(CAST(to_json({expression}) AS text), 'null')"
    return f"json_quote({expression})"


def as_text(expression: str) -> str:
    return f"CAST({expression} AS text)"


def as_json(expression: str) -> str:
    """SQL of a JSON column's value, from JSON text."""
    return f"CAST({expression} AS jsonb)" if is_postgresql() else expression


def column_type(sql: str) -> str:
    """A column's type in the staging table."""
    return "char(32)" if sql == "uuid" and not is_postgresql() else sql


def table_of(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


def pk_of(model: type[models.Model]) -> str:
    return quoted(model._meta.pk.column)


def column_of(model: type[models.Model], field: str) -> str:
    return quoted(model._meta.get_field(field).column)


def is_empty(field: models.Field, expression: str) -> str:
    """SQL: nothing stands there. Texts are never NULL, other columns are."""
    if not field.null and isinstance(field, models.CharField | models.TextField):
        return f"COALESCE({expression}, '') = ''"
    return f"{expression} IS NULL"


def empty_value(field: models.Field) -> str:
    is_text = not field.null and isinstance(field, models.CharField | models.TextField)
    return "''" if is_text else "NULL"


def literal(field: models.Field, value) -> tuple[str, list]:
    """(SQL, parameters) of a constant as the column stores it."""
    return "%s", [field.get_db_prep_save(value, connection)]


def default_of(field: models.Field) -> tuple[str, list]:
    """(SQL, parameters) of what a new row holds where nobody says anything."""
    value = field.get_default()
    if value is None and not field.null:
        raise ValueError(f"{field} has no value for a new row")
    return ("NULL", []) if value is None else literal(field, value)


def compiled(queryset) -> tuple[str, list]:
    """(SQL, parameters) of a queryset, to stand as a sub-query."""
    sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    return sql, list(params)


def next_key(model: type[models.Model], drawn: int, condition: str) -> str:
    """SQL that gives the rows of a SELECT for which a condition holds fresh primary keys of a model.

    PostgreSQL draws them from the sequence. SQLite has one writer: counting on from the last one,
    and from those `drawn` but not yet written, is safe there.
    """
    table, column = model._meta.db_table, model._meta.pk.column
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted(table), column])
            key = f"nextval('{cursor.fetchone()[0]}')"
    else:
        key = (
            f"MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0), "
            f"COALESCE((SELECT MAX({quoted(column)}) FROM {quoted(table)}), 0)) + {drawn} "
            f"+ SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) OVER (ORDER BY c.n)"
        )
    return f"CASE WHEN {condition} THEN {key} END"
