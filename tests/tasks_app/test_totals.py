"""League totals: sums, ratios of sums, and how many units they rest on."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from common.figures import State
from registry.models import Unit
from tasks_app.models import Indicator
from tasks_app.services.totals import league_total, year_to_date

UNITS = [Unit(pk=n, kind=Unit.Kind.BANNER) for n in (1, 2, 3)]
LEAGUE = Unit(pk=8, kind=Unit.Kind.LEAGUE)
OFFICE = Unit(pk=9, kind=Unit.Kind.OFFICE)
COUNT = Indicator(aggregation="SUM", over_time="FLOW")
STOCK = Indicator(aggregation="SUM", over_time="STOCK")
RATE = Indicator(aggregation="RATIO", denominator="应到", over_time="FLOW")
OF_LEAGUE = Indicator(aggregation="LEAGUE_ONLY", denominator="应到")


def seen(unit, numerator=None, denominator=None, state=State.REPORTED):
    def number(n):
        return None if n is None else Decimal(n)

    return SimpleNamespace(
        unit=unit,
        unit_id=unit.pk,
        state=state,
        numerator=number(numerator),
        denominator=number(denominator),
    )


def test_a_count_is_the_sum_of_the_units():
    total = league_total(COUNT, [seen(u, n) for u, n in zip(UNITS, (3, 0, 4), strict=True)], UNITS)
    assert (total.value, total.reported, total.due) == (7, 3, 3)
    assert total.is_complete and not total.is_provisional


def test_a_rate_is_the_ratio_of_sums_and_never_the_mean_of_rates():
    total = league_total(RATE, [seen(UNITS[0], 1, 1), seen(UNITS[1], 50, 99)], UNITS[:2])
    assert (total.numerator, total.denominator, total.value) == (51, 100, 51)


def test_a_total_without_all_units_says_two_of_three_and_is_provisional():
    total = league_total(COUNT, [seen(UNITS[0], 3), seen(UNITS[1], 4)], UNITS)
    assert (total.value, total.reported, total.due) == (7, 2, 3)
    assert total.is_provisional


def test_a_unit_that_said_not_reported_is_missing_and_not_zero():
    rows = [seen(UNITS[0], 3), seen(UNITS[1], state=State.NOT_REPORTED)]
    assert league_total(COUNT, rows, UNITS[:2]).is_provisional


def test_nothing_reported_is_no_zero():
    total = league_total(COUNT, [], UNITS)
    assert (total.value, total.state, total.due) == (None, State.NOT_REPORTED, 3)


def test_a_unit_for_which_it_does_not_apply_owes_nothing():
    rows = [seen(UNITS[0], 3), seen(UNITS[1], state=State.NOT_APPLICABLE)]
    total = league_total(COUNT, rows, UNITS[:2])
    assert (total.reported, total.due, total.is_complete) == (1, 1, True)


def test_not_applicable_to_all_is_not_applicable():
    rows = [seen(u, state=State.NOT_APPLICABLE) for u in UNITS]
    assert league_total(COUNT, rows, UNITS).state == State.NOT_APPLICABLE


def test_no_case_counts_as_reported_and_adds_nothing():
    rows = [seen(UNITS[0], 8, 10), seen(UNITS[1], 0, 0, State.NO_CASE)]
    total = league_total(RATE, rows, UNITS[:2])
    assert (total.value, total.reported) == (80, 2)


def test_no_case_anywhere_is_no_rate():
    total = league_total(RATE, [seen(UNITS[0], 0, 0, State.NO_CASE)], UNITS[:1])
    assert (total.state, total.value) == (State.NO_CASE, None)


def test_league_only_is_the_value_of_the_office():
    total = league_total(OF_LEAGUE, [seen(OFFICE, 9, 10)], UNITS)
    assert (total.value, total.reported, total.due) == (90, 1, 1)
    assert league_total(OF_LEAGUE, [], UNITS).due == 1


def test_a_value_loaded_for_the_league_counts_where_no_unit_has_one():
    assert league_total(COUNT, [seen(LEAGUE, 12)], UNITS).value == 12
    assert league_total(COUNT, [seen(LEAGUE, 12), seen(UNITS[0], 5)], UNITS).value == 5


def test_a_unit_that_does_not_owe_it_is_not_counted():
    stranger = Unit(pk=77, kind=Unit.Kind.ZONE)
    assert league_total(COUNT, [seen(UNITS[0], 3), seen(stranger, 100)], UNITS).value == 3


@pytest.mark.parametrize("indicator, value", [(COUNT, 7), (STOCK, 4)])
def test_a_year_adds_up_what_happens_and_takes_the_latest_of_what_stands(indicator, value):
    first = league_total(indicator, [seen(UNITS[0], 3)], UNITS[:1])
    second = league_total(indicator, [seen(UNITS[0], 4)], UNITS[:1])
    missing = league_total(indicator, [], UNITS[:1])
    total = year_to_date(indicator, [first, second, missing])
    assert total.value == value


def test_a_year_with_a_missing_period_is_provisional():
    first = league_total(COUNT, [seen(UNITS[0], 3)], UNITS[:1])
    missing = league_total(COUNT, [], UNITS[:1])
    assert year_to_date(COUNT, [first, missing]).is_provisional


def test_a_year_of_rates_is_again_the_ratio_of_sums():
    first = league_total(RATE, [seen(UNITS[0], 1, 1)], UNITS[:1])
    second = league_total(RATE, [seen(UNITS[0], 50, 99)], UNITS[:1])
    assert year_to_date(RATE, [first, second]).value == 51
