"""What a unit's headers were confirmed to mean."""

import pytest

from intake.models import HeaderMapping
from intake.services import headers
from tests.cast import NOW
from tests.intake.grids import Roll

pytestmark = pytest.mark.django_db


@pytest.fixture
def roll():
    kind = Roll()
    kind.slug = "roll"
    return kind


def test_headers_are_remembered_for_the_unit_and_kind(roll, east, west, officer):
    user = officer(east)
    mapping = {"所在 学校": "school", "曾用名": "", "联系电话@H": "phone", "★": "name"}
    assert headers.remember(roll, east, mapping, by=user, at=NOW) == 2
    assert headers.remembered(roll, east) == {"所在学校": "school", "曾用名": ""}
    assert headers.remembered(roll, west) == {}
    roll.slug = "other"
    assert headers.remembered(roll, east) == {}


def test_later_word_counts(roll, east, officer):
    first, second = officer(east), officer(east)
    headers.remember(roll, east, {"所在学校": "school"}, by=first, at=NOW)
    headers.remember(roll, east, {"所在学校": "", "所在　学校": "grade"}, by=second, at=NOW)
    (kept,) = HeaderMapping.objects.all()
    assert (kept.column, kept.by) == ("grade", second)


def test_header_too_long_to_keep_is_not_kept(roll, east, officer):
    assert headers.remember(roll, east, {"校" * 121: "school"}, by=officer(east), at=NOW) == 0
