"""One deed on many cases, without a limit of rows: a result for each, and one event for all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from common import audit
from dropout.models import Case, Episode
from dropout.services.deeds import day_of
from dropout.services.refusals import WORDS
from dropout.services.rules import in_force
from dropout.services.states import derive, facts_of, with_facts

CHUNK = 500


@dataclass(frozen=True)
class Result:
    """What became of one case; `refused` is a code of `refusals.WORDS`, or empty."""

    case: int
    refused: str = ""

    @property
    def says(self) -> str:
        return str(WORDS[self.refused]) if self.refused else ""


def bulk_assign(cases: Iterable[int], *, officer, by, at: datetime) -> list[Result]:
    """The open episodes of these cases are kept by one person from now on."""
    theirs = Case.objects.visible_to(officer, "dropout.change_case")

    def change(episodes, allowed):
        return {
            one.case_id: _set(one, "officer_id", officer.pk)
            if one.case_id in allowed
            else "not_theirs"
            for one in episodes
        }

    return _each(cases, change, among=theirs, verb="dropout.assigned_in_bulk", by=by, at=at)


def bulk_next_date(cases: Iterable[int], *, planned_on: date, by, at: datetime) -> list[Result]:
    """The open episodes of these cases are looked at again on this day."""

    def change(episodes, _allowed):
        return {
            one.case_id: "before_found"
            if planned_on < one.found_on
            else _set(one, "planned_on", planned_on)
            for one in episodes
        }

    return _each(cases, change, among=Case.objects, verb="dropout.planned_in_bulk", by=by, at=at)


def _set(episode: Episode, field: str, value) -> str:
    if getattr(episode, field) == value:
        return "unchanged"
    setattr(episode, field, value)
    return ""


@transaction.atomic
def _each(cases: Iterable[int], change, *, among, verb: str, by, at: datetime) -> list[Result]:
    """In the order asked; who has more than one row of a case is told of it once."""
    wanted = list(dict.fromkeys(cases))
    results: dict[int, str] = {}
    for some in _chunks(wanted):
        held = {one.pk for one in Case.objects.select_for_update().filter(pk__in=some)}
        allowed = set(among.filter(pk__in=some).values_list("pk", flat=True))
        episodes = list(with_facts(Episode.objects.open().filter(case__in=held)))
        found = change(episodes, allowed)
        _write([one for one in episodes if not found[one.case_id]], on=day_of(at))
        for pk in some:
            results[pk] = found.get(pk, "ended" if pk in held else "gone")
    counts = Counter(code or "done" for code in results.values())
    audit.record(verb, by=by, after=dict(counts))
    return [Result(pk, results[pk]) for pk in wanted]


def _write(episodes: list[Episode], *, on: date) -> None:
    """What was set, and the next date that follows; the state does not hang on either."""
    rules = in_force()
    for one in episodes:
        one.next_on = derive(facts_of(one), on, rules).next_on
    Episode.objects.bulk_update(episodes, ["officer", "planned_on", "next_on"], batch_size=CHUNK)
    Case.objects.filter(pk__in=[one.case_id for one in episodes]).update(version=F("version") + 1)


def _chunks(wanted: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]
