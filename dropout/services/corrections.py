"""Taking back what was recorded wrongly: the row stays, with who withdrew it and why."""

from datetime import datetime

from dropout.models import HomeLesson, Placement, Step
from dropout.services import touched
from dropout.services.deeds import day_of, deed, given
from dropout.services.refusals import Refused


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
        if isinstance(record, HomeLesson):
            units = [episode.case.unit_id]
            touched.touch([touched.LESSONS], units, since=record.on, on=day_of(at))
        if isinstance(record, Placement):
            _touch_returned(record, episode, at)
    return record


def _episode_of(record):
    return record.placement.episode if isinstance(record, HomeLesson) else record.episode


def _may_go(record) -> None:
    if isinstance(record, Step) and record.notices.filter(withdrawn_at=None).exists():
        raise Refused("has_notices", "reason")
    if isinstance(record, Placement) and record.ended_on:
        raise Refused("replaced", "reason")


def _touch_returned(placement: Placement, episode, at: datetime) -> None:
    codes = (touched.RETURNED, touched.LESSONS)
    touched.touch(codes, [episode.case.unit_id], since=placement.began_on, on=day_of(at))
