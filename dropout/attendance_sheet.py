"""A school's month as its page shows it: class by class, who is away, whom nobody has told of."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from common.periods import Period
from dropout.models import AttendanceLine, Episode
from dropout.services import attendance
from registry.models import Enrolment, Student, Unit


@dataclass(frozen=True)
class ClassCount:
    """One class: how many are on its roll, how many of them somebody has told of, and are away."""

    grade: str
    grade_label: str
    class_name: str
    on_roll: int
    told: int
    away: int

    @property
    def left_out(self) -> int:
        return self.on_roll - self.told

    @property
    def name(self) -> str:
        return f"{self.grade_label} {self.class_name}".strip()

    @property
    def query(self) -> str:
        return urlencode({"grade": self.grade, "class": self.class_name})


class MonthOfSchool:
    """Six questions to the database, however many children there are."""

    def __init__(self, school: Unit, month: Period, *, on: date):
        self.school, self.month, self.on = school, month, on
        self.roll = list(attendance.roll_of(school, month, on))
        lines = AttendanceLine.objects.of_school(school).of_month(month.code).for_list()
        self.lines = list(lines)
        self.by_child = {line.student_id: line for line in self.lines if line.student_id}

    @cached_property
    def classes(self) -> list[ClassCount]:
        grouped: dict[tuple[str, str], list[Enrolment]] = {}
        for one in self.roll:
            grouped.setdefault((one.grade, one.class_name), []).append(one)
        return [self.count_of(some) for some in grouped.values()]

    def count_of(self, some: list[Enrolment]) -> ClassCount:
        told = [self.by_child[one.student_id] for one in some if one.student_id in self.by_child]
        away = sum(not line.is_present for line in told)
        first = some[0]
        label = first.get_grade_display()
        return ClassCount(first.grade, label, first.class_name, len(some), len(told), away)

    @cached_property
    def missing(self) -> list[Enrolment]:
        """On the roll, and in no line."""
        return [one for one in self.roll if one.student_id not in self.by_child]

    @cached_property
    def strangers(self) -> list[AttendanceLine]:
        """Told of, and not on the roll of compulsory schooling."""
        here = {one.student_id for one in self.roll}
        return [line for line in self.lines if line.student_id not in here]

    @cached_property
    def away(self) -> list[AttendanceLine]:
        """Away longest first."""
        absent = [line for line in self.lines if not line.is_present]
        return sorted(absent, key=lambda line: (line.absent_since, line.pk))

    def days_away(self, line: AttendanceLine) -> int:
        return line.days_away_by(self.on)

    @property
    def is_told(self) -> bool:
        return bool(self.lines)

    @property
    def is_whole(self) -> bool:
        return self.is_told and not self.missing

    @property
    def next_class(self) -> ClassCount | None:
        """The first class that is not told whole."""
        return next((one for one in self.classes if one.left_out), None)

    def of_class(self, grade: str, class_name: str) -> list[Enrolment]:
        return [one for one in self.roll if (one.grade, one.class_name) == (grade, class_name)]

    def cases(self, user, permission: str) -> dict[int, Episode]:
        """{child: open episode}, of those away, as far as the person may open it."""
        children = [line.student_id for line in self.away if line.student_id]
        mine = Episode.objects.visible_to(user, permission).of_living_cases().open()
        found = mine.filter(case__student__in=children).select_related("case")
        return {one.case.student_id: one for one in found}


def away_last_month(school: Unit, month: Period, students: list[Student]) -> dict:
    """{child: its line} of who was away at the end of the month before."""
    found = attendance.lines_of(school, month.previous(), [one.pk for one in students])
    return {child: line for child, line in found.items() if not line.is_present}
