"""What a school's group decides about a class at one sitting: all of it is written, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from registry.models import Student, Unit
from subsidies.models import Recognition
from subsidies.services.recognitions import agree, apply
from subsidies.services.refusals import Refused


@dataclass(frozen=True)
class Said:
    """What was said of one child. `seen` is the version of its application, where there is one."""

    student: Student
    level: str
    group: str
    has_promise: bool
    seen: int | None


class RefusedFor(Exception):
    """Which child's facts do not allow it, and why."""

    def __init__(self, student: int, why: Refused):
        super().__init__(why.code)
        self.student, self.why = student, why


@transaction.atomic
def recognise_class(
    said: Iterable[Said], *, school: Unit, term: str, on: date, by, at: datetime
) -> int:
    """How many were recognised. Who had not applied has by this."""
    said = list(said)
    standing = Recognition.objects.standing().of_term(term)
    rows = standing.filter(student__in=[one.student for one in said])
    asked = {one.student_id: one for one in rows}
    for one in said:
        try:
            _recognise(one, asked.get(one.student.pk), school, term, on, by, at)
        except Refused as refused:
            raise RefusedFor(one.student.pk, refused) from None
    return len(said)


def _recognise(one: Said, application, school, term: str, on: date, by, at: datetime) -> None:
    if application is None:
        known = {"term": term, "has_promise": one.has_promise, "group": one.group}
        application = apply(one.student, school=school, on=on, by=by, at=at, **known)
        seen = application.version
    else:
        seen = one.seen or 0  # it was not there when the page was opened: stale
    agree(
        application,
        level=one.level,
        group=one.group,
        has_promise=one.has_promise,
        on=on,
        by=by,
        at=at,
        seen=seen,
    )
