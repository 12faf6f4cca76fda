"""Who on one list is who on another: an exact number decides, everything else is suggested.

`match(left, right, decisions)` takes two lists of `Person` and answers with a `Matching`:

- `exact`: pairs with the same number. Nothing else is ever decided by the machine;
- `same`: pairs that somebody has decided to be one person (`MatchDecision`), now or in a former run;
- `suggestions`: pairs to be decided, the likeliest first. Somebody said "different": not among
  them; "unsure": among them, with `verdict` set;
- `alone`: the persons of the left list who are in no pair at all, for findings;
- `pending`: those who are in suggestions only.

A `Pair` explains itself: `ground` (what brought the two together), `parts` (how each part compares)
and `notes` (what to be careful about), all of them codes with labels.

`Person.key` is the caller's own (a row's key); `id_number` is the normal text of
`identity.normal_number`, "" where there is none or it is not wanted: with `id_index` alone exact
numbers are found, and a sound number that somebody else mistyped. Only the text of a wrong number
can be repaired. `registry.services.matches` reads and writes decisions:

    matching = match(left, right, matches.remembered())
    matches.decide(pair.first, pair.second, verdict=Verdict.SAME, by=user, at=now, seen=0)

Everything is done in memory through indexes of what pairs have in common, never by comparing each
with each. Of two numbers that differ in one sign or by two neighbours swapped, one fails its check:
so only failing numbers are repaired, each into the few that hold, and these are looked up.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.crypto import blind_index, indexer
from registry import identity
from registry.id_numbers import repairs
from registry.models.decisions import Verdict

PERSON = "matching.person"  # the purpose of the key of somebody without a number
MOST_EACH = 5  # suggestions for one person of the left list


# The words ---------------------------------------------------------------------------------------
class Ground(models.TextChoices):
    """What brought two records together, the strongest first."""

    ID = "ID", _("身份证号相同")
    SWAPPED = "SWAPPED", _("身份证号相邻两位写反，改正后相同")
    MISTYPED = "MISTYPED", _("身份证号错一位，改正后相同")
    GUARDIAN = "GUARDIAN", _("监护人身份证号相同")
    NAME_BIRTH_TOWNSHIP = "NAME_BIRTH_TOWNSHIP", _("姓名、出生日期、苏木镇相同")
    NAME_BIRTH = "NAME_BIRTH", _("姓名、出生日期相同")
    DECIDED = "DECIDED", _("此前已定")


class Part(models.TextChoices):
    NUMBER = "NUMBER", _("身份证号")
    NAME = "NAME", _("姓名")
    BIRTH = "BIRTH", _("出生日期")
    TOWNSHIP = "TOWNSHIP", _("苏木镇")
    GUARDIAN = "GUARDIAN", _("监护人")


class Agreement(models.TextChoices):
    AGREES = "AGREES", _("一致")
    NEAR = "NEAR", _("相近")
    DIFFERS = "DIFFERS", _("不一致")
    UNKNOWN = "UNKNOWN", _("缺")


class Note(models.TextChoices):
    """What somebody who decides should be careful about."""

    MAYBE_TWINS = "MAYBE_TWINS", _("可能是双胞胎或兄弟姐妹，不一定是同一人")
    TWIN_LISTED = "TWIN_LISTED", _("名单中另有同一监护人、同日出生的孩子")
    BOTH_SOUND = "BOTH_SOUND", _("两个身份证号都符合校验规则，但不同，可能是同名的两人")
    MOVED = "MOVED", _("苏木镇不同，可能搬迁过")
    SEVERAL = "SEVERAL", _("不止一个可能的人")
    NAMES_DIFFER = "NAMES_DIFFER", _("号码相同而姓名不同，请核对")


_WEIGHT = {
    Ground.ID: 100,
    Ground.DECIDED: 90,
    Ground.SWAPPED: 8,
    Ground.MISTYPED: 7,
    Ground.GUARDIAN: 4,
    Ground.NAME_BIRTH_TOWNSHIP: 4,
    Ground.NAME_BIRTH: 2,
}
_WARY = {Note.MAYBE_TWINS: 6, Note.BOTH_SOUND: 4, Note.MOVED: 1}


# The records -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list, as far as the list tells."""

    key: Hashable
    name: str
    born_on: date | None = None
    id_number: str = ""
    id_index: UUID | None = None
    township_id: int | None = None
    guardian_indexes: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that are, or may be, one person."""

    left: Person
    right: Person
    ground: Ground
    parts: tuple[tuple[Part, Agreement], ...]
    notes: tuple[Note, ...] = ()
    verdict: Verdict | None = None
    first: UUID | None = None  # the keys under which the pair is decided; of exact pairs none
    second: UUID | None = None

    @property
    def strength(self) -> int:
        agree = sum(how == Agreement.AGREES for _part, how in self.parts)
        near = sum(how == Agreement.NEAR for _part, how in self.parts)
        wary = sum(_WARY.get(note, 0) for note in self.notes)
        return _WEIGHT[self.ground] + 2 * agree + near - wary


@dataclass(frozen=True, slots=True)
class Matching:
    exact: list[Pair] = field(default_factory=list)
    same: list[Pair] = field(default_factory=list)
    suggestions: list[Pair] = field(default_factory=list)
    alone: list[Person] = field(default_factory=list)
    pending: list[Person] = field(default_factory=list)


Decisions = Mapping[tuple[UUID, UUID], Verdict]


def stable_key(person: Person) -> UUID:
    """What a person is remembered by: the index of the number, else that of all that is told."""
    if person.id_index is not None:
        return person.id_index
    told = [person.name, str(person.born_on or ""), str(person.township_id or "")]
    told += sorted(index.hex for index in person.guardian_indexes)
    return blind_index("\0".join(told), PERSON)


def pair_key(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Whichever list each stands in: the lower key first."""
    return (one, other) if one <= other else (other, one)


# Matching ----------------------------------------------------------------------------------------
def match(
    left: Iterable[Person], right: Iterable[Person], decisions: Decisions | None = None
) -> Matching:
    """Who of the left list is who on the right one; see the module's text."""
    return _Run(list(left), list(right), decisions or {}).result()


class _Run:
    """One comparison: its lists, the indexes over them, and what has been found."""

    def __init__(self, left: list[Person], right: list[Person], decisions: Decisions):
        self.left, self.right, self.decisions = left, right, decisions
        self.twins = _births(left), _births(right)
        self.found: dict[tuple[int, int], Ground] = {}  # places in the two lists

    def result(self) -> Matching:
        exact, left_taken, right_taken = self._exact()
        open_left = [at for at in range(len(self.left)) if at not in left_taken]
        keys = _keys(self.left, open_left), _keys(self.right, range(len(self.right)))
        same = self._decided_same(*keys)
        decided = {left for left, _right in same}
        open_left = [at for at in open_left if at not in decided]
        taken = right_taken | {right for _left, right in same}
        open_right = [at for at in range(len(self.right)) if at not in taken]
        self._repaired(open_left, open_right)
        self._in_common(open_left, open_right)
        suggestions = self._suggestions(*keys)
        waiting = {id(pair.left) for pair in suggestions}
        rest = [self.left[at] for at in open_left]
        return Matching(
            exact,
            [self._pair(*place, Ground.DECIDED, keys, Verdict.SAME) for place in sorted(same)],
            suggestions,
            [person for person in rest if id(person) not in waiting],
            [person for person in rest if id(person) in waiting],
        )

    def _exact(self) -> tuple[list[Pair], set[int], set[int]]:
        """Each of the left list whose number stands in the right one."""
        by_number: dict[UUID, int] = {}
        for at, person in enumerate(self.right):
            if person.id_index is not None:
                by_number.setdefault(person.id_index, at)
        pairs, taken = [], set()
        for at, person in enumerate(self.left):
            there = None if person.id_index is None else by_number.get(person.id_index)
            if there is None:
                continue
            taken.add(at)
            parts = _compare(person, self.right[there])
            differ = (Part.NAME, Agreement.DIFFERS) in parts
            notes = (Note.NAMES_DIFFER,) if differ else ()
            pairs.append(Pair(person, self.right[there], Ground.ID, parts, notes))
        numbers = {pair.right.id_index for pair in pairs}
        met = {at for at, person in enumerate(self.right) if person.id_index in numbers}
        return pairs, taken, met

    def _decided_same(self, left_keys, right_keys) -> set[tuple[int, int]]:
        """Pairs that a person has decided, wherever the two stand now."""
        by_left, by_right = _places(left_keys), _places(right_keys)
        found = set()
        for (first, second), verdict in self.decisions.items():
            if verdict != Verdict.SAME:
                continue
            for one, other in {(first, second), (second, first)}:
                if one in by_left and other in by_right:
                    found.add((by_left[one], by_right[other]))
        return found

    # What may be one person ----------------------------------------------------------------------
    def _repaired(self, open_left: list[int], open_right: list[int]) -> None:
        """Numbers that fail, on either side, repaired into one of the other side."""
        for here, there, is_left in ((open_left, open_right, True), (open_right, open_left, False)):
            mine, others = (self.left, self.right) if is_left else (self.right, self.left)
            known: dict[str, list[int]] = defaultdict(list)
            for at in there:
                if others[at].id_index is not None:
                    known[others[at].id_index.hex].append(at)
            index = indexer(identity.NUMBER)
            for at in here:
                for number, swapped in repairs(mine[at].id_number):
                    for other in known.get(index(number), ()):
                        place = (at, other) if is_left else (other, at)
                        self._keep(place, Ground.SWAPPED if swapped else Ground.MISTYPED)

    def _in_common(self, open_left: list[int], open_right: list[int]) -> None:
        """Guardian and one part more; name and birth date, with the township or without."""
        blocks: dict[tuple, list[int]] = defaultdict(list)
        for at in open_right:
            for block in _blocks(self.right[at]):
                blocks[block].append(at)
        for at in open_left:
            for block in _blocks(self.left[at]):
                for other in blocks.get(block, ()):
                    self._keep((at, other), block[0])

    def _keep(self, place: tuple[int, int], ground: Ground) -> None:
        known = self.found.get(place)
        if known is None or _WEIGHT[ground] > _WEIGHT[known]:
            self.found[place] = ground

    def _suggestions(self, left_keys, right_keys) -> list[Pair]:
        """What is worth a person's look: the likeliest few of each, without what is decided."""
        each: dict[int, list[Pair]] = defaultdict(list)
        for (here, there), ground in self.found.items():
            pair = self._pair(here, there, ground, (left_keys, right_keys))
            if _is_worth_a_look(pair) and pair.verdict != Verdict.DIFFERENT:
                each[here].append(pair)
        kept = []
        for pairs in each.values():
            pairs.sort(key=lambda pair: -pair.strength)
            several = (Note.SEVERAL,) if len(pairs) > 1 else ()
            kept += [_noted(pair, several) for pair in pairs[:MOST_EACH]]
        return sorted(kept, key=lambda pair: -pair.strength)

    def _pair(self, here: int, there: int, ground: Ground, keys, verdict=None) -> Pair:
        left, right = self.left[here], self.right[there]
        parts = _compare(left, right)
        # Of several who are told in the same words, nobody knows which one was decided.
        known = keys[0].get(here), keys[1].get(there)
        first = second = None
        if None not in known:
            first, second = pair_key(*known)
            verdict = verdict or self.decisions.get((first, second))
        notes = self._notes(left, right, ground, dict(parts))
        return Pair(left, right, ground, parts, notes, verdict, first, second)

    def _notes(self, left: Person, right: Person, ground: Ground, parts: dict) -> tuple[Note, ...]:
        notes = []
        same_birth = parts[Part.BIRTH] == Agreement.AGREES
        family = (
            ground == Ground.GUARDIAN or same_birth and parts[Part.GUARDIAN] == Agreement.AGREES
        )
        # Twins' names often differ in one character: a near name is no sign of a slip.
        if family and parts[Part.NAME] != Agreement.AGREES:
            notes.append(Note.MAYBE_TWINS)
        elif same_birth and (_has_twin(left, self.twins[0]) or _has_twin(right, self.twins[1])):
            notes.append(Note.TWIN_LISTED)
        if _both_sound(left, right):
            notes.append(Note.BOTH_SOUND)
        if parts[Part.TOWNSHIP] == Agreement.DIFFERS:
            notes.append(Note.MOVED)
        return tuple(notes)


def _keys(people: list[Person], places: Iterable[int]) -> dict[int, UUID]:
    """{place: key} of those who alone hold their key, unless it is a number."""
    keys = {at: stable_key(people[at]) for at in places}
    held = Counter(key for at, key in keys.items() if people[at].id_index is None)
    return {at: key for at, key in keys.items() if held[key] <= 1}


def _places(keys: dict[int, UUID]) -> dict[UUID, int]:
    return {key: at for at, key in reversed(list(keys.items()))}


def _births(people: list[Person]) -> Counter:
    """How many children each guardian has on a list that were born on one day."""
    return Counter(
        (guardian, person.born_on)
        for person in people
        if person.born_on
        for guardian in person.guardian_indexes
    )


def _has_twin(person: Person, births: Counter) -> bool:
    return any(births[guardian, person.born_on] > 1 for guardian in person.guardian_indexes)


def _blocks(person: Person):
    """What a record can be found by, each with the ground it gives."""
    for guardian in person.guardian_indexes:
        if person.name:
            yield Ground.GUARDIAN, guardian, person.name
        if person.born_on:
            yield Ground.GUARDIAN, guardian, person.born_on
    if person.name and person.born_on:
        yield Ground.NAME_BIRTH, person.name, person.born_on
        if person.township_id is not None:
            yield Ground.NAME_BIRTH_TOWNSHIP, person.name, person.born_on, person.township_id


# Comparing two -----------------------------------------------------------------------------------
def _compare(left: Person, right: Person) -> tuple[tuple[Part, Agreement], ...]:
    return (
        (Part.NUMBER, _numbers(left, right)),
        (Part.NAME, _names(left.name, right.name)),
        (Part.BIRTH, _equal(left.born_on, right.born_on)),
        (Part.TOWNSHIP, _equal(left.township_id, right.township_id)),
        (Part.GUARDIAN, _guardians(left, right)),
    )


def _equal(one, other) -> Agreement:
    if one is None or other is None:
        return Agreement.UNKNOWN
    return Agreement.AGREES if one == other else Agreement.DIFFERS


def _numbers(left: Person, right: Person) -> Agreement:
    found = _equal(left.id_index, right.id_index)
    if found == Agreement.DIFFERS and len(left.id_number) == len(right.id_number) > 0:
        apart = [
            at
            for at, (a, b) in enumerate(zip(left.id_number, right.id_number, strict=True))
            if a != b
        ]
        if len(apart) == 1 or len(apart) == 2 and apart[1] - apart[0] == 1:
            return Agreement.NEAR
    return found


def _names(one: str, other: str) -> Agreement:
    """Near: as many characters, all but one the same."""
    if not one or not other:
        return Agreement.UNKNOWN
    if one == other:
        return Agreement.AGREES
    apart = sum(a != b for a, b in zip(one, other, strict=False))
    near = len(one) == len(other) > 1 and apart == 1
    return Agreement.NEAR if near else Agreement.DIFFERS


def _guardians(left: Person, right: Person) -> Agreement:
    if not left.guardian_indexes or not right.guardian_indexes:
        return Agreement.UNKNOWN
    common = set(left.guardian_indexes) & set(right.guardian_indexes)
    return Agreement.AGREES if common else Agreement.DIFFERS


def _is_sound(number: str) -> bool:
    """It can be read, and its check holds."""
    body = number[:17]
    if len(number) != 18 or not (body.isascii() and body.isdigit()):
        return False
    return identity.check_character(body) == number[17]


def _both_sound(left: Person, right: Person) -> bool:
    """Two numbers, each as it should be, and not the same one."""
    differ = left.id_index != right.id_index
    return differ and _is_sound(left.id_number) and _is_sound(right.id_number)


def _is_worth_a_look(pair: Pair) -> bool:
    """A repaired number needs a further part; sound numbers that differ need all but the number."""
    parts = dict(pair.parts)
    agree = {part for part, how in parts.items() if how == Agreement.AGREES}
    if pair.ground in (Ground.SWAPPED, Ground.MISTYPED):
        return bool(agree & {Part.NAME, Part.BIRTH, Part.GUARDIAN})
    if Note.BOTH_SOUND in pair.notes:
        return {Part.NAME, Part.BIRTH} <= agree and bool(agree & {Part.TOWNSHIP, Part.GUARDIAN})
    return True


def _noted(pair: Pair, notes: tuple[Note, ...]) -> Pair:
    if not notes:
        return pair
    return Pair(
        pair.left,
        pair.right,
        pair.ground,
        pair.parts,
        pair.notes + notes,
        pair.verdict,
        pair.first,
        pair.second,
    )
