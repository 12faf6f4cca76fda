"""What the overview costs a banner official, beside an empty page, and as the rows behind it grow."""

import time
from collections.abc import Callable
from datetime import date
from statistics import quantiles

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench import standings
from common import clock
from common.models import User
from registry.models import Posting, Unit
from registry.roles import Role
from scripts.bench import Row

RUNS = 60
FEW = 10_000


def main() -> list[Row]:
    """64 indicators, 10 units, five years. An official of one banner asks for the overview; the empty
    page of the same layout is an inbox without lines. p95 of sixty requests, in the server.
    "Drawn anew" is the first request after an approval, when nothing drawn before can be taken."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        ALLOWED_HOSTS=["testserver"], STORAGES=settings.STORAGES | {"staticfiles": plain}
    ):
        return measured()


def measured() -> list[Row]:
    clock.today, clock.now = (lambda: standings.TODAY), (lambda: standings.AT)
    many, standings.ROWS = standings.ROWS, FEW
    standings.prepare()
    standings.observe([2021, 2022, 2023, 2024, 2025])
    client = sign_in()
    few = p95(client, reverse("dashboard:overview"))
    few_anew = p95(client, reverse("dashboard:overview"), before=caches["drawn"].clear)
    add_rows(many)
    standings.recompute.recompute_all(at=standings.AT, on=standings.TODAY)
    overview = p95(client, reverse("dashboard:overview"))
    anew = p95(client, reverse("dashboard:overview"), before=caches["drawn"].clear)
    empty = p95(client, reverse("common:inbox"))
    caches["drawn"].clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("dashboard:overview"))
    return [
        Row("overview of a banner official, p95", overview, "an empty page, p95", empty),
        Row("the same, drawn anew, p95", anew, "an empty page, p95", empty),
        Row(f"overview, {many:,} rows behind a figure", overview, f"{FEW:,} rows", few),
        Row(f"drawn anew, {many:,} rows behind a figure", anew, f"{FEW:,} rows", few_anew),
        Row("questions asked by the overview, drawn anew", len(asked), "12", 12),
    ]


def sign_in() -> Client:
    official = User.objects.create_user("bench-official", "bench-Long-Word-7", name="bench")
    Posting.objects.create(
        user=official,
        unit=Unit.objects.get(key="banner-zuoqi"),
        role=Role.OFFICIAL,
        valid_from=date(2000, 1, 1),
        confirmed_at=timezone.now(),
    )
    client = Client()
    client.force_login(official)
    return client


def add_rows(count: int) -> None:
    """As many rows behind the figure as are asked for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(unit) FROM bench_child")
        (first,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO bench_child WITH RECURSIVE n(i) AS "
            "(SELECT %s UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %s) "
            "SELECT i %% %s, %s + (i / 7) %% %s FROM n",
            [FEW, count, standings.CHILDREN, first, standings.UNITS],
        )


def p95(client: Client, address: str, *, before: Callable[[], None] = lambda: None) -> float:
    took = []
    for number in range(RUNS + 5):
        before()
        start = time.perf_counter()
        answer = client.get(address)
        if number >= 5:  # the first ones compile templates
            took.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.status_code
    return quantiles(took, n=20)[-1]
