"""The frame of every deed on an episode: the lock, the version, the state, the figures, the event."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common import audit
from common.refusals import Stale
from dropout.models import Case, Episode
from dropout.services import touched
from dropout.services.refusals import Refused
from dropout.services.states import refresh_state


def day_of(at: datetime) -> date:
    """The day in Alxa."""
    return timezone.localdate(at)


def hold_case(pk: int, seen: int | None = None) -> Case:
    """The case as it is now, held until the transaction ends. Stale if it was changed since."""
    case = Case.objects.select_for_update().get(pk=pk)
    if seen is not None and seen != case.version:
        raise Stale(pk)
    return case


def grow(case: Case) -> None:
    """One deed more on the case."""
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    case.version += 1


@contextmanager
def deed(
    episode: Episode,
    verb: str,
    *,
    by,
    at: datetime,
    seen: int | None = None,
    ended_too: bool = False,
) -> Iterator[tuple[Episode, dict]]:
    """Yields the episode as it is now, and a dictionary for what the event tells beside the states.

    `told` holds field names and codes, never a personal value.
    """
    with transaction.atomic():
        case = hold_case(episode.case_id, seen)
        episode = Episode.objects.select_related("case__student").get(pk=episode.pk)
        episode.case = case
        if episode.ended_on and not ended_too:
            raise Refused("ended")
        before, counted, told = episode.state, _counted(episode), {}
        yield episode, told
        refresh_state(episode, day_of(at))
        grow(case)
        if counted != _counted(episode) or before != episode.state:
            _touch_cases(episode, on=day_of(at))
        after = {"state": episode.state} | told
        audit.record(verb, case, by=by, before={"state": before}, after=after)


def _counted(episode: Episode) -> tuple:
    """What figures look at."""
    return episode.confirmed_on, episode.cause, episode.ended_on, episode.end


def _touch_cases(episode: Episode, *, on: date) -> None:
    since = episode.confirmed_on or episode.found_on
    touched.touch(touched.OF_CASES, [episode.case.unit_id], since=since, on=on)


# What many deeds ask -----------------------------------------------------------------------------
def not_in_future(day: date, at: datetime, field: str) -> None:
    if day > day_of(at):
        raise Refused("in_future", field)


def not_before(day: date, first: date | None, code: str, field: str) -> None:
    if first is not None and day < first:
        raise Refused(code, field)


def given(value, field: str):
    """What must not be left empty; blanks do not count."""
    value = value.strip() if isinstance(value, str) else value
    if value in (None, ""):
        raise Refused("required", field)
    return value
