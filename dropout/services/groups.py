"""Which special groups children belong to on a day: told by other departments' lists, never typed."""

from collections.abc import Iterable
from datetime import date

from registry.models import Category, Guardian, Membership
from registry.models.lists import SENSITIVE

VIEW_SENSITIVE = "dropout.view_sensitive"
# The groups that the plan's first task names; hardship of other kinds is a matter of aid.
GROUPS = (
    Category.ORPHAN,
    Category.UNATTENDED,
    Category.DISABLED_CHILD,
    Category.LEFT_BEHIND,
    Category.HARDSHIP,
    Category.MIGRANT,
    Category.INVOLVED,
    Category.POVERTY_EXIT,
    Category.MONITORED_UNSTABLE,
    Category.MONITORED_EDGE,
    Category.MONITORED_SUDDEN,
)


def groups_of(students: Iterable[int], on: date) -> dict[int, list[str]]:
    """{student id: codes in the order of `GROUPS`}; children of no group are left out.

    Like `registry.models.lists.children_on`: a child on a list itself, or through a guardian whose
    row names no other child. Two queries, however many children.
    """
    students = list(students)
    members = Membership.objects.valid(on).filter(category__in=GROUPS)
    found: dict[int, set[str]] = {}
    for child, code in members.filter(student__in=students).values_list("student", "category"):
        found.setdefault(child, set()).add(code)
    for child, code in _through_guardians(students, members):
        found.setdefault(child, set()).add(code)
    return {child: [code for code in GROUPS if code in some] for child, some in found.items()}


def _through_guardians(students: list[int], members) -> Iterable[tuple[int, str]]:
    guardians = Guardian.objects.filter(student__in=students, id_number_index__isnull=False)
    children: dict = {}
    for index, child in guardians.values_list("id_number_index", "student"):
        children.setdefault(index, []).append(child)
    listed = members.filter(
        id_number_index__in=guardians.values("id_number_index"), child_id_number_index=None
    )
    for index, code in listed.values_list("id_number_index", "category"):
        for child in children.get(index, ()):
            yield child, code


def shown_to(codes: Iterable[str], user) -> list[str]:
    """The groups that a person may read: orphanhood, health and the law take a permission."""
    if user.has_perm(VIEW_SENSITIVE):
        return list(codes)
    return [code for code in codes if code not in SENSITIVE]
