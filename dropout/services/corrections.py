"""What was recorded wrongly: taken back, or corrected. What it was, who said so and why stays."""

from datetime import datetime

from dropout.models import (
    Correction,
    Episode,
    HomeLesson,
    Placement,
    Step,
    Visit,
    Watch,
    WatchAnswer,
)
from dropout.services import touched
from dropout.services.cases import set_cause
from dropout.services.deeds import day_of, deed, given
from dropout.services.placements import set_answer, standing_watch
from dropout.services.refusals import Refused
from dropout.services.undoing import planned_after


# Withdrawing ---------------------------------------------------------------------------------------
def withdraw(record, *, reason: str, by, at: datetime, seen: int | None = None):
    """Withdraw a visit, step, notice, placement or lesson; what followed from it is derived anew.

    A step that has documents waits until they are withdrawn.
    """
    verb = f"dropout.{record._meta.model_name}_withdrawn"
    with deed(_episode_of(record), verb, by=by, at=at, seen=seen) as (episode, _told):
        record = type(record).objects.get(pk=record.pk)
        reason = given(reason, "reason")
        if record.is_withdrawn:
            raise Refused("withdrawn", "reason")
        _may_go(record)
        record.withdrawn_by, record.withdrawn_at, record.withdrawn_reason = by, at, reason
        record.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
        if isinstance(record, Visit):
            _plan_without(record, episode)
        if isinstance(record, HomeLesson):
            units = [episode.case.unit_id]
            touched.touch([touched.LESSONS], units, since=record.on, on=day_of(at))
        if isinstance(record, Placement):
            _touch_returned(record, episode, at)
    return record


def _episode_of(record):
    return record.placement.episode if isinstance(record, HomeLesson) else record.episode


def _plan_without(visit: Visit, episode: Episode) -> None:
    """The next date that only this visit has set goes with it; the visits before it say when."""
    if visit.next_on is None or episode.planned_on != visit.next_on:
        return
    episode.planned_on = planned_after(Visit.objects.of_episode(episode).standing())
    episode.save(update_fields=["planned_on"])


def _may_go(record) -> None:
    if isinstance(record, Step) and record.notices.filter(withdrawn_at=None).exists():
        raise Refused("has_notices", "reason")
    if isinstance(record, Placement) and record.ended_on:
        raise Refused("replaced", "reason")


def _touch_returned(placement: Placement, episode, at: datetime) -> None:
    codes = (touched.RETURNED, touched.LESSONS)
    touched.touch(codes, [episode.case.unit_id], since=placement.began_on, on=day_of(at))


# Correcting ----------------------------------------------------------------------------------------
def correct_cause(
    episode: Episode,
    *,
    cause: str,
    reason: str,
    by,
    at: datetime,
    cause_detail: str = "",
    seen: int | None = None,
) -> Episode:
    """Another cause has turned out to be the true one. The event keeps the open codes only."""
    with deed(episode, "dropout.cause_corrected", by=by, at=at, seen=seen) as (episode, told):
        if not episode.confirmed_on:
            raise Refused("not_confirmed")
        reason, was = given(reason, "reason"), episode.guarded_cause or episode.cause
        told["was"] = episode.cause
        set_cause(episode, cause, cause_detail)
        episode.save(update_fields=["cause", "guarded_cause", "cause_detail"])
        told["cause"] = episode.cause
        _keep(episode, was=was, became=cause, reason=reason, by=by, at=at)
    return episode


def correct_watch(
    watch: Watch, *, answer: str, reason: str, by, at: datetime, seen: int | None = None
) -> Watch:
    """The school's answer was wrong. A case that was due because of it is due no longer."""
    verb = "dropout.watch_corrected"
    with deed(watch.placement.episode, verb, by=by, at=at, seen=seen) as (episode, told):
        watch = standing_watch(watch)
        if not watch.answered_on:
            raise Refused("not_answered", "answer")
        reason, was = given(reason, "reason"), watch.answer
        if given(answer, "answer") == was:
            raise Refused("same_answer", "answer")
        if was == WatchAnswer.LEFT and episode.planned_on == watch.answered_on:
            episode.planned_on = None
            episode.save(update_fields=["planned_on"])
        set_answer(watch, episode, answer=answer, on=watch.answered_on, note=watch.note, by=by)
        told |= {"days": watch.days, "was": was, "answer": answer}
        _keep(episode, watch=watch, was=was, became=answer, reason=reason, by=by, at=at)
    return watch


def _keep(episode: Episode, **facts) -> None:
    Correction.objects.create(episode=episode, **facts)
