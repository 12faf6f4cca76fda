"""Terms as pages offer them: the newest first, back to the first year that standards are known of."""

from datetime import date

from common.periods import Kind, Period, between

FIRST = date(2019, 9, 1)


def this_term(on: date) -> Period:
    return Period.of(Kind.TERM, on)


def term_choices(on: date) -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in reversed(between(Kind.TERM, FIRST, on))]


def term_label(code: str) -> str:
    return Period.parse(code).label
