"""Children of ours, and people on outside lists, as `registry.matching` takes them.

Numbers are decrypted only where they may be needed: an exact number is told by its index, so that
`matched` first pairs those and then reads the numbers of the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from registry import identity
from registry.matching import Decisions, Matching, Person, match
from registry.models import Closure, Guardian, Identifier, IdKind, Membership, Unit, in_force

Read = Callable[[Iterable], dict]  # ({keys}) -> {key: normal number}


def of_students(students, on: date) -> list[Person]:
    """Children as they are known on a day; `key` is the student's."""
    students = students.order_by("pk")
    numbers = dict(_papers(students).order_by("-kind", "-pk").values_list("student", "value_index"))
    guardians: dict[int, list] = defaultdict(list)
    known = Guardian.objects.filter(student__in=students.order_by().values("pk"))
    known = known.exclude(id_number_index=None).order_by("position")
    for student, index in known.values_list("student", "id_number_index"):
        guardians[student].append(index)
    townships = townships_of(on)
    return [
        Person(
            key=pk,
            name=identity.normal_name(name),
            born_on=born_on,
            id_index=numbers.get(pk),
            township_id=townships.get(residence),
            guardian_indexes=tuple(guardians.get(pk, ())),
        )
        for pk, name, born_on, residence in students.values_list(
            "pk", "name", "born_on", "residence"
        )
    ]


def numbers_of_students(keys: Iterable[int]) -> dict[int, str]:
    """The numbers in clear, a thousand at a time."""
    return _in_batches(
        keys,
        lambda some: (
            Identifier.objects.current()
            .exclude(kind=IdKind.ROLL)
            .filter(student__in=some)
            .order_by("-kind", "-pk")
            .values_list("student", "value")
        ),
    )


def of_members(members) -> list[Person]:
    """Whom a list is about; `key` is the member's. The child named beside counts, else the member.

    Of a member beside whom a child is named, the member is the guardian.
    """
    rows = members.order_by("pk").values_list(
        "pk",
        "name",
        "id_number_index",
        "child_name",
        "child_id_number_index",
        "township",
    )
    found = []
    for pk, name, index, child_name, child_index, township in rows:
        is_child = bool(child_name or child_index)
        found.append(
            Person(
                key=pk,
                name=identity.normal_name(child_name if is_child else name),
                id_index=child_index if is_child else index,
                township_id=township,
                guardian_indexes=(index,) if is_child else (),
            )
        )
    return found


def numbers_of_members(keys: Iterable[int]) -> dict[int, str]:
    rows = _in_batches(
        keys,
        lambda some: (
            (pk, (child_number if child_name or child_number else number))
            for pk, number, child_name, child_number in Membership.objects.filter(
                pk__in=some
            ).values_list("pk", "id_number", "child_name", "child_id_number")
        ),
    )
    return {pk: number for pk, number in rows.items() if number}


def matched(
    left: list[Person],
    right: list[Person],
    decisions: Decisions,
    *,
    left_numbers: Read,
    right_numbers: Read,
) -> Matching:
    """As `match`, with the numbers of those read whom no exact number pairs."""
    known = {one.id_index for one in left} & {one.id_index for one in right} - {None}
    return match(
        _with_numbers(left, known, left_numbers),
        _with_numbers(right, known, right_numbers),
        decisions,
    )


def _with_numbers(people: list[Person], known: set, read: Read) -> list[Person]:
    """Told by a number without a birth date: the day in the number."""
    wanted = [one.key for one in people if one.id_index and one.id_index not in known]
    numbers = read(wanted)
    filled = []
    for one in people:
        if one.key in numbers:
            number = identity.normal_number(numbers[one.key])
            born_on = one.born_on or identity.birth_date_of(number)
            one = replace(one, id_number=number, born_on=born_on)
        filled.append(one)
    return filled


def townships_of(on: date) -> dict[int, int]:
    """{unit: the township in which it lies, or that it is}."""
    lies = Closure.objects.filter(in_force(on), ancestor__kind=Unit.Kind.TOWNSHIP)
    return dict(lies.values_list("descendant", "ancestor"))


def _papers(students):
    papers = Identifier.objects.current().exclude(kind=IdKind.ROLL)
    return papers.filter(student__in=students.order_by().values("pk"))


def _in_batches(keys: Iterable[int], rows: Callable, size: int = 1_000) -> dict:
    keys, found = list(keys), {}
    for at in range(0, len(keys), size):
        found.update(rows(keys[at : at + size]))
    return found
