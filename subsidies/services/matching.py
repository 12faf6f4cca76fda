"""Members of outside lists matched to children and to their guardians.

An exact number is told by `registry.services.lists`, in a few statements. What it leaves is compared
here by `registry.matching`: the children first, then, of members beside whom no child is named, the
guardians. A machine decides nothing else; what people decide holds in every later run.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db import transaction

from common import audit, jobs
from registry import identity, matching
from registry.matching import Matching, Person
from registry.models import Guardian, MatchDecision, Student, Verdict
from registry.services import matches, persons
from subsidies.models import MemberPair
from subsidies.services.listed import standing_members, unnamed

JOB = "subsidies.match"
AT_ONCE = 1000


class CannotDecide(Exception):
    """Several on the list are told in the same words: nobody knows which one is meant."""


@transaction.atomic
def match_members(*, on: date) -> dict[str, int]:
    """Compare all lists that count on a day; the pairs of the last run go."""
    decisions = matches.remembered()
    pairs = [*_with_children(on, decisions), *_with_guardians(on, decisions)]
    MemberPair.objects.all().delete()
    MemberPair.objects.bulk_create(pairs, batch_size=AT_ONCE)
    told = {"pairs": len(pairs), "decide": MemberPair.objects.to_decide().count()}
    audit.record("subsidies.lists_matched", by=None, after=told)
    jobs.announce("subsidies.pairs")
    return told


def _with_children(on: date, decisions) -> Iterator[MemberPair]:
    left = persons.of_members(standing_members(on).filter(student=None))
    if not left:
        return
    found = persons.matched(
        left,
        persons.of_students(Student.objects.living(), on),
        decisions,
        left_numbers=persons.numbers_of_members,
        right_numbers=persons.numbers_of_students,
    )
    for pair in _to_keep(found):
        yield _row(pair, student_id=pair.right.key)


def _with_guardians(on: date, decisions) -> Iterator[MemberPair]:
    """Whose number is no guardian's: somebody of the same name, or with a slip in the number."""
    known = Guardian.objects.exclude(id_number_index=None).values("id_number_index")
    members = unnamed(standing_members(on)).exclude(id_number_index__in=known)
    left = persons.of_members(members.filter(student=None))
    if not left:
        return
    guardians, child_of = _guardians(on)
    names = {one.name for one in left}
    found = persons.matched(
        left,
        guardians,
        decisions,
        left_numbers=persons.numbers_of_members,
        right_numbers=lambda keys: _numbers(
            {one.key for one in guardians if one.name in names} & set(keys)
        ),
    )
    for pair in _to_keep(found):
        yield _row(pair, student_id=child_of[pair.right.key], guardian_id=pair.right.key)


def _guardians(on: date) -> tuple[list[Person], dict[int, int]]:
    """Guardians of the living as persons, and whose each is."""
    townships = persons.townships_of(on)
    rows = Guardian.objects.filter(student__merged_into=None).exclude(name="").order_by("pk")
    people, child_of = [], {}
    for pk, name, index, student, home in rows.values_list(
        "pk", "name", "id_number_index", "student", "student__residence"
    ):
        child_of[pk] = student
        people.append(
            Person(
                key=pk,
                name=identity.normal_name(name),
                id_index=index,
                township_id=townships.get(home),
            )
        )
    return people, child_of


def _numbers(keys: Iterable[int]) -> dict[int, str]:
    keys, found = sorted(keys), {}
    for at in range(0, len(keys), AT_ONCE):
        rows = Guardian.objects.filter(pk__in=keys[at : at + AT_ONCE]).exclude(id_number_index=None)
        found.update(rows.values_list("pk", "id_number"))
    return found


def _to_keep(found: Matching) -> list[matching.Pair]:
    """What people have decided to be one, and what they are asked about."""
    return [*found.same, *found.suggestions]


def _row(pair: matching.Pair, **of) -> MemberPair:
    return MemberPair(
        member_id=pair.left.key,
        ground=pair.ground,
        parts=[[str(part), str(how)] for part, how in pair.parts],
        notes=[str(note) for note in pair.notes],
        strength=pair.strength,
        first=pair.first,
        second=pair.second,
        **of,
    )


# Deciding ------------------------------------------------------------------------------------------
@transaction.atomic
def decide_pair(
    pair: MemberPair, *, verdict: Verdict, by, at: datetime, seen: int | None = None
) -> MatchDecision:
    """Say whether the two are one person; aid is screened anew with it."""
    if pair.first is None:
        raise CannotDecide(pair.pk)
    decided = matches.decide(pair.first, pair.second, verdict=verdict, by=by, at=at, seen=seen)
    jobs.announce("subsidies.pairs", by=by)
    return decided


def decision_of(pair: MemberPair) -> MatchDecision | None:
    rows = MatchDecision.objects.select_related("decided_by")
    return rows.filter(first=pair.first, second=pair.second).first() if pair.first else None
