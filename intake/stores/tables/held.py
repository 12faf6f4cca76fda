"""What the portal holds of a kind, record by record: the rows of a pre-filled form."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet

from intake.columns.base import Context
from intake.contexts import units_of
from intake.kinds import ReportKind
from intake.stores.base import Held, Run
from intake.stores.tables.declared import Declaration, Part

AT_ONCE = 2000  # records; five queries each


def held_rows(store: Declaration, kind: ReportKind, context: Context) -> Iterator[Held]:
    """The records that a sheet of this person for this unit may change."""
    records = held_records(store, kind, context)
    if records is None:
        return
    found = records.values_list("pk", "version", *store.fields.values()).order_by("pk").iterator()
    while some := list(islice(found, AT_ONCE)):
        parts = [_parts(part, [row[0] for row in some], context) for part in store.parts]
        for pk, version, *values in some:
            held = dict(zip(store.fields, values, strict=True))
            for rows in parts:
                held |= rows.get(pk, {})
            if _is_of_the_sheet(store, held):
                yield Held(pk, version, {n: None if v == "" else v for n, v in held.items()})


def held_records(store: Declaration, kind: ReportKind, context: Context) -> QuerySet | None:
    """Within the person's scope; None where what the sheet speaks of is not there yet."""
    records = store.living() if store.living else store.root._base_manager.all()
    if store.fixed:
        fixed = store.fixed(Run(kind, context), None)
        if fixed is None:
            return None
        records = records.filter(**fixed)
    if store.holder:
        mine = store.holder(context.on).filter(holder__in=units_of(context)).values("pk")
        records = records.filter(pk__in=mine)
    return records


def _parts(part: Part, records: list[int], context: Context) -> dict[int, dict]:
    """record -> {column: value}: the first by the part's own order, as a sheet's row meets it."""
    rows = part.rows(context.on).filter(**{f"{part.link}__in": records})
    found: dict[int, dict] = {}
    for record, *values in rows.order_by(*part.order, "pk").values_list(
        part.model._meta.get_field(part.link).attname, *part.fields.values()
    ):
        found.setdefault(record, dict(zip(part.fields, values, strict=True)))
    return found


def _is_of_the_sheet(store: Declaration, held: dict) -> bool:
    """A complete sheet lists open parts only: a child that goes to no school is on no roster."""
    return store.missing is None or held.get(store.missing.column) is not None
