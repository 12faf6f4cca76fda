"""Schools with their facts, and children who do not exist, straight into the tables."""

from datetime import date

from common.crypto import blind_index
from registry import identity
from registry.models import Enrolment, Guardian, Identifier, IdKind, School, Student, Unit
from registry.services.units import SINCE, rebuild_closure, sort_key_of
from tests.intake.rosters import id_number

LAST_YEAR, THIS_YEAR = date(2024, 9, 1), date(2025, 9, 1)


def make_school(name: str, under: Unit, type_: str | None = "21", system: str = "63") -> Unit:
    """A school; without a type nothing is known of it beyond its place."""
    unit = Unit.objects.create(
        key=f"school-{Unit.objects.count()}",
        name=name,
        kind=Unit.Kind.SCHOOL,
        sort_key=sort_key_of(name),
        valid_from=SINCE,
    )
    unit.parents.create(parent=under, valid_from=SINCE)
    if type_:
        School.objects.create(unit=unit, type=type_, system=system)
    rebuild_closure()
    return unit


def number(student: Student, text: str, kind: str = IdKind.RESIDENT) -> Identifier:
    return Identifier.objects.create(
        student=student,
        kind=kind,
        value=text,
        value_index=blind_index(text, identity.NUMBER),
        valid_from=LAST_YEAR,
    )


def enrol(student: Student, school: Unit, grade: str = "13", **facts) -> Enrolment:
    facts = {"class_name": "1班", "valid_from": LAST_YEAR} | facts
    return Enrolment.objects.create(student=student, school=school, grade=grade, **facts)


def child(n: int, school: Unit | None = None, grade: str = "13", **enrolled) -> Student:
    """A child with a number and a guardian, at a school since last year."""
    text = id_number(n)
    student = Student.objects.create(
        name=f"学生{n}", sex=identity.sex_of(text), born_on=identity.birth_date_of(text)
    )
    number(student, text)
    phone = f"139{n:08}"
    Guardian.objects.create(
        student=student,
        name=f"家长{n}",
        relation="FATHER",
        phone=phone,
        phone_index=blind_index(phone, identity.PHONE),
    )
    if school:
        enrol(student, school, grade, **enrolled)
    return student
