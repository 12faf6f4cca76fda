"""Which unit answers for a child, and which school and township stand beside it."""

from dataclasses import dataclass
from datetime import date

from registry.models import Closure, Enrolment, Student, Unit, in_force


@dataclass(frozen=True)
class Places:
    unit: Unit | None
    school: Unit | None
    township: Unit | None


def places_of(student: Student, on: date) -> Places:
    """The school that holds the child, else where it lives; the unit that reports for either.

    A township that a reporting zone runs counts in the zone: the zone answers for its children.
    """
    held = Student.objects.with_holder(on).filter(pk=student.pk).values_list("holder", flat=True)
    holder = held.first()
    school = _school_of(student, on)
    return Places(
        reporting_unit(holder, on) if holder else None,
        school,
        _above(student.residence_id, Unit.Kind.TOWNSHIP, on) if student.residence_id else None,
    )


def _school_of(student: Student, on: date) -> Unit | None:
    found = Enrolment.objects.open(on).of_student(student).select_related("school")
    first = found.order_by("valid_from", "pk").first()
    return first.school if first else None


def reporting_unit(unit: int, on: date) -> Unit | None:
    """The unit in which another counts and that reports education; else the league's own.

    Of a zone and a banner that both report, the zone: it is the nearer one.
    """
    above = Unit.objects.filter(
        pk__in=Closure.objects.filter(in_force(on), descendant=unit, counts=True).values("ancestor")
    ).existing(on)
    nearest = {Unit.Kind.ZONE: 0, Unit.Kind.BANNER: 1}
    reporting = sorted(
        above.filter(reports_education=True), key=lambda one: nearest.get(one.kind, 2)
    )
    if reporting:
        return reporting[0]
    fallback = above.of_kinds((Unit.Kind.DIRECT, Unit.Kind.LEAGUE))
    return next(iter(sorted(fallback, key=lambda one: one.kind != Unit.Kind.DIRECT)), None)


def _above(unit: int, kind: str, on: date) -> Unit | None:
    lies_under = Closure.objects.filter(in_force(on), descendant=unit).values("ancestor")
    return Unit.objects.of_kinds((kind,)).filter(pk__in=lies_under).first()
