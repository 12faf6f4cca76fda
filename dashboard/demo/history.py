"""Past years: batches that `bureau` pasted in and `bureau2` approved, and one that still waits."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from common.models import Event, User
from common.periods import Period, between
from dashboard.demo.numbers import Numbers, chance, read
from registry.models import Unit
from registry.services.duties import reporting_units
from tasks_app.models import HistoryBatch, HistoryValue, Indicator, Observation, Plan, Target

BASELINE_YEAR = "2020"
WAITING = ("T04-05", "T09-03", "T12-02")


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def load_history(plan: Plan, numbers: Numbers, *, since: date, day: date) -> int:
    """Everything that ended before the demonstration's first duty. Returns how many values."""
    if HistoryBatch.objects.exists():
        return 0
    texts = read("texts.toml")
    people = User.objects.in_bulk(["bureau", "bureau2"], field_name="username")
    units = reporting_units(day)
    rows = defaultdict(list)
    for indicator in Indicator.objects.filter(work_item__plan=plan).select_related(
        "work_item__lead_office"
    ):
        owners = [indicator.work_item.lead_office] if indicator.league_only else units
        for period in between(indicator.period_kind, date(plan.start_year, 1, 1), since):
            if period.end >= since:
                continue
            for unit in owners:
                # Some cells were never kept at all: the row is absent, which is not a zero either.
                if chance("row", indicator.code, unit.key, period.code) > 0.008:
                    rows[period.year_of_end].append((indicator, unit, period))
    at = moment(since - timedelta(days=20))
    return sum(
        _approve(_batch(texts, year, people["bureau"], at), found, numbers, people, texts, at)
        for year, found in sorted(rows.items())
    ) + _leave_waiting(texts, numbers, people["bureau"], units, moment(day - timedelta(days=2)))


def _batch(texts, year: int, by, at) -> HistoryBatch:
    return HistoryBatch.objects.create(
        title=texts["batch"].format(year=year),
        source=texts["entered"].format(year=year),
        submitted_by=by,
        submitted_at=at,
    )


def _values(batch, found, numbers) -> list[HistoryValue]:
    values = []
    for line, (indicator, unit, period) in enumerate(found, start=1):
        number = numbers.find(indicator, unit, period)
        values.append(
            HistoryValue(
                batch=batch,
                indicator=indicator,
                unit=unit,
                period=period.code,
                line=line,
                state=number.state,
                numerator=number.numerator,
                denominator=number.denominator,
            )
        )
    return HistoryValue.objects.bulk_create(values, batch_size=500)


def _event(verb: str, batch: HistoryBatch, by, at, after: dict) -> Event:
    return Event(
        at=at,
        actor_id=by.pk,
        actor=f"{by.name} ({by.username})",
        verb=verb,
        subject_code=HistoryBatch._meta.label_lower,
        subject_pk=str(batch.pk),
        subject_title=batch.title,
        after=after,
    )


def _approve(batch, found, numbers, people, texts, at) -> int:
    values = _values(batch, found, numbers)
    decided_at = at + timedelta(days=3)
    Observation.objects.bulk_create(
        (
            Observation(
                indicator=value.indicator,
                unit=value.unit,
                period=value.period,
                period_end=Period.parse(value.period).end,
                state=value.state,
                numerator=value.numerator,
                denominator=value.denominator,
                batch=batch,
                source=batch.source,
                entered_by=people["bureau"],
                approved_by=people["bureau2"],
                approved_at=decided_at,
            )
            for value in values
        ),
        batch_size=500,
    )
    batch.state = HistoryBatch.State.APPROVED
    batch.decided_by, batch.decided_at = people["bureau2"], decided_at
    batch.save()
    counted = {"values": len(values)}
    Event.objects.bulk_create(
        [
            _event("tasks_app.history_submitted", batch, people["bureau"], at, counted),
            _event("tasks_app.history_approved", batch, people["bureau2"], decided_at, counted),
        ]
    )
    return len(values)


def _leave_waiting(texts, numbers, by, units, at) -> int:
    """One batch that the second person has still to look at."""
    batch = HistoryBatch.objects.create(
        title=texts["batch_waiting"],
        source=texts["batch_waiting_source"],
        submitted_by=by,
        submitted_at=at,
    )
    period = Period.parse(BASELINE_YEAR)
    found = [
        (indicator, unit, period)
        for indicator in Indicator.objects.filter(code__in=WAITING).order_by("code")
        for unit in units
    ]
    values = _values(batch, found, numbers)
    Event.objects.bulk_create(
        [_event("tasks_app.history_submitted", batch, by, at, {"values": len(values)})]
    )
    return len(values)


def load_targets(plan: Plan, *, day: date) -> int:
    """Targets whose source says that they belong to the demonstration; none that the plan sets."""
    if Target.objects.filter(ground=Target.Ground.DEMO).exists():
        return 0
    texts, table = read("texts.toml"), read("numbers.toml")["target"]
    league = Unit.objects.get(key="league")
    by = User.objects.get(username="bureau")
    years = range(plan.start_year, max(plan.target_year, day.year) + 1)
    steps = plan.target_year - plan.start_year
    targets = []
    for indicator in Indicator.objects.filter(work_item__plan=plan, code__in=table):
        row = table[indicator.code]
        for year in years:
            part = min((year - plan.start_year) / steps, 1)
            targets.append(
                Target(
                    indicator=indicator,
                    unit=league,
                    year=year,
                    value=Decimal(round(row["from"] + (row["to"] - row["from"]) * part)),
                    ground=Target.Ground.DEMO,
                    source=texts["source"],
                    set_by=by,
                    set_at=moment(day - timedelta(days=200)),
                )
            )
    Target.objects.bulk_create(targets)
    return len(targets)
