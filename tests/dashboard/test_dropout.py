"""Dropout control on the dashboard: every number opens to its cases, and few children are not told of."""

from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from common.models import User
from common.periods import Period
from dashboard.queries.dropout import DropoutBoard
from dashboard.queries.dropout_charts import CHARTS
from dropout.models import Step, Visit
from dropout.services import movement
from dropout.services.movement import Movement
from registry import identity
from registry.models import Membership, OutsideList, Unit
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import id_number, make_child, make_school
from tests.dropout.cases import returned as bring_back
from tests.dropout.rows import confirmed, make_case, make_episode

PAGE = "/overview/dropout/"
OCTOBER, SEPTEMBER = Period.parse("2025-10"), Period.parse("2025-09")
LONG_AGO = TODAY - timedelta(days=40)
CLOSED = {"ended_on": TODAY, "end": "CLOSED", "state": "CLOSED"}


@pytest.fixture
def township(units):
    return next(u for u in units.values() if u.kind == Unit.Kind.TOWNSHIP and "巴彦浩特" in u.name)


@pytest.fixture
def world(officer, east, west, township):
    """Of east 6 open (one more than told to strangers), of west 2; one closed, one ruled out there."""
    by = officer(east, Role.OFFICIAL, "keeper")
    for n in range(4):
        make_case(east, child=make_child(f"那仁{n}"), township=township, **confirmed())
    make_case(
        east, child=make_child("信徒"), **confirmed(cause="GUARDED", guarded_cause="RELIGION")
    )
    back = make_case(east, child=make_child("归来"), found_on=LONG_AGO, **confirmed(LONG_AGO))
    bring_back(
        back.episodes.get(), make_school("左旗一小", east), by, on=TODAY - timedelta(days=30)
    )
    for n in range(2):
        make_case(west, child=make_child(f"远{n}"), **confirmed())
    gone = make_case(east, child=make_child("离开"), **confirmed() | CLOSED)
    make_episode(gone, relapse_of=gone.episodes.get(), found_on=TODAY, **confirmed(TODAY))
    return back


@pytest.fixture
def sees(client, officer):
    """sees(unit, role) -> page(query): the dashboard as somebody posted there reads it."""

    def sign_in(unit, role=Role.OFFICIAL):
        client.force_login(officer(unit, role))
        return lambda **query: client.get(PAGE, query)

    return sign_in


def strip(answer) -> dict:
    return {str(one["label"]): one["value"] for one in answer.context["strip"]}


def opened(answer) -> list[tuple[str, str, str]]:
    """(picture or table, address, number) of everything that opens a list of cases."""
    found = [("strip", one["url"], one["value"]) for one in answer.context["strip"]]
    board = answer.context["board"]
    found += [("places", one.url, one.text) for place in board.places for one in place.counts]
    for code, chart in answer.context["charts"].items():
        found += [(code, one.url, one.text) for series in chart.series for one in series.points]
    return [one for one in found if one[1]]


def take_steps(case):
    """Taught and visited before the child came back."""
    by, day = User.objects.get(username="keeper"), LONG_AGO + timedelta(days=5)
    about = {"episode": case.episodes.get(), "recorded_by": by, "recorded_at": NOW}
    Step.objects.create(kind="TEACHING", taken_on=day, **about)
    Visit.objects.create(on=day, visitor="巴图", way="HOME", result="HESITATES", **about)


# Numbers and what is behind them -------------------------------------------------------------------
def test_every_number_opens_to_the_cases_behind_it(client, sees, world, east, league):
    take_steps(world)
    page = sees(league, Role.BUREAU)
    periods = ("2025-10", "2025-09", "2025/26-1")
    answers = [page(unit=unit.pk, period=code) for unit in (league, east) for code in periods]
    found = {one for answer in answers for one in opened(answer)}
    assert {code for code, *_rest in found} == {"strip", "places", *CHARTS} - {"groups"}
    assert {"township", "cause", "step"} <= {
        name for _code, address, _n in found for name in parse_qs(urlsplit(address).query)
    }
    for code, address, number in found:
        listed = client.get(address).context["table"].page.paginator.count
        assert listed if code in ("days", "visits") else str(listed) == number, address


def test_what_opens_is_a_link_on_the_page(sees, world, east):
    answer = sees(east)()
    page = unescape(answer.content.decode())
    assert all(
        f'<a href="{address}">{number}</a>' in page for _c, address, number in opened(answer)
    )


# Few children --------------------------------------------------------------------------------------
def test_a_stranger_is_told_of_no_few_children(sees, world, east, west, league):
    """Of the whole nine and east's seven, west's two could be worked out: so east's go, too."""
    page = sees(make_school("左旗三小", east), Role.SCHOOL)
    answer = page(unit=league.pk)
    assert strip(answer)["未销号"] == "9" and not opened(answer)
    told = {place.name: place.counts[0].text for place in answer.context["board"].places}
    assert (told[east.short], told[west.short]) == ("＊", "<5")
    assert strip(page(unit=west.pk))["未销号"] == "<5"


def test_who_covers_a_part_is_not_told_the_rest(officer, world, east, west, league):
    board = DropoutBoard(officer(west), unit=league.pk, period=OCTOBER, today=TODAY)
    assert board.count(movement.OPEN).text == "9", "the seven of east are no few"
    assert board.count(movement.OPEN, west).text == "2"
    assert board.count(movement.RELAPSED).text == "<5"
    mine = DropoutBoard(officer(east), unit=league.pk, period=OCTOBER, today=TODAY)
    assert mine.count(movement.OPEN).text == "＊" and mine.count(movement.OPEN, west).text == "<5"


def test_causes_are_hidden_where_the_rest_would_be_few(officer, world, east, league):
    board = DropoutBoard(officer(east), unit=league.pk, period=OCTOBER, today=TODAY)
    assert {count.text for count in board.causes.values()} <= {"＊", "<5"}


def test_of_a_unit_that_is_not_ones_own_nothing_is_broken_down(client, sees, world, east, west):
    answer = sees(west)(unit=east.pk)
    assert set(answer.context["charts"]) == {"trend", "days", "visits"}
    assert list(strip(answer)) == ["未销号", "新增", "复学或安置", "反弹"]
    for code in ("causes", "groups", "steps"):
        assert client.get(f"/charts/dropout/{code}/?unit={east.pk}").status_code == 404


# What never leaves ---------------------------------------------------------------------------------
def test_no_belief_no_health_and_no_child_stands_on_it(client, sees, world, east, league):
    listed = OutsideList.objects.create(
        department="DISABLED", title="残疾儿童", listed_on=date(2025, 1, 1), unit=east
    )
    for category in ("DISABLED_CHILD", "POVERTY_EXIT"):
        Membership.objects.create(
            list=listed, name="归来", id_number=id_number(1), category=category,
            id_number_index=identity.number_index(id_number(1)), student=world.student,
        )  # fmt: skip
    page = sees(league, Role.BUREAU)
    answers = [page(unit=east.pk), page(unit=east.pk, export="csv")]
    answers += [
        client.get(f"/charts/dropout/{code}/", {"unit": east.pk, **form})
        for code in CHARTS
        for form in ({}, {"export": "csv"})
    ]
    told = "".join(one.content.decode("utf-8-sig") for one in answers)
    assert "脱贫户" in told and "学习困难" in told
    for secret in ("信教", "身体原因", '另行记载"', "残疾", "信徒", "归来", "那仁", id_number(1)):
        assert secret not in told, secret


def test_a_guarded_cause_stands_among_the_others(officer, world, east):
    board = DropoutBoard(officer(east), unit=east.pk, period=OCTOBER, today=TODAY)
    assert {code: one.text for code, one in board.causes.items()} == {"LEARNING": "6", "OTHER": "1"}


# How it is counted ---------------------------------------------------------------------------------
def test_the_days_until_they_came_back_and_the_visits(officer, world, east):
    take_steps(world)
    board = DropoutBoard(officer(east), unit=east.pk, period=SEPTEMBER, today=TODAY)
    found_on = world.episodes.get().found_on
    back = (TODAY - timedelta(days=30) - found_on).days
    assert board.days_to_return(SEPTEMBER).number == back
    assert board.visits_a_case(SEPTEMBER).number == 1
    assert board.days_to_return(OCTOBER).text == "无个案"
    assert {k: (a.number, b.number) for k, (a, b) in board.steps.items()}["TEACHING"] == (1, 1)


def test_what_nobody_ever_told_of_is_blank_and_not_zero(sees, world, units, league):
    right = units["banner-youqi"]
    answer = sees(league, Role.BUREAU)(unit=right.pk)
    assert set(strip(answer).values()) == {"未报"}
    assert "还没有登记过个案" in answer.content.decode()


def test_a_child_counts_once_in_a_number(officer, east):
    case = make_case(
        east, **confirmed() | {"ended_on": TODAY, "end": "LEFT_AGAIN", "state": "LEFT_AGAIN"}
    )
    make_episode(case, relapse_of=case.episodes.get(), found_on=TODAY, **confirmed(TODAY))
    moved = Movement([east], TODAY)
    assert [spell.number for spell in moved.of(movement.OPEN, OCTOBER, east)] == [2]
    for move, n in ((movement.NEW, 1), (movement.RELAPSED, 1), (movement.CLOSED, 0)):
        assert len(moved.of(move, OCTOBER, east)) == n


def test_a_guardian_on_a_list_counts_for_the_child_and_a_named_child_for_itself(east):
    one, other = make_child("甲"), make_child("乙")
    for child in (one, other):
        guardian = child.guardians.create(name="父", id_number=id_number(9))
        guardian.id_number_index = identity.number_index(id_number(9))
        guardian.save()
        make_case(east, child=child, **confirmed())
    held = OutsideList.objects.create(
        department="RURAL", title="脱贫户", listed_on=date(2025, 1, 1), unit=east
    )
    facts = {"list": held, "name": "父", "id_number": id_number(9),
             "id_number_index": identity.number_index(id_number(9))}  # fmt: skip
    Membership.objects.create(category="POVERTY_EXIT", **facts)
    Membership.objects.create(
        category="LEFT_BEHIND",
        student=one,
        child_id_number_index=identity.number_index("1"),
        **facts,
    )
    groups = Movement([east], TODAY).by_group(OCTOBER, east)
    assert {code: len(rows) for code, rows in groups.items()} == {
        "POVERTY_EXIT": 2,
        "LEFT_BEHIND": 1,
    }


# The page ------------------------------------------------------------------------------------------
def test_the_page_asks_the_same_for_one_case_and_for_fifty(
    sees, east, league, django_assert_max_num_queries
):
    page = sees(league, Role.BUREAU)
    make_case(east, **confirmed())
    with django_assert_max_num_queries(22):
        page(unit=east.pk)
    for _n in range(50):
        make_case(east, child=make_child(), **confirmed())
    with django_assert_max_num_queries(22):
        page(unit=east.pk)


def test_an_odd_address_shows_the_usual_page(client, sees, world, league):
    sees(league, Role.BUREAU)
    for odd in ("unit=x", "unit=99999999", "period=2025Q3", "period=2031-01", "period=", "unit=-1"):
        board = client.get(f"{PAGE}?{odd}").context["board"]
        assert (board.unit, board.period) == (league, OCTOBER), odd


def test_a_picture_that_is_none_is_not_there(client, sees, league):
    sees(league, Role.BUREAU)
    assert client.get("/charts/dropout/nothing/").status_code == 404


def test_an_odd_address_opens_no_list(client, sees, league):
    sees(league, Role.BUREAU)
    whole = f"&period=2025-10&unit={league.pk}"
    for odd in (
        "",
        "move=no" + whole,
        "move=open&period=2025-10",
        f"move=open&period=x&unit={league.pk}",
        "move=open&cause=RELIGION" + whole,
        "move=open&cause=GUARDED" + whole,
        "move=open&group=DISABLED_CHILD" + whole,
        "move=open&step=COURT" + whole,
        "move=new&cause=WORK" + whole,
        "move=step_taken" + whole,
    ):
        assert client.get(f"/dropout/moved/?{odd}").status_code == 404, odd


def test_a_neighbours_list_does_not_exist(client, sees, world, east, west):
    sees(west)
    query = {"move": "open", "period": "2025-10", "unit": east.pk}
    assert client.get("/dropout/moved/", query).status_code == 404


def test_a_group_opens_only_to_who_reads_lists(client, sees, world, east):
    school = Unit.objects.get(name="左旗一小")
    sees(school, Role.SCHOOL)
    query = {"move": "open", "period": "2025-10", "unit": school.pk}
    assert client.get("/dropout/moved/", query).status_code == 200
    assert client.get("/dropout/moved/", query | {"group": "POVERTY_EXIT"}).status_code == 404
