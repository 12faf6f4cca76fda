"""The people and units that every test knows.

Units: `league`, the banners `east` (阿拉善左旗) and `west` (额济纳旗), a school of east.
`officer(unit, role)` makes a person with a confirmed posting.
"""

from datetime import date, datetime

import pytest
from django.utils import timezone

from common.models import User
from registry.models import Posting, Unit
from registry.roles import Role
from registry.services.setup import load_calendar
from registry.services.units import load_units
from tasks_app.models import Plan, Reckoning
from tasks_app.services.catalogue import load_plan
from tasks_app.services.standings import recompute
from tasks_app.services.standings.touched import touch_indicators
from tests.copies import begin_with

TODAY = date(2025, 10, 13)
NOW = timezone.make_aware(datetime(2025, 10, 13, 10, 0))


@pytest.fixture
def units(db):
    """The real unit tree, with the demonstration's reporting zones, by key."""
    begin_with("units", lambda: load_units(reporting=frozenset({"1", "demo"})))
    return {unit.key: unit for unit in Unit.objects.all()}


@pytest.fixture
def league(units):
    return units["league"]


@pytest.fixture
def east(units):
    return units["banner-zuoqi"]


@pytest.fixture
def west(units):
    return units["banner-ejina"]


@pytest.fixture
def plan(units):
    """The real plan with its tasks and indicators."""
    begin_with("plan", _load_plan)
    return Plan.objects.get()


def _load_plan():
    load_calendar()
    load_plan()


@pytest.fixture
def officer(db):
    """officer(unit, Role.OFFICIAL, name="") -> User with a confirmed posting since 2020."""
    count = 0

    def make(unit, role=Role.OFFICIAL, username="", name=""):
        nonlocal count
        count += 1
        user = User.objects.create_user(
            username or f"user{count}", "Alxa-demo-2025", name=name or f"用户{count}"
        )
        Posting.objects.create(
            user=user,
            unit=unit,
            role=role,
            valid_from=date(2020, 1, 1),
            confirmed_at=timezone.now(),
        )
        return user

    return make


@pytest.fixture
def settle(db):
    """settle(indicators, on=TODAY): what the job does after a deed, for rows that no deed wrote."""

    def make(*indicators, on=TODAY):
        Reckoning.objects.get_or_create(defaults={"on": on})
        touch_indicators(indicator.pk for indicator in indicators)
        return recompute.drain(at=NOW, on=on)

    return make


@pytest.fixture
def clock_at(monkeypatch):
    """clock_at(day) makes views and jobs see that day at 10 o'clock."""
    from common import clock

    def set_to(day: date):
        moment = timezone.make_aware(datetime(day.year, day.month, day.day, 10, 0))
        monkeypatch.setattr(clock, "today", lambda: day)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return set_to
