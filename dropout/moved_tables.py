"""The list behind a number of how dropout control moves: the very episodes that were counted."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from common.periods import NotAPeriod, Period
from dropout.cases_tables import EpisodeTable, InChunks
from dropout.models import Cause, Episode, StepKind
from dropout.services import movement
from registry.models import Category, Unit
from registry.students_filters import UNMASK

VIEW = "dropout.view_case"
LISTS = "registry.view_outsidelist"
VISITED = "visited"
CODES = {"cause": movement.CAUSES, "group": movement.GROUPS, "step": StepKind.values}
ALL = movement.MOVES | movement.STEPS | {VISITED: ""}


class NoSuchList(Exception):
    """The address names no number, no period or no unit, or one that is not for this person."""


@dataclass(frozen=True)
class Asked:
    """Which number, of which period and unit, narrowed to what."""

    move: str
    period: Period
    unit: Unit
    cause: str = ""
    group: str = ""
    step: str = ""
    township: Unit | None = None

    @property
    def title(self) -> str:
        said = [str(ALL[self.move] or _("劝返过的"))]
        if self.cause:
            said.append(str(Cause(self.cause).label))
        if self.group:
            said.append(str(Category(self.group).label))
        if self.step:
            said.append(str(StepKind(self.step).label))
        return _("，").join(said)

    def spells(self, moved: movement.Movement) -> list[movement.Spell]:
        about = (self.period, self.unit)
        if self.move in movement.STEPS:
            return moved.by_step(self.move, *about)[self.step]
        if self.move == VISITED:
            return moved.visited(*about)[1]
        if self.cause:
            return moved.by_cause(*about).get(self.cause, [])
        if self.group:
            return moved.by_group(*about).get(self.group, [])
        if self.township:
            return moved.by_township(self.move, *about).get(self.township.pk, [])
        return moved.of(self.move, *about)


def address_of(move: str, period: Period, unit: Unit, **narrowed) -> str:
    query = {"move": move, "period": period.code, "unit": unit.pk} | narrowed
    return f"{reverse('dropout:moved')}?{urlencode(query)}"


def asked_in(user, query) -> Asked:
    """What the address asks for; NoSuchList if any part of it is odd."""
    move = query.get("move", "")
    narrowed = {name: query[name] for name in CODES if query.get(name)}
    place = query.get("township", "")
    if move not in ALL or len(narrowed) + bool(place) > 1:
        raise NoSuchList(move)
    for name, code in narrowed.items():
        if code not in CODES[name] or (name == "step") != (move in movement.STEPS):
            raise NoSuchList(code)
    if (move in movement.STEPS and not narrowed) or (_is_split(narrowed) and move != movement.OPEN):
        raise NoSuchList(move)
    if "group" in narrowed and not user.has_perm(LISTS):
        raise NoSuchList(move)
    try:
        period = Period.parse(query.get("period", ""))
    except NotAPeriod:
        raise NoSuchList(move) from None
    unit = _unit(user, query.get("unit", ""))
    township = _unit(user, place) if place else None
    return Asked(move, period, unit, township=township, **narrowed)


def _is_split(narrowed: dict) -> bool:
    return "cause" in narrowed or "group" in narrowed


def _unit(user, pk: str) -> Unit:
    units = Unit.objects.visible_to(user, VIEW)
    unit = units.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 18 else None
    if unit is None:
        raise NoSuchList(pk)
    return unit


def rows_moved(user, query) -> tuple[EpisodeTable, Asked]:
    """The table of what the person may see of them."""
    asked, today = asked_in(user, query), clock.today()
    counted = asked.spells(movement.Movement([asked.unit], today))
    seen = Episode.objects.visible_to(user, VIEW).filter(pk__in=[spell.pk for spell in counted])
    table = EpisodeTable(
        InChunks(seen.for_list()),
        order_by=query.getlist("sort") or None,
        today=today,
        masked=not user.has_perm(UNMASK),
    )
    return table, asked
