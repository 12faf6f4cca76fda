"""What is done to one child by hand: facts, numbers, guardians, enrolments; each can be taken back.

Every deed waits for imports under way, records what was before, lets the child's version grow and
leaves one event that names fields and no value.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import transaction

from common import audit, changes, locks
from common.crypto import EncryptedField, blind_index
from common.refusals import Stale
from registry.models import Enrolment, Guardian, Identifier, IdKind, Student, Unit
from registry.services.enrolled import touch_enrolled
from registry.services.lists import LOCK, link_members

CHANGED = "registry.student_changed"
NUMBER = "registry.number_corrected"
GUARDIAN = "registry.guardian_changed"
ENROLLED = "registry.enrolled_by_hand"
ENROLMENT = "registry.enrolment_changed"
ENDED = "registry.enrolment_ended"
# A row that a person wrote came from no sheet.
BY_HAND = {"source_upload": None, "source_sheet": None, "source_row": None}


class NumberTaken(Exception):
    """The number is another child's now."""


class AlreadyThere(Exception):
    """The child has an open enrolment at this school."""


class TooEarly(Exception):
    """The day lies before the first day of what is to end."""


@contextmanager
def deed(
    student: Student, code: str, *, by, at: datetime, seen: int | None = None
) -> Iterator[tuple[Student, changes.Recorder]]:
    """The frame of a deed on one child: the lock, the row as it is now, the record."""
    with transaction.atomic():
        locks.hold(LOCK)
        student = Student.objects.living().select_for_update(of=("self",)).get(pk=student.pk)
        if seen is not None and seen != student.version:
            raise Stale(student.pk)
        with changes.record(code, by=by, at=at, subject=student) as recorder:
            yield student, recorder
        if not recorder.change_set.rows.exists():
            recorder.change_set.delete()  # nothing differed


def sealed(model, facts: dict) -> dict:
    """The facts, and beside each encrypted one its blind index."""
    found = dict(facts)
    for name, value in facts.items():
        field = model._meta.get_field(name)
        if isinstance(field, EncryptedField):
            found[f"{name}_index"] = blind_index(value, field.purpose) if value else None
    return found


def differing(thing, facts: dict) -> dict:
    """Only what is not so already: an encrypted value is not written anew for nothing."""
    return {name: value for name, value in facts.items() if getattr(thing, name) != value}


def _told(what: dict) -> list[str]:
    """Names of fields for the log; an index goes with its field."""
    return sorted(name for name in what if not name.endswith("_index"))


# Facts ---------------------------------------------------------------------------------------------
def change_facts(
    student: Student, *, by, at: datetime, seen: int | None = None, **facts
) -> Student:
    """Name, sex, ethnicity, birth, residence, addresses, remark: what differs is written."""
    with deed(student, CHANGED, by=by, at=at, seen=seen) as (student, recorder):
        new = differing(student, facts)
        if new:
            recorder.update(student, **sealed(Student, new), **BY_HAND)
            audit.record(CHANGED, student, by=by, after={"fields": _told(new)})
    student.refresh_from_db()
    return student


# Numbers -------------------------------------------------------------------------------------------
def correct_number(
    student: Student,
    *,
    kind: str,
    number: str,
    on: date,
    by,
    at: datetime,
    seen: int | None = None,
) -> Identifier | None:
    """From a day on the child is known by this number; the old one stays, ended.

    A child has one identity paper and one roll number at a time. Lists are matched anew.
    """
    is_roll = kind == IdKind.ROLL
    with deed(student, NUMBER, by=by, at=at, seen=seen) as (student, recorder):
        index = blind_index(number, Identifier._meta.get_field("value").purpose)
        current = student.identifiers.current()
        current = current.filter(kind=kind) if is_roll else current.exclude(kind=IdKind.ROLL)
        if current.filter(kind=kind, value_index=index).exists():
            return current.get(kind=kind, value_index=index)
        if Identifier.objects.current().filter(kind=kind, value_index=index).exists():
            raise NumberTaken(student.pk)
        for old in current:
            last = max(old.valid_from, on - timedelta(days=1))
            recorder.update(old, root=student, valid_to=last)
        new = Identifier(student=student, kind=kind, value=number, value_index=index, valid_from=on)
        recorder.insert(new, root=student)
        link_members(students=[student.pk])
        audit.record(NUMBER, student, by=by, after={"id_kind": str(new.get_kind_display())})
    return new


# Guardians -----------------------------------------------------------------------------------------
def keep_guardian(
    student: Student,
    guardian: Guardian | None = None,
    *,
    by,
    at: datetime,
    seen: int | None = None,
    **facts,
) -> Guardian:
    """Change a guardian, or add one after the others: name, relation, phone, identity number."""
    with deed(student, GUARDIAN, by=by, at=at, seen=seen) as (student, recorder):
        if guardian is None:
            guardian = Guardian(student=student, position=next_position(student))
            for name, value in sealed(Guardian, facts).items():
                setattr(guardian, name, value)
            recorder.insert(guardian, root=student)
            new = {name: value for name, value in facts.items() if value}
        else:
            guardian = student.guardians.get(pk=guardian.pk)
            new = differing(guardian, facts)
            if new:
                recorder.update(guardian, root=student, **sealed(Guardian, new), **BY_HAND)
        if new:
            link_members(students=[student.pk])
            audit.record(GUARDIAN, student, by=by, after={"fields": _told(new)})
    return guardian


def next_position(student: Student) -> int:
    """Guardians are numbered; the first one stands in the sheets."""
    last = student.guardians.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1


# Enrolments ----------------------------------------------------------------------------------------
def open_enrolment(
    student: Student,
    *,
    school: Unit,
    grade: str,
    class_name: str = "",
    boards: bool | None = None,
    entered_on: date | None = None,
    on: date,
    by,
    at: datetime,
    seen: int | None = None,
) -> Enrolment:
    """The child goes to a school from a day on. What it has open elsewhere stays open."""
    with deed(student, ENROLLED, by=by, at=at, seen=seen) as (student, recorder):
        if student.enrolments.open(on).filter(school=school).exists():
            raise AlreadyThere(student.pk)
        new = Enrolment(
            student=student,
            school=school,
            grade=grade,
            class_name=class_name,
            boards=boards,
            entered_on=entered_on,
            valid_from=on,
        )
        recorder.insert(new, root=student)
        touch_enrolled([school.pk], since=on, on=at.date())
        audit.record(ENROLLED, student, by=by, after={"school": school.name})
    return new


def change_enrolment(
    enrolment: Enrolment, *, by, at: datetime, seen: int | None = None, **facts
) -> Enrolment:
    """Correct grade, class, boarding or entry: it was so all along. A new year is a promotion."""
    with deed(enrolment.student, ENROLMENT, by=by, at=at, seen=seen) as (student, recorder):
        enrolment = student.enrolments.get(pk=enrolment.pk)
        new = differing(enrolment, facts)
        if new:
            recorder.update(enrolment, root=student, **new, **BY_HAND)
            if "grade" in new:
                touch_enrolled([enrolment.school_id], since=enrolment.valid_from, on=at.date())
            audit.record(ENROLMENT, student, by=by, after={"fields": _told(new)})
    return enrolment


def end_enrolment(
    enrolment: Enrolment,
    *,
    on: date,
    reason: str,
    by,
    at: datetime,
    seen: int | None = None,
) -> Enrolment:
    """The child's last day at a school, and why it is."""
    with deed(enrolment.student, ENDED, by=by, at=at, seen=seen) as (student, recorder):
        enrolment = student.enrolments.get(pk=enrolment.pk)
        close_enrolment(enrolment, student, recorder, on=on, reason=reason)
        touch_enrolled([enrolment.school_id], since=on, on=at.date())
        audit.record(
            ENDED, student, by=by, after={"school": enrolment.school.name, "reason": reason}
        )
    return enrolment


def close_enrolment(
    enrolment: Enrolment, student: Student, recorder: changes.Recorder, *, on: date, reason: str
) -> None:
    """A part of a deed: the last day, and who keeps a child that now goes nowhere."""
    if enrolment.valid_from > on:
        raise TooEarly(enrolment.pk)
    recorder.update(enrolment, root=student, valid_to=on, end_reason=reason)
    others = student.enrolments.filter(valid_to=None)
    if not others.exists():
        recorder.update(student, kept_by=enrolment.school)
