"""A school's children who do not exist, a programme, and money for them."""

from datetime import date
from decimal import Decimal

from registry.identity import number_index
from registry.models import Enrolment, Identifier, IdKind, Student
from subsidies.models import Programme
from subsidies.services.batches import Line, approve_batch, make_batch, submit_batch
from tests.cast import NOW
from tests.intake.rosters import id_number

TERM = "2024/25-2"
PAID_ON = date(2025, 6, 20)


def pupil(n: int, school) -> Student:
    number = id_number(n)
    student = Student.objects.create(name="那仁", born_on=date(2015, 9, 1))
    Identifier.objects.create(
        student=student,
        kind=IdKind.RESIDENT,
        value=number,
        value_index=number_index(number),
        valid_from=date(2020, 1, 1),
    )
    Enrolment.objects.create(
        student=student, school=school, grade="13", class_name="2班", valid_from=date(2022, 9, 1)
    )
    return student


def programme(code: str = "living") -> Programme:
    return Programme.objects.get_or_create(code=code, defaults={"name": "生活补助"})[0]


def draft(unit, school, students, amounts, *, by, term: str = TERM):
    lines = [
        Line(student, school, programme(), Decimal(amount), card_holder="阿妈", relation="MOTHER")
        for student, amount in zip(students, amounts, strict=True)
    ]
    return make_batch(
        unit, title="春季生活补助", term=term, paid_on=PAID_ON, lines=lines, by=by, at=NOW
    )


def approved(unit, school, students, amounts, *, by, second):
    batch = submit_batch(draft(unit, school, students, amounts, by=by), by=by, at=NOW)
    return approve_batch(batch, by=second, at=NOW)
