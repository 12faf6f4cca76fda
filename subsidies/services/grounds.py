"""What was known of children on a day: their class, and the lists that named them or a guardian."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from registry.models import Enrolment, Guardian, Membership


class Grounds:
    """Of some children, in three statements; lists are told by codes and dates alone, no name."""

    def __init__(self, students: Iterable[int]):
        students = list(students)
        self.members: dict[int, list[Membership]] = defaultdict(list)
        self.enrolments: dict[int, list[Enrolment]] = defaultdict(list)
        self._read_lists(students)
        for one in Enrolment.objects.filter(student__in=students).order_by("valid_from", "pk"):
            self.enrolments[one.student_id].append(one)

    def _read_lists(self, students: list[int]) -> None:
        members = Membership.objects.select_related("list").order_by("list__listed_on", "pk")
        for one in members.filter(student__in=students):
            self.members[one.student_id].append(one)
        guardians = Guardian.objects.filter(student__in=students).exclude(id_number_index=None)
        wards = defaultdict(set)
        for number, student in guardians.values_list("id_number_index", "student"):
            wards[number].add(student)
        unnamed = members.filter(
            id_number_index__in=guardians.values("id_number_index"), child_id_number_index=None
        )
        for one in unnamed:
            for student in wards[one.id_number_index] - {one.student_id}:
                self.members[student].append(one)

    def lists(self, student: int, on: date) -> list[dict]:
        """Which lists of other departments named the child or a guardian on a day."""
        return [
            {
                "list": one.list_id,
                "department": one.list.department,
                "listed_on": one.list.listed_on.isoformat(),
                "category": one.category,
            }
            for one in self.members[student]
            if one.list.listed_on <= on and _holds(one, on)
        ]

    def enrolment(self, student: int, school: int, first: date, last: date) -> Enrolment | None:
        """Where the child stood at a school between two days."""
        for one in self.enrolments[student]:
            ended = one.valid_to is not None and one.valid_to < first
            if one.school_id == school and one.valid_from <= last and not ended:
                return one
        return None


def _holds(one, on: date) -> bool:
    return (one.valid_from is None or one.valid_from <= on) and (
        one.valid_to is None or one.valid_to >= on
    )
