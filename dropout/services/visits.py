"""Visits: who spoke with whom, when, with what result, and when again."""

from datetime import date, datetime

from dropout.models import Episode, Visit
from dropout.services.deeds import deed, given, not_before, not_in_future
from dropout.services.refusals import Refused


def record_visit(
    episode: Episode,
    *,
    on: date,
    visitor: str,
    way: str,
    result: str,
    by,
    at: datetime,
    position: str = "",
    note: str = "",
    guardian_word: str = "",
    next_on: date | None = None,
    seen: int | None = None,
    **source,
) -> Visit:
    """Write down a visit; its next date becomes the episode's.

    One of an ended episode may be written down later, if it was made while that was open. `source`
    names the sheet it came from (source_upload, source_sheet, source_row).
    """
    verb = "dropout.visit_recorded"
    with deed(episode, verb, by=by, at=at, seen=seen, ended_too=True) as (episode, told):
        not_in_future(on, at, "on")
        not_before(on, episode.found_on, "before_found", "on")
        if episode.ended_on and on > episode.ended_on:
            raise Refused("after_end", "on")
        if next_on is not None:
            not_before(next_on, on, "out_of_order", "next_on")
        visitor = given(visitor, "visitor")
        same = Visit.objects.of_episode(episode).standing().filter(on=on, visitor=visitor, way=way)
        if same.exists():
            raise Refused("twice", "on")
        visit = Visit.objects.create(
            episode=episode,
            on=on,
            visitor=visitor,
            way=given(way, "way"),
            result=given(result, "result"),
            position=position.strip(),
            note=note.strip(),
            guardian_word=guardian_word.strip(),
            next_on=next_on,
            recorded_by=by,
            recorded_at=at,
            **source,
        )
        _plan(episode, visit)
        told["result"] = visit.result
    return visit


def _plan(episode: Episode, visit: Visit) -> None:
    """The latest visit says when again; what was planned until then is done with it."""
    if episode.ended_on:
        return
    later = Visit.objects.of_episode(episode).standing().filter(on__gt=visit.on)
    if visit.next_on and not later.exists():
        episode.planned_on = visit.next_on
    elif episode.planned_on and episode.planned_on <= visit.on:
        episode.planned_on = None
    episode.save(update_fields=["planned_on"])
