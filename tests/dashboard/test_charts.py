"""Charts, comparison and final account: what is drawn is what is stored, and no more than may be seen."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from registry.roles import Role
from tasks_app.models import Indicator
from tests.cast import TODAY

YEARS = {"2021": 60, "2022": 65, "2023": None, "2024": 75, "2025": 80}


@pytest.fixture
def mini(world, clock_at):
    clock_at(TODAY.replace(year=2026))
    world.rate = world.indicator("R1", aggregation="RATIO", path="LINE")
    world.start(world.rate, "2020", 50, 100)
    world.start(world.rate, "2020", 50, 100, unit=world.a)
    world.aim(world.rate, 2025, "90")
    for year, part in YEARS.items():
        if part is not None:
            world.observe(world.rate, world.a, year, part, 100)
            world.observe(world.rate, world.b, year, part + 10, 100)
            world.observe(world.rate, world.c, year, part, 100)
    world.settle_all(on=TODAY.replace(year=2026))
    return world


@pytest.fixture
def path_of(client, mini):
    def ask(unit, indicator=mini.rate, **query):
        address = reverse("dashboard:chart-path", args=[indicator.pk])
        return client.get(address, {"unit": unit.pk} | query)

    return ask


def test_the_path_is_drawn_with_its_gap_and_its_target(mini, client, officer, path_of):
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    data = path_of(mini.a).json()
    actual, target = data["series"][:2]
    assert data["labels"][:5] == ["2021", "2022", "2023", "2024", "2025"]
    assert actual["values"][:5] == [60, 65, None, 75, 80]
    assert actual["texts"][2] == "未报"
    assert target["kind"] == "target" and target["values"][:5] == [58, 66, 74, 82, 90]
    assert data["title"] == "banner-a R1离到期目标还差 10.00 个百分点"


def test_four_points_are_too_few_for_a_forecast(mini, client, officer, path_of):
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    data = path_of(mini.a).json()
    assert "数据点不足 5 个" in data["measure"]
    assert [one["kind"] for one in data["series"]] == ["actual", "target"]


def test_no_target_draws_no_line(world, client, officer, clock_at):
    clock_at(TODAY.replace(year=2026))
    bare = world.indicator("N1")
    world.observe(bare, world.a, "2025", 5)
    world.settle_all(on=TODAY.replace(year=2026))
    client.force_login(officer(world.league, Role.SUPERVISOR))
    data = client.get(reverse("dashboard:chart-path", args=[bare.pk])).json()
    assert [one["kind"] for one in data["series"]] == ["actual"]
    assert "目标待定" in data["title"]


def test_few_people_are_a_gap_for_a_stranger(mini, client, officer, path_of):
    people = mini.indicator("P1", counts_people=True)
    for unit, number in ((mini.a, 3), (mini.b, 50), (mini.c, 60)):
        mini.observe(people, unit, "2025", number)
    mini.settle_all(on=TODAY.replace(year=2026))
    client.force_login(officer(mini.b))
    hidden = path_of(mini.a, people).json()["series"][0]
    assert hidden["values"][-1] is None and hidden["texts"][-1] == "<5"
    client.force_login(officer(mini.a))
    assert path_of(mini.a, people).json()["series"][0]["values"][-1] == 3


def test_the_table_and_the_file_say_what_is_drawn(mini, client, officer, path_of):
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    page = client.get(reverse("dashboard:indicator", args=[mini.rate.pk]))
    chart = page.context["whole"]
    data = client.get(chart.address).json()
    assert [[p.text for p in row["points"]] for row in chart.rows] == [
        list(texts) for texts in zip(*(one["texts"] for one in data["series"]), strict=True)
    ]
    book = load_workbook(BytesIO(client.get(chart.address + "&export=xlsx").content))
    rows = list(book.active.values)[2:]
    assert [row[0] for row in rows] == data["labels"]
    assert [row[1] for row in rows if isinstance(row[1], int | float)] == [
        pytest.approx(value, abs=0.01) for value in data["series"][0]["values"] if value is not None
    ]


def test_corrections_and_targets_are_marked_on_the_time_line(mini, client, officer, path_of):
    mini.observe(mini.rate, mini.a, "2024", 70, 100)
    mini.settle(on=TODAY.replace(year=2026))
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    data = path_of(mini.a).json()
    assert {"place": 3, "text": "更正：原为 75.00%"} in data["marks"]
    assert data["series"][0]["hollow"][3] is True
    whole = path_of(mini.league).json()
    assert any("定 2025 年目标 90.00%" in mark["text"] for mark in whole["marks"])


def test_units_and_years_stand_side_by_side(mini, client, officer):
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    query = {"indicator": mini.rate.pk, "unit": [mini.a.pk, mini.b.pk], "since": 2024}
    page = client.get(reverse("dashboard:comparison"), query)
    found = page.context["found"]
    assert [period.code for period, _places in found.rows] == ["2025", "2024"]
    assert [place.text for place in found.rows[0][1]] == ["80.00", "90.00"]
    data = client.get(found.chart.address).json()
    assert [one["name"] for one in data["series"]][:2] == ["banner-a", "banner-b"]
    table = client.get(reverse("dashboard:comparison"), query | {"export": "csv"})
    assert table["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2025", "until": "2021"},
        {"since": "1"},
        {"unit": "999999"},
        {"indicator": "x"},
        {"unit": "'"},
    ],
)
def test_an_odd_comparison_says_so_beside_the_field(mini, client, officer, query):
    client.force_login(officer(mini.a))
    page = client.get(reverse("dashboard:comparison"), {"indicator": mini.rate.pk} | query)
    assert page.status_code == 200 and page.context["form"].errors
    assert "found" not in page.context


@pytest.mark.parametrize("query", ["?unit=x", "?unit=99999999999999999999", "?asof=1", "?since=x"])
def test_an_odd_chart_is_the_usual_one_or_none(mini, client, officer, query):
    client.force_login(officer(mini.a))
    for name in ("chart-path", "chart-units"):
        address = reverse(f"dashboard:{name}", args=[mini.rate.pk]) + query
        assert client.get(address).status_code == 200


def test_the_final_account_tells_final_from_provisional_and_missing(mini, client, officer):
    bare = mini.indicator("N1")
    late = mini.indicator("N2")
    mini.observe(late, mini.a, "2025", 5)
    mini.owe("2025")
    mini.settle_all(on=TODAY.replace(year=2026))
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    page = client.get(reverse("dashboard:final"))
    lines = {line.indicator.code: line for line in page.context["account"].lines}
    assert (lines["R1"].how_sure, lines["R1"].total.text) == ("final", "83.33")
    assert lines["R1"].total.status == "behind"
    assert lines["R1"].baseline.value == 50
    assert lines[bare.code].how_sure == "missing"
    assert lines[late.code].how_sure == "provisional"
    file = client.get(reverse("dashboard:final"), {"export": "xlsx"})
    cells = [cell for row in load_workbook(BytesIO(file.content)).active.values for cell in row]
    assert "终值" in cells and "待定" in cells


def test_a_year_that_is_not_over_is_not_final(mini, client, officer, clock_at):
    clock_at(TODAY)
    client.force_login(officer(mini.league, Role.SUPERVISOR))
    page = client.get(reverse("dashboard:final"))
    assert {line.how_sure for line in page.context["account"].lines} == {"running"}


def test_the_indicators_page_asks_the_same_for_one_year_and_for_five(
    mini, client, officer, django_assert_max_num_queries
):
    client.force_login(officer(mini.a))
    address = reverse("dashboard:indicator", args=[mini.rate.pk])
    client.get(address)
    with django_assert_max_num_queries(25):
        client.get(address)
    assert Indicator.objects.count() == 1
