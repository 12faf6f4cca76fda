"""One deed on many cases, without a limit of rows: asked for, worked as a job, a result for each.

The cases are those that the person saw when asking. They are settled some at a time, each lot in a
transaction of its own with its results, so that a job that was killed goes on where it stopped.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.db import DatabaseError, transaction
from django.db.models import F

from common import audit, jobs
from dropout.models import BulkDeed, BulkLine, Case, Episode
from dropout.services.deeds import day_of
from dropout.services.rules import in_force
from dropout.services.states import derive, facts_of, with_facts

log = logging.getLogger(__name__)
JOB = "dropout.bulk"
CHANGE = "dropout.change_case"
LOT = 200
INLINE_SECONDS = 1.0  # how long who asks waits for a job of a few rows
Progress = Callable[[int, int], None]


class NothingAsked(Exception):
    """No case, or nothing to be done with it."""


# Asking --------------------------------------------------------------------------------------------
@transaction.atomic
def ask_bulk(
    cases: Iterable[int], *, officer=None, planned_on: date | None = None, by, at: datetime
) -> BulkDeed:
    """Say who keeps these cases from now on, when they are looked at again, or both.

    Few are settled when this returns; of many the queue does the rest.
    """
    wanted = list(dict.fromkeys(cases))
    if not wanted or not (officer or planned_on):
        raise NothingAsked
    deed = BulkDeed.objects.create(officer=officer, planned_on=planned_on, asked_by=by, asked_at=at)
    lines = [BulkLine(deed=deed, case_id=pk) for pk in wanted]
    BulkLine.objects.bulk_create(lines, batch_size=1000)
    deed.job = job = jobs.enqueue(JOB, by=by, quietly=True, deed=deed.pk)
    deed.save(update_fields=["job"])
    after = {"rows": len(wanted), "planned_on": str(planned_on or "")}
    after["officer"] = officer.pk if officer else None
    audit.record("dropout.bulk_asked", deed, by=by, after=after)
    transaction.on_commit(lambda: jobs.run(job.pk, seconds=INLINE_SECONDS))
    return deed


# Working -------------------------------------------------------------------------------------------
def run_bulk(
    deed: BulkDeed, *, at: datetime, progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Settle what is not settled yet; what one case refuses does not stop the others."""
    total = deed.lines.count()
    progress(total - deed.lines.all().waiting().count(), total)
    while lot := list(deed.lines.all().waiting().order_by("pk")[:LOT]):
        _settle(deed, lot, at=at)
        progress(total - deed.lines.all().waiting().count(), total)
    with transaction.atomic():
        ended = BulkDeed.objects.filter(pk=deed.pk, finished_at=None).update(finished_at=at)
        refused = deed.lines.values_list("refused", flat=True)
        counts = Counter(code or "done" for code in refused)
        if ended:
            audit.record("dropout.bulk_finished", deed, by=deed.asked_by, after=dict(counts))
    return dict(counts)


def _settle(deed: BulkDeed, lot: list[BulkLine], *, at: datetime) -> None:
    """Together; one by one where that fails, so that only the row that fails is left as it was."""
    try:
        _settle_together(deed, lot, at=at)
    except DatabaseError as error:
        if len(lot) > 1:
            for line in lot:
                _settle(deed, [line], at=at)
            return
        log.error("bulk deed %s: line %s failed: %s", deed.pk, lot[0].pk, type(error).__name__)
        BulkLine.objects.filter(pk=lot[0].pk).update(settled_at=at, refused="failed")


@transaction.atomic
def _settle_together(deed: BulkDeed, lot: list[BulkLine], *, at: datetime) -> None:
    keys = [line.case_id for line in lot]
    held = Case.objects.select_for_update().filter(pk__in=keys).living().order_by("pk")
    living = set(held.values_list("pk", flat=True))
    mine = _among(living, deed.asked_by)
    keeps = _among(mine, deed.officer) if deed.officer else set()
    opened = with_facts(Episode.objects.open().filter(case__in=mine))
    episodes = {one.case_id: one for one in opened}
    changed = []
    for line in lot:
        line.settled_at = at
        if line.case_id not in mine:
            line.refused = "not_yours" if line.case_id in living else "gone"
        elif line.case_id not in episodes:
            line.refused = "ended"
        else:
            episode = episodes[line.case_id]
            told = _set(episode, deed, may_keep=line.case_id in keeps)
            line.refused = _refused(told)
            if "" in told:
                changed.append(episode)
    _write(changed, on=day_of(at))
    BulkLine.objects.bulk_update(lot, ["settled_at", "refused"])


def _among(keys: set[int], user) -> set[int]:
    """Those of the cases that a person may work on."""
    theirs = Case.objects.visible_to(user, CHANGE).filter(pk__in=keys)
    return set(theirs.values_list("pk", flat=True))


def _set(episode: Episode, deed: BulkDeed, *, may_keep: bool) -> list[str]:
    """What became of each part that was asked for: empty where it was done."""
    told = []
    if deed.officer:
        told.append(_put(episode, "officer_id", deed.officer_id) if may_keep else "not_theirs")
    if deed.planned_on:
        early = deed.planned_on < episode.found_on
        told.append("before_found" if early else _put(episode, "planned_on", deed.planned_on))
    return told


def _put(episode: Episode, field: str, value) -> str:
    if getattr(episode, field) == value:
        return "unchanged"
    setattr(episode, field, value)
    return ""


def _refused(told: list[str]) -> str:
    """What stood already as it was asked for is no refusal beside what was done."""
    codes = dict.fromkeys(code for code in told if code)
    if "" in told or len(codes) > 1:
        codes.pop("unchanged", None)
    return ",".join(codes)


def _write(episodes: list[Episode], *, on: date) -> None:
    """What was set, and the next date that follows; the state does not hang on either."""
    rules = in_force()
    for one in episodes:
        one.next_on = derive(facts_of(one), on, rules).next_on
    Episode.objects.bulk_update(episodes, ["officer", "planned_on", "next_on"])
    Case.objects.filter(pk__in=[one.case_id for one in episodes]).update(version=F("version") + 1)
