"""Cases written row by row, as deeds would leave them: for tests of what pages show."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from dropout.models import Case, Episode, State
from registry.models import Unit
from tests.cast import NOW, TODAY
from tests.children import make_child


def make_case(unit: Unit, *, child=None, township=None, school=None, **over) -> Case:
    """A case with one open episode, suspected ten days ago unless said otherwise."""
    child = child or make_child("那仁", school)
    case = Case.objects.create(
        student=child, unit=unit, township=township, school=school, opened_at=NOW
    )
    make_episode(case, **over)
    return case


def make_episode(case: Case, **over) -> Episode:
    found = over.pop("found_on", TODAY - timedelta(days=10))
    return Episode.objects.create(
        case=case,
        **{
            "number": case.episodes.count() + 1,
            "source": "DOOR_TO_DOOR",
            "found_on": found,
            "state": State.SUSPECTED,
            "state_since": found,
        }
        | over,
    )


def confirmed(day: date = TODAY - timedelta(days=5), **over) -> dict:
    """Facts of an episode that is confirmed."""
    return {
        "confirmed_on": day,
        "kind": "DROPPED_OUT",
        "cause": "LEARNING",
        "state": State.CONFIRMED,
        "state_since": day,
    } | over


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 9, 0))
