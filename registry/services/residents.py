"""A child who goes to no school becomes one of ours: with a number, a home, and no enrolment."""

from contextlib import nullcontext
from datetime import date, datetime

from django.db import transaction

from common import audit, changes, locks
from registry import identity
from registry.models import Guardian, Identifier, IdKind, Student, Unit
from registry.services.lists import LOCK, link_members

REGISTERED = "registry.resident_registered"


@transaction.atomic
def register_resident(
    *,
    name: str,
    id_number: str,
    residence: Unit,
    on: date,
    by,
    at: datetime,
    guardian: dict | None = None,
    recorder: changes.Recorder | None = None,
    **facts,
) -> Student:
    """The child with this number; made if there is none. `guardian`: name, phone, id_number.

    The number decides: whoever has it already is the child, and nothing of it is changed. With the
    `recorder` of a larger deed the child goes when that is undone.
    """
    locks.hold(LOCK)
    index = identity.number_index(id_number)
    known = Identifier.objects.current().exclude(kind=IdKind.ROLL).filter(value_index=index)
    found = known.filter(student__merged_into=None).select_related("student").first()
    if found:
        return found.student
    recording = changes.record(REGISTERED, by=by, at=at) if recorder is None else None
    with recording or nullcontext(recorder) as recorder:
        student = Student(
            name=name,
            residence=residence,
            sex=facts.pop("sex", "") or identity.sex_of(id_number),
            born_on=facts.pop("born_on", None) or identity.birth_date_of(id_number),
            **facts,
        )
        recorder.insert(student)
        paper = Identifier(
            student=student,
            kind=IdKind.RESIDENT,
            value=id_number,
            value_index=index,
            valid_from=on,
        )
        recorder.insert(paper, root=student)
        if guardian and guardian.get("name"):
            recorder.insert(_guardian(student, guardian), root=student)
    link_members(students=[student.pk])
    audit.record(REGISTERED, student, by=by)
    return student


def _guardian(student: Student, facts: dict) -> Guardian:
    phone, number = facts.get("phone") or "", facts.get("id_number") or ""
    return Guardian(
        student=student,
        name=facts["name"],
        phone=phone,
        phone_index=identity.phone_index(phone) if phone else None,
        id_number=number,
        id_number_index=identity.number_index(number) if number else None,
    )
