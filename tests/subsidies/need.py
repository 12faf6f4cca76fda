"""Children of every stage who do not exist, and how they are recognised."""

from datetime import date

from registry.models import Enrolment, Student
from subsidies.models import Recognition
from tests.cast import NOW


def at_school(school, grade: str, *, boards=False, since=date(2019, 9, 1), **more) -> Student:
    student = Student.objects.create(name="那仁", born_on=date(2012, 9, 1))
    Enrolment.objects.create(
        student=student,
        school=school,
        grade=grade,
        class_name="2班",
        boards=boards,
        valid_from=since,
        **more,
    )
    return student


def recognised(student, term: str, level: str = "A", group: str = "", **over) -> Recognition:
    return Recognition.objects.create(
        **{
            "student": student,
            "unit": student.enrolments.first().school,
            "term": term,
            "state": Recognition.State.FILED,
            "level": level,
            "group": group,
            "recognised_on": date(2023, 9, 20),
            "filed_at": NOW,
        }
        | over
    )
