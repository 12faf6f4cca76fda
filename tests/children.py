"""Children who do not exist, made row by row: for tests of what is done to a child."""

from datetime import date

from common.crypto import blind_index
from registry import identity
from registry.models import (
    Enrolment,
    Guardian,
    Identifier,
    IdKind,
    School,
    Student,
    Unit,
    UnitParent,
)
from registry.services.units import SINCE, rebuild_closure, sort_key_of

SEPTEMBER = date(2025, 9, 1)


def id_number(n: int, born: str = "20150901") -> str:
    """A number that checks, of nobody; another one for each n below 1,000."""
    body = f"152921{born}{n:03}"
    return body + identity.check_character(body)


def make_school(name: str, under: Unit, type_: str = School.Type.PRIMARY, **over) -> Unit:
    school = Unit.objects.create(
        key=f"school-test-{Unit.objects.count()}",
        name=name,
        short_name=name,
        kind=Unit.Kind.SCHOOL,
        sort_key=sort_key_of(name),
        valid_from=SINCE,
    )
    UnitParent.objects.create(unit=school, parent=under, valid_from=SINCE)
    School.objects.create(unit=school, type=type_, **over)
    rebuild_closure()
    return school


def make_child(name: str = "那仁", school: Unit | None = None, number: str = "", **over) -> Student:
    """A child with, if said, a school (third grade, class 1) and an identity number."""
    place = {name: over.pop(name) for name in ("grade", "class_name", "boards") if name in over}
    since = over.pop("since", SEPTEMBER)
    child = Student.objects.create(name=name, **over)
    if school:
        place = {"grade": "13", "class_name": "1班", **place}
        Enrolment.objects.create(student=child, school=school, valid_from=since, **place)
    if number:
        give_number(child, number)
    return child


def give_number(child: Student, number: str, kind: str = IdKind.RESIDENT, **over) -> Identifier:
    return Identifier.objects.create(
        student=child,
        kind=kind,
        value=number,
        value_index=identity.number_index(number),
        **{"valid_from": SEPTEMBER} | over,
    )


def give_guardian(
    child: Student, name: str = "乌云", *, phone="", number="", position=1
) -> Guardian:
    return Guardian.objects.create(
        student=child,
        position=position,
        name=name,
        relation="MOTHER",
        phone=phone,
        phone_index=blind_index(phone, identity.PHONE) if phone else None,
        id_number=number,
        id_number_index=identity.number_index(number) if number else None,
    )
