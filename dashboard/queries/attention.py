"""The five things that need attention, each with its reason in words.

Ranked by kind, then by how far off: what could not be computed, what is behind, what is at risk,
who has not reported what is due, what nobody can judge because no target is set. One thing a
task, so that one bad task does not hide four others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.queries.board import Board, Place, Row, Task, difference, said
from dashboard.queries.movement import move_of
from registry.models import Unit
from tasks_app.models import Indicator, Light

SHOWN = 5
NAMED = 3  # units named in a sentence
FAULT, BEHIND, RISK, MISSING, UNSET = range(5)


@dataclass(frozen=True)
class Thing:
    """One matter: what is so, why it stands here, where to go on."""

    rank: tuple
    task: Task
    status: str
    title: str
    reason: str
    address: str


def things(board: Board) -> list[Thing]:
    found = []
    for task in board.tasks:
        of_task = sorted(_of(task), key=lambda thing: thing.rank)
        found.extend(of_task[:1])
    return sorted(found, key=lambda thing: thing.rank)[:SHOWN]


def of_task(task: Task) -> list[Thing]:
    """The same of one task, one thing an indicator."""
    found = []
    for row in task.rows:
        found.extend(sorted(_of_row(task, row), key=lambda thing: thing.rank)[:1])
    return sorted(found, key=lambda thing: thing.rank)[:SHOWN]


def at_unit(board: Board, unit: Unit) -> list[Thing]:
    """What is red or amber at one unit, all of it."""
    found = []
    for task in board.tasks:
        for row in task.rows:
            found.extend(_of_place(task, row.at(unit)))
    return sorted(found, key=lambda thing: thing.rank)


def _of(task: Task) -> Iterator[Thing]:
    for row in task.rows:
        yield from _of_row(task, row)
    if task.rows and not task.light.judged and task.status == Light.UNSET:
        yield _no_target(task)


def _of_row(task: Task, row: Row) -> Iterator[Thing]:
    for place in row.everywhere:
        yield from _of_place(task, place)
    missing = _missing(row)
    if missing:
        title = ngettext("%(n)d 个单位未报", "%(n)d 个单位未报", len(missing)) % {"n": len(missing)}
        reason = _("%(period)s 未报：%(units)s，全盟的数是暂定的") % {
            "period": row.period.label,
            "units": names(missing),
        }
        yield _thing(MISSING, task, row.total, Light.NONE, title, reason, far=len(missing))


def _of_place(task: Task, place: Place) -> Iterator[Thing]:
    standing = place.number.standing if place.number else None
    if standing and standing.fault:
        yield _thing(FAULT, task, place, "err", _("没有算成"), _fault(place))
    elif place.status == Light.BEHIND:
        yield _thing(BEHIND, task, place, Light.BEHIND, _now(place), reason_of(place))
    elif place.status == Light.RISK:
        yield _thing(RISK, task, place, Light.RISK, _now(place), reason_of(place))


def _now(place: Place) -> str:
    """The number in the title, where this viewer may see it."""
    number = place.number
    if number.mask or not number.has_number:
        return ""
    return said(place.indicator, number.value)


def _missing(row: Row) -> list[str]:
    """The units that owe this number and have not reported; none where the league alone has one."""
    if row.indicator.league_only or not row.total.number.has_number:
        return []
    return [p.unit.short for p in row.places if p.number and p.status == Light.NONE]


def names(units: list[str]) -> str:
    """A few by name, and how many more."""
    shown = _("、").join(units[:NAMED])
    more = len(units) - NAMED
    if more <= 0:
        return shown
    return _("%(units)s等 %(n)s 个") % {"units": shown, "n": len(units)}


def _thing(kind, task, place: Place, status, title, reason, far=None) -> Thing:
    is_league = place.unit.kind == Unit.Kind.LEAGUE
    title = f"{place.unit.short} {place.indicator.name} {title}".strip()
    rank = (kind, not is_league, -(miss_of(place) if far is None else Decimal(far)), task.item.no)
    address = place.address or task.item.get_absolute_url()
    return Thing(rank, task, status, title, reason, address)


def miss_of(place: Place) -> Decimal:
    """The share of the target to date that is missing; 0 where that is not known or not shown."""
    gap = gap_of(place)
    if not gap:
        return Decimal(0)
    to_date = place.number.standing.target_to_date
    return gap / max(abs(to_date), Decimal(1))


def gap_of(place: Place) -> Decimal | None:
    """How far the number lies on the wrong side of its target to date."""
    number = place.number
    standing = number.standing if number else None
    if standing is None or number.mask or not number.has_number:
        return None
    if standing.target_to_date is None:
        return None
    off = standing.target_to_date - number.value
    return -off if place.indicator.direction == Indicator.Direction.DOWN else off


def reason_of(place: Place) -> str:
    """Why the light is what it is, in words: the target, the gap, the move, who is missing."""
    number, indicator = place.number, place.indicator
    parts = []
    gap = gap_of(place)
    if gap is not None:
        parts.append(
            _("到期目标 %(aim)s，差 %(gap)s")
            % {
                "aim": said(indicator, number.standing.target_to_date),
                "gap": difference(indicator, gap),
            }
        )
    if move := move_of(place):
        way = _("比上期升 %(n)s") if move.is_up else _("比上期降 %(n)s")
        parts.append(way % {"n": difference(indicator, move.change)})
    if number.due and number.reported < number.due:
        parts.append(_("只报了 %(n)s / %(m)s，结果暂定") % {"n": number.reported, "m": number.due})
    if not parts:
        parts.append(_("人数少，数字只给管到这个单位的人看"))
    return _("；").join(parts)


def _fault(place: Place) -> str:
    return _("口径 %(code)s 出错，其余的数照常；系统管理员已收到") % {
        "code": place.number.standing.fault
    }


def _no_target(task: Task) -> Thing:
    named = task.face or task.rows[0]
    return Thing(
        (UNSET, 0, Decimal(0), task.item.no),
        task,
        Light.UNSET,
        _("任务 %(no)s 还没有目标") % {"no": task.item.number},
        _("“%(name)s”有数，没有目标，一直无法判定") % {"name": named.indicator.name},
        reverse("tasks_app:indicator-detail", args=[named.indicator.pk]),
    )
