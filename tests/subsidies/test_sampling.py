"""The look after payment: the same seed draws the same children, and answers project a rate."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from common.refusals import Stale
from registry.roles import Role
from subsidies.models import SampleCheck, SampleItem
from subsidies.services import sampling
from subsidies.services.refusals import Refused
from tests.cast import NOW, TODAY
from tests.subsidies.planted import TERM, build

pytestmark = pytest.mark.django_db
Result = SampleItem.Result


@pytest.fixture
def people(officer, east):
    return officer(east), officer(east), officer(east)


@pytest.fixture
def world(east, west, people, monkeypatch):
    monkeypatch.setattr("tests.subsidies.planted.A_SCHOOL", 20)
    return build([east, west], count=100, by=people[0], second=people[1])


@pytest.fixture
def draw(world, east, people):
    return lambda **over: sampling.draw_sample(
        **{"unit": east, "term": TERM, "per_school": 4, "seed": 7, "by": people[2], "at": NOW}
        | over
    )


def answer(item, by, result=Result.RIGHT, **over):
    told = {"how": "CALL", "on": TODAY, "by": by, "at": NOW} | over
    return sampling.record_result(item, result=result, **told)


# Drawing -------------------------------------------------------------------------------------------
def test_so_many_in_each_school_of_the_unit_and_the_same_again_by_the_same_seed(draw, world):
    one, again, other = draw(), draw(), draw(seed=8)
    of = {
        check: list(check.items.values_list("payment", flat=True)) for check in (one, again, other)
    }
    assert of[one] == of[again] != of[other]
    schools = list(one.items.values_list("payment__school", flat=True))
    assert len(schools) == 12 and set(schools) == {school.pk for school in world.schools[::2]}
    assert one.drawn_from == {str(school.pk): 20 for school in world.schools[::2]}


def test_of_a_small_school_everybody_is_drawn(draw):
    assert draw(per_school=50).items.count() == 60


@pytest.mark.parametrize(
    "bad", [{"per_school": 0}, {"per_school": 101}, {"term": "2025"}, {"term": "2023/24-1"}]
)
def test_nothing_is_drawn_from_nothing(draw, bad):
    with pytest.raises(Refused):
        draw(**bad)
    assert not SampleCheck.objects.exists()


# Answers -------------------------------------------------------------------------------------------
def test_an_answer_says_how_when_and_by_whom(draw, people):
    item = draw().items.first()
    told = answer(item, people[2], Result.OTHER_AMOUNT, received=Decimal("300"))
    assert (told.result, told.received, told.done_by) == ("OTHER_AMOUNT", 300, people[2])
    right = answer(item, people[2], received=Decimal("300"))
    assert right.received is None


def test_who_made_the_payments_does_not_ask_about_them(draw, people):
    with pytest.raises(Refused, match="own_payment"):
        answer(draw().items.first(), people[0])


def test_another_amount_names_it_and_no_day_lies_ahead_and_no_stale_page_overwrites(draw, people):
    item = draw().items.first()
    with pytest.raises(Refused, match="required"):
        answer(item, people[2], Result.OTHER_AMOUNT)
    with pytest.raises(Refused, match="in_future"):
        answer(item, people[2], on=date(2030, 1, 1))
    answer(item, people[2], seen=1)
    with pytest.raises(Stale):
        answer(item, people[2], seen=1)


# What they project ---------------------------------------------------------------------------------
def test_before_anybody_was_reached_there_is_no_rate(draw, people):
    check = draw()
    answer(check.items.first(), people[2], Result.NOT_REACHED)
    found = sampling.project(check)
    assert (found.judged, found.rate, found.schools_drawn) == (0, None, 3)


def test_a_rate_by_hand(draw, people):
    """Three schools of 20, four asked in each; two errors in one, none in the others: 1/6. The variance
    is (1/3)^2 * (1 - 4/20) * (1/2 * 1/2) / 3 = 0.0074074, so they tell as much as 12 of a simple draw
    (18.75 would be more than were asked). Wilson for 1/6 of 12: 0.0470 to 0.4480."""
    check = draw()
    items = list(check.items.for_list())
    for n, item in enumerate(items):
        answer(item, people[2], Result.NOT_RECEIVED if n < 2 else Result.RIGHT)
    found = sampling.project(check)
    assert (found.judged, found.wrong, found.schools) == (12, 2, 3)
    assert found.rate == pytest.approx(1 / 6)
    assert (found.low, found.high) == (
        pytest.approx(0.0470, abs=1e-4),
        pytest.approx(0.4480, abs=1e-4),
    )


def test_a_big_school_weighs_more():
    rate, _variance = sampling._stratified([(90, 4, 4), (10, 4, 0)])
    assert rate == pytest.approx(0.9)


def test_no_error_met_is_not_no_error(draw, people):
    check = draw()
    for item in check.items.all():
        answer(item, people[2])
    found = sampling.project(check)
    assert found.rate == 0 and found.low == 0
    assert found.high == pytest.approx(0.2425, abs=1e-4)  # Wilson, 0 of 12


def test_where_everybody_was_asked_nothing_is_left_to_chance(draw, people):
    check = draw(per_school=50)
    for n, item in enumerate(check.items.for_list()):
        answer(item, people[2], Result.OTHER_CARD if n % 20 == 0 else Result.RIGHT)
    found = sampling.project(check)
    assert (found.low, found.rate, found.high) == pytest.approx((0.05, 0.05, 0.05))


# Pages ---------------------------------------------------------------------------------------------
def test_draw_fill_in_and_read_the_result(
    world, people, client, clock_at, east, django_assert_max_num_queries
):
    clock_at(TODAY)
    client.force_login(people[2])
    new = reverse("subsidies:sample-new")
    bad = client.post(new, {"unit": east.pk, "term": TERM, "per_school": "0", "seed": "x"})
    assert bad.status_code == 422 and "填 1 到 100 的整数" in bad.content.decode()
    asked = {"unit": east.pk, "term": TERM, "per_school": "4", "programme": "", "seed": ""}
    done = client.post(new, asked)
    check = SampleCheck.objects.get()
    assert done.url == check.get_absolute_url()
    item = check.items.for_list().first()
    page = client.get(item.get_absolute_url())
    assert "312.50" in page.content.decode()
    given = {"how": "VISIT", "on": "2025-10-10", "result": "NOT_RECEIVED", "seen": "1"}
    assert client.post(item.get_absolute_url(), given).url == check.get_absolute_url()
    stale = client.post(item.get_absolute_url(), given)
    assert stale.status_code == 422 and "别人刚改过" in stale.content.decode()
    with django_assert_max_num_queries(20):
        page = client.get(check.get_absolute_url())
    assert "推算差错率" in page.content.decode()
    assert client.get(check.get_absolute_url(), {"export": "xlsx"}).status_code == 200
    assert (
        client.get(reverse("subsidies:sample-list")).context["table"].rows[0].record.answered == 1
    )


def test_another_banner_sees_no_draw_and_a_supervisor_fills_none_in(
    draw, client, officer, west, league, clock_at
):
    clock_at(TODAY)
    check = draw()
    item = check.items.first()
    for unit, role, statuses in (
        (west, Role.OFFICIAL, (404, 404)),
        (league, Role.SUPERVISOR, (200, 403)),
    ):
        client.force_login(officer(unit, role))
        pages = [check.get_absolute_url(), item.get_absolute_url()]
        assert tuple(client.get(page).status_code for page in pages) == statuses
