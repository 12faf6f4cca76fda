"""Proposals to move a child: decided by the unit that holds it, taken back by the unit that asked."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, changes, inbox, locks
from common.models import ChangeSet, User
from registry.models import Enrolment, Posting, Student, Transfer, Unit
from registry.services import history, students
from registry.services.enrolled import touch_enrolled

ACCEPTED = "registry.transfer_accepted"
REFUSED = "registry.transfer_refused"
WITHDRAWN = "registry.transfer_withdrawn"
DOUBLE_ENDED = "registry.double_ended"
CHANGE = "registry.change_student"
End = Enrolment.End


class AlreadyDecided(Exception):
    """Somebody decided it first, or it was taken back."""


class NotDouble(Exception):
    """The child goes to one school only, by now: ending that one is another deed."""


def _begin(transfer: Transfer) -> Transfer:
    locks.hold(students.LOCK)
    found = Transfer.objects.select_for_update(of=("self",)).select_related("to_school")
    transfer = found.get(pk=transfer.pk)
    if transfer.decided_at is not None:
        raise AlreadyDecided(transfer.pk)
    return transfer


def _deciding(transfer: Transfer, by) -> Transfer:
    """As it is now, if it is still this person's to decide: the child may have moved meanwhile."""
    transfer = _begin(transfer)
    if not Transfer.objects.to_decide(by, CHANGE).filter(pk=transfer.pk).exists():
        raise AlreadyDecided(transfer.pk)
    return transfer


@transaction.atomic
def accept_transfer(transfer: Transfer, *, by, at: datetime, on: date) -> ChangeSet:
    """From a day on the child goes to the school that asked; the enrolment that counted ends."""
    transfer = _deciding(transfer, by)
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
    _answer(transfer, _("同意转学：学生已转入%(school)s。"), by=by, at=at)
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
    transfer = _settle(_deciding(transfer, by), REFUSED, by=by, at=at, reason=reason)
    _answer(transfer, _("没有同意转入%(school)s，理由在转学申请里。"), by=by, at=at)
    return transfer


@transaction.atomic
def withdraw_transfer(transfer: Transfer, *, by, at: datetime) -> Transfer:
    """The asking unit takes its question back."""
    return _settle(_begin(transfer), WITHDRAWN, by=by, at=at, reason="")


def _settle(transfer: Transfer, verb: str, *, by, at: datetime, reason: str) -> Transfer:
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


def set_behind(transfer: Transfer) -> ChangeSet | None:
    """What accepting it wrote, as long as that stands."""
    found = ChangeSet.objects.of(transfer.student).filter(code=ACCEPTED, undone_at=None)
    return found.filter(at=transfer.decided_at).first()


# Two schools at once -----------------------------------------------------------------------------------
def end_double(enrolment: Enrolment, *, by, at: datetime, on: date) -> Enrolment:
    """Of two open enrolments this one was entered twice, or is over; the other one goes on."""
    with students.deed(enrolment.student, DOUBLE_ENDED, by=by, at=at) as (student, recorder):
        open_ones = {one.pk: one for one in student.enrolments.open(on).select_related("school")}
        if enrolment.pk not in open_ones or len(open_ones) < 2:
            raise NotDouble(student.pk)
        enrolment = open_ones[enrolment.pk]
        last = max(enrolment.valid_from, on - timedelta(days=1))
        students.close_enrolment(enrolment, student, recorder, on=last, reason=End.DOUBLE)
        touch_enrolled([enrolment.school_id], since=on, on=at.date())
        audit.record(DOUBLE_ENDED, student, by=by, after={"school": enrolment.school.name})
    return enrolment


@history.undone_from_page(DOUBLE_ENDED)
def undo_double(change_set: ChangeSet, *, by, at: datetime) -> None:
    history.undo_by_hand(change_set, by=by, at=at)


# Who is told -------------------------------------------------------------------------------------------
def tell_holders(proposed: list[Transfer], *, by, at: datetime) -> int:
    """A line to each school that is asked, and to its banner's officials: how many, never who."""
    asked = Counter(one.from_school_id for one in proposed if one.from_school_id)
    by_school = {school: one for one in proposed if (school := one.from_school_id)}
    told = 0
    for school in Unit.objects.filter(pk__in=asked).for_list():
        text = _("%(school)s有 %(n)s 名学生被申请转走，等答复。") % {
            "school": school.name,
            "n": asked[school.pk],
        }
        people = User.objects.filter(pk__in=_who_answers(school, at.date()))
        told += inbox.send(people, text, by_school[school.pk], by=by, at=at)
    return told


def _who_answers(school: Unit, on: date):
    reporters = Posting.objects.in_force(on).filter(unit=school, user__is_active=True)
    officials = Posting.objects.reporting_for(school, on).order_by()
    return set(reporters.values_list("user", flat=True)) | set(
        officials.values_list("user", flat=True)
    )


def _answer(transfer: Transfer, text: str, *, by, at: datetime) -> None:
    """To the person who asked, unless they answer themselves."""
    if transfer.proposed_by_id != by.pk:
        told = text % {"school": transfer.to_school.name}
        inbox.send([transfer.proposed_by], told, transfer, by=by, at=at)
