"""The overview and the pages of one task and one unit: stored standings, as each viewer may see them."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.models import Event
from common.periods import Period
from dashboard.queries import attention, board, movement
from dashboard.templatetags import boards
from registry.models import Finding
from registry.roles import Role
from tasks_app.models import Indicator, Standing
from tests.cast import NOW, TODAY
from tests.mini import World

Q3 = Period.parse("2025Q3")


@pytest.fixture
def mini(world: World, clock_at):
    """A rate with a target that b misses and c has not reported; a count of people without one."""
    clock_at(TODAY)
    rate = world.indicator(
        "R1", aggregation="RATIO", frequency="QUARTER", path="CONSTANT", is_representative=True
    )
    people = world.indicator("P1", frequency="QUARTER", counts_people=True)
    world.aim(rate, 2025, "90")
    for period, parts in {"2025Q2": (95, 90), "2025Q3": (96, 60)}.items():
        world.owe(period)
        for unit, part in zip((world.a, world.b), parts, strict=True):
            world.observe(rate, unit, period, part, 100)
    for unit, number in ((world.a, 3), (world.b, 50), (world.c, 60)):
        world.observe(people, unit, "2025Q3", number)
    world.settle_all()
    world.rate, world.people = rate, people
    return world


@pytest.fixture
def as_role(client, officer):
    def sign_in(unit, role=Role.SUPERVISOR):
        user = officer(unit, role)
        client.force_login(user)
        return user

    return sign_in


def built(user, **over):
    return board.build(user, Q3, board.viewer_of(user, today=TODAY, day=over.get("day")))


def places(found, code):
    row = next(row for row in found.rows if row.indicator.code == code)
    return {place.unit.key: place for place in row.everywhere}


# The board ---------------------------------------------------------------------------------------
def test_each_cell_has_its_value_and_its_light(mini, as_role):
    found = places(built(as_role(mini.league)), "R1")
    assert [(found[k].text, found[k].status) for k in ("league", "banner-a", "banner-b")] == [
        ("78.00", "behind"),  # 156 of 200: the ratio of the sums, c is missing
        ("96.00", "ok"),
        ("60.00", "behind"),
    ]
    assert (found["banner-c"].text, found["banner-c"].status) == ("", "none")
    assert found["league"].is_provisional and not found["banner-a"].is_provisional


def test_without_a_target_there_is_no_light(mini, as_role, client):
    found = places(built(as_role(mini.league)), "P1")
    assert found["league"].status == "unset" and found["league"].text == "113"
    page = client.get(reverse("dashboard:task", args=[mini.item.pk])).content.decode()
    assert "目标待定" in page


def test_a_denominator_of_zero_is_no_case(mini, as_role):
    mini.observe(mini.rate, mini.c, "2025Q3", 0, 0, state="NO_CASE")
    mini.settle()
    found = places(built(as_role(mini.league)), "R1")
    assert (found["banner-c"].status, found["banner-c"].text) == ("nocase", "")
    assert not found["league"].is_provisional


def test_few_people_are_hidden_from_a_neighbour_and_not_from_who_covers_them(mini, as_role):
    mine = places(built(as_role(mini.a, Role.OFFICIAL)), "P1")
    assert mine["banner-a"].text == "3"
    theirs = places(built(as_role(mini.b, Role.OFFICIAL)), "P1")
    assert theirs["banner-a"].text == "<5"
    assert theirs["banner-c"].text == "＊"  # else the league's total would tell the first
    assert theirs["banner-b"].text == "50"


def test_a_past_day_shows_what_was_known_then(mini, as_role):
    user = as_role(mini.league)
    row = Standing.objects.current().get(indicator=mini.rate, unit=mini.a, period="2025Q3")
    before = NOW.replace(day=1)
    Standing.objects.update(computed_at=before.replace(hour=1))
    mini.observe(mini.rate, mini.a, "2025Q3", 50, 100)
    mini.settle()
    now, then = (places(built(user, day=d), "R1") for d in (None, before.date()))
    assert (now["banner-a"].text, then["banner-a"].text) == ("50.00", "96.00")
    assert Standing.objects.get(pk=row.pk).superseded_at


# In words ----------------------------------------------------------------------------------------
def test_what_needs_attention_says_why(mini, as_role):
    task = built(as_role(mini.league)).tasks[0]
    things = attention.of_task(task)
    assert things[0].status == "behind" and "78.00%" in things[0].title
    assert things[0].reason == ("到期目标 90.00%，差 12.00 个百分点；只报了 2 / 3，结果暂定")
    of_b = attention.at_unit(built(as_role(mini.league)), mini.b)
    assert of_b[0].reason == "到期目标 90.00%，差 30.00 个百分点；比上期降 30.00 个百分点"


def test_missing_units_are_named(mini, as_role):
    Indicator.objects.filter(pk=mini.rate.pk).update(is_representative=True)
    mini.observe(mini.rate, mini.b, "2025Q3", 96, 100)
    mini.settle()
    things = attention.things(built(as_role(mini.league)))
    assert [thing.status for thing in things] == ["none"]
    assert "banner-c" in things[0].reason


def test_a_figure_that_failed_names_itself(mini, as_role):
    Standing.objects.filter(indicator=mini.rate, unit=mini.a).update(fault="registry.broken")
    things = attention.things(built(as_role(mini.league)))
    assert things[0].status == "err" and "registry.broken" in things[0].reason


def test_no_target_is_a_matter_too(world, as_role, clock_at):
    clock_at(TODAY)
    indicator = world.indicator("N1", frequency="QUARTER")
    for unit in world.banners:
        world.observe(indicator, unit, "2025Q3", 7)
    world.settle_all()
    things = attention.things(built(as_role(world.league)))
    assert [thing.status for thing in things] == ["unset"]


def test_what_moved_is_told_by_direction_and_never_of_few_people(mini, as_role):
    user = as_role(mini.b, Role.OFFICIAL)
    better, worse = movement.moves(built(user))
    # The league's is provisional and is compared with nothing.
    assert [(m.place.unit.key, m.before, m.now) for m in worse] == [("banner-b", 90, 60)]
    assert [m.place.unit.key for m in better] == ["banner-a"]
    Indicator.objects.update(direction="DOWN")
    better, worse = movement.moves(built(user))
    assert [m.place.unit.key for m in worse] == ["banner-a"]
    Indicator.objects.update(counts_people=True)
    better, worse = movement.moves(built(user))
    assert {m.place.unit.key for m in better + worse} == {"banner-b"}


def test_overdue_findings_lead_to_their_list(mini, as_role, client):
    as_role(mini.b, Role.OFFICIAL)
    Finding.objects.create(
        rule="nobody.knows",
        subject_code="x",
        subject_pk="1",
        unit=mini.b,
        facts_hash="x",
        found_at=NOW,
        due_on=TODAY - timedelta(days=1),
    )
    page = client.get(reverse("dashboard:overview")).content.decode()
    address = f"{reverse('registry:finding-list')}?state=LATE"
    assert address in page
    assert len(client.get(address).context["table"].rows) == 1


# The pages ---------------------------------------------------------------------------------------
def test_from_a_cell_to_its_card(mini, as_role, client):
    as_role(mini.a, Role.OFFICIAL)
    page = client.get(reverse("dashboard:overview")).content.decode()
    card = Standing.objects.current().get(indicator=mini.rate, unit=mini.a, period="2025Q3")
    assert reverse("dashboard:standing-card", args=[card.pk]) in page


def test_the_page_of_a_unit_says_what_is_red_and_what_is_owed(mini, as_role, client):
    as_role(mini.b, Role.OFFICIAL)
    Finding.objects.create(
        rule="nobody.knows",
        subject_code="x",
        subject_pk="1",
        unit=mini.b,
        facts_hash="x",
        found_at=NOW,
        due_on=TODAY,
    )
    page = client.get(reverse("dashboard:unit", args=[mini.b.pk]))
    assert [thing.status for thing in page.context["things"]] == ["behind"]
    assert page.context["owed"].duties and page.context["owed"].findings
    stranger = client.get(reverse("dashboard:unit", args=[mini.a.pk]))
    assert stranger.status_code == 200 and stranger.context["owed"] is None


@pytest.mark.parametrize("name", ["dashboard:overview", "dashboard:task", "dashboard:unit"])
def test_each_page_is_exported_as_it_stands(mini, as_role, client, name):
    as_role(mini.a, Role.OFFICIAL)
    pk = {"dashboard:task": [mini.item.pk], "dashboard:unit": [mini.a.pk]}.get(name, [])
    answer = client.get(reverse(name, args=pk), {"export": "xlsx"})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    cells = [str(cell) for row in rows[2:] for cell in row]
    assert any(cell.startswith("96") for cell in cells) and "待定" in cells
    assert Event.objects.filter(verb="common.list_exported").count() == 1


def asked_by(client):
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("dashboard:overview"))
    return len(asked)


def test_the_overview_asks_few_questions(mini, as_role, client):
    as_role(mini.a, Role.OFFICIAL)
    overview_of(client, period="2025Q2")  # settings are asked for once a process
    first, again = asked_by(client), asked_by(client)
    for number in range(12):
        extra = world_indicator(mini, number)
        for unit in mini.banners:
            for period in ("2025Q1", "2025Q2", "2025Q3"):
                mini.observe(extra, unit, period, 5)
    mini.settle_all()
    assert (asked_by(client), asked_by(client)) == (first, again)
    assert first <= MOST and again < first


MOST = 12


def world_indicator(world, number):
    return world.indicator(f"X{number}", frequency="QUARTER")


@pytest.mark.parametrize(
    "query", ["?period=x&asof=x", "?asof=9999-01-01", "?period=2025", "?asof="]
)
def test_odd_questions_get_the_usual_answer(mini, as_role, client, query):
    as_role(mini.a, Role.OFFICIAL)
    assert client.get(reverse("dashboard:overview") + query).status_code == 200


def test_a_past_day_and_its_quarter_are_kept_on_the_way(mini, as_role, client):
    as_role(mini.league)
    query = {"period": "2025Q2", "asof": "2025-09-01"}
    page = client.get(reverse("dashboard:overview"), query).content.decode()
    for name, pk in (("task", mini.item.pk), ("unit", mini.a.pk)):
        address = reverse(f"dashboard:{name}", args=[pk])
        assert f'href="{address}?period=2025Q2&amp;asof=2025-09-01"' in page


def test_the_boards_are_reached_from_the_task_and_from_the_unit(mini, as_role, client):
    as_role(mini.league)
    task = client.get(mini.item.get_absolute_url()).content.decode()
    assert f'href="{reverse("dashboard:task", args=[mini.item.pk])}"' in task
    unit = client.get(mini.a.get_absolute_url()).content.decode()
    assert f'href="{reverse("dashboard:unit", args=[mini.a.pk])}"' in unit


# The small line of the latest periods ------------------------------------------------------------
def test_the_small_line_breaks_where_a_period_is_missing(mini, as_role):
    row = next(row for row in built(as_role(mini.league)).rows if row.indicator.code == "R1")
    assert row.trend == [None] * board.TREND  # c is missing in both: sums of fewer are no trend
    for period in ("2025Q2", "2025Q3"):
        mini.observe(mini.rate, mini.c, period, 80, 100)
    mini.settle()
    row = next(row for row in built(as_role(mini.league)).rows if row.indicator.code == "R1")
    assert [round(value, 2) for value in row.trend[-2:]] == [Decimal("88.33"), Decimal("78.67")]
    assert len(row.trend) == board.TREND and not any(row.trend[:-2])
    drawn = boards.spark([Decimal(1), None, Decimal(3), Decimal(2)])
    assert drawn["parts"] == ["2.0,22.0", "47.3,2.0 70.0,12.0"]
    assert drawn["last"] == ("70.0", "12.0")
    assert boards.spark([None, Decimal(1)])["parts"] == []  # one value is no line


def test_the_small_line_of_a_count_of_people_is_for_who_covers_the_league(mini, as_role):
    Indicator.objects.filter(pk=mini.rate.pk).update(is_representative=False)
    Indicator.objects.filter(pk=mini.people.pk).update(is_representative=True)

    def trend(user):
        return next(r for r in built(user).rows if r.indicator.code == "P1").trend

    assert trend(as_role(mini.league))[-1] == 113
    assert trend(as_role(mini.a, Role.OFFICIAL)) == []


# Parts that are taken as they were drawn ---------------------------------------------------------
def overview_of(client, **query):
    """What stands in the page; its head has another token each time."""
    page = client.get(reverse("dashboard:overview"), query).content.decode()
    return page.partition("<main")[2]


def no_drawing(monkeypatch):
    def drawn(*_args):
        raise AssertionError("drawn again")

    monkeypatch.setattr(board, "build_from", drawn)


def test_what_has_not_changed_is_not_drawn_again(mini, as_role, client, monkeypatch):
    as_role(mini.a, Role.OFFICIAL)
    page = overview_of(client)
    no_drawing(monkeypatch)
    assert overview_of(client) == page
    with pytest.raises(AssertionError, match="drawn again"):
        overview_of(client, period="2025Q2")


def test_the_page_does_not_want_for_redis(mini, as_role, client, monkeypatch):
    def away(*_args, **_options):
        raise ConnectionError

    for name in ("get", "set", "add"):
        monkeypatch.setattr(caches["default"], name, away)
    as_role(mini.a, Role.OFFICIAL)
    assert overview_of(client) == overview_of(client) != ""


def test_an_approval_is_seen_at_once(mini, as_role, client):
    as_role(mini.a, Role.OFFICIAL)
    assert "96.00" in overview_of(client)
    mini.observe(mini.rate, mini.a, "2025Q3", 41, 100)
    mini.settle()
    page = overview_of(client)
    assert "41.00" in page and "96.00" not in page


def test_a_new_name_is_seen_at_once(mini, as_role, client):
    as_role(mini.a, Role.OFFICIAL)
    overview_of(client)
    Indicator.objects.filter(pk=mini.rate.pk).update(name_zh="改了名的率")
    type(mini.item).objects.filter(pk=mini.item.pk).update(title_zh="改了名的任务")
    type(mini.b).objects.filter(pk=mini.b.pk).update(short_name="改名旗")
    page = overview_of(client)
    assert all(name in page for name in ("改了名的率", "改了名的任务", "改名旗"))


def test_nobody_is_shown_what_was_drawn_for_another(mini, as_role, client):
    """The neighbours' few people are theirs; what was drawn for who may see them is not handed on."""
    Indicator.objects.filter(pk=mini.rate.pk).update(is_representative=False)
    Indicator.objects.filter(pk=mini.people.pk).update(is_representative=True)
    as_role(mini.a, Role.OFFICIAL)
    assert "&lt;5" not in overview_of(client)
    as_role(mini.b, Role.OFFICIAL)
    assert "&lt;5" in overview_of(client)
    as_role(mini.league)
    assert "&lt;5" not in overview_of(client)


def test_another_language_is_drawn_anew(mini, as_role, client):
    user = as_role(mini.a, Role.OFFICIAL)
    assert "任务 × 单位" in overview_of(client)
    type(user).objects.filter(pk=user.pk).update(language="en")
    client.force_login(type(user).objects.get(pk=user.pk))
    assert "变好了" not in overview_of(client)
