"""Terms as pages offer them: the newest first, back to the first year that standards are known of."""

from datetime import date

from django.utils.translation import gettext as _

from common.periods import Kind, Period, between

FIRST = date(2019, 9, 1)


def this_term(on: date) -> Period:
    return Period.of(Kind.TERM, on)


def short(term: Period) -> str:
    """2026/27 秋季: what fits into a field of a filter."""
    years = {"years": term.code[:7]}
    return _("%(years)s 秋季") % years if term.part == 1 else _("%(years)s 春季") % years


def term_choices(on: date) -> list[tuple[str, str]]:
    return [(one.code, short(one)) for one in reversed(between(Kind.TERM, FIRST, on))]


def term_label(code: str) -> str:
    return Period.parse(code).label
