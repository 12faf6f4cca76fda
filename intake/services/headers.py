"""What a unit's headers were once confirmed to mean, so that nobody is asked twice."""

from datetime import datetime

from intake.kinds import ReportKind
from intake.models import HeaderMapping
from intake.sheets.normal import squeeze

LONGEST = HeaderMapping._meta.get_field("header").max_length


def remembered(kind: ReportKind, unit) -> dict[str, str]:
    """{header in its normal form: column name, or "" for one that is not taken in}."""
    known = HeaderMapping.objects.filter(kind=kind.slug, unit=unit)
    return dict(known.values_list("header", "column"))


def remember(kind: ReportKind, unit, mapping: dict[str, str], *, by, at: datetime) -> int:
    """Keep what a person said of headers; part of the deed that asked, which records the event.

    `mapping` is {header as written: column name, or ""}. A header that is told from its double by a
    letter (联系电话@H) means something in that one sheet only, and is not kept. Returns how many were.
    """
    lasting = {
        form: HeaderMapping(kind=kind.slug, unit=unit, header=form, column=column, by=by, at=at)
        for form, column in (
            (squeeze(header), column) for header, column in mapping.items() if "@" not in header
        )
        if form and len(form) <= LONGEST
    }
    HeaderMapping.objects.bulk_create(
        lasting.values(),
        update_conflicts=True,
        unique_fields=["kind", "unit", "header"],
        update_fields=["column", "by", "at"],
    )
    return len(lasting)
