"""What it costs to keep 64 indicators × 10 units × five years up to date."""

import os
import time
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common import figures
from common.figures import Value
from common.models import User
from common.periods import between
from registry.models import Unit
from registry.services.setup import load_calendar
from registry.services.units import load_units
from scripts.bench import Row
from tasks_app.models import HistoryBatch, Indicator, Observation, Standing, Target, Touched
from tasks_app.services.catalogue import load_plan
from tasks_app.services.standings import recompute, upkeep
from tasks_app.services.standings.touched import touch_values

TODAY = date(2025, 10, 13)
AT = timezone.make_aware(datetime(2025, 10, 13, 10, 0))
UNITS = 10
CHILDREN = 200_000
# Rows behind a figure that counts each child once; SQLite is for small offices.
ROWS = int(
    os.environ.get("BENCH_FIGURE_ROWS", 1_000_000 if connection.vendor == "postgresql" else 100_000)
)
FIGURE = "bench.children"
APPROVED = ("tasks.05", "2024/25-2")  # a term's report of five rates
RUNS = 25


def main() -> list[Row]:
    """64 indicators of 10 units, with a figure that counts 200,000 children once each in a million
    rows. An approval is a term's report with five rates; "written alone" is the same standings
    superseded and inserted by Django in one transaction, with nothing read or computed."""
    prepare()
    observe([2025])
    one_year = measure()
    rows = [
        Row("one approval, a year of values", one_year.drain, "written alone", one_year.alone),
        Row("the same with its checks", one_year.keep_up, "written alone", one_year.alone),
    ]
    observe([2021, 2022, 2023, 2024])
    five = measure()
    rows += [
        Row("one approval, five years of values", five.drain, "written alone", five.alone),
        Row("one approval, five years of values", five.drain, "a year of values", one_year.drain),
        Row(
            "all approvals of a term, drained together", five.many, "written alone", five.many_alone
        ),
        Row("questions asked by one approval", five.questions, "30", 30),
    ]
    everything = list(Standing.objects.current())
    full = best(lambda: recompute.recompute_all(at=AT, on=TODAY), runs=3)
    alone = best(lambda: write_alone(everything), runs=3)
    Standing.objects.all().delete()
    first = best(lambda: recompute.recompute_all(at=AT, on=TODAY), runs=1)
    rows += [
        Row(f"all {len(everything):,} from scratch, first time", first, "written alone", alone),
        Row(f"all {len(everything):,} from scratch, unchanged", full, "written alone", alone),
    ]
    return rows


# The portal to measure ---------------------------------------------------------------------------
def prepare() -> None:
    load_units(reporting=frozenset({"1", "demo"}))
    others = Unit.objects.filter(kind=Unit.Kind.TOWNSHIP).order_by("pk")
    missing = UNITS - Unit.objects.filter(reports_education=True).count()
    Unit.objects.filter(pk__in=list(others.values_list("pk", flat=True)[:missing])).update(
        reports_education=True, kind=Unit.Kind.ZONE
    )
    load_calendar()
    load_plan()
    make_children()
    Indicator.objects.filter(code="T01-02").update(figure=FIGURE, aggregation="PEOPLE")
    league = Unit.objects.get(kind=Unit.Kind.LEAGUE)
    for indicator in Indicator.objects.filter(targets=None):
        Target.objects.create(
            indicator=indicator,
            unit=league,
            year=2025,
            value=Decimal(90),
            ground=Target.Ground.DOCUMENT,
            source="bench",
            set_at=AT,
        )


def make_children() -> None:
    """A million rows of children in units, and the figure that counts each child once."""
    units = list(Unit.objects.reporting(TODAY).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_child (child integer, unit integer)")
        cursor.execute(
            "INSERT INTO bench_child WITH RECURSIVE n(i) AS "
            "(SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %s) "
            "SELECT i %% %s, %s + (i / 7) %% %s FROM n",
            [ROWS, CHILDREN, min(units), UNITS],
        )
        cursor.execute("CREATE INDEX bench_child_unit ON bench_child (unit)")

    @figures.figure(FIGURE, label="bench", source="bench", rows=lambda **_: "/")
    def children(*, period, units):
        league = [unit for unit in units if unit.kind == Unit.Kind.LEAGUE]
        with connection.cursor() as cursor:
            cursor.execute("SELECT unit, COUNT(DISTINCT child) FROM bench_child GROUP BY unit")
            found = dict(cursor.fetchall())
            if league:
                cursor.execute("SELECT COUNT(DISTINCT child) FROM bench_child")
                found[league[0].pk] = cursor.fetchone()[0]
        return {u.pk: Value(Decimal(found.get(u.pk, 0))) for u in units}


def observe(years: list[int]) -> None:
    """Approved values of every indicator, unit and period of some years, but what is open."""
    writer, decider = (
        User.objects.get_or_create(username=name, defaults={"name": name})[0]
        for name in ("bench-writer", "bench-decider")
    )
    batch = HistoryBatch.objects.create(
        title="bench", source="bench", submitted_by=writer, submitted_at=AT
    )
    units = list(Unit.objects.reporting(TODAY))
    rows = []
    for indicator in Indicator.objects.select_related("work_item__lead_office"):
        owners = [indicator.work_item.lead_office] if indicator.league_only else units
        for year in years:
            for period in between(indicator.period_kind, date(year - 1, 9, 1), date(year, 12, 31)):
                if period.year_of_end != year or period.end >= TODAY:
                    continue
                rows += [
                    Observation(
                        indicator=indicator,
                        unit=unit,
                        period=period.code,
                        period_end=period.end,
                        numerator=15 + (unit.pk + period.year) % 5,
                        denominator=20 if indicator.is_rate else None,
                        batch=batch,
                        source="bench",
                        entered_by=writer,
                        approved_by=decider,
                        approved_at=AT,
                    )
                    for unit in owners
                ]
    Observation.objects.bulk_create(rows, batch_size=2000)
    recompute.recompute_all(at=AT, on=TODAY)


# Measuring ---------------------------------------------------------------------------------------
def best(deed, *, runs: int) -> float:
    found = float("inf")
    for _run in range(runs):
        start = time.perf_counter()
        deed()
        found = min(found, time.perf_counter() - start)
    return found


class measure:  # noqa: N801  a record that fills itself
    """One approval: what it takes, and what it would take only to write what it wrote."""

    def __init__(self):
        self.values = count(3)
        self.drain = self._best(lambda: recompute.drain(at=AT, on=TODAY))
        self.keep_up = self._best(lambda: upkeep.keep_up(at=AT, on=TODAY))
        self._approve()
        with CaptureQueriesContext(connection) as asked:
            written = upkeep.keep_up(at=AT, on=TODAY).written
        self.questions = len(asked)
        assert len(written) >= 10, len(written)
        self.alone = best(lambda: write_alone(written), runs=RUNS)
        self._drain_together()

    def _drain_together(self) -> None:
        """Every unit's report of the term was approved before the job came to it."""
        units, self.many = list(Unit.objects.reporting(TODAY)), float("inf")
        for _run in range(5):
            for unit in units:
                self._approve(unit)
            start = time.perf_counter()
            written = recompute.drain(at=AT, on=TODAY).written
            self.many = min(self.many, time.perf_counter() - start)
        assert len(written) > 5 * len(units), len(written)
        self.many_alone = best(lambda: write_alone(written), runs=5)

    def _best(self, deed) -> float:
        found = float("inf")
        for _run in range(RUNS):
            self._approve()
            found = min(found, best(deed, runs=1))
        assert not Touched.objects.exists()
        return found

    def _approve(self, unit: Unit | None = None) -> None:
        """The rows that an approval leaves; another number each time, so that something is written."""
        task, period = APPROVED
        unit = unit or Unit.objects.reporting(TODAY)[0]
        current = Observation.objects.current().filter(
            indicator__work_item__duty_code=task,
            period=period,
            unit=unit,
        )
        rows = list(current)
        assert len(rows) == 5, len(rows)
        with transaction.atomic():
            current.update(superseded_at=AT)
            number = next(self.values) % 19
            for row in rows:
                row.pk, row._state.adding, row.numerator = None, True, number
                row.superseded_at = None
            touch_values(Observation.objects.bulk_create(rows))


@transaction.atomic
def write_alone(rows: list[Standing]) -> None:
    """The same standings again: the old ones superseded, the new ones inserted."""
    Standing.objects.filter(pk__in=[row.pk for row in rows]).update(superseded_at=AT)
    for row in rows:
        row.pk, row._state.adding, row.computed_at = None, True, AT
    Standing.objects.bulk_create(rows, batch_size=500)
