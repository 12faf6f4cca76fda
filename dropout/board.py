"""Open cases counted by township and state.

Counted are only cases that the viewer may open row by row: there is nothing to hide from them.
"""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from dropout.models import State
from registry.models import Unit

COLUMNS = (
    State.SUSPECTED,
    State.VERIFYING,
    State.CONFIRMED,
    State.PERSUADING,
    State.PLACED,
    State.WATCHED,
)


@dataclass
class Row:
    """A township of a responsible unit, or the whole unit."""

    unit: Unit
    township: Unit | None = None
    counts: dict[str, int] = field(default_factory=dict)
    late: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def address(self, **asked) -> str:
        place = {"unit": self.unit.pk}
        if self.township:
            place["township"] = self.township.pk
        return f"{reverse('dropout:case-list')}?{urlencode(place | asked)}"

    @property
    def cells(self) -> list[dict]:
        return [
            {"n": self.counts.get(state, 0), "url": self.address(state=state)} for state in COLUMNS
        ]

    @property
    def late_url(self) -> str:
        return self.address(due="LATE")

    @property
    def url(self) -> str:
        return self.address()

    def add(self, state: str, n: int, late: int) -> None:
        self.counts[state] = self.counts.get(state, 0) + n
        self.late += late


class Board:
    """Rows by unit, the unit's whole first and then its townships."""

    columns = [state.label for state in COLUMNS]

    def __init__(self, episodes, *, on: date):
        counted = (
            episodes.open()
            .order_by()
            .values_list("case__unit", "case__township", "state")
            .annotate(n=Count("pk"), late=Count("pk", filter=Q(next_on__lt=on)))
        )
        rows = list(counted)
        places = Unit.objects.in_bulk({pk for row in rows for pk in row[:2] if pk})
        self.groups = _grouped(rows, places)

    @property
    def total(self) -> int:
        return sum(whole.total for whole, _townships in self.groups)

    @property
    def late(self) -> int:
        return sum(whole.late for whole, _townships in self.groups)


def _grouped(rows, places: dict[int, Unit]) -> list[tuple[Row, list[Row]]]:
    wholes: dict[int, Row] = {}
    parts: dict[tuple, Row] = {}
    for unit, township, state, n, late in rows:
        whole = wholes.setdefault(unit, Row(places[unit]))
        whole.add(state, n, late)
        if township:
            part = parts.setdefault((unit, township), Row(places[unit], places[township]))
            part.add(state, n, late)
    ordered = sorted(wholes.values(), key=lambda row: (row.unit.sort_no, row.unit.sort_key))
    return [(whole, _townships_of(whole, parts)) for whole in ordered]


def _townships_of(whole: Row, parts: dict[tuple, Row]) -> list[Row]:
    mine = [row for (unit, _township), row in parts.items() if unit == whole.unit.pk]
    return sorted(mine, key=lambda row: (row.township.sort_no, row.township.sort_key))
