"""How dropout control moves: open, new, returned, relapsed, closed; by cause, group, place and step.

Every episode is read once; each number is the length of a list of what was read, and the page behind
the number lists these very episodes. A child counts once in a number: of several episodes of one case
it is the last that tells. Causes that are guarded stand under "other", and no sensitive group is
counted: of belief and health no number tells.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.db.models import Min, OuterRef, Q, Subquery
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common.periods import Period
from dropout.models import (
    OPEN_CAUSES,
    AttendanceReturn,
    Cause,
    End,
    Episode,
    Placement,
    Step,
    StepKind,
    Visit,
)
from registry.models import SENSITIVE, Category, Closure, Guardian, Membership, Unit

OPEN, NEW, RETURNED, RELAPSED = "open", "new", "returned", "relapsed"
CLOSED, RULED_OUT = "closed", "ruled_out"
MOVES = {
    OPEN: _("未销号"),
    NEW: _("新增"),
    RETURNED: _("复学或安置"),
    RELAPSED: _("反弹"),
    CLOSED: _("销号"),
    RULED_OUT: _("排除"),
}
TAKEN, CAME = "step_taken", "step_returned"
STEPS = {TAKEN: _("办了这一步"), CAME: _("办完这一步后复学")}
CAUSES = tuple(cause for cause in OPEN_CAUSES if cause != Cause.GUARDED)
GROUPS = tuple(category for category in Category if category not in SENSITIVE)
ORDER = {kind: place for place, kind in enumerate(StepKind.values)}


@dataclass(frozen=True, slots=True)
class Spell:
    """An episode, as far as counting asks; `back_on`: the first day in class, or lawfully placed."""

    pk: int
    case: int
    student: int
    unit: int
    township: int | None
    number: int
    found_on: date
    confirmed_on: date | None
    ended_on: date | None
    end: str
    cause: str
    relapse_of: int | None
    back_on: date | None

    def is_open_on(self, day: date) -> bool:
        """Confirmed, and not ended by two people; who is back and watched is open still."""
        is_known = self.confirmed_on is not None and self.confirmed_on <= day
        return is_known and (self.ended_on is None or self.ended_on > day)

    def is_confirmed_in(self, first: date, last: date) -> bool:
        return _within(self.confirmed_on, first, last) and self.end != End.RULED_OUT

    def did(self, move: str, first: date, last: date) -> bool:
        """Whether the episode counts in a number of the days from first to last."""
        match move:
            case "open":
                return self.is_open_on(last)
            case "new":
                return self.relapse_of is None and self.is_confirmed_in(first, last)
            case "relapsed":
                return self.relapse_of is not None and self.is_confirmed_in(first, last)
            case "returned":
                return _within(self.back_on, first, last)
            case "closed":
                return self.end == End.CLOSED and _within(self.ended_on, first, last)
            case "ruled_out":
                return self.end == End.RULED_OUT and _within(self.ended_on, first, last)
        raise KeyError(move)

    @property
    def cause_told(self) -> str:
        """The open cause; a guarded one cannot be told from any other that is rare."""
        return Cause.OTHER if self.cause == Cause.GUARDED else self.cause


def _within(day: date | None, first: date, last: date) -> bool:
    return day is not None and first <= day <= last


def _spells(until: date) -> Iterator[Spell]:
    """All that were found by a day, oldest first."""
    placed = Placement.objects.standing().filter(episode=OuterRef("pk")).order_by()
    first = placed.values("episode").annotate(day=Min("began_on")).values("day")
    rows = (
        Episode.objects.of_living_cases()
        .filter(found_on__lte=until)
        .order_by("case", "number")
        .values_list(
            "pk",
            "case",
            "case__student",
            "case__unit",
            "case__township",
            "number",
            "found_on",
            "confirmed_on",
            "ended_on",
            "end",
            "cause",
            "relapse_of",
            Subquery(first),
        )
    )
    return (Spell(*row) for row in rows.iterator(chunk_size=2000))


class Movement:
    """What is known today of some units, for any period that has begun."""

    def __init__(self, units: Iterable[Unit], on: date):
        self.on = on
        self.units = list(units)
        self.spells = list(_spells(on))
        self._below: dict[tuple[int, date], frozenset[int]] = {}

    # Asking ----------------------------------------------------------------------------------------
    def days(self, period: Period) -> tuple[date, date]:
        """The first and the last day of a period, as far as it has gone."""
        return period.start, min(period.end, self.on)

    def of(self, move: str, period: Period, unit: Unit) -> list[Spell]:
        """The last episode of each child that counts in a number of a unit."""
        first, last = self.days(period)
        return _last_ones(s for s in self._at(unit, period) if s.did(move, first, last))

    def by_cause(self, period: Period, unit: Unit) -> dict[str, list[Spell]]:
        """Open at the period's end, under each open cause; those without a child as well."""
        found: dict[str, list[Spell]] = {cause: [] for cause in CAUSES}
        for spell in self.of(OPEN, period, unit):
            found[spell.cause_told].append(spell)
        return {cause: rows for cause, rows in found.items() if rows}

    def by_group(self, period: Period, unit: Unit) -> dict[str, list[Spell]]:
        """Open at the period's end, under each outside list; a child on two stands under both."""
        opened = self.of(OPEN, period, unit)
        listed = _groups_of(opened, self.days(period)[1])
        found = {one: [s for s in opened if s.student in listed[one]] for one in GROUPS}
        return {category: rows for category, rows in found.items() if rows}

    def by_township(self, move: str, period: Period, unit: Unit) -> dict[int | None, list[Spell]]:
        found = defaultdict(list)
        for spell in self.of(move, period, unit):
            found[spell.township].append(spell)
        return found

    def by_step(self, what: str, period: Period, unit: Unit) -> dict[str, list[Spell]]:
        """Under each of the four steps: who it was taken for, or who came back after it.

        A child came back by the last step that was taken before it was back.
        """
        first, last = self.days(period)
        found: dict[str, list[Spell]] = {kind: [] for kind in StepKind.values}
        if what == TAKEN:
            for spell in self._at(unit, period):
                for kind, day in self.steps.get(spell.pk, ()):
                    if _within(day, first, last):
                        found[kind].append(spell)
            return {kind: _last_ones(spells) for kind, spells in found.items()}
        for spell in self.of(RETURNED, period, unit):
            before = [kind for kind, day in self.steps.get(spell.pk, ()) if day <= spell.back_on]
            if before:
                found[before[-1]].append(spell)
        return found

    def days_to_return(self, period: Period, unit: Unit) -> float | None:
        """The median of the days from finding to coming back, of those who came back."""
        days = [(s.back_on - s.found_on).days for s in self.of(RETURNED, period, unit)]
        return median(days) if days else None

    def visited(self, period: Period, unit: Unit) -> tuple[int, list[Spell]]:
        """How many visits there were, and to whom."""
        first, last = self.days(period)
        made = Counter()
        for spell in self._at(unit, period):
            made[spell] = sum(_within(day, first, last) for day in self.visits.get(spell.pk, ()))
        return made.total(), _last_ones(spell for spell in made if made[spell])

    def knows(self, unit: Unit, day: date) -> bool:
        """Whether the portal held a case or a school's return of a unit by a day: blank is not zero."""
        first = min(
            (self._first_known[pk] for pk, *_dates in self._counting[unit.pk]), default=None
        )
        return first is not None and first <= day

    def counted_in(self, unit: Unit, on: date) -> frozenset[int]:
        """The units whose cases count in a unit; what was merged counts where it did last.

        As `registry.models.schools_counting`, of rows that are at hand.
        """
        if (unit.pk, on) not in self._below:
            self._below[unit.pk, on] = frozenset(
                descendant
                for descendant, first, last, ended in self._counting[unit.pk]
                if first <= (day := min(on, ended or on)) and (last is None or last >= day)
            )
        return self._below[unit.pk, on]

    # What was read ---------------------------------------------------------------------------------
    @cached_property
    def steps(self) -> dict[int, list[tuple[str, date]]]:
        """{episode: its steps in the order in which they were taken}"""
        found = defaultdict(list)
        for episode, kind, day in Step.objects.taken().values_list("episode", "kind", "taken_on"):
            found[episode].append((kind, day))
        for rows in found.values():
            rows.sort(key=lambda row: (row[1], ORDER[row[0]]))
        return found

    @cached_property
    def visits(self) -> dict[int, list[date]]:
        found = defaultdict(list)
        for episode, day in Visit.objects.standing().values_list("episode", "on"):
            found[episode].append(day)
        return found

    @cached_property
    def _first_known(self) -> dict[int, date]:
        """{unit that answers for cases, or school that returns its month: since when}"""
        rows = AttendanceReturn.objects.order_by().values_list("school").annotate(Min("month"))
        found = {school: Period.parse(month).start for school, month in rows}
        for spell in self.spells:
            found[spell.unit] = min(found.get(spell.unit, spell.found_on), spell.found_on)
        return found

    @cached_property
    def _counting(self) -> dict[int, list[tuple]]:
        """{unit: where it counts what, and when}, of the units of which something is known."""
        rows = Closure.objects.filter(
            counts=True,
            ancestor__in=[unit.pk for unit in self.units],
            descendant__in=list(self._first_known),
        )
        found = defaultdict(list)
        for ancestor, *rest in rows.values_list(
            "ancestor", "descendant", "valid_from", "valid_to", "descendant__valid_to"
        ):
            found[ancestor].append(rest)
        return found

    def _at(self, unit: Unit, period: Period) -> Iterator[Spell]:
        """The episodes that count in a unit at a period's end."""
        below = self.counted_in(unit, period.end)
        return (spell for spell in self.spells if spell.unit in below)


def _last_ones(spells: Iterable[Spell]) -> list[Spell]:
    return list({spell.case: spell for spell in spells}.values())


def _groups_of(spells: list[Spell], on: date) -> dict[str, set[int]]:
    """{category: the children on it that day}, themselves or through a guardian."""
    children = {spell.student for spell in spells}
    found: dict[str, set[int]] = defaultdict(set)
    if not children:
        return found
    kept = Guardian.objects.filter(student__in=children).exclude(id_number_index=None)
    wards = defaultdict(set)
    for index, child in kept.values_list("id_number_index", "student"):
        wards[index].add(child)
    theirs = Q(student__in=children)
    through = Q(child_id_number_index=None, id_number_index__in=list(wards))
    rows = Membership.objects.valid(on).exclude(category__in=SENSITIVE).filter(theirs | through)
    for category, child, index, named in rows.values_list(
        "category", "student", "id_number_index", "child_id_number_index"
    ):
        found[category] |= {child} & children
        if named is None:
            found[category] |= wards.get(index, set())
    return found
