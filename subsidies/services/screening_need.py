"""Who is in need and gets nothing: named by a list and not recognised, or paid last term and not now.

Judged once a term's recognitions should be filed; whom a school's group has refused, or whose
recognition a person has ended, was looked at and is told so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from common import options
from common.periods import Period
from registry.models import Enrolment
from subsidies.models import Award, Payment, Programme, Recognition, Standard
from subsidies.models.programmes import STAGE_OF_DIGIT
from subsidies.services.awards import enrolments_that_count
from subsidies.services.listed import listed_students


@dataclass(frozen=True, slots=True)
class Missing:
    student: int
    school: int
    programme: int | None = None
    decided: str = ""  # how the last recognition of the term ended, if there was one


def settled_by(term: Period) -> date:
    """From this day of a term on recognitions should have been filed."""
    return term.start + timedelta(days=options.get("subsidies.recognised_by"))


def judging_stages(term: Period) -> dict[int, set[str]]:
    """{programme for recognised children, paid to them: the stages for which an amount is sure}."""
    standards = (
        Standard.objects.judging()
        .in_force(term.start)
        .filter(
            programme__entitles=Programme.Entitles.RECOGNISED,
            programme__form=Programme.Form.MONEY,
            programme__paid_to=Programme.PaidTo.CHILD,
            group="",
            grades=[],
        )
    )
    found: dict[int, set[str]] = {}
    for programme, stage in standards.order_by().values_list("programme", "stage").distinct():
        found.setdefault(programme, set()).add(stage)
    return found


def in_stages(stages: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for digit, stage in STAGE_OF_DIGIT.items():
        if stage in stages:
            found |= Q(grade__startswith=digit)
    return found


def listed_and_eligible(term: Period, on: date, stages: dict[int, set[str]] | None = None):
    """Enrolments of children who are on a list and at a stage where need is aided by a sure amount;
    `stages` are those of `judging_stages`, if they are known."""
    stages = judging_stages(term) if stages is None else stages
    counted = enrolments_that_count(term, on).filter(in_stages(set().union(*stages.values())))
    return counted.filter(student__in=listed_students(min(on, term.end)))


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
    for programme, stages in judging_stages(term).items():
        paid = Payment.objects.approved().arrived().filter(programme=programme)
        before = paid.filter(term=last, student__isnull=False).order_by()
        same = {"student": OuterRef("student"), "term": term.code}
        here = counted.filter(student__in=before.values("student")).filter(in_stages(stages))
        here = here.filter(
            ~Exists(Recognition.objects.filter(**same)),
            ~Exists(paid.filter(**same)),
            ~Exists(Award.objects.filter(programme=programme, **same)),
        )
        found += [
            Missing(student, school, programme)
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
