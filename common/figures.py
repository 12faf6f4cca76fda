"""Numbers the apps can compute, by code. Indicators ask here, not there.

`compute(period, units)` answers for every unit asked, league and zones included: the same number
for everyone, no user, no request. A missing key means "not reported".
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

_figures: dict[str, "Figure"] = {}
_listeners: list[Callable] = []
_unheard: ContextVar[bool] = ContextVar("figures_unheard", default=False)


class State(StrEnum):
    """Why a number is there, or is not. Blank is not zero."""

    REPORTED = "REPORTED"
    NOT_REPORTED = "NOT_REPORTED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NO_CASE = "NO_CASE"  # the denominator is 0


@dataclass(frozen=True)
class Value:
    """One number. A count has no denominator; a rate is numerator over denominator."""

    numerator: Decimal | None
    denominator: Decimal | None = None
    state: State = State.REPORTED


@dataclass(frozen=True)
class Figure:
    code: str
    label: str
    source: str  # where the number comes from, in the users' words
    compute: Callable  # (*, period, units) -> {unit_id: Value}
    rows: Callable  # (*, period, unit) -> address of the scoped list behind the numerator
    together: Callable | None = None  # (*, period, units) -> {code: {unit_id: Value}}

    def with_its_kin(self, *, period, units) -> dict[str, dict]:
        """{code: {unit_id: Value}}: its own answers, and those that the same questions gave."""
        if self.together:
            return self.together(period=period, units=units)
        return {self.code: self.compute(period=period, units=units)}


def figure(code, *, label, source, rows):
    """Declare a figure; the decorated function computes it."""

    def register(function):
        _add(Figure(code, label, source, function, rows))
        return function

    return register


def kindred(labels: dict[str, str], *, source, rows):
    """Declare figures that are worked out together, by code and label.

    The decorated function answers for all of them, {code: {unit_id: Value}}, with questions that
    they share: whoever asks for one and wants another soon has it already. `rows(code)` gives each
    its own way to the list.
    """

    def register(function):
        for code, label in labels.items():
            _add(Figure(code, label, source, _only(code, function), rows(code), function))
        return function

    return register


def _only(code: str, together: Callable) -> Callable:
    """One figure out of those that are worked out together."""

    def compute(*, period, units):
        return together(period=period, units=units)[code]

    return compute


def _add(declared: Figure) -> None:
    if declared.code in _figures:
        raise ValueError(f"Figure {declared.code} is declared twice")
    _figures[declared.code] = declared


def get(code: str) -> Figure:
    return _figures[code]


def all_figures() -> list[Figure]:
    return list(_figures.values())


def choices():
    return sorted((f.code, f.label) for f in _figures.values())


def on_touch(listener: Callable) -> Callable:
    """Tell me (code, unit_ids, periods) whenever a deed changes what a figure counts."""
    _listeners.append(listener)
    return listener


@contextmanager
def told_at_the_end() -> Iterator[None]:
    """For who does many deeds and has everything worked out anew after them: no deed is told of."""
    held = _unheard.set(True)
    try:
        yield
    finally:
        _unheard.reset(held)


def touch(code: str, units, periods) -> None:
    """Say, inside the deed's transaction, that a figure of these units and periods has changed."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("figures.touch belongs inside the transaction of the deed")
    if _unheard.get():
        return
    for listener in _listeners:
        listener(code, [unit.pk for unit in units], list(periods))
