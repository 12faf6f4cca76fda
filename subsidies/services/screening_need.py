"""Who is in need and gets nothing: named by a list and not recognised, or paid last term and not now.

Judged once a term's recognitions should be filed; whom a school's group has refused, or whose
recognition a person has ended, was looked at and is told so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import Case, Exists, OuterRef, Value, When

from common import options
from common.periods import Period
from registry.models import Enrolment
from subsidies.models import Award, Payment, Programme, Recognition, Standard
from subsidies.models.programmes import STAGE_OF_DIGIT
from subsidies.services.awards import enrolments_that_count
from subsidies.services.listed import listed_students, standing_members


@dataclass(frozen=True, slots=True)
class Missing:
    student: int
    school: int
    programme: int | None = None
    decided: str = ""  # how the last recognition of the term ended, if there was one


def settled_by(term: Period) -> date:
    """From this day of a term on recognitions should have been filed."""
    return term.start + timedelta(days=options.get("subsidies.recognised_by"))


def _judging(term: Period):
    """Sure standards of money that is paid to recognised children, whatever their year."""
    return (
        Standard.objects.judging()
        .in_force(term.start)
        .filter(
            programme__entitles=Programme.Entitles.RECOGNISED,
            programme__form=Programme.Form.MONEY,
            programme__paid_to=Programme.PaidTo.CHILD,
            group="",
            grades=[],
        )
        .order_by()
    )


def programmes_for_need(term: Period):
    """Ids of the programmes that aid need by a sure amount, as a sub-query."""
    return _judging(term).values("programme")


def at_stage_of(enrolments, standards):
    """Enrolments at a stage of which one of the standards speaks."""
    stages = [
        When(grade__startswith=digit, then=Value(stage)) for digit, stage in STAGE_OF_DIGIT.items()
    ]
    told = enrolments.alias(stage=Case(*stages, output_field=models.CharField()))
    return told.filter(Exists(standards.filter(stage=OuterRef("stage"))))


def listed_and_eligible(term: Period, on: date, members=None, after: int | None = None):
    """Enrolments of children who are on a list and at a stage where need is aided by a sure amount;
    `members` and `after` spare their questions where they are known."""
    members = standing_members(min(on, term.end)) if members is None else members
    counted = at_stage_of(enrolments_that_count(term, on, after), _judging(term))
    return counted.filter(student__in=listed_students(members))


def not_recognised(term: Period, on: date) -> list[Missing]:
    """Named by a list, at school, and neither recognised nor on the way to it, and not paid."""
    if on < settled_by(term):
        return []
    mine = Recognition.objects.of_term(term.code).filter(student=OuterRef("student"))
    paid = Payment.objects.approved().arrived().filter(term=term.code, student=OuterRef("student"))
    rows = (
        listed_and_eligible(term, on)
        .filter(~Exists(mine.standing()), ~Exists(paid))
        .order_by("student")
        .values_list("student", "school")
    )
    rows = list(rows)
    ended = _how_decided(term, [student for student, _school in rows])
    return [Missing(student, school, None, ended.get(student, "")) for student, school in rows]


def _how_decided(term: Period, students: list[int]) -> dict[int, str]:
    over = Recognition.objects.of_term(term.code).filter(state__in=Recognition.OVER)
    rows = over.order_by("pk").values_list("student", "state")
    if len(students) <= 500:
        rows = rows.filter(student__in=students)
    return dict(rows)


def broken_off(term: Period, on: date) -> list[Missing]:
    """Paid last term, still at a stage where it would be, and this term nobody has said anything:
    no recognition, nothing expected, nothing paid."""
    if on < settled_by(term):
        return []
    last = term.previous().code
    counted = enrolments_that_count(term, on)
    found = []
    for programme in Programme.objects.filter(pk__in=programmes_for_need(term)):
        paid = Payment.objects.approved().arrived().filter(programme=programme)
        before = paid.filter(term=last, student__isnull=False).order_by()
        same = {"student": OuterRef("student"), "term": term.code}
        here = at_stage_of(counted, _judging(term).filter(programme=programme))
        here = here.filter(student__in=before.values("student")).filter(
            ~Exists(Recognition.objects.filter(**same)),
            ~Exists(paid.filter(**same)),
            ~Exists(Award.objects.filter(programme=programme, **same)),
        )
        found += [
            Missing(student, school, programme.pk)
            for student, school in here.order_by("student").values_list("student", "school")
        ]
    return found


def schools_of(term: Period, on: date, students: Iterable[int]) -> dict[int, Enrolment]:
    """{child: the enrolment by which it counts in the term}."""
    students, found = sorted(set(students)), {}
    for at in range(0, len(students), 2000):
        some = enrolments_that_count(term, on).filter(student__in=students[at : at + 2000])
        found.update({one.student_id: one for one in some.order_by()})
    return found
