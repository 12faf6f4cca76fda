"""A school's month said in the browser, class by class, and how far the schools have said it.

What counts are the children on the roll of compulsory schooling on the month's last day, or today
while it runs: a return is complete for them when there is a line of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zlib import crc32

from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import audit, changes, locks, options
from common.crypto import blind_index
from common.periods import Period
from common.refusals import Stale
from dropout.models import AttendanceLine, AttendanceReturn
from dropout.models.attendance import COMPULSORY
from dropout.services import duties
from dropout.services.deeds import day_of
from dropout.services.ledgers import ATTENDANCE, LOCK, follow_returns
from dropout.services.refusals import Refused
from dropout.services.suspicions import follow_lines
from registry import identity
from registry.models import Enrolment, Identifier, IdKind, Unit

TOLD = "dropout.attendance_told"


class Standing(models.TextChoices):
    """How far a school has said a month."""

    UNTOLD = "UNTOLD", _("未报")
    PARTLY = "PARTLY", _("没报全")
    WHOLE = "WHOLE", _("已报全")
    NOT_OWED = "NOT_OWED", _("不用报")


@dataclass(frozen=True)
class Told:
    """What is said of one child."""

    is_present: bool = True
    absent_since: date | None = None
    cause: str = ""
    whereabouts: str = ""


# Who is on the roll --------------------------------------------------------------------------------
def last_day(month: Period, on: date) -> date:
    """The day by which a month is told: its end, or today while it runs."""
    return min(month.end, on)


def roll_of(school: Unit, month: Period, on: date):
    """Where the children of a school are in class, in the order of its classes."""
    here = Enrolment.objects.in_force(last_day(month, on)).filter(
        school=school, grade__in=COMPULSORY, student__merged_into=None
    )
    return here.select_related("student").order_by("grade", "class_name", "student__name", "pk")


def schools_asked(schools, month: Period, on: date):
    """Those of compulsory schooling that are there on the month's last day."""
    there = schools.of_kinds([Unit.Kind.SCHOOL]).existing(last_day(month, on))
    return there.filter(school__type__in=duties.OF_COMPULSORY_AGE)


def with_month(schools, month: Period, on: date):
    """Annotates how many are on the roll, away and left out, when it came in, and `standing`."""
    roll = Enrolment.objects.in_force(last_day(month, on)).filter(
        school=OuterRef("pk"), grade__in=COMPULSORY, student__merged_into=None
    )
    lines = AttendanceLine.objects.of_month(month.code)
    of_child = lines.filter(school=OuterRef("school"), student=OuterRef("student"))
    returned = AttendanceReturn.objects.of_month(month.code).filter(school=OuterRef("pk"))
    is_owed = Value(month.end.month not in duties.HOLIDAYS or options.get(duties.IN_HOLIDAYS))
    return schools.annotate(
        on_roll=_count(roll),
        left_out=_count(roll.filter(~Exists(of_child))),
        away=_count(lines.absent().filter(school=OuterRef("pk"))),
        handed_in_at=Subquery(returned.values("handed_in_at")[:1]),
        is_owed=is_owed,
    ).annotate(
        standing=Case(
            When(handed_in_at__isnull=False, left_out=0, then=Value(Standing.WHOLE)),
            When(handed_in_at__isnull=False, then=Value(Standing.PARTLY)),
            When(is_owed=False, then=Value(Standing.NOT_OWED)),
            When(on_roll=0, then=Value(Standing.NOT_OWED)),
            default=Value(Standing.UNTOLD),
        )
    )


def _count(rows):
    counted = rows.order_by().values("school").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


# Saying it -----------------------------------------------------------------------------------------
def seen_of(lines: Iterable[AttendanceLine]) -> int:
    """A number that differs once one of the lines was changed, or another one came."""
    return crc32(repr(sorted((line.pk, line.version) for line in lines)).encode())


def lines_of(school: Unit, month: Period, students: Iterable[int]) -> dict[int, AttendanceLine]:
    """{child: its line}."""
    found = AttendanceLine.objects.of_school(school).of_month(month.code)
    return {line.student_id: line for line in found.filter(student__in=list(students))}


@transaction.atomic
def tell_class(
    school: Unit, month: Period, told: dict[int, Told], *, by, at: datetime, seen: int | None = None
) -> int:
    """Write down who of these children was there; how many lines are new or changed.

    What somebody else has said since the page was opened is not overwritten (Stale), except by the
    very same: a double click changes nothing.
    """
    for name in (LOCK, ATTENDANCE, "dropout.cases"):
        locks.hold(name)
    _check(school, month, told, on=day_of(at))
    standing = lines_of(school, month, told)
    differing = {child: one for child, one in told.items() if _said_by(standing.get(child)) != one}
    if differing and seen is not None and seen != seen_of(standing.values()):
        raise Stale(school.pk)
    if not differing:
        return 0
    with changes.record(TOLD, by=by, at=at, subject=school) as recorder:
        _write(school, month, differing, standing, recorder, on=day_of(at))
    follow_returns(month.code, [school.pk], by=by, at=at)
    follow_lines(recorder.change_set, by=by, at=at)
    away = sum(not one.is_present for one in told.values())
    after = {"month": month.code, "children": len(told), "changed": len(differing), "away": away}
    audit.record(TOLD, school, by=by, after=after)
    return len(differing)


def _check(school: Unit, month: Period, told: dict[int, Told], *, on: date) -> None:
    here = set(roll_of(school, month, on).values_list("student", flat=True))
    if set(told) - here:
        raise Refused("not_on_roll")
    for child, one in told.items():
        if one.is_present:
            continue
        if one.absent_since is None:
            raise Refused("required", f"since-{child}")
        if one.absent_since > last_day(month, on):
            raise Refused("after_the_month", f"since-{child}")


def _said_by(line: AttendanceLine | None) -> Told | None:
    if line is None:
        return None
    return Told(line.is_present, line.absent_since, line.cause, line.whereabouts)


def _write(school, month, told: dict[int, Told], standing: dict, recorder, *, on) -> None:
    here = roll_of(school, month, on).filter(student__in=list(told))
    missing = [one for one in told if one not in standing]
    papers = _papers_of(missing)
    by_number = AttendanceLine.objects.of_school(school).of_month(month.code).filter(student=None)
    unlinked = {line.id_number_index: line for line in by_number}
    for enrolment in {one.student_id: one for one in here}.values():
        child, one = enrolment.student_id, told[enrolment.student_id]
        facts = {
            "is_present": one.is_present,
            "absent_since": None if one.is_present else one.absent_since,
            "cause": one.cause,
            "whereabouts": one.whereabouts,
            "grade": enrolment.grade,
            "class_name": enrolment.class_name,
            "source_upload": None,
            "source_sheet": None,
            "source_row": None,
        }
        line = standing.get(child)
        if line is None:
            numbers = papers.get(child) or _without_papers(child)
            line = unlinked.get(numbers["id_number_index"])
            facts |= {"student": enrolment.student, "name": enrolment.student.name}
            if line is None:
                of = {"school": school, "month": month.code, "month_end": month.end}
                recorder.insert(AttendanceLine(**facts, **numbers, **of))
                continue
        recorder.update(line, **facts)


def _papers_of(children: list[int]) -> dict[int, dict]:
    """{child: the number and the roll number of its line}."""
    found: dict[int, dict] = {}
    papers = Identifier.objects.current().filter(student__in=children)
    for paper in papers.order_by(F("kind").desc(), "pk"):  # the resident number is read last
        facts = found.setdefault(paper.student_id, {})
        name = "roll_number" if paper.kind == IdKind.ROLL else "id_number"
        facts |= {name: paper.value, f"{name}_index": paper.value_index}
    return {child: _without_papers(child) | facts for child, facts in found.items()}


def _without_papers(child: int) -> dict:
    """A child may have no document: an index of its own keeps its line apart from others'."""
    return {"id_number": "", "id_number_index": blind_index(f"student {child}", identity.NUMBER)}
