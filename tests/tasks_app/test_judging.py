"""From a value and a target to a status."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from common import options
from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import Indicator, Target
from tasks_app.services.judging import (
    Aim,
    Judgement,
    Rule,
    is_closed,
    judge,
    judgement,
    target_for,
    worst,
)

UP, DOWN, KEEP = (Indicator(direction=d, over_time="STOCK") for d in ("UP", "DOWN", "KEEP"))
FIVE = Decimal("0.05")
LEAGUE = Unit(pk=1, kind=Unit.Kind.LEAGUE)
OFFICE = Unit(pk=2, kind=Unit.Kind.OFFICE)
BANNER = Unit(pk=3, kind=Unit.Kind.BANNER)


def verdict(indicator, value, target, **kwargs):
    kwargs = {"closed": True, "allowed": FIVE} | kwargs
    return judge(indicator, value and Decimal(value), Decimal(target), **kwargs)


@pytest.mark.parametrize(
    "indicator, value, target, status",
    [
        (UP, "95", "95", "ok"),
        (UP, "94.99999", "95", "risk"),
        (UP, "90.25", "95", "risk"),
        (UP, "90.2499", "95", "behind"),
        (DOWN, "5", "5", "ok"),
        (DOWN, "5.25", "5", "risk"),
        (DOWN, "5.26", "5", "behind"),
        (DOWN, "1", "0", "behind"),
        (KEEP, "100", "95", "ok"),
        (KEEP, "94", "95", "risk"),
        (KEEP, "80", "95", "behind"),
    ],
)
def test_verdict_by_direction_and_margin_on_unrounded_values(indicator, value, target, status):
    assert verdict(indicator, value, target) == status


def test_zero_against_zero_is_on_track():
    assert judge(DOWN, Decimal(0), Decimal(0), closed=True, allowed=FIVE) == "ok"


def test_no_target_is_no_verdict():
    assert judge(UP, Decimal(50), None, closed=True) == "unset"


def test_an_open_year_is_in_progress_and_no_verdict():
    assert verdict(UP, "10", "95", closed=False) == "prog"


@pytest.mark.parametrize(
    "state, status",
    [
        (State.NOT_REPORTED, "none"),
        (State.NOT_APPLICABLE, "na"),
        (State.NO_CASE, "nocase"),
    ],
)
def test_what_has_no_number_says_why(state, status):
    assert judge(UP, None, Decimal(5), closed=True, state=state) == status
    assert judge(UP, None, None, closed=False, state=state) == status


@pytest.mark.django_db
def test_the_margin_is_a_setting(league, officer):
    assert judge(UP, Decimal(91), Decimal(100), closed=True) == "behind"
    options.change("tasks_app.risk_margin", "10", by=officer(league))
    assert judge(UP, Decimal(91), Decimal(100), closed=True) == "risk"


# Targets -----------------------------------------------------------------------------------------
class Rated(SimpleNamespace):
    """An indicator with its targets in memory."""


def indicator_with(*rows, is_rate=True):
    targets = [
        Target(unit=unit, year=year, value=Decimal(value), superseded_at=gone)
        for unit, year, value, gone in rows
    ]
    return Rated(
        targets=SimpleNamespace(all=lambda: targets),
        is_rate=is_rate,
        direction="UP",
        over_time="STOCK",
        path="LINE",
        margin=None,
        grace=None,
        adds_up_over_time=False,
    )


def judge_at(indicator, period, value, *, on, start=None):
    measured = SimpleNamespace(value=Decimal(value), state=State.REPORTED)
    return judgement(
        indicator, LEAGUE, Period.parse(period), measured, on=on, start=start, rule=Rule(FIVE, 0)
    )


def test_target_of_the_periods_own_year():
    indicator = indicator_with((LEAGUE, 2024, 90, None), (LEAGUE, 2025, 95, None))
    aim = target_for(indicator, LEAGUE, Period.parse("2025Q3"))
    assert (aim.value, aim.carried, aim.ahead) == (95, False, False)


def test_a_school_year_is_held_against_the_year_it_ends_in():
    indicator = indicator_with((LEAGUE, 2024, 90, None), (LEAGUE, 2025, 95, None))
    assert target_for(indicator, LEAGUE, Period.parse("2024/25")).value == 95


def test_without_a_row_for_the_year_the_next_later_counts_and_is_not_yet_due():
    indicator = indicator_with((LEAGUE, 2025, 95, None), (LEAGUE, 2030, 99, None))
    aim = target_for(indicator, LEAGUE, Period.parse("2023"))
    assert (aim.value, aim.ahead) == (95, True)
    held = judge_at(indicator, "2023", 10, on=date(2026, 1, 1))
    assert (held.status, held.to_date) == ("prog", None)


def test_after_the_last_target_it_goes_on_and_says_so():
    indicator = indicator_with((LEAGUE, 2025, 95, None))
    aim = target_for(indicator, LEAGUE, Period.parse("2026"))
    assert (aim.value, aim.carried) == (95, True)


def test_a_superseded_target_is_not_one():
    indicator = indicator_with((LEAGUE, 2025, 95, date(2025, 1, 1)))
    assert target_for(indicator, LEAGUE, Period.parse("2025")) is None


def test_a_units_own_target_goes_before_the_leagues():
    indicator = indicator_with((LEAGUE, 2025, 95, None), (BANNER, 2025, 80, None))
    assert target_for(indicator, BANNER, Period.parse("2025")).value == 80


def test_a_rate_and_a_zero_hold_for_each_unit_a_sum_for_the_league_only():
    rate = indicator_with((LEAGUE, 2025, 95, None))
    zero = indicator_with((LEAGUE, 2025, 0, None), is_rate=False)
    whole = indicator_with((LEAGUE, 2025, 80, None), is_rate=False)
    year = Period.parse("2025")
    assert target_for(rate, BANNER, year).value == 95
    assert target_for(zero, BANNER, year).value == 0
    assert target_for(whole, BANNER, year) is None
    assert target_for(whole, OFFICE, year).value == 80


@pytest.mark.django_db
def test_the_plans_80_students_a_year_are_judged_at_the_league_only(plan, league, east):
    indicator = Indicator.objects.get(code="T13-01")
    year = Period.parse("2024")
    assert target_for(indicator, league, year).value == 80
    assert target_for(indicator, east, year) is None
    measured = SimpleNamespace(value=Decimal(79), state=State.REPORTED)
    found = judgement(indicator, league, year, measured, on=date(2025, 10, 13))
    assert found.status == "risk"
    assert judgement(indicator, east, year, measured, on=date(2025, 10, 13)).status == "unset"


@pytest.mark.django_db
def test_the_plans_zero_holds_in_every_month(plan, east):
    indicator = Indicator.objects.get(code="T01-01")
    month = Period.parse("2025-09")
    one = SimpleNamespace(value=Decimal(1), state=State.REPORTED)
    none = SimpleNamespace(value=Decimal(0), state=State.REPORTED)
    assert judgement(indicator, east, month, one, on=date(2025, 10, 13)).status == "behind"
    assert judgement(indicator, east, month, none, on=date(2025, 10, 13)).status == "ok"


@pytest.mark.parametrize(
    "code, over_on",
    [
        ("2025Q1", date(2026, 1, 1)),
        ("2025-03", date(2026, 1, 1)),
        ("2025", date(2026, 1, 1)),
        ("2024/25", date(2025, 9, 1)),
        ("2024/25-1", date(2025, 9, 1)),
    ],
)
def test_a_year_is_judged_when_the_last_of_its_periods_has_ended(code, over_on):
    aim, period = Aim(Target(year=2025, value=Decimal(9))), Period.parse(code)
    assert is_closed(UP, aim, period, on=over_on)
    assert not is_closed(UP, aim, period, on=date.fromordinal(over_on.toordinal() - 1))


@pytest.mark.parametrize(
    "statuses, light",
    [
        (["ok", "behind", "unset"], ("behind", 2, 3)),
        (["ok", "risk", "prog"], ("risk", 2, 3)),
        (["ok", "none"], ("ok", 1, 2)),
        (["prog", "unset"], ("prog", 0, 2)),
        (["unset", "none"], ("unset", 0, 2)),
        (["na"], ("na", 0, 1)),
        ([], ("unset", 0, 0)),
    ],
)
def test_a_tasks_light_is_the_worst_of_what_is_judged(statuses, light):
    assert worst(Judgement(status, None) for status in statuses) == light
