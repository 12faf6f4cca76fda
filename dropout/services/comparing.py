"""What each kind of comparison finds: rows to be stored, and numbers about them. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from common.periods import Period
from dropout.models import (
    AttendanceLine,
    AttendanceReturn,
    Comparison,
    ComparisonKind,
    Episode,
    Pair,
    SchoolAgeEntry,
)
from dropout.services.rules import in_force
from registry import identity, matching
from registry.matching import Person
from registry.models import Enrolment, Guardian, Membership, Student, descendants_of
from registry.services import matches, persons

Outcome = Pair.Outcome


@dataclass
class Result:
    """Rows not yet stored, how many were looked at, and the children who are where they should be."""

    rows: list[Pair] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    fine: set[int] = field(default_factory=set)


def compare(comparison: Comparison) -> Result:
    """Everything that a run finds; nothing is written."""
    result = {
        ComparisonKind.NEVER_ENROLLED: _never_enrolled,
        ComparisonKind.ABSENT: _absent,
        ComparisonKind.POVERTY: _in_poverty,
    }[ComparisonKind(comparison.kind)](comparison)
    for row in result.rows:
        row.comparison = comparison
        result.counts[row.outcome] = result.counts.get(row.outcome, 0) + 1
    return result


# The register and the roll -------------------------------------------------------------------------
def _never_enrolled(comparison: Comparison) -> Result:
    """On a list of children of school age, and on no school's roll."""
    on = comparison.on
    left = _of_entries(comparison.inputs["lists"], on)
    found = persons.matched(
        left,
        persons.of_students(Student.objects.living(), on),
        matches.remembered(),
        left_numbers=_numbers_of_entries,
        right_numbers=persons.numbers_of_students,
    )
    enrolled = set(Enrolment.objects.in_force(on).values_list("student", flat=True))
    pairs = found.exact + found.same
    fine = {pair.right.key for pair in pairs if pair.right.key in enrolled}
    rows = [
        Pair(outcome=Outcome.NOT_ENROLLED, entry_id=pair.left.key, student_id=pair.right.key)
        for pair in pairs
        if pair.right.key not in enrolled
    ]
    rows += [Pair(outcome=Outcome.MISSING, entry_id=person.key) for person in found.alone]
    rows += [_suggestion(pair) for pair in found.suggestions]
    counts = {"left": len(left), "fine": len(fine), "decided": len(found.same)}
    return Result(rows, counts, fine)


def _of_entries(lists: Iterable[int], on: date) -> list[Person]:
    """Children of school age; of one who is on several of the lists, the newest entry."""
    rules, seen, found = in_force(), set(), []
    entries = SchoolAgeEntry.objects.filter(list__in=lists).order_by("-list__listed_on", "pk")
    for pk, name, born_on, index, township, guardian in entries.values_list(
        "pk", "name", "born_on", "id_number_index", "township", "guardian_id_number_index"
    ):
        if index in seen or not rules.is_of_age(born_on, on):
            continue
        seen.add(index)
        guardians = (guardian,) if guardian else ()
        name = identity.normal_name(name)
        found.append(Person(pk, name, born_on, "", index, township, guardians))
    return found


def _numbers_of_entries(keys: Iterable[int]) -> dict[int, str]:
    found = {}
    for some in _batches(list(keys)):
        entries = SchoolAgeEntry.objects.filter(pk__in=some)
        found.update(entries.values_list("pk", "id_number"))
    return found


def _batches(keys: list[int], size: int = 1_000):
    return (keys[at : at + size] for at in range(0, len(keys), size))


def _suggestion(pair: matching.Pair) -> Pair:
    return Pair(
        outcome=Outcome.SUGGESTED,
        entry_id=pair.left.key,
        student_id=pair.right.key,
        ground=pair.ground,
        parts=[[str(part), str(how)] for part, how in pair.parts],
        notes=[str(note) for note in pair.notes],
        strength=pair.strength,
        first=pair.first,
        second=pair.second,
    )


# The roll and who is there ---------------------------------------------------------------------------
def _absent(comparison: Comparison) -> Result:
    """On the roll of a school that has reported the month, and away too long, or not told of."""
    month = Period.parse(comparison.inputs["month"])
    schools = descendants_of(comparison.unit, on=comparison.on)
    told = AttendanceReturn.objects.of_month(month.code).filter(school__in=schools)
    roll = Enrolment.objects.in_force(month.end).filter(school__in=told.values("school"))
    children = set(roll.values_list("student", flat=True))
    lines = AttendanceLine.objects.of_month(month.code).filter(
        school__in=told.values("school"), student__in=roll.values("student")
    )
    days, rows, heard = in_force().suspect_days, [], set()
    for line in lines.only("pk", "student", "is_present", "absent_since", "month_end"):
        heard.add(line.student_id)
        if line.days_away >= days:
            rows.append(Pair(outcome=Outcome.ABSENT, line_id=line.pk, student_id=line.student_id))
    away = {row.student_id for row in rows}
    rows += [Pair(outcome=Outcome.UNTOLD, student_id=child) for child in sorted(children - heard)]
    counts = {"left": len(children), "fine": len(heard - away), "schools": told.count()}
    return Result(rows, counts, heard - away)


# Cases and the lists of other departments --------------------------------------------------------------
def _in_poverty(comparison: Comparison) -> Result:
    """Children confirmed to be out of school who, or whose guardians, are on one of the lists."""
    below = descendants_of(comparison.unit, on=comparison.on)
    episodes = Episode.objects.open().out_of_school().of_living_cases()
    cases = dict(episodes.filter(case__unit__in=below).values_list("case__student", "pk"))
    members = Membership.objects.filter(list__in=comparison.inputs["lists"]).valid(comparison.on)
    found: dict[int, int] = {}
    own = members.filter(student__in=cases).order_by("-pk")
    found.update(own.values_list("student", "pk"))
    unnamed = members.filter(child_id_number_index=None)
    listed = dict(unnamed.order_by("-pk").values_list("id_number_index", "pk"))
    guardians = Guardian.objects.filter(student__in=cases).exclude(id_number_index=None)
    for child, index in guardians.values_list("student", "id_number_index"):
        if index in listed:
            found.setdefault(child, listed[index])
    rows = [
        Pair(
            outcome=Outcome.POVERTY,
            student_id=child,
            member_id=member,
            episode_id=cases[child],
        )
        for child, member in sorted(found.items())
    ]
    return Result(rows, {"left": len(cases), "fine": len(cases) - len(rows)})
