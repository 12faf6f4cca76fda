"""Terms, school years and calendar years as pages about money offer them, the newest first."""

from datetime import date

from django.utils.translation import gettext as _

from common.periods import Kind, NotAPeriod, Period, between
from subsidies.terms import FIRST

KINDS = (Kind.TERM, Kind.SCHOOL_YEAR, Kind.YEAR)


def period_choices(on: date, year_label: str) -> list:
    """Groups of a select. `year_label` says what a calendar year means here."""
    heads = {
        Kind.TERM: _("学期"),
        Kind.SCHOOL_YEAR: _("学年"),
        Kind.YEAR: year_label,
    }
    return [
        (heads[kind], [(one.code, one.label) for one in reversed(between(kind, FIRST, on))])
        for kind in KINDS
    ]


def period_asked(code: str) -> Period | None:
    """A period of which money is told, or None."""
    try:
        period = Period.parse(code)
    except NotAPeriod:
        return None
    return period if period.kind in KINDS else None
