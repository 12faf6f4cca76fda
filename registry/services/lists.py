"""Who on other departments' lists is a child of ours: told by exact numbers, in a few statements."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import BigIntegerField, Case, Count, F, Min, OuterRef, Q, Subquery, When

from common import audit, jobs, locks
from common.models import ChangeSet
from registry.models import Guardian, Identifier, IdKind, Membership, OutsideList, Student

LOCK = "registry.children"  # held by whoever writes children: by hand, by sheet, by hundreds
FEW = 500  # children whose members are looked for; of more all lists are gone through


@transaction.atomic
def link_members(
    *, lists: Iterable[OutsideList] | None = None, students: Iterable[int] | None = None
) -> int:
    """Point every member at the child it is about; returns how many point elsewhere than before.

    The child named beside counts; else the member's own number, a child's or a guardian's. Where a
    guardian has several children none is guessed: `Membership.objects.about` finds them all.
    Without arguments all lists are gone through, which is right after an import or its undo.
    """
    locks.hold(LOCK)
    members = Membership.objects.all()
    if lists is not None:
        members = members.filter(list__in=lists)
    if students is not None:
        members = members.filter(_may_be_about(list(students)))
    found = members.annotate(
        found=Case(
            When(child_id_number_index__isnull=False, then=_child("child_id_number_index")),
            When(pk__in=_own_children(members), then=_child("id_number_index")),
            default=_only_child(),
            output_field=BigIntegerField(),
        )
    )
    gone = Q(found=None, student__isnull=False)
    other = Q(found__isnull=False) & (Q(student=None) | ~Q(student=F("found")))
    return found.filter(gone | other).update(student_id=F("found"))


def follow_members(change_set: ChangeSet) -> int:
    """After a list was taken in, or its import taken back: who its members are."""
    written = change_set.rows.filter(root=Membership._meta.db_table).values("root_pk")
    jobs.announce("registry.lists")
    return link_members(lists=OutsideList.objects.filter(members__in=written).distinct())


def follow_children(change_set: ChangeSet) -> int:
    """After children were taken in, or the import taken back: older lists may name their numbers."""
    if not Membership.objects.exists():
        return 0
    written = change_set.rows.filter(root=Student._meta.db_table).values_list("root_pk", flat=True)
    some = list(written[: FEW + 1])
    return link_members(students=some) if len(some) <= FEW else link_members()


@transaction.atomic
def compare_list(one: OutsideList, *, by) -> int:
    """Link a list's members anew because somebody asked for it."""
    changed = link_members(lists=[one])
    jobs.announce("registry.lists", by=by)
    audit.record("registry.list_compared", one, by=by, after={"changed": changed})
    return changed


def _may_be_about(students: list[int]) -> Q:
    """Members whose link may change with these children's numbers and guardians."""
    own = Identifier.objects.filter(student__in=students).values("value_index")
    guardians = Guardian.objects.filter(student__in=students, id_number_index__isnull=False)
    return (
        Q(student__in=students)
        | Q(id_number_index__in=own)
        | Q(child_id_number_index__in=own)
        | Q(id_number_index__in=guardians.values("id_number_index"))
    )


def _papers(index: str):
    """Identity papers with the number of a member; the current one first, then what was corrected."""
    found = Identifier.objects.filter(value_index=OuterRef(index), student__merged_into=None)
    return found.exclude(kind=IdKind.ROLL).order_by(F("valid_to").desc(nulls_first=True), "pk")


def _child(index: str) -> Subquery:
    return Subquery(_papers(index).values("student")[:1])


def _own_children(members):
    """Members who are children themselves."""
    papers = Identifier.objects.exclude(kind=IdKind.ROLL).filter(student__merged_into=None)
    return members.filter(id_number_index__in=papers.values("value_index")).values("pk")


def _only_child() -> Subquery:
    """The child of a guardian with this number, if there is exactly one."""
    living = Student.objects.living().values("pk")
    found = Guardian.objects.filter(id_number_index=OuterRef("id_number_index"), student__in=living)
    counted = (
        found.order_by()
        .values("id_number_index")
        .annotate(children=Count("student", distinct=True), child=Min("student"))
    )
    return Subquery(counted.filter(children=1).values("child"))
