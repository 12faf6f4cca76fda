"""What pages show of standings: as known then, and nothing that nobody has approved to a stranger."""

from datetime import timedelta
from decimal import Decimal

import pytest

from common import figures
from common.figures import Value
from common.periods import Period
from registry.roles import Role
from tasks_app.services import series
from tests.cast import NOW, TODAY

Q3 = Period.parse("2025Q3")


@pytest.fixture
def supervisor(world, officer):
    return officer(world.league, Role.SUPERVISOR)


@pytest.fixture
def official(world, officer):
    return officer(world.a, Role.OFFICIAL)


@pytest.fixture
def live(world):
    """A figure that answers for everyone, and nobody has approved anything."""

    def compute(*, period, units):
        return {unit.pk: Value(Decimal(30)) for unit in units}

    figures.figure("test.live", label="试验", source="试验", rows=lambda **_: "/")(compute)
    indicator = world.indicator(frequency="QUARTER", figure="test.live")
    world.owe("2025Q3")
    world.settle_all()
    yield indicator
    figures._figures.pop("test.live")


def line(indicator, user, *, moment=None, opened=False):
    viewer = series.Viewer.of(user, on=TODAY, moment=moment)
    return series.Book({indicator: [Q3]}, viewer, opened=opened).line(indicator, Q3)


def test_what_nobody_has_approved_is_for_those_who_cover_the_unit(world, live, official):
    seen = line(live, official)
    own, other = seen.numbers[world.a.pk], seen.numbers[world.b.pk]
    assert (own.value, own.is_provisional) == (30, True)
    assert (other.value, other.numerator, other.status) == (None, None, "none")
    assert seen.total.value is None


def test_who_covers_the_league_sees_what_is_computed_and_that_it_is_provisional(
    world, live, supervisor
):
    seen = line(live, supervisor)
    assert (seen.total.value, seen.total.is_provisional) == (90, True)
    assert (seen.total.reported, seen.total.due) == (0, 3)
    assert all(number.value == 30 for number in seen.numbers.values())


def test_a_page_of_a_past_day_shows_what_was_known_then(world, supervisor):
    indicator = world.indicator(frequency="QUARTER")
    first = world.observe(indicator, world.a, "2025Q3", 5)
    world.settle(at=NOW)
    later = NOW + timedelta(days=2)
    second = world.observe(indicator, world.a, "2025Q3", 7)
    type(second).objects.filter(pk=first.pk).update(superseded_at=later)
    type(second).objects.filter(pk=second.pk).update(approved_at=later)
    world.settle(at=later)
    then = line(indicator, supervisor, moment=NOW, opened=True).numbers[world.a.pk]
    assert (then.value, then.observation.pk, then.earlier) == (5, first.pk, [])
    now = line(indicator, supervisor, opened=True).numbers[world.a.pk]
    assert (now.value, now.observation.pk) == (7, second.pk)
    assert [row.pk for row in now.earlier] == [first.pk]


def test_how_the_league_stood_is_asked_of_any_day(world, supervisor):
    indicator = world.indicator(frequency="QUARTER", over_time="FLOW")
    for unit in world.banners:
        world.observe(indicator, unit, "2025Q1", 2)
    world.settle(at=NOW)
    later = NOW + timedelta(days=1)
    world.observe(indicator, world.a, "2025Q2", 3)
    world.settle(at=later)

    def stand(moment):
        viewer = series.Viewer.of(supervisor, on=TODAY, moment=moment)
        return series.stands([indicator], viewer)[indicator.pk]

    assert (stand(NOW).value, stand(NOW).reported, stand(NOW).due) == (6, 3, 9)
    assert (stand(None).value, stand(None).reported) == (9, 4)


def test_what_was_entered_for_the_league_is_behind_its_number_until_units_have_theirs(
    world, supervisor
):
    indicator = world.indicator(frequency="QUARTER")
    whole = world.observe(indicator, world.league, "2025Q3", 12)
    world.settle()
    assert line(indicator, supervisor, opened=True).total.observation == whole
    world.observe(indicator, world.a, "2025Q3", 5)
    world.settle()
    assert line(indicator, supervisor, opened=True).total.observation is None
