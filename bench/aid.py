"""What it costs to check a term's aid, and whether every planted slip is found in so much of it."""

import os
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from common.models import User
from registry.models import Finding, Unit
from registry.services.units import load_units
from scripts.bench import Row, seconds
from subsidies.services import screening
from tests.subsidies.planted import TERM, build, plant

ON = date(2025, 9, 10)
AT = timezone.make_aware(datetime(2025, 9, 10, 10, 0))
# SQLite is for small offices.
ROWS = int(
    os.environ.get("BENCH_AID_ROWS", 1_000_000 if connection.vendor == "postgresql" else 60_000)
)
EACH = 40  # slips of each kind


def main() -> list[Row]:
    """A term of so many expected awards, each paid, with forty slips of each kind planted into it; the
    check of all rules, against one grouped scan of the payments. Every slip has to be found, and
    nothing besides."""
    load_units()
    banners = [Unit.objects.get(key=key) for key in ("banner-zuoqi", "banner-youqi")]
    writer, second = (User.objects.create(username=f"bench-{n}", name="bench") for n in range(2))
    world = build(banners, count=ROWS, by=writer, second=second)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    scan = seconds(grouped_scan)
    right = seconds(check, repeat=1)
    assert not Finding.objects.open().exists()
    planted = plant(world, each=EACH)
    broken = seconds(check, repeat=1)
    found = set(Finding.objects.open().values_list("rule", "subject_pk"))
    assert found == planted, (len(found - planted), len(planted - found))
    name = f"{ROWS:,} awards"
    return [
        Row(f"{name}, all right", right, "one grouped scan of the payments", scan),
        Row(f"{name}, {len(planted)} slips to find", broken, "the same scan", scan),
        Row("slips found, and nothing besides", len(found), "slips planted", len(planted)),
    ]


def grouped_scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT student_id, programme_id, term, SUM(amount), COUNT(*) FROM subsidies_payment "
            "GROUP BY student_id, programme_id, term"
        )
        assert len(cursor.fetchall()) >= ROWS


def check() -> None:
    screening.screen([TERM], at=AT, on=ON)
