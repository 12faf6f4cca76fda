"""Proposals to move a child: decided by the unit that holds it, taken back by the unit that asked."""

from datetime import date, datetime, timedelta

from django.db import transaction

from common import audit, changes, locks
from common.models import ChangeSet
from registry.models import Enrolment, Student, Transfer
from registry.services import history, students
from registry.services.enrolled import touch_enrolled

ACCEPTED = "registry.transfer_accepted"
REFUSED = "registry.transfer_refused"
WITHDRAWN = "registry.transfer_withdrawn"
End = Enrolment.End


class AlreadyDecided(Exception):
    """Somebody decided it first, or it was taken back."""


def _begin(transfer: Transfer) -> Transfer:
    locks.hold(students.LOCK)
    found = Transfer.objects.select_for_update(of=("self",)).select_related("to_school")
    transfer = found.get(pk=transfer.pk)
    if transfer.decided_at is not None:
        raise AlreadyDecided(transfer.pk)
    return transfer


@transaction.atomic
def accept_transfer(transfer: Transfer, *, by, at: datetime, on: date) -> ChangeSet:
    """From a day on the child goes to the school that asked; the enrolment that counted ends."""
    transfer = _begin(transfer)
    student = Student.objects.living().select_for_update(of=("self",)).get(pk=transfer.student_id)
    with changes.record(ACCEPTED, by=by, at=at, subject=student) as recorder:
        held = student.enrolments.open(on).exclude(school=transfer.to_school)
        held = held.order_by("valid_from", "pk").first()
        _enrol(student, transfer, recorder, on=on)
        if held:
            last = max(held.valid_from, on - timedelta(days=1))
            recorder.update(held, root=student, valid_to=last, end_reason=End.TRANSFERRED)
        recorder.update(transfer, root=student, decided_by=by, decided_at=at, accepted=True)
    schools = {transfer.to_school_id} | ({held.school_id} if held else set())
    touch_enrolled(schools, since=on, on=at.date())
    audit.record(
        ACCEPTED,
        student,
        by=by,
        before={"school": held.school.name if held else None},
        after={"school": transfer.to_school.name, "from": on.isoformat()},
    )
    return recorder.change_set


def _enrol(student: Student, transfer: Transfer, recorder: changes.Recorder, *, on: date) -> None:
    """At the school that asked; where the child goes there already, grade and class are brought up."""
    there = student.enrolments.filter(school=transfer.to_school, valid_to=None).first()
    facts = {"grade": transfer.grade, "class_name": transfer.class_name}
    source = {name: getattr(transfer, name) for name in students.BY_HAND}
    if there:
        recorder.update(there, root=student, **facts, **source)
        return
    new = Enrolment(
        student=student, school=transfer.to_school, valid_from=on, entered_on=on, **facts, **source
    )
    recorder.insert(new, root=student)


@transaction.atomic
def refuse_transfer(transfer: Transfer, *, by, at: datetime, reason: str) -> Transfer:
    """The child stays where it is, and the asking school reads why."""
    return _settle(transfer, REFUSED, by=by, at=at, reason=reason)


@transaction.atomic
def withdraw_transfer(transfer: Transfer, *, by, at: datetime) -> Transfer:
    """The asking unit takes its question back."""
    return _settle(transfer, WITHDRAWN, by=by, at=at, reason="")


def _settle(transfer: Transfer, verb: str, *, by, at: datetime, reason: str) -> Transfer:
    transfer = _begin(transfer)
    transfer.decided_by, transfer.decided_at = by, at
    transfer.accepted, transfer.reason = False, reason
    transfer.save(update_fields=["decided_by", "decided_at", "accepted", "reason"])
    audit.record(verb, transfer.student, by=by, after={"school": transfer.to_school.name})
    return transfer


@history.undone_from_page(ACCEPTED)
def undo_transfer(change_set: ChangeSet, *, by, at: datetime) -> None:
    """The child is back where it was, and the question is open again."""
    schools = history.schools_of(change_set)
    changes.undo(change_set, by=by, at=at, whole=True)
    history.settle(change_set, schools, on=at.date())
