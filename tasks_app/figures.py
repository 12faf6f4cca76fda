"""Numbers this app can compute: how complete and how timely reporting is."""

from collections import Counter
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import figures
from common.figures import State, Value, figure
from common.periods import Kind, Period
from registry.models import Closure, Unit, in_force
from registry.services.duties import OWED
from tasks_app.services import reported
from tasks_app.services.standings import touched

figures.on_touch(touched.follow)


@figures.on_touch
def counts_follow_what_is_owed(code, units, periods):
    """A duty more or less changes how complete every period is that it ends in."""
    if code == OWED:
        around = {Period.of(kind, period.end) for period in periods for kind in Kind}
        found = Unit.objects.filter(pk__in=units)
        for counted in (reported.COMPLETENESS, reported.TIMELINESS):
            figures.touch(counted, found, around)


def _address(state: str):
    def rows(*, period, unit):
        query = {"within": period.code, "under": unit.pk, "state": state}
        return f"{reverse('tasks_app:report-list')}?{urlencode(query)}"

    return rows


def _shares(counted, *, period, units) -> dict[int, Value]:
    """Of what each unit, with all that counts below it, owes: how much `counted` picks."""
    owed = reported.owed_within(period)
    due = _by_unit(owed)
    done = _by_unit(counted(owed))
    above = Closure.objects.filter(
        in_force(period.end), ancestor__in=[u.pk for u in units], descendant__in=due, counts=True
    ).values_list("ancestor", "descendant")
    tops, bottoms = Counter(), Counter()
    for ancestor, unit in above:
        tops[ancestor] += done.get(unit, 0)
        bottoms[ancestor] += due[unit]
    return {unit.pk: _share(tops[unit.pk], bottoms[unit.pk]) for unit in units}


def _by_unit(duties) -> dict[int, int]:
    return dict(duties.order_by().values_list("unit").annotate(Count("pk")))


def _share(top: int, bottom: int) -> Value:
    state = State.REPORTED if bottom else State.NO_CASE
    return Value(Decimal(top), Decimal(bottom), state)


@figure(
    reported.COMPLETENESS,
    label=_("填报完整率"),
    source=_("填报任务"),
    rows=_address("MET"),
)
def completeness(*, period, units):
    """Duties met, of those owed for the period and for the shorter ones that end in it."""
    return _shares(reported.met, period=period, units=units)


@figure(
    reported.TIMELINESS,
    label=_("填报及时率"),
    source=_("填报任务和提交时间"),
    rows=_address("TIMELY"),
)
def timeliness(*, period, units):
    """Of the same duties, those that were handed in by their due day."""
    return _shares(reported.timely, period=period, units=units)
