"""Slips planted into a term's aid: all of them found, and nothing besides."""

from datetime import date

import pytest

from registry.models import Finding
from subsidies.services import screening
from tests.cast import NOW
from tests.subsidies.planted import TERM, build, plant

ON = date(2025, 9, 10)


def found_now() -> set[tuple[str, str]]:
    return set(Finding.objects.open().values_list("rule", "subject_pk"))


@pytest.fixture
def world(east, west, officer):
    return build([east, west], count=1000, by=officer(east), second=officer(east))


@pytest.mark.django_db
def test_aid_that_is_all_right_raises_nothing(world):
    assert screening.screen([TERM], at=NOW, on=ON) == screening.Settled(0, 0)


@pytest.mark.django_db
def test_all_slips_are_found_and_none_besides(world, django_assert_max_num_queries):
    planted = plant(world, each=3)
    with django_assert_max_num_queries(70):
        screening.screen([TERM], at=NOW, on=ON)
    assert found_now() == planted
    assert screening.screen([TERM], at=NOW, on=ON) == screening.Settled(0, 0)


@pytest.mark.django_db
@pytest.mark.scale
def test_the_same_among_a_leagues_awards(east, west, officer):
    world = build([east, west], count=60_000, by=officer(east), second=officer(east))
    planted = plant(world, each=40)
    screening.screen([TERM], at=NOW, on=ON)
    assert found_now() == planted
