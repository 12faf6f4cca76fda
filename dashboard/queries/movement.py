"""What got better and what got worse since the period before."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dashboard.queries.board import Board, Place
from registry.models import Unit
from tasks_app.models import Indicator

SHOWN = 5


@dataclass(frozen=True)
class Move:
    """A number that is not what it was a period before."""

    place: Place
    before: Decimal
    now: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def is_up(self) -> bool:
        return self.change > 0

    @property
    def is_better(self) -> bool:
        return self.is_up != (self.place.indicator.direction == Indicator.Direction.DOWN)

    @property
    def size(self) -> Decimal:
        """By what share it moved: a rate of 80 that is now 76 moved as far as a count of 20 by one."""
        return abs(self.change) / max(abs(self.before), Decimal(1))


def move_of(place: Place) -> Move | None:
    """None where nothing moved, or where the number before would tell a stranger of few people."""
    number = place.number
    row = number.standing if number else None
    if row is None or number.mask or not row.change or row.exact is None:
        return None
    if place.indicator.counts_people and not number.covered:
        return None
    return Move(place, row.exact - row.change, row.exact)


def moves(board: Board) -> tuple[list[Move], list[Move]]:
    """(better, worse), the farthest first, a few of each."""
    return _ranked(place for row in board.rows for place in row.everywhere)


def moves_at(board: Board, unit: Unit) -> tuple[list[Move], list[Move]]:
    """The same of one unit."""
    return _ranked(row.at(unit) for row in board.rows)


def _ranked(places: Iterable[Place]) -> tuple[list[Move], list[Move]]:
    found = [move for place in places if (move := move_of(place))]
    found.sort(key=lambda move: (-move.size, move.place.indicator.code, move.place.unit.sort_no))
    better = [move for move in found if move.is_better]
    return better[:SHOWN], [move for move in found if not move.is_better][:SHOWN]
