"""Which figures a deed moves: those of the case's unit and of every unit above it."""

from collections.abc import Iterable
from datetime import date

from common import figures
from common.periods import Kind, between
from registry.models import Unit

OPEN = "dropout.open"
OPEN_POVERTY = "dropout.open_poverty"
OPEN_LEARNING = "dropout.open_learning"
RETURNED = "dropout.returned"
LESSONS = "dropout.home_lessons"
OF_CASES = (OPEN, OPEN_POVERTY, OPEN_LEARNING, RETURNED)


def touch(codes: Iterable[str], units: Iterable[int], *, since: date, on: date) -> None:
    """Say, inside the deed's transaction, that numbers from a day on have changed."""
    above = list(Unit.objects.filter(below__descendant__in=set(units)).distinct())
    periods = [period for kind in Kind for period in between(kind, since, max(since, on))]
    for code in codes:
        figures.touch(code, above, periods)
