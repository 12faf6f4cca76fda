"""Figures by hand: what counts as open, as returned, as a lesson given; and what is blank."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from common import figures
from common.figures import State
from common.periods import Period
from dropout.models import AttendanceReturn, Cause, NotDropout, StepKind
from dropout.services import cases, movement, placements, steps, touched
from dropout.services.movement import Movement
from registry import identity
from registry.models import Membership, OutsideList, Unit
from registry.roles import Role
from tests.cast import TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import (
    after,
    at_home,
    closed,
    confirmed,
    delayed,
    moment,
    returned,
    suspected,
    visited,
)

MARCH, JUNE, YEAR = Period.parse("2025-03"), Period.parse("2025-06"), Period.parse("2025")


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def by(officer, east):
    return officer(east)


@pytest.fixture
def school(east):
    return make_school("测试小学", east)


def asked(code: str, period: Period, *units) -> dict:
    return figures.get(code).compute(period=period, units=list(units))


def numbers(code: str, period: Period, *units) -> list:
    found = asked(code, period, *units)
    return [found[unit.pk].numerator if unit.pk in found else None for unit in units]


def test_open_cases_by_unit_cause_and_household(by, officer, league, east, west):
    there = officer(west)
    poor = make_child("贫", residence=east)
    confirmed(poor, by, cause=Cause.POVERTY)
    confirmed(make_child(residence=east), by, cause=Cause.POVERTY)
    confirmed(make_child(residence=east), by, cause=Cause.LEARNING)
    confirmed(make_child(residence=west), there, cause=Cause.HEALTH)
    suspected(make_child(residence=east), by)
    out = confirmed(make_child(residence=east), by)
    cases.rule_out(out, reason=NotDropout.DIED, proof="证明", by=by, at=moment(after(3)))
    held = OutsideList.objects.create(
        department="RURAL", title="脱贫户", listed_on=date(2025, 1, 1), unit=east
    )
    Membership.objects.create(
        list=held,
        name="贫",
        id_number="1",
        id_number_index=identity.number_index("1"),
        category="POVERTY_EXIT",
        student=poor,
        valid_from=date(2025, 1, 1),
        valid_to=date(2025, 5, 31),
    )
    assert numbers(touched.OPEN, MARCH, east, west, league) == [3, 1, 4]
    assert numbers(touched.OPEN_POVERTY, MARCH, east, league) == [1, 1]
    assert numbers(touched.OPEN_POVERTY, JUNE, east) == [0], "the household's time was over"
    assert numbers(touched.OPEN_LEARNING, MARCH, east, league) == [1, 1]
    february = Period.parse("2025-02")
    assert numbers(touched.OPEN, february, east) == [0]
    moved = Movement([league, east], TODAY)
    causes = moved.by_cause(MARCH, league)
    assert {cause: len(rows) for cause, rows in causes.items()} == {
        Cause.POVERTY: 2, Cause.OTHER: 1, Cause.LEARNING: 1
    }  # fmt: skip
    assert [len(rows) for rows in moved.by_group(MARCH, east).values()] == [1]


def test_where_the_portal_holds_no_case_the_number_is_blank(by, east, west, league):
    suspected(make_child(residence=east), by)
    for code in (*touched.OF_CASES, touched.LESSONS):
        found = asked(code, MARCH, east, west, league)
        assert west.pk not in found
        assert found[east.pk].numerator == 0


def test_a_unit_whose_schools_return_their_month_has_nobody_and_not_nothing(
    by, east, league, school
):
    AttendanceReturn.objects.create(
        school=school, month=MARCH.code, handed_in_at=moment(after(30)), handed_in_by=by
    )
    assert numbers(touched.OPEN, MARCH, east, league) == [0, 0]
    assert asked(touched.RETURNED, MARCH, east)[east.pk].state == State.NO_CASE
    assert numbers(touched.OPEN, JUNE, east) == [None]


def test_a_case_is_open_until_two_people_close_it(by, officer, east, school):
    second = officer(east)
    episode = confirmed(make_child(school=school, since=after(-400)), by)
    closed(returned(episode, school, by, on=after(2)), by, second)
    ends = after(2) + timedelta(days=95)
    before, since = (Period.of(MARCH.kind, day) for day in (ends - timedelta(days=31), ends))
    assert numbers(touched.OPEN, before, east) == [1]
    assert numbers(touched.OPEN, since, east) == [0]


def test_the_rate_of_those_who_came_back(by, east, league, school):
    returned(confirmed(make_child(school=school, since=after(-400)), by), school, by, on=after(5))
    again = confirmed(make_child(school=school, since=after(-400)), by)
    returned(again, school, by, on=after(5))
    cases.left_again(again, on=after(20), by=by, at=moment(after(20)))
    delayed(confirmed(make_child(residence=east), by), by, on=after(5), until=after(60))
    confirmed(make_child(residence=east), by)
    found = asked(touched.RETURNED, MARCH, east, league)
    assert {(v.numerator, v.denominator) for v in found.values()} == {(Decimal(2), Decimal(4))}
    assert numbers(touched.RETURNED, YEAR, east) == [1], "the delay is over by then"
    later = asked(touched.RETURNED, JUNE, east)[east.pk]
    assert (later.state, later.denominator) == (State.NO_CASE, 0)


def test_lessons_given_of_those_planned(by, east, league):
    placement = at_home(
        confirmed(make_child(residence=east), by), by, on=after(1), lessons_a_month=4
    )
    for day in (3, 10, 20):
        placements.record_lesson(
            placement, on=after(day), teacher="其其格", minutes=80, by=by, at=moment(after(day))
        )
    found = asked(touched.LESSONS, MARCH, east, league)
    assert {(v.numerator, v.denominator) for v in found.values()} == {(3, 4)}
    quarter = Period.parse("2025Q2")
    assert asked(touched.LESSONS, quarter, east)[east.pk].denominator == 12


def test_what_dashboards_ask(by, officer, east, school):
    second = officer(east)
    one = confirmed(make_child(school=school, since=after(-400)), by)
    visited(one, by, on=after(1)), visited(one, by, on=after(2))
    day = moment(after(3))
    steps.take_step(one, kind=StepKind.TEACHING, taken_on=after(2), by=by, at=day)
    placement = returned(one, school, by, on=after(4))
    closed(placement, by, second)
    again = cases.left_again(one, on=after(120), by=by, at=moment(after(120)))
    cases.confirm(
        again,
        kind="DROPPED_OUT",
        left_on=after(120),
        cause=Cause.WORK,
        on=after(151),
        by=by,
        at=moment(after(151)),
    )
    moved, before = Movement([east], TODAY), Period.parse("2024")
    assert {move: len(moved.of(move, YEAR, east)) for move in movement.MOVES} == {
        "open": 1, "new": 1, "relapsed": 1, "returned": 1, "closed": 1, "ruled_out": 0
    }  # fmt: skip
    assert moved.days_to_return(YEAR, east) == 4
    visits, children = moved.visited(YEAR, east)
    assert (visits, len(children)) == (2, 1)
    for what in movement.STEPS:
        assert len(moved.by_step(what, YEAR, east)[StepKind.TEACHING]) == 1
    assert moved.days_to_return(before, east) is None
    assert moved.visited(before, east) == (0, [])


def test_a_zones_township_counts_in_the_zone(officer, units, east):
    zone = units["zone-gaoxin"]
    township = zone.runs.first().township
    confirmed(make_child(residence=township), officer(zone))
    assert numbers(touched.OPEN, MARCH, zone, units["league"]) == [1, 1]
    assert asked(touched.OPEN, MARCH, east) == {}


def test_a_deed_touches_what_its_figures_count(by, east, league, monkeypatch):
    told = []
    monkeypatch.setattr(figures, "_listeners", [lambda *one: told.append(one)])
    episode = suspected(make_child(residence=east), by)
    told.clear()
    visited(episode, by, on=after(1))
    assert told == [], "a visit counts nowhere"
    cases.confirm(
        episode, kind="NEVER_ENROLLED", cause=Cause.DISTANCE, on=after(2), by=by,
        at=moment(after(40)),
    )  # fmt: skip
    assert {code for code, _units, _periods in told} == set(touched.OF_CASES)
    _code, units, periods = told[0]
    assert {east.pk, league.pk} <= set(units)
    assert {"2025-03", "2025-04", "2025Q1", "2025"} <= {period.code for period in periods}


# The list behind a number --------------------------------------------------------------------------
def test_the_list_behind_a_number_shows_what_one_may_see(client, by, officer, east, west):
    confirmed(make_child("测试甲", residence=east), by)
    address = figures.get(touched.OPEN).rows(period=MARCH, unit=east)
    client.force_login(by)
    answer = client.get(address)
    assert answer.context["table"].page.paginator.count == 1
    client.force_login(officer(west, Role.OFFICIAL))
    other = client.get(address)
    assert other.status_code == 404 or other.context["table"].page.paginator.count == 0


@pytest.mark.parametrize(
    "query",
    ["", "figure=dropout.open", "figure=no&period=2025&unit=1", "figure=dropout.open&period=x",
     "figure=dropout.open&period=2025&unit=99999999999999999999"],
)  # fmt: skip
def test_an_address_of_no_number_is_not_there(client, by, query):
    client.force_login(by)
    assert client.get(f"/dropout/numbers/?{query}").status_code == 404


def test_a_number_is_computed_with_few_questions(by, league, east, django_assert_max_num_queries):
    confirmed(make_child(residence=east), by)
    units = list(Unit.objects.filter(kind__in=("LEAGUE", "BANNER", "ZONE")))
    for code in (*touched.OF_CASES, touched.LESSONS):
        with django_assert_max_num_queries(6):
            asked(code, YEAR, *units)
