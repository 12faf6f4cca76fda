"""A first status of each task: the league's latest values held against the targets."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from common import smallcells
from common.periods import Period, between
from common.templatetags.ax import num
from registry.models import Duty, Unit, in_force
from tasks_app.models import Indicator, Observation, WorkItem
from tasks_app.services import judging, totals


@dataclass(frozen=True)
class Stand:
    """How one indicator stands for the league in its latest period."""

    indicator: Indicator
    period: Period
    total: totals.Total
    judged: judging.Judgement
    text: str  # the number as this viewer may see it; empty where the status says it all


@dataclass(frozen=True)
class TaskStand:
    """A task's light: the worst of what is judged, with its representative indicator."""

    status: str
    judged: int
    of: int
    face: Stand | None  # the representative indicator
    worst: Stand | None  # the one that decides, where it is another


def latest_period(indicator: Indicator, until: date) -> Period:
    """The indicator's last period that ends by a day."""
    period = Period.of(indicator.period_kind, until)
    return period if period.end <= until else period.previous()


def periods_of_year(period: Period) -> list[Period]:
    """The periods that end in the same year, up to this one."""
    first = date(period.year_of_end, 1, 1)
    return [p for p in between(period.kind, first, period.end) if p.end >= first]


def task_stands(
    items: list[WorkItem], *, period: Period, reporting: list[Unit], league: Unit, user, on: date
) -> dict[int, TaskStand]:
    """{task: how it stands} at the end of a quarter. Four queries, however many values there are."""
    indicators = list(
        Indicator.objects.filter(work_item__in=items)
        .select_related("work_item")
        .prefetch_related(judging.with_targets())
        .order_by("code")
    )
    spans = {i.pk: periods_of_year(latest_period(i, period.end)) for i in indicators}
    found = _observations(indicators, spans)
    owing = _owing(indicators, spans, reporting)
    covered = Unit.objects.visible_to(user, "registry.view_duty").filter(pk=league.pk).exists()
    allowed = judging.margin()
    stands = defaultdict(list)
    for indicator in indicators:
        last = spans[indicator.pk][-1]
        total = totals.year_to_date(
            indicator,
            [
                totals.league_total(
                    indicator, found[indicator.pk, p.code], owing[indicator.pk, p.code]
                )
                for p in spans[indicator.pk]
            ],
        )
        judged = judging.judgement(indicator, league, last, total, on=on, allowed=allowed)
        text = _shown(indicator, total, covered=covered)
        stands[indicator.work_item_id].append(Stand(indicator, last, total, judged, text))
    return {item.pk: _light(stands[item.pk]) for item in items}


def _observations(indicators, spans) -> dict:
    """{(indicator, period): observations}. Approved figures are shared with every business role."""
    codes = {p.code for periods in spans.values() for p in periods}
    rows = (
        Observation.objects.current()
        .filter(indicator__in=indicators, period__in=codes)
        .select_related("unit")
    )
    found = defaultdict(list)
    for row in rows:
        found[row.indicator_id, row.period].append(row)
    return found


def _owing(indicators, spans, reporting) -> dict:
    """{(indicator, period): units that owe it}; where no duty was ever made, those that report."""
    codes = {p.code for periods in spans.values() for p in periods}
    tasks = {indicator.work_item.duty_code for indicator in indicators}
    duties = defaultdict(list)
    for duty in Duty.objects.filter(code__in=tasks, period__in=codes).select_related("unit"):
        office = duty.unit.kind == Unit.Kind.OFFICE
        duties[duty.code, duty.period, office].append(duty)
    owing = {}
    for indicator in indicators:
        for period in spans[indicator.pk]:
            asked = duties[indicator.work_item.duty_code, period.code, indicator.league_only]
            owing[indicator.pk, period.code] = (
                [duty.unit for duty in asked if duty.waived_at is None] if asked else reporting
            )
    return owing


def _light(stands: list[Stand]) -> TaskStand:
    status, judged, of = judging.worst(stand.judged for stand in stands)
    face = next((stand for stand in stands if stand.indicator.is_representative), None)
    deciding = [s for s in stands if s.judged.status == status] if judged else []
    worst = deciding[0] if deciding and face not in deciding else None
    if status == judging.OK:
        worst = None
    return TaskStand(status, judged, of, face, worst)


def _shown(indicator: Indicator, total: totals.Total, *, covered: bool) -> str:
    if total.value is None:
        return ""
    people = smallcells.People(total.numerator, total.denominator, covered=covered)
    is_hidden = indicator.counts_people and people.is_small and not covered
    if is_hidden:
        return smallcells.shown(people, is_hidden=True)
    return number_text(indicator, total.value)


def number_text(indicator: Indicator, value) -> str:
    return num(value, 2) if indicator.is_rate else num(value)


def league_unit(on: date) -> Unit:
    return Unit.objects.filter(in_force(on), kind=Unit.Kind.LEAGUE).get()
