"""Bring the stored standings up to date: what was touched, or all; and compare both ways.

A standing is never overwritten. One that comes out otherwise is superseded by a new row; one that
comes out the same stays, so that a second run writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from uuid import uuid4

from django.db import transaction
from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Greatest

from common import audit, inbox, locks, statistics
from common.models import User
from common.periods import Period
from registry.models import Posting
from registry.roles import Role
from tasks_app.models import Indicator, Reckoning, Standing, Touched
from tasks_app.services import judging, paths
from tasks_app.services.standings import live, trend
from tasks_app.services.standings.compute import Runs, compute
from tasks_app.services.standings.sources import (
    Sources,
    Spans,
    early_periods,
    in_spans,
    last_day,
    periods_until,
    span_of,
)
from tasks_app.services.standings.trend import Seen

LOCK = "tasks_app.standings"
# Everything that is computed; two standings are the same if all of it is.
COMPUTED = tuple(
    f.attname
    for f in Standing._meta.concrete_fields
    if f.attname not in ("id", "computed_at", "superseded_at")
)
facts_of = attrgetter(*COMPUTED)
Place = tuple[int, int, str]
place_of = attrgetter("indicator_id", "unit_id", "period")


@dataclass
class Scope:
    """What is to be computed: periods of indicators, of all units or of some."""

    spans: Spans = field(default_factory=dict)
    units: dict[int, set[int] | None] = field(default_factory=dict)  # by indicator; None: all
    wholly: set[int] = field(default_factory=set)  # indicators of which nothing is left out

    def stored(self) -> Q:
        """The standings to compare with, and those that come before them."""
        parts = {i: periods for i, periods in self.spans.items() if i.pk not in self.wholly}
        return Q(indicator__in=self.wholly) | in_spans(parts, back=trend.WINDOW)


@dataclass
class Outcome:
    """What a recomputation found and wrote."""

    written: list[Standing] = field(default_factory=list)
    gone: list[Place] = field(default_factory=list)  # there is no such number any more
    unchanged: int = 0
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    touched: list[Touched] = field(default_factory=list)
    runs: Runs = field(default_factory=dict)  # what was computed, and what came before it

    def as_json(self) -> dict:
        return {
            "standings": len(self.written) + self.unchanged,
            "written": len(self.written),
            "removed": len(self.gone),
            "unchanged": self.unchanged,
            "faults": sorted({code for code, _period in self.faults}),
        }


# What to compute ---------------------------------------------------------------------------------
def _indicators():
    """With what a computation, and what it finds, asks of them; their other words are not read."""
    return (
        Indicator.objects.select_related("work_item__plan")
        .only(
            "code",
            "name_zh",
            "name_en",
            "direction",
            "denominator",
            "frequency",
            "aggregation",
            "over_time",
            "path",
            "margin",
            "grace",
            "may_exceed",
            "figure",
            "work_item__duty_code",
            "work_item__plan__start_year",
            "work_item__plan__target_year",
            "work_item__plan__closed_on",
        )
        .order_by("code")
    )


def whole_scope(on: date, indicators: Iterable[Indicator] | None = None) -> Scope:
    """Every period of every indicator, and those before the plan that were entered."""
    found = list(_indicators() if indicators is None else indicators)
    early = early_periods(found)
    scope = Scope()
    for indicator in found:
        periods = set(periods_until(indicator, on)) | {span_of(c) for c in early[indicator.pk]}
        scope.spans[indicator] = sorted(p for p in periods if p.kind == indicator.period_kind)
        scope.units[indicator.pk] = None
        scope.wholly.add(indicator.pk)
    return scope


def _touched_scope(touched: list[Touched], turned: dict[int, set[Period]], on: date) -> Scope:
    """What was touched, what time has turned, and the later periods that look back at either."""
    periods: dict[int, set[Period]] = defaultdict(set, {k: set(v) for k, v in turned.items()})
    units: dict[int, set[int] | None] = {pk: None for pk in turned}
    wholly = set()
    for row in touched:
        pk = row.indicator_id
        if not row.period:
            wholly.add(pk)
        else:
            periods[pk].add(span_of(row.period))
        named = units.setdefault(pk, set())
        if row.unit_id is None or not row.period:
            units[pk] = None
        elif named is not None:
            named.add(row.unit_id)
    found = list(_indicators().filter(pk__in=wholly | set(periods)))
    scope = whole_scope(on, [i for i in found if i.pk in wholly]) if wholly else Scope()
    for indicator in found:
        if indicator.pk not in wholly:
            scope.spans[indicator] = _with_followers(indicator, periods[indicator.pk], on)
            scope.units[indicator.pk] = units[indicator.pk]
    return scope


def _with_followers(indicator: Indicator, periods: set[Period], on: date) -> list[Period]:
    """A period and those after it that compare with it, add it up or lead a line through it."""
    last, found = last_day(indicator, on), set()
    own = (period for period in periods if period.kind == indicator.period_kind)
    for period in sorted(
        own, reverse=True
    ):  # the latest first: earlier ones run into its followers
        found.add(period)
        for _step in range(trend.WINDOW):
            period = period.next()
            if period in found or period.start > last:
                break
            found.add(period)
    return sorted(found)


def _turned(since: date, until: date) -> dict[int, set[Period]]:
    """{indicator: periods that stand otherwise because days have passed}."""
    rules = judging.rule_for_all()
    found = defaultdict(set)
    for indicator in _indicators():
        rule = judging.Rule.of(indicator, rules)
        for period in periods_until(indicator, until):
            if any(since < day <= until for day in judging.turning_days(indicator, period, rule)):
                found[indicator.pk].add(period)
    return found


# Computing and writing ---------------------------------------------------------------------------
@dataclass
class _Stored:
    """The standings that count now: what is compared with, and what came before it."""

    current: dict[Place, tuple]  # (key, digest of its inputs)
    runs: Runs


def _load_stored(scope: Scope, sources: Sources) -> _Stored:
    rows = Standing.objects.current().filter(scope.stored())
    if None not in scope.units.values():
        named = set().union(*scope.units.values())
        rows = rows.filter(unit__in=named | {sources.league.pk})
    wanted = {i.pk: {p.code for p in periods} for i, periods in scope.spans.items()}
    stored = _Stored({}, defaultdict(dict))
    for pk, digest, indicator, unit, period, *seen in rows.values_list(
        "pk",
        "inputs_hash",
        "indicator",
        "unit",
        "period",
        "state",
        "numerator",
        "denominator",
        "value",
        "reported",
        "due",
    ):
        if indicator in scope.wholly or period in wanted[indicator]:
            stored.current[indicator, unit, period] = (pk, digest)
        else:
            stored.runs[indicator, unit][paths.ordinal(span_of(period))] = Seen(*seen)
    return stored


def _compute(scope: Scope, sources: Sources, runs: Runs) -> list[Standing]:
    found = []
    for indicator, periods in scope.spans.items():
        units = scope.units[indicator.pk]
        found += compute(indicator, periods, sources, runs, units=units)
    return found


def _recompute(scope: Scope, *, at: datetime, on: date) -> Outcome:
    """Compute a part, and write what rests on other inputs than what is stored."""
    sources = Sources(scope.spans, on=on)
    if not scope.spans or sources.league is None:
        return Outcome()
    stored = _load_stored(scope, sources)
    outcome, old = Outcome(faults=sources.asked.faults, runs=stored.runs), []
    for standing in _compute(scope, sources, stored.runs):
        pk, digest = stored.current.pop(place_of(standing), (None, ""))
        if digest == standing.inputs_hash:
            outcome.unchanged += 1
            continue
        outcome.written.append(standing)
        if pk:
            old.append(pk)
    for place, (pk, _digest) in stored.current.items():
        units = scope.units[place[0]]
        if units is None or place[1] in units or place[1] == sources.league.pk:
            outcome.gone.append(place)
            old.append(pk)
    _write(outcome.written, old, at=at)
    live.tell(outcome.faults, at=at, on=on)
    return outcome


def _write(fresh: list[Standing], old: list[int], *, at: datetime) -> None:
    if not fresh and not old:
        return
    Reckoning.objects.update(version=uuid4())
    for start in range(0, len(old), 5000):
        replaced = Standing.objects.filter(pk__in=old[start : start + 5000])
        # Two hosts' clocks may differ a little: no standing ends before it began.
        replaced.update(superseded_at=Greatest(F("computed_at"), Value(at, DateTimeField())))
    for standing in fresh:
        standing.computed_at = at
    Standing.objects.bulk_create(fresh, batch_size=500)
    if len(fresh) > 1000:
        statistics.refresh(Standing)


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic(savepoint=False)  # what fails here fails whole
def drain(*, at: datetime, on: date) -> Outcome:
    """Compute what was touched since the last time, and what the days that passed have turned."""
    locks.hold(LOCK)
    return _drain(at=at, on=on)


def _drain(*, at: datetime, on: date) -> Outcome:
    reckoned = Reckoning.objects.first()
    if reckoned is None:
        return _all(at=at, on=on)
    touched = list(Touched.objects.order_by("pk"))
    turned = {}
    if on != reckoned.on:
        turned = _turned(*sorted((reckoned.on, on)))
        Reckoning.objects.update(on=on)
    if not touched and not turned:
        return Outcome()
    outcome = _recompute(_touched_scope(touched, turned, on), at=at, on=on)
    outcome.touched = touched
    _forget(touched)
    return outcome


def _forget(touched: list[Touched]) -> None:
    """Only what was read: a deed may have noted more meanwhile."""
    pks = [row.pk for row in touched]
    for start in range(0, len(pks), 5000):
        Touched.objects.filter(pk__in=pks[start : start + 5000]).delete()


# From scratch ------------------------------------------------------------------------------------
@transaction.atomic
def recompute_all(*, at: datetime, on: date) -> Outcome:
    """All standings from scratch; what comes out as it is stored stays."""
    locks.hold(LOCK)
    return _all(at=at, on=on)


def _all(*, at: datetime, on: date) -> Outcome:
    touched = list(Touched.objects.order_by("pk"))
    outcome, old = _from_scratch(on)
    outcome.touched = touched
    _write(outcome.written, old, at=at)
    live.tell(outcome.faults, at=at, on=on)
    _forget(touched)
    if not Reckoning.objects.update(on=on):
        Reckoning.objects.create(on=on)
    return outcome


def _from_scratch(on: date) -> tuple[Outcome, list[int]]:
    """What differs in anything from what is stored, and the keys of what that replaces."""
    scope, runs = whole_scope(on), {}
    sources = Sources(scope.spans, on=on)
    outcome, old = Outcome(faults=sources.asked.faults, runs=runs), []
    if sources.league is None:
        return outcome, old
    rows = Standing.objects.current().values_list("pk", *COMPUTED)
    current = {_place(facts): (pk, tuple(facts)) for pk, *facts in rows}
    for standing in _compute(scope, sources, runs):
        pk, facts = current.pop(place_of(standing), (None, None))
        if facts == facts_of(standing):
            outcome.unchanged += 1
            continue
        outcome.written.append(standing)
        if pk:
            old.append(pk)
    outcome.gone = list(current)
    return outcome, old + [pk for pk, _facts in current.values()]


def _place(facts: list) -> Place:
    return tuple(facts[COMPUTED.index(name)] for name in ("indicator_id", "unit_id", "period"))


@transaction.atomic
def compare(*, at: datetime, on: date) -> int:
    """Whether what deeds have brought about, one by one, is what a computation from scratch gives.

    Returns how many standings differ: that is a fault of the portal, told to its administrators
    and put right.
    """
    locks.hold(LOCK)
    _drain(at=at, on=on)
    outcome, old = _from_scratch(on)
    _write(outcome.written, old, at=at)
    # What a deed noted meanwhile is not amiss: the job that it asked for will come to it.
    noted = set(Touched.objects.values_list("indicator", flat=True))
    places = [*map(place_of, outcome.written), *outcome.gone]
    amiss = [place for place in places if place[0] not in noted]
    Reckoning.objects.update(compared_at=at, differing=len(amiss))
    if amiss:
        _raise_alarm(amiss, at=at, on=on)
    live.tell(outcome.faults, at=at, on=on)
    return len(amiss)


def _raise_alarm(amiss: list[Place], *, at: datetime, on: date) -> None:
    codes = Indicator.objects.filter(pk__in={place[0] for place in amiss}).order_by("code")
    named = list(codes.values_list("code", flat=True)[:20])
    audit.record(
        "tasks_app.standings_differed",
        by=None,
        after={"standings": len(amiss), "indicators": named},
        title=", ".join(named),
    )
    posted = Posting.objects.in_force(on).filter(role=Role.SYSADMIN)
    people = User.objects.filter(pk__in=posted.values("user"), is_active=True)
    text = f"夜间核对：{len(amiss)} 个进展状态与从头重算不一致，已按重算改正"  # data
    inbox.send(people, text, by=None, at=at)
