"""Numbers checked against each other and against a unit's own past."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from common.models import Event, Job
from common.periods import Period
from registry.models import Finding
from registry.services import findings
from tasks_app.models import Observation, ProgressReport, QualityRule
from tasks_app.services import paths, quality
from tasks_app.services.quality import BadRule, UnknownIndicator
from tasks_app.services.standings import upkeep
from tasks_app.services.standings.trend import Seen
from tests.cast import NOW, TODAY

Form = QualityRule.Form


@pytest.fixture
def numbers(world):
    """Four yearly counts and a rate."""
    found = [world.indicator(f"Q{n}") for n in (1, 2, 3, 4)]
    return [*found, world.indicator("R1", aggregation="RATIO")]


@pytest.fixture
def set_rule(world):
    def make(form, left, right=(), **more):
        rule = quality.set_rule(
            by=world.decider, at=NOW, form=form, left=left, right=right, note="年报说明", **more
        )
        quality.check_rule(rule, at=NOW, on=TODAY)
        return rule

    return make


def keep_up():
    return upkeep.keep_up(at=NOW, on=TODAY)


def open_findings():
    return {(row.unit.key, row.period) for row in Finding.objects.open().select_related("unit")}


# What is refused ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["X9:NUM", "Q1:DEN", "Q1:NOPE", "Q1", ""])
def test_a_rule_that_names_an_unknown_number_is_refused(numbers, set_rule, name):
    with pytest.raises(UnknownIndicator):
        set_rule(Form.AT_MOST, "Q2:NUM", [name])
    assert not QualityRule.objects.exists()


def test_rules_that_cannot_be_checked_are_refused(world, numbers, set_rule):
    world.indicator("M1", frequency="MONTH")
    world.indicator("L1", aggregation="LEAGUE_ONLY")
    for form, right, more in (
        (Form.AT_MOST, ["Q2:NUM", "Q3:NUM"], {}),
        (Form.AT_MOST, [], {}),
        (Form.AT_MOST, ["Q1:NUM"], {}),
        (Form.AT_MOST, ["M1:NUM"], {}),
        (Form.AT_MOST, ["L1:NUM"], {}),
        (Form.SUM_OF, ["Q2:NUM"], {"plus": ["Q3:NUM"]}),
        (Form.STOCK_FLOW, [], {}),
        (Form.STOCK_FLOW, ["Q2:NUM"], {"plus": ["Q3:NUM"]}),
    ):
        with pytest.raises(BadRule):
            set_rule(form, "Q1:NUM", right, **more)
    assert not QualityRule.objects.exists()


# The three forms ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "left, right, breaks", [(3, 4, False), (4, 4, False), (5, 4, True), (0, 0, False)]
)
def test_a_number_is_at_most_another(world, numbers, set_rule, left, right, breaks):
    set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    world.observe(numbers[0], world.a, "2024", left)
    world.observe(numbers[1], world.a, "2024", right)
    keep_up()
    assert open_findings() == ({("banner-a", "2024")} if breaks else set())


def test_a_denominator_can_be_compared(world, numbers, set_rule):
    set_rule(Form.AT_MOST, "R1:DEN", ["Q2:NUM"])
    world.observe(numbers[4], world.a, "2024", 3, 12)
    world.observe(numbers[1], world.a, "2024", 11)
    keep_up()
    finding = Finding.objects.get()
    assert "“R1”的分母是 12，不应大于“Q2” 11" in findings.said(finding)


@pytest.mark.parametrize("whole, breaks", [(9, False), (8, True), (10, True)])
def test_a_number_is_the_sum_of_others(world, numbers, set_rule, whole, breaks):
    set_rule(Form.SUM_OF, "Q1:NUM", ["Q2:NUM", "Q3:NUM", "Q4:NUM"])
    for indicator, value in zip(numbers, (whole, 2, 3, 4), strict=False):
        world.observe(indicator, world.a, "2024", value)
    keep_up()
    assert open_findings() == ({("banner-a", "2024")} if breaks else set())


@pytest.mark.parametrize("stock, breaks", [(11, False), (12, True)])
def test_a_stock_is_the_last_one_with_what_came_and_went(world, numbers, set_rule, stock, breaks):
    set_rule(Form.STOCK_FLOW, "Q1:NUM", plus=["Q2:NUM"], minus=["Q3:NUM"])
    world.observe(numbers[0], world.a, "2023", 10)
    for indicator, value in zip(numbers, (stock, 4, 3), strict=False):
        world.observe(indicator, world.a, "2024", value)
    keep_up()
    assert open_findings() == ({("banner-a", "2024")} if breaks else set())
    if breaks:
        said = findings.said(Finding.objects.get())
        assert "“Q1”是 12，应是 11（上期末 10，增减 “Q2” 4、“Q3” 3）" in said


def test_the_last_stock_moves_the_check_of_the_next(world, numbers, set_rule):
    set_rule(Form.STOCK_FLOW, "Q1:NUM", plus=["Q2:NUM"])
    for year, stock, came in (("2023", 10, 0), ("2024", 12, 2)):
        world.observe(numbers[0], world.a, year, stock)
        world.observe(numbers[1], world.a, year, came)
    keep_up()
    assert open_findings() == set()
    world.observe(numbers[0], world.a, "2023", 9)
    keep_up()
    assert open_findings() == {("banner-a", "2024")}


def test_a_missing_number_breaks_no_rule(world, numbers, set_rule):
    set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    world.observe(numbers[0], world.a, "2024", 5)
    world.observe(numbers[1], world.a, "2024", state="NOT_REPORTED")
    keep_up()
    assert open_findings() == set()


def test_a_correction_clears_what_was_found_there_and_only_there(world, numbers, set_rule):
    set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    for unit in (world.a, world.b):
        world.observe(numbers[0], unit, "2024", 5)
        world.observe(numbers[1], unit, "2024", 4)
    keep_up()
    world.observe(numbers[1], world.a, "2024", 6)
    keep_up()
    assert open_findings() == {("banner-b", "2024")}


def test_a_new_rule_looks_at_what_is_stored(world, numbers, set_rule):
    world.observe(numbers[0], world.a, "2022", 5)
    world.observe(numbers[1], world.a, "2022", 4)
    keep_up()
    rule = set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    assert open_findings() == {("banner-a", "2022")}
    assert Job.objects.get(kind=quality.JOB).arguments == {"rule_id": rule.pk}
    assert Event.objects.get(verb="tasks_app.quality_rule_set").after["numbers"] == [
        "LEFT Q1:NUM",
        "RIGHT Q2:NUM",
    ]


def test_a_rule_out_of_use_clears_what_it_found(world, numbers, set_rule):
    world.observe(numbers[0], world.a, "2022", 5)
    world.observe(numbers[1], world.a, "2022", 4)
    keep_up()
    rule = set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    quality.end_rule(rule, by=world.decider, at=NOW)
    assert open_findings() == set()
    assert quality.check_rule(rule, at=NOW, on=TODAY) == findings.Settled()
    world.observe(numbers[0], world.a, "2022", 7)
    keep_up()
    assert open_findings() == set()


def test_an_accepted_explanation_stays_until_the_numbers_change(world, numbers, set_rule):
    set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    world.observe(numbers[0], world.a, "2024", 5)
    world.observe(numbers[1], world.a, "2024", 4)
    keep_up()
    finding = findings.answer_finding(
        Finding.objects.get(), by=world.writer, at=NOW, answer="TRUE", text="口径不同"
    )
    findings.accept_answer(finding, by=world.decider, at=NOW)
    world.observe(numbers[1], world.a, "2024", 4)
    keep_up()
    assert open_findings() == set()
    world.observe(numbers[1], world.a, "2024", 3)
    keep_up()
    assert open_findings() == {("banner-a", "2024")}


# Outliers ----------------------------------------------------------------------------------------
def run_of(values):
    last = paths.ordinal(Period.parse("2025Q3"))
    return {
        last - back: Seen("REPORTED", Decimal(v), None, Decimal(v), 1, 1)
        for back, v in enumerate(reversed(values), start=1)
    }


def row_of(value, is_few=False):
    indicator = SimpleNamespace(code="T1", is_rate=is_few)
    return SimpleNamespace(
        span=Period.parse("2025Q3"), value=Decimal(value), indicator=indicator, is_few=is_few
    )


def test_a_rate_of_few_is_no_outlier():
    past = [50, 50, 50, 50, 50]
    assert quality.outlier(row_of(100), run_of(past), limit=Decimal(5), least=5)
    assert not quality.outlier(row_of(100, is_few=True), run_of(past), limit=Decimal(5), least=5)


@pytest.mark.parametrize(
    "past, value, found",
    [
        ([100, 102, 98, 101, 99], 104, False),
        ([100, 102, 98, 101, 99], 140, True),
        ([100, 102, 98, 101, 99], 60, True),
        ([100, 102, 98, 101], 140, False),  # too few points
        ([100, 100, 100, 100, 100], 109, False),  # five times 2 % of the middle
        ([100, 100, 100, 100, 100], 111, True),
        ([1, 1, 1, 1, 1], 5, False),  # fewer than 5 apart
        ([100, 5000, 98, 101, 99, 102], 104, False),  # one typo in the past moves nothing
        ([0, 0, 0, 0, 0], 6, True),
    ],
)
def test_an_outlier_is_far_from_the_middle_of_the_units_own_past(past, value, found):
    row = row_of(value)
    facts = quality.outlier(row, run_of(past), limit=Decimal(5), least=5)
    assert bool(facts) is found


def test_an_outlier_in_a_report_is_a_finding_and_one_in_past_years_is_not(world):
    indicator = world.indicator(frequency="QUARTER")
    for period, value in zip(
        ("2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1"), (10, 11, 10, 12, 11), strict=True
    ):
        world.observe(indicator, world.a, period, value)
    world.observe(indicator, world.a, "2025Q2", 90)
    keep_up()
    assert open_findings() == set()
    duty = world.owe("2025Q3", units=[world.a])[0]
    report = ProgressReport.objects.create(duty=duty, work_item=world.item)
    row = world.observe(indicator, world.a, "2025Q3", 95)
    Observation.objects.filter(pk=row.pk).update(batch=None, report=report)
    keep_up()
    finding = Finding.objects.get()
    assert (finding.unit, finding.period) == (world.a, "2025Q3")
    assert "“T1”是 95，该单位以前 6 期的中间值是 11，差得远" in findings.said(finding)


def test_rules_cost_the_same_few_questions_however_many_numbers(
    world, numbers, set_rule, django_assert_max_num_queries
):
    set_rule(Form.AT_MOST, "Q1:NUM", ["Q2:NUM"])
    for unit in world.banners:
        for year in range(2015, 2025):
            world.observe(numbers[0], unit, str(year), 5)
            world.observe(numbers[1], unit, str(year), 4)
    with django_assert_max_num_queries(30):
        keep_up()
    assert Finding.objects.open().count() == 30
    assert all(row.due_on > date(2025, 10, 13) for row in Finding.objects.all())
