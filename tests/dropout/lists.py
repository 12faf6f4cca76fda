"""Lists that comparisons read, of children who do not exist."""

from datetime import date

from dropout.models import AttendanceLine, AttendanceReturn, SchoolAgeEntry, SchoolAgeList
from registry import identity
from tests.cast import NOW, TODAY

MONTH, MONTH_END = "2025-09", date(2025, 9, 30)


def age_list(unit, *, office="公安局", listed_on=TODAY) -> SchoolAgeList:
    return SchoolAgeList.objects.create(unit=unit, office=office, listed_on=listed_on)


def entry(of: SchoolAgeList, number: str, name: str = "那仁", **over) -> SchoolAgeEntry:
    facts = {"born_on": identity.birth_date_of(number), **over}
    return SchoolAgeEntry.objects.create(
        list=of,
        name=name,
        id_number=number,
        id_number_index=identity.number_index(number),
        **facts,
    )


def line(school, child, number: str, *, absent_since=None, by=None) -> AttendanceLine:
    """What a school says of a child in September; the school has reported."""
    AttendanceReturn.objects.get_or_create(
        school=school, month=MONTH, defaults={"handed_in_at": NOW, "handed_in_by": by}
    )
    return AttendanceLine.objects.create(
        school=school,
        month=MONTH,
        month_end=MONTH_END,
        name=child.name,
        id_number=number,
        id_number_index=identity.number_index(number),
        student=child,
        is_present=absent_since is None,
        absent_since=absent_since,
    )
