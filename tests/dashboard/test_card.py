"""The standing's card: formula with its numbers, parts, people, source and rows; how much to whom."""

import pytest
from django.urls import reverse

from common import figures
from registry.roles import Role
from tasks_app.models import Indicator, Standing
from tests.cast import NOW, TODAY


@pytest.fixture
def mini(world, clock_at):
    clock_at(TODAY)
    world.rate = world.indicator("R1", aggregation="RATIO", frequency="QUARTER", path="CONSTANT")
    world.people = world.indicator("P1", frequency="QUARTER", counts_people=True)
    world.aim(world.rate, 2025, "90")
    for unit, part in ((world.a, 96), (world.b, 60), (world.c, 70)):
        world.observe(world.rate, unit, "2025Q3", part, 100)
    for unit, number in ((world.a, 3), (world.b, 50), (world.c, 60)):
        world.observe(world.people, unit, "2025Q3", number)
    world.settle_all()
    return world


@pytest.fixture
def card_of(client, officer, mini):
    def open_as(unit, indicator, of, role=Role.OFFICIAL):
        client.force_login(officer(unit, role))
        row = mini.standing(indicator, of, "2025Q3")
        return client.get(reverse("dashboard:standing-card", args=[row.pk]))

    return open_as


def test_the_formula_holds_the_numbers(mini, card_of):
    page = card_of(mini.a, mini.rate, mini.a).content.decode()
    assert "96 ÷ 100 × 100% = 96.00%" in page
    assert "填报人" in page and "审核人" in page


def test_the_leagues_number_leads_to_its_parts(mini, card_of):
    answer = card_of(mini.league, mini.rate, mini.league, Role.SUPERVISOR)
    page = answer.content.decode()
    assert "226 ÷ 300 × 100% = 75.33%" in page
    for unit in mini.banners:
        part = mini.standing(mini.rate, unit, "2025Q3")
        assert f'href="{reverse("dashboard:standing-card", args=[part.pk])}"' in page


def test_people_and_sources_are_for_the_scope(mini, card_of):
    page = card_of(mini.b, mini.rate, mini.a).content.decode()
    assert "96.00%" in page
    assert "填报人</dt>" not in page and "只给管到这个单位的人看" in page


def test_few_people_are_told_to_no_stranger(mini, card_of):
    page = card_of(mini.b, mini.people, mini.a).content.decode()
    assert "&lt;5" in page and "3 人" not in page
    assert "3 人" in card_of(mini.a, mini.people, mini.a).content.decode()
    whole = card_of(mini.c, mini.people, mini.league)
    shown = {part.unit.key: part.text for part in whole.context["card"].parts}
    assert shown == {"banner-a": "<5", "banner-b": "＊", "banner-c": "60"}
    assert " 3 " not in whole.content.decode().split("怎么算出来的")[1].split("</p>")[0]


def test_a_correction_leaves_the_old_number_to_see(mini, card_of, client):
    old = mini.standing(mini.rate, mini.a, "2025Q3")
    mini.observe(mini.rate, mini.a, "2025Q3", 50, 100)
    mini.settle()
    page = card_of(mini.a, mini.rate, mini.a).content.decode()
    assert "更正过" in page and "96.00%" in page and "50.00%" in page
    past = client.get(reverse("dashboard:standing-card", args=[old.pk]))
    assert "以前所知的数" in past.content.decode() and not past.context["card"].past


def test_what_nobody_had_approved_once_stays_with_the_scope(mini, card_of):
    old = mini.standing(mini.rate, mini.a, "2025Q3")
    Standing.objects.filter(pk=old.pk).update(is_live=True)
    mini.observe(mini.rate, mini.a, "2025Q3", 50, 100)
    mini.settle()
    assert [one.pk for one in card_of(mini.a, mini.rate, mini.a).context["card"].past] == [old.pk]
    assert not card_of(mini.b, mini.rate, mini.a).context["card"].past


def test_a_years_few_people_are_not_told_by_how_far_they_have_come(world, card_of, clock_at):
    clock_at(TODAY)
    flow = world.indicator("F1", frequency="QUARTER", over_time="FLOW", counts_people=True)
    world.aim(flow, 2025, "80")
    for unit, number in ((world.a, 4), (world.b, 50), (world.c, 60)):
        world.observe(flow, unit, "2025Q3", number)
    world.settle_all(at=NOW)
    page = card_of(world.b, flow, world.league).content.decode()
    assert "完成程度" in page
    assert "完成程度" not in card_of(world.b, flow, world.a).content.decode()


def test_what_nobody_has_approved_is_for_who_works_on_it(mini, card_of):
    Standing.objects.filter(indicator=mini.rate, unit=mini.a).update(is_live=True)
    assert card_of(mini.b, mini.rate, mini.a).status_code == 404
    assert card_of(mini.a, mini.rate, mini.a).status_code == 200


def test_a_fault_names_itself(mini, card_of):
    Standing.objects.filter(indicator=mini.rate, unit=mini.a).update(fault="registry.broken")
    assert "registry.broken" in card_of(mini.a, mini.rate, mini.a).content.decode()


def test_a_frozen_number_says_by_how_much_todays_rows_differ(mini, card_of):
    figure = figures.get("registry.villages")
    Indicator.objects.filter(pk=mini.rate.pk).update(figure=figure.code)
    rows = card_of(mini.a, mini.rate, mini.a).context["card"].rows
    assert rows.is_frozen and rows.differ == -96  # the unit has no villages
    assert rows.address == figure.rows(
        period=mini.standing(mini.rate, mini.a, "2025Q3").span, unit=mini.a
    )
    assert card_of(mini.b, mini.rate, mini.a).context["card"].rows is None


def test_a_flow_tells_what_the_year_has_come_to(world, card_of, client, officer, clock_at):
    clock_at(TODAY)
    flow = world.indicator("F1", frequency="QUARTER", over_time="FLOW")
    for period, number in (("2025Q1", 5), ("2025Q2", 6), ("2025Q3", 7)):
        world.observe(flow, world.a, period, number)
    world.settle_all(at=NOW)
    card = card_of(world.a, flow, world.a).context["card"]
    assert (card.number.value, card.so_far.value) == (7, 18)


def test_there_is_no_card_of_nothing(mini, client, officer):
    client.force_login(officer(mini.a))
    assert client.get(reverse("dashboard:standing-card", args=[10**9])).status_code == 404
