"""Dropout control on a dashboard: counts of children, as one viewer may see them.

Whoever may read the cases of a unit sees its numbers whole and opens each to the cases behind it.
Others see none of 1 to 4 children, nor what would let them be worked out from what they see; of a
unit that is not theirs they see what moved, and by cause, group and step only the whole league.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common import smallcells
from common.periods import Kind, NotAPeriod, Period
from common.smallcells import People
from common.templatetags.ax import num
from dropout.moved_tables import LISTS, VIEW, VISITED, address_of
from dropout.services import movement
from dropout.services.movement import Movement, Spell
from registry.models import Unit

SHARED = (movement.OPEN, movement.NEW, movement.RETURNED, movement.RELAPSED)
KINDS = {Kind.MONTH: 12, Kind.TERM: 6}  # how many periods a line shows


# What the address asks for -----------------------------------------------------------------------
def asked_period(code: str | None, today: date) -> Period:
    """A month or a term that has begun; else this month."""
    this_month = Period.of(Kind.MONTH, today)
    try:
        period = Period.parse(code or "")
    except NotAPeriod:
        return this_month
    return period if period.kind in KINDS and period.start <= today else this_month


def until(period: Period) -> list[Period]:
    """The periods of a line that ends with this one, oldest first."""
    found = [period]
    for _step in range(KINDS[period.kind] - 1):
        found.append(found[-1].previous())
    return found[::-1]


def offered(period: Period, today: date) -> list[tuple[str, list[Period]]]:
    """What the switch offers: months and terms, the running ones first, and the one asked for."""
    return [
        (label, sorted({*until(Period.of(kind, today)), *_only(period, kind)}, reverse=True))
        for kind, label in ((Kind.MONTH, _("月")), (Kind.TERM, _("学期")))
    ]


def _only(period: Period, kind: Kind) -> list[Period]:
    return [period] if period.kind == kind else []


# Numbers -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Count:
    """A number of children as it may be shown; `number` is None where it may not, or is not known."""

    number: int | float | None
    text: str
    url: str = ""
    is_unknown: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.number is None


@dataclass(frozen=True)
class Place:
    """One line of a table: a unit or a township, and its numbers."""

    name: str
    counts: list[Count]
    url: str = ""
    is_whole: bool = False


class DropoutBoard:
    """The numbers of one unit in one period, and those before it."""

    def __init__(self, user, *, unit: int | None, period: Period, today: date):
        self.period, self.today = period, today
        self.numbered = list(Unit.objects.with_numbers(min(period.end, today)))
        self.league = next(one for one in self.numbered if one.kind == Unit.Kind.LEAGUE)
        self.parts = [one for one in self.numbered if one != self.league]
        chosen = [one for one in self.numbered if one.pk == unit]
        seen = Unit.objects.visible_to(user, VIEW).filter(pk__in=[u.pk for u in self.numbered])
        self._covered = set(seen.values_list("pk", flat=True)) if user.has_perm(VIEW) else set()
        # Who comes from one unit begins there, who comes from the league or a school with the whole.
        own = [one for one in self.parts if one.pk in self._covered]
        usual = own[0] if len(own) == 1 and self.league.pk not in self._covered else self.league
        self.unit = chosen[0] if chosen else usual
        self.reads_lists = user.has_perm(LISTS)
        self.moved = Movement(self.numbered, today)
        self._rows: dict[tuple[str, Period], tuple[dict, set]] = {}

    # Who may see what ----------------------------------------------------------------------------
    @property
    def is_covered(self) -> bool:
        """Whether the viewer reads the cases of the unit."""
        return self.covers(self.unit)

    def covers(self, unit: Unit) -> bool:
        return unit.pk in self._covered

    @property
    def moves(self) -> tuple[str, ...]:
        """Who may not see all is not shown what would complete the sum of what came and went."""
        return tuple(movement.MOVES) if self.is_covered else SHARED

    def _row(self, move: str, period: Period) -> tuple[dict[int, list[Spell]], set]:
        """What each unit counts, and the keys of what is hidden from the viewer."""
        if (move, period) not in self._rows:
            found = {one.pk: self.moved.of(move, period, one) for one in self.numbered}
            people = {
                one.pk: People(len(found[one.pk]), covered=self.covers(one)) for one in self.parts
            }
            whole = People(len(found[self.league.pk]), covered=self.covers(self.league))
            hidden = smallcells.hidden(people, whole)
            if smallcells.TOTAL in hidden:
                hidden.add(self.league.pk)
            self._rows[move, period] = found, hidden
        return self._rows[move, period]

    def count(self, move: str, unit: Unit | None = None, period: Period | None = None) -> Count:
        """One number as the viewer may see it, with the way to the cases behind it."""
        unit, period = unit or self.unit, period or self.period
        if not self.moved.knows(unit, period.end):
            return Count(None, _("未报"), is_unknown=True)
        found, hidden = self._row(move, period)
        spells = found[unit.pk]
        if unit.pk in hidden:
            few = People(len(spells))
            return Count(None, smallcells.shown(few, is_hidden=True))
        return self._opened(spells, unit, move, period)

    def _opened(self, spells: list, unit: Unit, move: str, period: Period, **narrowed) -> Count:
        url = ""
        if spells and self.covers(unit):
            url = address_of(move, period, unit, **narrowed)
        return Count(len(spells), num(len(spells)), url)

    # Broken down ---------------------------------------------------------------------------------
    @property
    def is_broken_down(self) -> bool:
        """Whether the viewer may see the unit's numbers by cause, group and step."""
        return self.is_covered or self.unit == self.league

    def _told(self, move: str, rows: dict[str, list[Spell]], name: str, *, whole=None, links=True):
        """{key: its count}: a viewer who covers a part knows it, so the rest must not be small."""
        if self.is_covered:
            return {
                key: self._opened(spells, self.unit, move, self.period, **{name: key})
                if links
                else Count(len(spells), num(len(spells)))
                for key, spells in rows.items()
            }
        rest = {key: People(len(self._rest(spells))) for key, spells in rows.items()}
        total = None if whole is None else People(len(self._rest(whole)))
        hidden = smallcells.hidden(rest, total)
        if smallcells.TOTAL in hidden:
            hidden = set(rows)
        return {
            key: Count(None, smallcells.shown(People(len(spells)), is_hidden=True))
            if key in hidden
            else Count(len(spells), num(len(spells)))
            for key, spells in rows.items()
        }

    def _rest(self, spells: Iterable[Spell]) -> list[Spell]:
        """Those of units that the viewer does not cover."""
        known = set()
        for one in self.parts:
            if self.covers(one):
                known |= self.moved.counted_in(one, self.period.end)
        return [spell for spell in spells if spell.unit not in known]

    @cached_property
    def causes(self) -> dict[str, Count]:
        rows = self.moved.by_cause(self.period, self.unit)
        opened = self.moved.of(movement.OPEN, self.period, self.unit)
        return self._told(movement.OPEN, rows, "cause", whole=opened)

    @cached_property
    def groups(self) -> dict[str, Count]:
        """A child on two lists stands in both: nothing adds up to a total."""
        rows = self.moved.by_group(self.period, self.unit)
        return self._told(movement.OPEN, rows, "group", links=self.reads_lists)

    @cached_property
    def steps(self) -> dict[str, tuple[Count, Count]]:
        """{step: (children it was taken for, children who came back after it)}"""
        told = {
            what: self._told(what, self.moved.by_step(what, self.period, self.unit), "step")
            for what in movement.STEPS
        }
        taken, came = told[movement.TAKEN], told[movement.CAME]
        return {kind: (taken[kind], came[kind]) for kind in taken}

    # How long, how often -------------------------------------------------------------------------
    def days_to_return(self, period: Period) -> Count:
        """The median; hidden where the children behind it are few or hidden."""
        returned = self.count(movement.RETURNED, period=period)
        if returned.is_hidden:
            return returned
        value = self.moved.days_to_return(period, self.unit)
        return _measured(value, returned.url, none=_("无个案"))

    def visits_a_case(self, period: Period) -> Count:
        """Visits for each child that was visited at all."""
        if not self.moved.knows(self.unit, period.end):
            return Count(None, _("未报"), is_unknown=True)
        visits, children = self.moved.visited(period, self.unit)
        if not self.is_covered and smallcells.is_small(len(self._rest(children))):
            return Count(None, smallcells.MASK)
        value = visits / len(children) if children else None
        url = address_of(VISITED, period, self.unit) if children and self.is_covered else ""
        return _measured(value, url, none=_("无个案"))

    @cached_property
    def known(self) -> int:
        """Of how many units the portal knows anything: the whole is no more than theirs."""
        return sum(self.moved.knows(one, self.period.end) for one in self.parts)

    # Places --------------------------------------------------------------------------------------
    @cached_property
    def places(self) -> list[Place]:
        """Of the league its units, of a unit that one may read its townships; the whole comes last."""
        if self.unit == self.league:
            rows = [self._place(one) for one in self.parts]
        else:
            rows = self._townships() if self.is_covered else []
        return [*rows, self._place(self.unit, is_whole=True)]

    def _place(self, unit: Unit, *, is_whole: bool = False) -> Place:
        counts = [self.count(move, unit) for move in self.moves]
        name = unit.short if not is_whole else _("合计")
        url = "" if is_whole else f"?unit={unit.pk}&period={self.period.code}"
        return Place(name, counts, url, is_whole)

    def _townships(self) -> list[Place]:
        found = {m: self.moved.by_township(m, self.period, self.unit) for m in self.moves}
        known = {pk for rows in found.values() for pk in rows}
        townships = Unit.objects.filter(pk__in=known - {None}).for_list()
        rows = [
            Place(one.short, [self._at_township(move, found[move], one) for move in self.moves])
            for one in townships
        ]
        if None in known:
            without = [len(found[move].get(None, ())) for move in self.moves]
            rows.append(Place(_("没有登记苏木镇"), [Count(n, num(n)) for n in without]))
        return rows

    def _at_township(self, move: str, rows: dict, township: Unit) -> Count:
        spells = rows.get(township.pk, [])
        return self._opened(spells, self.unit, move, self.period, township=township.pk)


def _measured(value: float | None, url: str, *, none: str) -> Count:
    if value is None:
        return Count(None, none)
    places = 0 if value == int(value) else 1
    return Count(round(value, 1), num(value, places), url)


# In words ----------------------------------------------------------------------------------------
def title_of(board: DropoutBoard) -> str:
    """The name of a file."""
    words = {"unit": board.unit.short, "period": board.period.label}
    return _("控辍保学 %(unit)s %(period)s") % words


def sentence(board: DropoutBoard) -> str:
    """What is open and what is new: the verdict of the page."""
    opened, new = board.count(movement.OPEN), board.count(movement.NEW)
    words = {"unit": board.unit.short, "period": board.period.label}
    if opened.is_unknown:
        return _("%(unit)s %(period)s：还没有登记过个案，学校也没有报过月报") % words
    if opened.number == 0 and new.number == 0:
        return _("%(unit)s %(period)s：没有未销号的孩子") % words
    words |= {"open": opened.text, "new": new.text}
    return _("%(unit)s %(period)s：未销号 %(open)s 人，新增 %(new)s 人") % words
