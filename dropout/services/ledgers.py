"""What rests on the lists that are taken in: whose rows they are, and which schools have reported."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from common.crypto import blind_index
from common.models import ChangeSet
from common.periods import Period
from dropout.models import AttendanceLine, AttendanceReturn
from dropout.services import duties, touched
from registry import identity
from registry.models import Identifier, IdKind, Student

VIEW_CHILDREN = "registry.view_student"
LOCK = "dropout.ledgers"  # held by whoever writes lists
ATTENDANCE = "dropout.attendance"  # and by whoever writes what schools say of a month


def link_children(rows: QuerySet) -> int:
    """Point rows at the child with exactly their identity number; returns how many changed.

    Only an exact number decides here. A number that was mistyped is a matter of comparing.
    """
    papers = (
        Identifier.objects.exclude(kind=IdKind.ROLL)
        .filter(value_index=OuterRef("id_number_index"), student__merged_into=None)
        .order_by(F("valid_to").desc(nulls_first=True), "pk")
    )
    found = rows.order_by().annotate(found=Subquery(papers.values("student")[:1]))
    gone = Q(found=None, student__isnull=False)
    other = Q(found__isnull=False) & (Q(student=None) | ~Q(student=F("found")))
    return found.filter(gone | other).update(student_id=F("found"))


def written_rows(change_set: ChangeSet, model) -> QuerySet:
    """The rows of a model that a set of changes has written; those that are gone are none."""
    written = change_set.rows.filter(root=model._meta.db_table).values("root_pk")
    return model.objects.filter(pk__in=written)


def follow_returns(month: str, schools, *, by, at: datetime) -> None:
    """A school has reported a month if there are lines of it, whoever wrote or took them back.

    Where nothing was known before, "no case" becomes a number: figures follow.
    """
    lines = AttendanceLine.objects.of_month(month).filter(school__in=schools)
    told = set(lines.order_by().values_list("school", flat=True).distinct())
    returns = AttendanceReturn.objects.of_month(month).filter(school__in=schools)
    have = set(returns.values_list("school", flat=True))
    returns.exclude(school__in=told).delete()
    AttendanceReturn.objects.bulk_create(
        AttendanceReturn(school_id=school, month=month, handed_in_at=at, handed_in_by=by)
        for school in sorted(told - have)
    )
    if told != have:
        span = Period.parse(month)
        touched.touch(touched.OF_CASES, told ^ have, since=span.start, on=span.end)
    duties.settle_months(month, schools, at=at)


def numbers_of_rolls(rolls: Iterable[str], context) -> dict[str, str]:
    """{roll number: the child's resident number} of the children that the person may read.

    Scope matters: a roll number that somebody guesses must not tell another school's child.
    """
    indexes = {blind_index(roll, identity.NUMBER): roll for roll in rolls}
    mine = Student.objects.visible_to(context.user, VIEW_CHILDREN)
    current = Identifier.objects.current().filter(student__in=mine)
    held = dict(
        current.filter(kind=IdKind.ROLL, value_index__in=indexes).values_list(
            "student", "value_index"
        )
    )
    papers = current.filter(kind=IdKind.RESIDENT, student__in=held)
    return {
        indexes[held[child]]: number for child, number in papers.values_list("student", "value")
    }
