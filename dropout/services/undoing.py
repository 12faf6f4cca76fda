"""What an undo of a sheet of visits or lessons leaves alone, because something newer rests on it.

A visit says when somebody goes there again; that date is put back with the visit, unless a later
visit or a person has said another one since. A lesson at home that a case was closed on stays.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import F
from django.utils.timezone import localdate

from common import changes
from common.models import RowChange
from dropout.models import Case, End, Episode, HomeLesson, Visit
from dropout.services.rules import in_force
from dropout.services.states import refresh_state

EPISODES = Episode._meta.db_table


def planned_after(visits: Iterable[Visit], planned_on: date | None = None) -> date | None:
    """When somebody goes there again, as visits one after the other have said it."""
    for visit in sorted(visits, key=lambda one: (one.on, one.pk)):
        if visit.next_on:
            planned_on = visit.next_on
        elif planned_on and planned_on <= visit.on:
            planned_on = None
    return planned_on


def planned_since(verbs: dict[int, str]) -> dict[int, str]:
    """Of visits that an undo would take those of a case whose next date is not theirs any more.

    All of such a case stay: the date that they found is kept with one of them.
    """
    rows = RowChange.objects.filter(root=Visit._meta.db_table, root_pk__in=verbs, undone_at=None)
    planning = {
        part[1] for parts in rows.values_list("parts", flat=True) for part in parts
        if part[0] == EPISODES
    }  # fmt: skip
    visits = defaultdict(list)
    found = Visit.objects.filter(pk__in=verbs, episode__in=planning).select_related("episode")
    for visit in found:
        visits[visit.episode].append(visit)
    standing = dict(
        Visit.objects.standing()
        .filter(episode__in=planning)
        .order_by("on", "pk")
        .values_list("episode", "pk")
    )
    return {
        visit.pk: "edited_since"
        for episode, mine in visits.items()
        if standing.get(episode.pk) not in verbs or episode.planned_on != planned_after(mine)
        for visit in mine
    }


def closed_on(verbs: dict[int, str]) -> dict[int, str]:
    """Of lessons that an undo would take those of a case that was closed after they were recorded."""
    lessons = HomeLesson.objects.filter(pk__in=verbs, placement__episode__end=End.CLOSED)
    ends = lessons.annotate(ended_on=F("placement__episode__ended_on"))
    return {
        lesson.pk: "leaned_on"
        for lesson in ends
        if lesson.ended_on >= localdate(lesson.recorded_at)
    }


def derive_anew(episodes: Iterable[Episode], on: date) -> None:
    """After an undo: the state that the facts still support, and whoever has a form open is told."""
    rules = in_force()
    for episode in episodes:
        if refresh_state(episode, on, rules):
            Case.objects.filter(pk=episode.case_id).update(version=F("version") + 1)


changes.frozen_by(Visit, planned_since)
changes.frozen_by(HomeLesson, closed_on)
