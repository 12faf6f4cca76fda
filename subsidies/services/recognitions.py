"""Recognition of need, deed by deed: apply, the school's group, notice, filed; adjusted with a reason.

What was known of the child on the day of a decision is written down with it and stays as it was.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from common import audit, options
from common.periods import Kind, NotAPeriod, Period
from common.refusals import Stale
from registry.models import Enrolment, Student, Unit
from registry.services.duties import Workdays
from subsidies.models import Level, NoticeRun, Recognition, RecognitionDeed
from subsidies.services import awards
from subsidies.services.grounds import Grounds
from subsidies.services.refusals import Refused

State, Deed = Recognition.State, RecognitionDeed.Kind


# What was known on a day -------------------------------------------------------------------------
def facts_on(student: Student, school: Unit, on: date) -> dict:
    """The fields of a recognition that a decision freezes: class, boarding, and which lists of other
    departments named the child or a guardian."""
    grounds = Grounds([student.pk])
    enrolment = grounds.enrolment(student.pk, school.pk, on, on)
    if enrolment is None:
        raise Refused("not_enrolled", "student")
    return frozen(enrolment, grounds.lists(student.pk, on), on)


def frozen(enrolment: Enrolment, lists: list[dict], on: date) -> dict:
    return {
        "grade": enrolment.grade,
        "class_name": enrolment.class_name,
        "boards": enrolment.boards,
        "facts": {"on": on.isoformat(), "lists": lists},
    }


# One child ---------------------------------------------------------------------------------------
@transaction.atomic
def apply(
    student: Student,
    *,
    school: Unit,
    term: str,
    on: date,
    has_promise: bool,
    by,
    at: datetime,
    group: str = "",
    remark: str = "",
) -> Recognition:
    """The family asks for it, with its written promise or without it yet."""
    _refuse_term(term, at)
    _refuse_future(on, at, "applied_on")
    if Recognition.objects.standing().of_student(student).of_term(term).exists():
        raise Refused("recognised_already", "student")
    recognition = Recognition(
        student=student,
        unit=school,
        term=term,
        applied_on=on,
        has_promise=has_promise,
        group=group,
        remark=remark.strip(),
        **facts_on(student, school, on),
    )
    _create(recognition)
    _keep_deeds([recognition], Deed.APPLIED, on, by=by, at=at)
    audit.record("subsidies.recognition_applied", recognition, by=by, after={"term": term})
    return recognition


def agree(
    recognition: Recognition,
    *,
    level: str,
    on: date,
    by,
    at: datetime,
    group: str = "",
    has_promise: bool | None = None,
    seen: int | None = None,
) -> Recognition:
    """The school's group finds the child in need at a level."""
    _refuse_level(level)
    _refuse_future(on, at, "recognised_on")
    with _deed(recognition, "subsidies.recognition_agreed", by=by, seen=seen) as one:
        if one.state not in (State.APPLIED, State.AGREED):
            raise Refused("not_applied")
        one.has_promise = one.has_promise if has_promise is None else has_promise
        if not one.has_promise:
            raise Refused("no_promise", "has_promise")
        if one.applied_on and on < one.applied_on:
            raise Refused("out_of_order", "recognised_on")
        one.state, one.level, one.group, one.recognised_on = State.AGREED, level, group, on
        _freeze(one, on)
        _keep_deeds([one], Deed.AGREED, on, by=by, at=at)
    return one


def refuse(
    recognition: Recognition, *, reason: str, by, at: datetime, seen: int | None = None
) -> Recognition:
    """The school's group, or somebody who objects to the notice, is right: not in need."""
    verb = "subsidies.recognition_refused"
    return _drop(recognition, State.REFUSED, verb, reason, by, at, seen)


def withdraw(
    recognition: Recognition, *, reason: str, by, at: datetime, seen: int | None = None
) -> Recognition:
    """The family takes its application back, or it was entered by mistake."""
    verb = "subsidies.recognition_withdrawn"
    return _drop(recognition, State.WITHDRAWN, verb, reason, by, at, seen)


def _drop(recognition, state, verb, reason: str, by, at: datetime, seen) -> Recognition:
    with _deed(recognition, verb, by=by, seen=seen) as one:
        if one.state not in (State.APPLIED, State.AGREED, State.NOTICED):
            raise Refused("over")
        one.state, one.reason = state, _given(reason, "reason")
        _keep_deeds([one], Deed(state), timezone.localdate(at), by=by, at=at, reason=one.reason)
    return one


# Notices -----------------------------------------------------------------------------------------
def last_day_of_notice(on: date) -> date:
    """A notice hangs so many working days, the first of them the day after it goes up."""
    return Workdays().after(on, options.get("subsidies.notice_days"))


@transaction.atomic
def put_up_notice(
    school: Unit, *, term: str, recognitions: Iterable[int], by, at: datetime
) -> NoticeRun:
    """Tell the names, classes and levels of those whom the group agreed on."""
    chosen = set(recognitions)
    ready = Recognition.objects.to_notice(school, term).filter(pk__in=chosen)
    told = list(ready.select_for_update())
    if not told:
        raise Refused("nobody", "recognitions")
    if len(told) != len(chosen):
        raise Refused("not_agreed", "recognitions")
    on = timezone.localdate(at)
    notice = NoticeRun.objects.create(
        unit=school,
        term=term,
        starts_on=on,
        ends_on=last_day_of_notice(on),
        made_by=by,
        made_at=at,
    )
    rows = Recognition.objects.filter(pk__in=[one.pk for one in told])
    _update(rows, state=State.NOTICED, notice=notice)
    _keep_deeds(told, Deed.NOTICED, on, by=by, at=at)
    audit.record("subsidies.notice_put_up", notice, by=by, after={"count": len(told)})
    return notice


@transaction.atomic
def take_down_notice(
    notice: NoticeRun, *, reason: str, by, at: datetime, seen: int | None = None
) -> NoticeRun:
    """Before its time, with a reason: those on it wait for another."""
    notice = _locked(NoticeRun, notice, seen)
    if not notice.is_up(timezone.localdate(at)):
        raise Refused("notice_over")
    notice.taken_down_at, notice.taken_down_why = at, _given(reason, "reason")
    notice.version += 1
    notice.save()
    waiting = Recognition.objects.filter(notice=notice, state=State.NOTICED)
    told, why = list(waiting), notice.taken_down_why
    _update(waiting, state=State.AGREED, notice=None)
    _keep_deeds(told, Deed.TAKEN_DOWN, timezone.localdate(at), by=by, at=at, reason=why)
    audit.record("subsidies.notice_taken_down", notice, by=by, after={"count": len(told)})
    return notice


@transaction.atomic
def file_notice(notice: NoticeRun, *, by, at: datetime, seen: int | None = None) -> int:
    """Those who stand on a notice that has run its time are filed, by another than who made it; how
    many."""
    notice = _locked(NoticeRun, notice, seen)
    on = timezone.localdate(at)
    if not notice.has_run(on):
        raise Refused("notice_runs")
    if notice.made_by_id == by.pk:
        raise Refused("same_person")
    waiting = Recognition.objects.filter(notice=notice, state=State.NOTICED)
    told = list(waiting.select_for_update())
    if not told:
        raise Refused("nobody")
    _update(waiting, state=State.FILED, filed_at=at)
    notice.filed_by, notice.filed_at = by, at
    notice.version += 1
    notice.save()
    _keep_deeds(told, Deed.FILED, on, by=by, at=at)
    audit.record("subsidies.notice_filed", notice, by=by, after={"count": len(told)})
    awards.expect_for([one.student_id for one in told], notice.term, at)
    return len(told)


# After filing ------------------------------------------------------------------------------------
def adjust(
    recognition: Recognition,
    *,
    level: str,
    reason: str,
    on: date,
    by,
    at: datetime,
    group: str = "",
    seen: int | None = None,
) -> Recognition:
    """Another level, or another ground, from a day of the term on; the old decision stays to read."""
    _refuse_level(level)
    with _deed(recognition, "subsidies.recognition_adjusted", by=by, seen=seen) as old:
        _end(old, State.ADJUSTED, reason, on, at)
        if (level, group) == (old.level, old.group):
            raise Refused("unchanged", "level")
        old.save()  # first: one of a child and term stands at a time
        new = Recognition(
            student=old.student,
            unit=old.unit,
            term=old.term,
            state=State.FILED,
            level=level,
            group=group,
            applied_on=old.applied_on,
            has_promise=old.has_promise,
            recognised_on=on,
            filed_at=at,
            adjusts=old,
            reason=old.reason,
        )
        _freeze(new, on)
        _create(new)
        _keep_deeds([old, new], Deed.ADJUSTED, on, by=by, at=at, reason=old.reason)
        awards.expect_for([old.student_id], old.term, at)
    return new


def end(
    recognition: Recognition,
    *,
    reason: str,
    on: date,
    by,
    at: datetime,
    seen: int | None = None,
) -> Recognition:
    """No longer in need. Whether money already paid was right is for people to say."""
    with _deed(recognition, "subsidies.recognition_ended", by=by, seen=seen) as one:
        _end(one, State.ENDED, reason, on, at)
        one.save()
        _keep_deeds([one], Deed.ENDED, on, by=by, at=at, reason=one.reason)
        awards.expect_for([one.student_id], one.term, at)
    return one


def _end(one: Recognition, state: str, reason: str, on: date, at: datetime) -> None:
    if one.state != State.FILED:
        raise Refused("not_filed")
    _refuse_future(on, at, "on")
    if on < one.recognised_on:
        raise Refused("out_of_order", "on")
    one.state, one.ended_on, one.reason = state, on, _given(reason, "reason")


# What deeds share --------------------------------------------------------------------------------
@contextmanager
def _deed(recognition: Recognition, verb: str, *, by, seen: int | None):
    """One transaction that holds the row, writes it and says so in the log."""
    with transaction.atomic():
        one = _locked(Recognition, recognition, seen)
        before = {"state": one.state, "level": one.level}
        yield one
        one.version += 1
        one.save()
        audit.record(
            verb, one, by=by, before=before, after={"state": one.state, "level": one.level}
        )


def _keep_deeds(rows, kind: str, on: date, *, by, at: datetime, reason: str = "") -> None:
    RecognitionDeed.objects.bulk_create(
        RecognitionDeed(
            recognition=one, kind=kind, on=on, level=one.level, reason=reason, by=by, at=at
        )
        for one in rows
    )


def _locked(model, thing, seen: int | None):
    stored = model.objects.select_for_update().get(pk=thing.pk)
    if seen is not None and seen != stored.version:
        raise Stale(stored.pk)
    return stored


def _freeze(one: Recognition, on: date) -> None:
    for name, value in facts_on(one.student, one.unit, on).items():
        setattr(one, name, value)


def _create(one: Recognition) -> None:
    """Two people at once make one: the second is told."""
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Refused("recognised_already", "student") from None


def _update(rows, **fields) -> int:
    return rows.update(version=F("version") + 1, **fields)


def _given(text: str, field: str) -> str:
    if not text.strip():
        raise Refused("required", field)
    return text.strip()


def _refuse_level(level: str) -> None:
    if level not in Level.values:
        raise Refused("level_unknown", "level")


def _refuse_future(on: date, at: datetime, field: str) -> None:
    if on > timezone.localdate(at):
        raise Refused("in_future", field)


def _refuse_term(term: str, at: datetime) -> None:
    try:
        period = Period.parse(term)
    except NotAPeriod:
        raise Refused("not_a_term", "term") from None
    if period.kind is not Kind.TERM:
        raise Refused("not_a_term", "term")
    if period.start > timezone.localdate(at):
        raise Refused("term_ahead", "term")
