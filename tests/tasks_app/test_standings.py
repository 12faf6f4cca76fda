"""Standings worked out by hand, in tables: how units add up, how time does, what is to be reached."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from common import options
from common.periods import Period
from tasks_app.models import Standing
from tasks_app.services.standings import recompute
from tests.cast import NOW, TODAY

D = Decimal
NA, NOT, NO_CASE = "NOT_APPLICABLE", "NOT_REPORTED", "NO_CASE"


def table(text: str) -> list[list[str]]:
    """Lines of words; what stands before `|` is given, what stands behind is worked out by hand."""
    return [line.replace("|", " ").split() for line in text.strip().splitlines()[1:]]


def enter(world, indicator, unit, period, said):
    """3, 18/20, 不适用, 未报, 无个案 as a cell says it; — leaves the cell empty."""
    words = {"不适用": NA, "未报": NOT, "无个案": NO_CASE}
    if said == "—":
        return
    if said in words:
        zero = 0 if words[said] == NO_CASE else None
        world.observe(indicator, unit, period, zero, zero, state=words[said])
        return
    top, _slash, bottom = said.partition("/")
    world.observe(indicator, unit, period, D(top), D(bottom) if bottom else None)


def same(found: Decimal | None, said: str) -> bool:
    if said == "—":
        return found is None
    return found is not None and abs(found - D(said)) <= D("0.000001")


# How units add up --------------------------------------------------------------------------------
UNITS = """
kind         a      b      c      | numerator denominator value      state           n  m
SUM          3      0      4      | 7         —           7          REPORTED        3  3
SUM          3      0      —      | 3         —           3          PROVISIONAL     2  3
SUM          3      未报   4      | 7         —           7          PROVISIONAL     2  3
SUM          3      不适用 4      | 7         —           7          REPORTED        2  2
SUM          0      0      0      | 0         —           0          REPORTED        3  3
SUM          —      —      —      | —         —           —          NOT_REPORTED    0  3
SUM          不适用 不适用 不适用 | —         —           —          NOT_APPLICABLE  0  0
RATIO        1/1    50/99  —      | 51        100         51         PROVISIONAL     2  3
RATIO        1/1    50/99  0/25   | 51        125         40.8       REPORTED        3  3
RATIO        8/10   无个案 1/2    | 9         12          75         REPORTED        3  3
RATIO        1/3    1/3    0/1    | 2         7           28.571429  REPORTED        3  3
RATIO        无个案 无个案 无个案 | 0         0           —          NO_CASE         3  3
RATIO        11/10  9/10   10/10  | 30        30          100        REPORTED        3  3
"""


@pytest.mark.parametrize("line", table(UNITS), ids=lambda line: " ".join(line[:4]))
def test_units_add_up_as_declared(world, line):
    kind, *cells = line[:4]
    numerator, denominator, value, state, reported, due = line[4:]
    indicator = world.indicator(aggregation=kind)
    for unit, cell in zip(world.banners, cells, strict=True):
        enter(world, indicator, unit, "2024", cell)
    world.settle_all()
    row = world.standing(indicator, world.league, "2024")
    assert same(row.numerator, numerator) and same(row.denominator, denominator)
    assert same(row.value, value)
    assert (row.state, row.reported, row.due) == (state, int(reported), int(due))


def test_a_league_rate_is_not_the_mean_of_rates(world):
    """100 % of 1 and 50 % of 99 is 50.5 %, and not 75 %."""
    indicator = world.indicator(aggregation="RATIO", unit_zh="%")
    world.observe(indicator, world.a, "2024", 1, 1)
    world.observe(indicator, world.b, "2024", D("49.5"), 99)
    world.settle()
    assert world.standing(indicator, world.league, "2024").value == D("50.5")


def test_what_is_counted_for_the_league_only_is_the_offices_number(world):
    indicator = world.indicator(aggregation="LEAGUE_ONLY", denominator="全部")
    world.observe(indicator, world.office, "2024", 9, 12)
    world.settle()
    rows = Standing.objects.current().filter(indicator=indicator, period="2024")
    assert [(row.unit, row.value, row.reported, row.due) for row in rows] == [
        (world.league, 75, 1, 1)
    ]


def test_a_number_loaded_for_the_league_counts_until_a_unit_has_one(world):
    indicator = world.indicator()
    world.observe(indicator, world.league, "2021", 12)
    world.settle()
    row = world.standing(indicator, world.league, "2021")
    assert (row.value, row.state, row.due) == (12, "REPORTED", 1)
    world.observe(indicator, world.a, "2021", 5)
    world.settle()
    row = world.standing(indicator, world.league, "2021")
    assert (row.value, row.state, row.reported, row.due) == (5, "PROVISIONAL", 1, 3)


def test_who_owes_counts_where_there_are_duties_and_a_waived_one_does_not(world):
    indicator = world.indicator()
    duties = world.owe("2024")
    for unit in world.banners:
        world.observe(indicator, unit, "2024", 2)
    duties[0].waived_at, duties[0].waived_reason = NOW, "无此项"
    duties[0].save()
    world.settle_all()
    row = world.standing(indicator, world.league, "2024")
    assert (row.value, row.reported, row.due) == (4, 2, 2)


def test_a_unit_that_was_merged_still_counts_in_the_years_before(world):
    indicator = world.indicator()
    for year in ("2022", "2024"):
        for unit in world.banners:
            world.observe(indicator, unit, year, 2)
    world.c.valid_to, world.c.successor = date(2023, 6, 30), world.a
    world.c.save()
    world.settle_all()
    before, after = (world.standing(indicator, world.league, y) for y in ("2022", "2024"))
    assert (before.value, before.due, after.value, after.due) == (6, 3, 4, 2)


# How time adds up --------------------------------------------------------------------------------
TIME = """
how         Q1    Q2    Q3   | own   to_date reports since
FLOW        2     3     4    | 4     9       3/3     2025Q1
FLOW        2     —     4    | 4     6       2/3     2025Q1
FLOW        2     3     —    | —     5       2/3     2025Q1
STOCK       2     3     4    | 4     4       1/1     —
STOCK       2     3     —    | —     —       0/1     —
CUMULATIVE  2     3     4    | 4     4       1/1     —
FLOW        1/1   50/99 0/25 | 0     40.8    3/3     2025Q1
FLOW        —     无个案 3/4 | 75    75      2/3     2025Q1
"""


@pytest.mark.parametrize("line", table(TIME), ids=lambda line: " ".join(line[:4]))
def test_periods_add_up_as_declared(world, line):
    how, *cells = line[:4]
    own, to_date, reports, since = line[4:]
    kind = "RATIO" if any("/" in cell for cell in cells) else "SUM"
    indicator = world.indicator(frequency="QUARTER", over_time=how, aggregation=kind)
    for period, cell in zip(("2025Q1", "2025Q2", "2025Q3"), cells, strict=True):
        enter(world, indicator, world.a, period, cell)
    world.settle_all()
    row = world.standing(indicator, world.a, "2025Q3")
    assert same(row.value, own) and same(row.year_value, to_date)
    assert f"{row.year_reported}/{row.year_due}" == reports
    assert row.since == since.replace("—", "")


def test_a_new_year_begins_anew(world):
    indicator = world.indicator(frequency="QUARTER", over_time="FLOW")
    world.observe(indicator, world.a, "2024Q4", 5)
    world.observe(indicator, world.a, "2025Q1", 2)
    world.settle_all()
    row = world.standing(indicator, world.a, "2025Q1")
    assert (row.year_value, row.since) == (2, "")


# What should be reached --------------------------------------------------------------------------
# Baseline 60 in 2020, targets 80 in 2023 and 100 in 2025; of a count 40 a year in 2020, 60 in 2025.
PATHS = """
path      over_time   frequency    period     | to_date
LINE      STOCK       YEAR         2021       | 66.666667
LINE      STOCK       YEAR         2022       | 73.333333
LINE      STOCK       YEAR         2023       | 80
LINE      STOCK       YEAR         2024       | 90
LINE      STOCK       YEAR         2025       | 100
LINE      STOCK       QUARTER      2024Q1     | 82.5
LINE      STOCK       QUARTER      2025Q2     | 95
LINE      STOCK       MONTH        2025-03    | 92.5
LINE      STOCK       SCHOOL_YEAR  2023/24    | 90
LINE      CUMULATIVE  TERM         2023/24-1  | 85
LINE      CUMULATIVE  TERM         2023/24-2  | 90
STEPS     STOCK       TERM         2022/23-1  | 60
STEPS     STOCK       TERM         2022/23-2  | 80
STEPS     STOCK       TERM         2023/24-1  | 80
STEPS     STOCK       TERM         2023/24-2  | 80
STEPS     STOCK       SCHOOL_YEAR  2024/25    | 100
STEPS     STOCK       MONTH        2025-07    | 80
STEPS     STOCK       MONTH        2025-08    | 100
CONSTANT  STOCK       MONTH        2022-05    | 80
CONSTANT  STOCK       MONTH        2024-05    | 100
"""


@pytest.mark.parametrize("line", table(PATHS), ids=lambda line: " ".join(line[:4]))
def test_the_target_to_date_follows_the_declared_path(world, line):
    path, over_time, frequency, period, to_date = line
    indicator = world.indicator(
        path=path,
        over_time=over_time,
        frequency=frequency,
        aggregation="RATIO",
    )
    kind = indicator.period_kind
    world.start(indicator, Period.of(kind, date(2020, 8, 31)).code, 60, 100)
    indicator.baselines.update(period="2020")
    world.aim(indicator, 2023, 80)
    world.aim(indicator, 2025, 100)
    world.settle_all()
    assert same(world.standing(indicator, world.league, period).target_to_date, to_date)


FLOWS = """
path      frequency  period   | to_date
LINE      YEAR       2023     | 52
LINE      YEAR       2025     | 60
LINE      QUARTER    2025Q1   | 15
LINE      QUARTER    2025Q3   | 45
LINE      QUARTER    2023Q2   | 26
LINE      MONTH      2025-09  | 45
CONSTANT  YEAR       2023     | 60
CONSTANT  QUARTER    2023Q1   | 15
"""


@pytest.mark.parametrize("line", table(FLOWS), ids=lambda line: " ".join(line[:3]))
def test_a_years_amount_is_due_in_equal_parts(world, line):
    """40 in 2020 and 60 in 2025: 52 in 2023, and a quarter of a year's amount each quarter."""
    path, frequency, period, to_date = line
    indicator = world.indicator(path=path, frequency=frequency, over_time="FLOW")
    world.start(indicator, "2020", 40)
    world.aim(indicator, 2025, 60)
    world.settle_all()
    assert same(world.standing(indicator, world.league, period).target_to_date, to_date)


def test_without_a_baseline_nothing_is_due_before_the_targets_year(world):
    indicator = world.indicator()
    world.aim(indicator, 2025, 100)
    world.observe(indicator, world.league, "2023", 10)
    world.settle_all()
    row = world.standing(indicator, world.league, "2023")
    assert (row.target_to_date, row.light) == (None, "prog")


def test_after_the_last_target_it_goes_on(world):
    indicator = world.indicator(frequency="QUARTER")
    world.aim(indicator, 2023, 80)
    world.observe(indicator, world.league, "2024Q4", 70)
    world.settle_all()
    row = world.standing(indicator, world.league, "2024Q4")
    assert (row.target.year, row.target_to_date, row.light) == (2023, 80, "behind")


# Lights ------------------------------------------------------------------------------------------
# The target is 80 in 2024, the margin 5 %, the grace 30 days after the year.
LIGHTS = """
direction value seen_on     | light
UP        80    2025-10-13  | ok
UP        79    2025-10-13  | risk
UP        76    2025-10-13  | risk
UP        75    2025-10-13  | behind
UP        10    2025-01-15  | risk
UP        10    2025-01-30  | risk
UP        10    2025-01-31  | behind
UP        10    2024-12-31  | prog
UP        80    2025-01-01  | ok
DOWN      80    2025-10-13  | ok
DOWN      84    2025-10-13  | risk
DOWN      85    2025-10-13  | behind
KEEP      81    2025-10-13  | ok
KEEP      77    2025-10-13  | risk
KEEP      70    2025-10-13  | behind
UP        —     2025-10-13  | none
UP        —     2024-11-01  | prog
UP        不适用 2025-10-13 | na
"""


@pytest.mark.parametrize("line", table(LIGHTS), ids=lambda line: " ".join(line[:3]))
def test_lights_follow_the_rule_with_margin_and_grace(world, line):
    direction, value, seen_on, light = line
    indicator = world.indicator(direction=direction)
    world.aim(indicator, 2024, 80)
    for unit in world.banners[1:]:
        enter(world, indicator, unit, "2024", "不适用" if value == "不适用" else "—")
    enter(world, indicator, world.a, "2024", value)
    world.settle_all(on=date.fromisoformat(seen_on))
    assert world.standing(indicator, world.league, "2024").light == light


def test_an_indicator_may_declare_a_rule_of_its_own(world):
    indicator = world.indicator(margin=D(20), grace=0)
    world.aim(indicator, 2024, 80)
    world.observe(indicator, world.a, "2024", 64)
    world.settle_all()
    assert world.standing(indicator, world.league, "2024").light == "risk"
    world.observe(indicator, world.a, "2024", 63)
    world.settle_all(on=date(2025, 1, 1))
    assert world.standing(indicator, world.league, "2024").light == "behind"


def test_another_margin_judges_everything_anew(world):
    indicator = world.indicator()
    world.aim(indicator, 2024, 80)
    world.observe(indicator, world.a, "2024", 70)
    world.settle_all()
    assert world.standing(indicator, world.league, "2024").light == "behind"
    options.change("tasks_app.risk_margin", "15", by=world.decider)
    world.settle()
    assert world.standing(indicator, world.league, "2024").light == "risk"


def test_a_year_that_runs_is_in_progress_and_never_behind(world):
    indicator = world.indicator(frequency="QUARTER", over_time="FLOW")
    world.aim(indicator, 2025, 400)
    for unit in world.banners:
        world.observe(indicator, unit, "2025Q3", 1)
    world.settle_all()
    row = world.standing(indicator, world.league, "2025Q3")
    assert (row.year_value, row.target_to_date, row.light) == (3, 300, "prog")
    running = world.standing(indicator, world.league, "2025Q4")
    assert (running.state, running.light, running.value) == ("IN_PROGRESS", "prog", None)


def test_what_must_hold_always_is_judged_as_each_period_ends(world):
    indicator = world.indicator(frequency="MONTH", path="CONSTANT", direction="DOWN")
    world.aim(indicator, 2025, 0)
    world.observe(indicator, world.a, "2025-09", 1)
    world.observe(indicator, world.b, "2025-09", 0)
    world.settle_all()
    assert world.standing(indicator, world.a, "2025-09").light == "behind"
    assert world.standing(indicator, world.b, "2025-09").light == "ok"
    assert world.standing(indicator, world.league, "2025-09").light == "behind"


def test_no_target_is_no_light(world):
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    world.settle()
    row = world.standing(indicator, world.league, "2024")
    assert (row.light, row.target, row.attainment) == ("unset", None, None)


def test_no_case_is_no_light_and_no_rate(world):
    indicator = world.indicator(aggregation="RATIO")
    world.aim(indicator, 2024, 90)
    for unit in world.banners:
        world.observe(indicator, unit, "2024", 0, 0, state=NO_CASE)
    world.settle_all()
    row = world.standing(indicator, world.league, "2024")
    assert (row.value, row.light, row.state) == (None, "nocase", "NO_CASE")


def test_a_rate_of_few_is_marked(world):
    indicator = world.indicator(aggregation="RATIO")
    world.observe(indicator, world.a, "2024", 3, 9)
    world.observe(indicator, world.b, "2024", 3, 10)
    world.settle()
    few = {u: world.standing(indicator, u, "2024").is_few for u in (world.a, world.b)}
    assert few == {world.a: True, world.b: False}


# Attainment, change, forecast --------------------------------------------------------------------
ATTAINED = """
direction value target | per_cent
UP        60    80     | 75
UP        88    80     | 110
UP        0     80     | 0
UP        5     0      | —
DOWN      8     4      | 50
DOWN      2     4      | 200
DOWN      0     0      | 100
DOWN      3     0      | 0
KEEP      60    80     | 75
"""


@pytest.mark.parametrize("line", table(ATTAINED), ids=lambda line: " ".join(line[:3]))
def test_attainment_is_the_share_of_the_target_to_date(world, line):
    direction, value, target, per_cent = line
    indicator = world.indicator(direction=direction)
    world.aim(indicator, 2024, target)
    world.observe(indicator, world.league, "2024", D(value))
    world.settle_all()
    assert same(world.standing(indicator, world.league, "2024").attainment, per_cent)


def test_change_is_against_the_last_period_and_the_same_a_year_ago(world):
    indicator = world.indicator(frequency="QUARTER", aggregation="RATIO")
    for period, top in (("2024Q2", 40), ("2025Q1", 47), ("2025Q2", 52)):
        world.observe(indicator, world.a, period, top, 100)
    world.settle()
    row = world.standing(indicator, world.a, "2025Q2")
    assert (row.change, row.year_change) == (5, 12)


def test_sums_of_more_and_of_fewer_units_are_not_compared(world):
    indicator = world.indicator()
    for unit in world.banners:
        world.observe(indicator, unit, "2023", 10)
    world.observe(indicator, world.a, "2024", 12)
    world.settle()
    assert world.standing(indicator, world.league, "2024").change is None
    assert world.standing(indicator, world.a, "2024").change == 2


FORECASTS = """
how    frequency values               | points forecast
STOCK  YEAR      10,20,30             | 3      —
STOCK  QUARTER   1,2,3,4              | 4      —
STOCK  QUARTER   1,2,3,4,5            | 5      8
STOCK  QUARTER   2,2,2,2,2,2          | 6      2
STOCK  QUARTER   1,3,2,4,3            | 5      5.1
STOCK  QUARTER   9,7,5,3,1            | 5      0
FLOW   QUARTER   1,2,3,4,5            | 5      26
"""


@pytest.mark.parametrize("line", table(FORECASTS), ids=lambda line: " ".join(line[:3]))
def test_a_forecast_needs_five_points(world, line):
    """Quarters run up to 2025Q1: of a stock the line goes on to 2025Q4; of a flow 5 is in, and 6, 7
    and 8 are to come. 1,3,2,4,3 rises by 0.5 a quarter from 2.6 in the middle: 3.6 + 3 × 0.5."""
    how, frequency, values, points, forecast = line
    indicator = world.indicator(frequency=frequency, over_time=how)
    period = Period.parse("2025Q1" if frequency == "QUARTER" else "2024")
    for value in reversed(values.split(",")):
        world.observe(indicator, world.a, period.code, D(value))
        period = period.previous()
    world.settle_all()
    last = "2025Q1" if frequency == "QUARTER" else "2024"
    row = world.standing(indicator, world.a, last)
    assert row.points == int(points) and same(row.forecast, forecast)


def test_a_forecast_of_a_rate_ends_at_100(world):
    indicator = world.indicator(frequency="QUARTER", aggregation="RATIO")
    gross = world.indicator("T2", frequency="QUARTER", aggregation="RATIO", may_exceed=True)
    for quarter, top in enumerate((80, 85, 90, 95, 100)):
        period = Period.parse("2024Q1")
        for _step in range(quarter):
            period = period.next()
        world.observe(indicator, world.a, period.code, top, 100)
        world.observe(gross, world.a, period.code, top, 100)
    world.settle()
    assert world.standing(indicator, world.a, "2025Q1").forecast == 100
    assert world.standing(gross, world.a, "2025Q1").forecast == 115


def test_after_the_target_year_there_is_nothing_to_forecast(world):
    indicator = world.indicator(frequency="QUARTER")
    period = Period.parse("2024Q4")
    for value in range(5):
        world.observe(indicator, world.a, period.code, value)
        period = period.next()
    world.settle(on=date(2026, 2, 1))
    assert world.standing(indicator, world.a, "2025Q4").forecast is None


# As known then, and again ------------------------------------------------------------------------
def test_a_past_day_is_shown_as_it_was_known_then(world):
    indicator = world.indicator()
    monday = NOW
    tuesday, wednesday = monday + timedelta(days=1), monday + timedelta(days=2)
    world.observe(indicator, world.a, "2024", 5)
    world.settle(at=monday)
    world.observe(indicator, world.a, "2024", 7)
    world.settle(at=wednesday)

    def value(moment):
        rows = Standing.objects.as_of(moment).filter(
            indicator=indicator, unit=world.a, period="2024"
        )
        return [row.value for row in rows]

    assert value(monday - timedelta(seconds=1)) == []
    assert value(monday) == value(tuesday) == [5]
    assert value(wednesday) == value(None) == [7]


def test_a_second_run_writes_nothing(world):
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    first = recompute.recompute_all(at=NOW, on=TODAY)
    again = recompute.recompute_all(at=NOW, on=TODAY)
    assert first.written and not again.written and not again.gone
    assert again.unchanged == len(first.written)


def test_only_what_was_touched_is_computed_anew(world):
    """An approval of the latest year moves the unit and the league in that year and the running one."""
    indicator, other = world.indicator(), world.indicator("T2")
    for unit in world.banners:
        world.observe(indicator, unit, "2023", 4)
        world.observe(other, unit, "2023", 4)
    world.settle_all()
    world.observe(indicator, world.a, "2024", 5)
    outcome = world.settle()
    moved = {(row.indicator_id, row.unit_id, row.period) for row in outcome.written}
    assert moved == {
        (indicator.pk, unit.pk, year)
        for unit in (world.a, world.league)
        for year in ("2024", "2025")
    }


def test_a_corrected_month_is_followed_for_a_year_whatever_else_was_touched(world):
    """Both January and May 2021 were corrected: the line of May 2022 goes through May 2021."""
    indicator = world.indicator(frequency="MONTH")
    for year in (2021, 2022):
        for month in range(1, 13):
            world.observe(indicator, world.a, f"{year}-{month:02}", 10)
    world.settle_all()
    for month in ("2021-01", "2021-05"):
        world.observe(indicator, world.a, month, 11)
    moved = {row.period for row in world.settle().written if row.unit_id == world.a.pk}
    assert min(moved) == "2021-01" and max(moved) == "2022-05" and len(moved) == 17


def test_what_is_no_longer_owed_is_no_longer_there(world):
    indicator = world.indicator()
    duties = world.owe("2024")
    world.settle_all()
    assert Standing.objects.current().filter(unit=world.a, period="2024").exists()
    duty = next(duty for duty in duties if duty.unit_id == world.a.pk)
    duty.waived_at, duty.waived_reason = NOW, "无此项"
    duty.save()
    world.settle_all()
    assert not Standing.objects.current().filter(unit=world.a, period="2024").exists()
    assert Standing.objects.filter(indicator=indicator, unit=world.a, period="2024").exists()


def test_a_day_that_passes_turns_what_depends_on_it(world):
    indicator = world.indicator()
    world.aim(indicator, 2024, 80)
    world.observe(indicator, world.league, "2024", 10)
    world.settle_all(on=date(2024, 12, 31))
    seen = []
    for day in (date(2025, 1, 1), date(2025, 1, 30), date(2025, 1, 31)):
        outcome = world.settle(on=day)
        seen.append(
            (world.standing(indicator, world.league, "2024").light, len(outcome.written) > 0)
        )
    assert seen == [("risk", True), ("risk", False), ("behind", True)]


def test_a_closed_plan_begins_no_further_period(world):
    indicator = world.indicator(frequency="MONTH")
    world.settle_all()
    assert Standing.objects.current().filter(period="2025-10").exists()
    world.plan.closed_on = date(2025, 8, 15)
    world.plan.save()
    world.settle_all()
    left = Standing.objects.current().filter(indicator=indicator)
    assert max(left.values_list("period", flat=True)) == "2025-08"


def test_standings_say_when_they_were_computed(world):
    indicator = world.indicator()
    world.observe(indicator, world.a, "2024", 5)
    at = timezone.make_aware(datetime(2025, 10, 13, 11, 30))
    world.settle(at=at)
    row = world.standing(indicator, world.a, "2024")
    assert row.computed_at == at and len(row.inputs_hash) == 32
