"""Whom other departments' lists name as in need: children, and children through their guardians.

Of one department, unit and category the newest list counts; what is older than an option says counts
no more. The thirteen groups are those of the national matching.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Q

from common import options
from registry.models import Category, Guardian, Membership, OutsideList, Student, Verdict
from subsidies.models import MemberPair

THIRTEEN = (
    Category.SUBSISTENCE,
    Category.EXTREME_POVERTY,
    Category.NEAR_SUBSISTENCE,
    Category.RIGID_EXPENSE,
    Category.LOW_INCOME,
    Category.ORPHAN,
    Category.UNATTENDED,
    Category.POVERTY_EXIT,
    Category.MONITORED_UNSTABLE,
    Category.MONITORED_EDGE,
    Category.MONITORED_SUDDEN,
    Category.DISABLED_CHILD,
    Category.DISABLED_GUARDIAN,
)


@dataclass(frozen=True)
class Lists:
    """Which lists there are by a day, of which categories: in one statement, for they are few."""

    on: date
    since: date  # what is older counts no more
    # (department, unit, category, day, list), the newest of each place first
    rows: list[tuple]

    @classmethod
    def read(cls, on: date, *, days: int | None = None, from_day: date | None = None) -> "Lists":
        """`days` is the option, if it is known; `from_day` reads further back without judging by it."""
        days = options.get("subsidies.list_days") if days is None else days
        since = on - timedelta(days=days)
        # From the lists and not from who stands on them: a list on which nobody does was handed in too.
        rows = (
            OutsideList.objects.filter(
                listed_on__lte=on, listed_on__gt=min(since, from_day or since)
            )
            .order_by("department", "unit", "members__category", "-listed_on", "pk")
            .values_list("department", "unit", "members__category", "listed_on", "pk")
            .distinct()
        )
        return cls(on, since, list(rows))

    def members(self):
        """Members of the groups, by the newest list of each department, unit and category."""
        newest: dict[str, set[int]] = {}
        rows = [row for row in self.rows if row[2] in THIRTEEN]
        for (*_place, category), lists in groupby(rows, key=lambda row: row[:3]):
            lists = [(day, pk) for *_told, day, pk in lists]
            if lists[0][0] > self.since:
                pks = {pk for day, pk in lists if day == lists[0][0]}
                newest.setdefault(category, set()).update(pks)
        found = Q(pk__in=[])
        for category, pks in newest.items():
            found |= Q(category=category, list__in=pks)
        return Membership.objects.valid(self.on).filter(found)

    def handed_in(self, departments, first: date, last: date) -> set[tuple[int, str]]:
        """(unit, department) of the lists of some days."""
        return {
            (unit, department)
            for department, unit, _category, day, _list in self.rows
            if department in departments and first <= day <= last
        }


def standing_members(on: date):
    """Members of the thirteen groups, by the lists that count on a day."""
    return Lists.read(on).members()


def unnamed(members):
    """Those beside whom no child is named: of a guardian all children are meant."""
    return members.filter(child_id_number_index=None, child_name="")


def listed_students(members):
    """Ids of the children whom members of lists are, themselves or through a guardian."""
    own = members.filter(student__isnull=False)
    guardians = Guardian.objects.filter(
        id_number_index__in=unnamed(members).values("id_number_index")
    )
    decided = _decided(members)
    return (
        Student.objects.living()
        .filter(
            Q(pk__in=own.values("student"))
            | Q(pk__in=guardians.values("student"))
            | Q(pk__in=decided.values("student"))
        )
        .values("pk")
    )


def _decided(members):
    """Pairs that people have said to be one person."""
    same = MemberPair.objects.decided(Verdict.SAME)
    return same.filter(member__in=members, student__isnull=False)


def lists_naming(students, on: date) -> dict[int, tuple[int, date]]:
    """{child: (the list that names it, its day)}: the newest of several."""
    students = list(students)
    members = standing_members(on).order_by("list__listed_on", "pk")
    own = members.filter(student__in=students)
    found = {child: told for child, *told in own.values_list("student", "list", "list__listed_on")}
    guardians = Guardian.objects.filter(student__in=students).exclude(id_number_index=None)
    wards = list(guardians.values_list("id_number_index", "student"))
    through = unnamed(members).filter(id_number_index__in={number for number, _child in wards})
    named = {
        number: told
        for number, *told in through.values_list("id_number_index", "list", "list__listed_on")
    }
    for number, child in wards:
        if number in named:
            found.setdefault(child, named[number])
    decided = _decided(members.order_by()).filter(student__in=students).order_by("pk")
    for child, *told in decided.values_list("student", "member__list", "member__list__listed_on"):
        found.setdefault(child, told)
    return {child: tuple(told) for child, told in found.items()}
