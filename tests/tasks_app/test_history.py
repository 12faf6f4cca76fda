"""Past years: what a paste says is read or told as a fault, and another person approves it whole."""

import time
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from common.figures import State
from common.models import Event, InboxLine
from common.period_words import read_period
from common.periods import Period
from registry.models import Posting, Unit
from registry.roles import Role
from tasks_app.models import HistoryBatch, HistoryValue, Indicator, Observation, WorkItem
from tasks_app.services import history, reports
from tasks_app.services.cells import cells_of
from tasks_app.services.grids import parse_grid
from tasks_app.services.names import Known, load_known
from tests.cast import NOW, TODAY

HEAD = "指标\t单位\t期别\t分子\t分母\n"
RATE, COUNT = "T01-04", "T07-04"  # by term; by quarter


@pytest.fixture(autouse=True)
def thirteenth_of_october(clock_at):
    clock_at(TODAY)


@pytest.fixture
def loader(plan, officer, league):
    return officer(league, Role.BUREAU, "loader", "录入人")


@pytest.fixture
def second(officer, league, loader):
    return officer(league, Role.BUREAU, "second", "审核人")


@pytest.fixture
def check(loader):
    def run(text, **more):
        return history.check(text, by=loader, on=TODAY, **more)

    return run


@pytest.fixture
def submit(check, loader):
    """submit("T07-04\\t左旗\\t2024Q3\\t8") -> a batch that waits."""

    def run(lines, by=None, **more):
        return history.submit_batch(
            check(HEAD + lines),
            by=by or loader,
            at=NOW,
            title="年度数据",
            source="统计年报",
            text=HEAD + lines,
            **more,
        )

    return run


def yearly(rate=False):
    """An indicator that units report each year."""
    found = Indicator.objects.filter(frequency="YEAR", unit_zh="%" if rate else "所")
    return found.exclude(aggregation="LEAGUE_ONLY").order_by("code").first()


def codes(checked):
    return [fault.code for fault in checked.faults]


# Cells and periods -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ('a\t"b\r\nc"\td', [["a", "b c", "d"]]),
        ('"说""好""\t"\tx', [['说"好"', "x"]]),
        ('"左旗\t5\n右旗\t6', [['"左旗', "5"], ["右旗", "6"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("\ufeffａ\u200b\t１２\n", [["a", "12"], [""]]),
    ],
)
def test_cells_are_those_of_the_sheet(text, rows):
    assert cells_of(text) == rows


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2021", "2021"),
        ("2021年", "2021"),
        ("２０２１年度", "2021"),
        ("2021Q3", "2021Q3"),
        ("2021年第三季度", "2021Q3"),
        ("2021年3季度", "2021Q3"),
        ("2021-09", "2021-09"),
        ("2021年9月", "2021-09"),
        ("2021/9/1", "2021-09"),
        ("Sep-21", "2021-09"),
        ("2021-2022学年", "2021/22"),
        ("2021—2022 学年", "2021/22"),
        ("2021/22", "2021/22"),
        ("2024/25-1", "2024/25-1"),
        ("2024-2025学年第二学期", "2024/25-2"),
        ("2024-2025学年上学期", "2024/25-1"),
        ("2025年春季学期", "2024/25-2"),
        ("2021-23", None),
        ("2021年第5季度", None),
        ("全年", None),
        ("", None),
    ],
)
def test_period_is_read_as_people_write_it(cell, code):
    found = read_period(cell)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("kind_code", ["2024", "2024Q1", "2024-03", "2023/24", "2023/24-2"])
def test_period_label_can_be_pasted_back(kind_code):
    period = Period.parse(kind_code)
    assert read_period(period.label) == period


# A catalogue in memory: most of what can be wrong with a paste needs no database.
OFFICE = Unit(pk=9, key="office", name="发展规划与财务科", short_name="规财科", kind="OFFICE")
UNITS = [
    (Unit(pk=1, key="league", name="阿拉善盟", short_name="全盟", kind="LEAGUE"), []),
    (
        Unit(pk=2, key="banner-zuoqi", name="阿拉善左旗", short_name="左旗", kind="BANNER"),
        ["阿左旗"],
    ),
    (Unit(pk=3, key="banner-youqi", name="阿拉善右旗", short_name="右旗", kind="BANNER"), []),
    (Unit(pk=4, key="banner-ejina", name="额济纳旗", short_name="额济纳", kind="BANNER"), ["额旗"]),
    (
        Unit(pk=5, key="zone", name="高新技术产业开发区", short_name="高新区", kind="ZONE"),
        ["示范区"],
    ),
    (
        Unit(pk=6, key="zone-2", name="乌兰布和示范区", short_name="乌兰布和", kind="ZONE"),
        ["示范区"],
    ),
    (OFFICE, []),
]


def indicator(pk, code, name, frequency, *, rate=False, league=False):
    return Indicator(
        pk=pk,
        code=code,
        name_zh=name,
        unit_zh="%" if rate else "场",
        frequency=frequency,
        denominator="总数" if rate else "",
        aggregation="LEAGUE_ONLY" if league else "SUM",
        work_item=WorkItem(pk=1, lead_office=OFFICE),
    )


YEAR_RATE = indicator(1, "Y-R", "年度比率", "YEAR", rate=True)
YEAR_COUNT = indicator(2, "Y-N", "年度个数", "YEAR")
INDICATORS = [
    YEAR_RATE,
    YEAR_COUNT,
    indicator(3, RATE, "残疾儿童入学率", "TERM", rate=True),
    indicator(4, COUNT, "专场招聘会场次", "QUARTER"),
    indicator(5, "L-1", "全盟一个数", "YEAR", league=True),
    indicator(6, "S-1", "同名指标", "YEAR"),
    indicator(7, "S-2", "同名指标", "YEAR"),
]


def _known():
    names, units = {}, {}
    for row in INDICATORS:
        for name in (row.code, row.name_zh):
            names.setdefault(name.casefold(), []).append(row)
    for unit, aliases in UNITS:
        unit.reports_education = unit.kind in ("BANNER", "ZONE")
        for name in (unit.key, unit.name, unit.short_name, *aliases):
            units.setdefault(name, []).append(unit)
    return Known(names, units, {unit.pk for unit, _aliases in UNITS})


KNOWN = _known()


def parse(text, indicator=None):
    return parse_grid(text, known=KNOWN, on=TODAY, indicator=indicator)


# The long sheet ----------------------------------------------------------------------------------
def test_long_sheet_reads_every_state():
    grid = parse(
        HEAD
        + f"{RATE}\t左旗\t2023/24-1\t118\t121\n"
        + f"{RATE}\t右旗\t2023/24-1\t未报\t\n"
        + f"{RATE}\t额旗\t2023/24-1\t不适用\t\n"
        + f"{RATE}\t高新区\t2023/24-1\t0\t0\n"
        + f"{COUNT}\tbanner-ejina\t2024年第三季度\t0\t\n"
        + f"{COUNT}\t阿拉善左旗\t2024Q3\t\t\n"
        + "专场招聘会场次\t阿左旗\t2024Q2\t1,286\t\n"
    )
    assert grid.faults == []
    read = [(r.unit.short, r.state, r.numerator, r.denominator) for r in grid.rows]
    assert read == [
        ("左旗", State.REPORTED, 118, 121),
        ("右旗", State.NOT_REPORTED, None, None),
        ("额济纳", State.NOT_APPLICABLE, None, None),
        ("高新区", State.NO_CASE, 0, 0),
        ("额济纳", State.REPORTED, 0, None),
        ("左旗", State.REPORTED, 1286, None),
    ]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("T99-99\t左旗\t2024Q3\t8\t", "unknown_indicator", 1),
        ("\t左旗\t2024Q3\t8\t", "no_indicator", 1),
        (f"{COUNT}\t中旗\t2024Q3\t8\t", "unknown_unit", 2),
        (f"{COUNT}\t\t2024Q3\t8\t", "no_unit", 2),
        (f"{COUNT}\t全盟\t2024Q3\t8\t", "total", 2),
        (f"{COUNT}\t规财科\t2024Q3\t8\t", "not_reporting", 2),
        (f"{COUNT}\t示范区\t2024Q3\t8\t", "ambiguous_unit", 2),
        ("同名指标\t左旗\t2024\t8\t", "ambiguous_indicator", 1),
        (f"{COUNT}\t左旗\t去年\t8\t", "not_a_period", 3),
        (f"{COUNT}\t左旗\t2024\t8\t", "wrong_kind", 3),
        (f"{COUNT}\t左旗\t2025Q4\t8\t", "not_ended", 3),
        (f"{COUNT}\t左旗\t2014Q4\t8\t", "too_old", 3),
        (f"{COUNT}\t左旗\t2024Q3\t八场\t", "not_a_number", 4),
        (f"{COUNT}\t左旗\t2024Q3\t-8\t", "not_a_number", 4),
        (f"{COUNT}\t左旗\t2024Q3\t8.5\t", "not_a_number", 4),
        (f"{COUNT}\t左旗\t2024Q3\t1.2E+05\t", "not_a_number", 4),
        (f"{COUNT}\t左旗\t2024Q3\t9999999999\t", "not_a_number", 4),
        (f"{COUNT}\t左旗\t2024Q3\t8\t9", "no_denominator", 5),
        (f"{COUNT}\t左旗\t2024Q3\t无个案\t", "no_case", 4),
        (f"{COUNT}\t左旗\t2024Q3\t—\t", "not_a_number", 4),
        (f"{RATE}\t左旗\t2023/24-1\t97.5%\t", "percent_only", 4),
        (f"{RATE}\t左旗\t2023/24-1\t97.5\t", "missing", 5),
        (f"{RATE}\t左旗\t2023/24-1\t\t121", "missing", 4),
        (f"{RATE}\t左旗\t2023/24-1\t5\t0", "over_nothing", 4),
        (f"{RATE}\t左旗\t2023/24-1\t未报\t121", "state_and_number", 4),
    ],
)
def test_long_sheet_names_the_cell_and_the_cure(line, code, column):
    grid = parse(HEAD + "\n" + line)
    assert [(f.line, f.column, f.code) for f in grid.faults] == [(3, column, code)]
    assert grid.faults[0].message.endswith(("。", "）"))
    assert grid.rows == []


def test_long_sheet_tells_all_faults_at_once():
    grid = parse(HEAD + f"{COUNT}\t左旗\t去年\t8\n{COUNT}\t中旗\t2024Q3\t八\nX\t左旗\t2024Q3\t八")
    assert [(f.line, f.code) for f in grid.faults] == [
        (2, "not_a_period"),
        (3, "unknown_unit"),
        (3, "not_a_number"),
        (4, "unknown_indicator"),
    ]


def test_long_sheet_takes_a_number_once():
    grid = parse(HEAD + f"{COUNT}\t左旗\t2024Q3\t8\n{COUNT}\t阿左旗\t2024年3季度\t8")
    assert codes(grid) == ["duplicate"]
    assert "第 2 行第 4 列" in grid.faults[0].message


def test_long_sheet_passes_over_a_title_and_known_extra_columns():
    text = (
        "阿拉善盟历年数据\n\n指标\t指标名称\t单位\t期别\t分子或数值\t分母\t计量单位\n"
        f"{COUNT}\t随便\t左旗\t2024Q3\t8\t\t场"
    )
    grid = parse(text)
    assert codes(grid) == [] and [row.line for row in grid.rows] == [4]


def test_long_sheet_refuses_a_column_that_it_would_lose():
    grid = parse(f"指标\t单位\t期别\t分子\t去年的\n{COUNT}\t左旗\t2024Q3\t8\t7")
    assert [(f.line, f.column, f.code) for f in grid.faults] == [(1, 5, "unknown_column")]


@pytest.mark.parametrize(
    "text", ["指标\t期别\t分子\nx\t2024\t5", "单位\t期别\t分子\n左旗\t2024\t5"]
)
def test_long_sheet_misses_a_column(text):
    assert "missing_column" in codes(parse(text))


def test_sheet_tells_what_stands_under_no_head():
    text = f"指标\t单位\t期别\t分子\n{COUNT}\t左旗\t2024Q3\t8\t7\n{COUNT}\t右旗\t2024Q3\t8\t6"
    assert [(f.line, f.column, f.code) for f in parse(text).faults] == [(2, 5, "unnamed_column")]


def test_league_only_number_belongs_to_the_leading_office():
    for unit in ("全盟", "阿拉善盟", "规财科", "office"):
        grid = parse(HEAD + f"L-1\t{unit}\t2023\t5")
        assert [row.unit for row in grid.rows] == [OFFICE], grid.faults
    assert codes(parse(HEAD + "L-1\t左旗\t2023\t5")) == ["league_only"]


# The wide sheet ----------------------------------------------------------------------------------
def test_wide_sheet_of_a_count():
    grid = parse("单位\t2021年\t2022\n左旗\t5\t6\n右旗\t\t未报", indicator=YEAR_COUNT)
    assert grid.faults == []
    read = [(r.unit.short, r.period.code, r.state, r.numerator, r.column) for r in grid.rows]
    assert read == [
        ("左旗", "2021", State.REPORTED, 5, 2),
        ("左旗", "2022", State.REPORTED, 6, 3),
        ("右旗", "2022", State.NOT_REPORTED, None, 3),
    ]


@pytest.mark.parametrize(
    "head",
    [
        "单位\t2021年 分子\t2021年 分母\t2022年(分子)\t2022年(分母)",
        "\t2021\t2021\t2022\t2022",
        "单位\t2021年\t\t2022年\t\n\t分子\t分母\t分子\t分母",
        '"旗\n区"\t"2021年\n分子"\t"2021年\n分母"\t2022年分子\t2022年分母',
        "单位\t2021\t\t2022",
        "单位\t2021\t\t2022\t\t\t\t",
    ],
)
def test_wide_sheet_of_a_rate_in_pairs(head):
    grid = parse(head + "\n左旗\t60\t64\t62\t65", indicator=YEAR_RATE)
    assert grid.faults == []
    assert [(r.period.code, r.numerator, r.denominator) for r in grid.rows] == [
        ("2021", 60, 64),
        ("2022", 62, 65),
    ]


def test_wide_sheet_may_have_its_own_indicator_column():
    grid = parse("指标\t单位\t2024年第二季度\t2024Q3\nT07-04\t左旗\t5\t6")
    assert [row.period.code for row in grid.rows] == ["2024Q2", "2024Q3"]


@pytest.mark.parametrize(
    ("text", "rate", "found"),
    [
        ("单位\t2021\n左旗\t97.5", True, [(1, 2, "percent_only")]),
        ("单位\t2021%\n左旗\t97.5", True, [(1, 2, "percent_only")]),
        ("单位\t2021Q3\t2022\n左旗\t5\t6", False, [(1, 2, "wrong_kind")]),
        ("单位\t2021\t2021年\t2021年\t2021\n左旗\t5", False, [(1, 5, "duplicate_column")]),
        ("单位\t2021\t随便\n左旗\t5", False, [(1, 3, "unknown_column")]),
        ("单位\t2021\n合计\t5", False, [(2, 1, "unknown_unit")]),
        ("单位\t2021\n全盟\t5", False, [(2, 1, "total")]),
        ("单位\t2021\n左旗\t\n注：口径见年报", False, [(2, 1, "nothing")]),
    ],
)
def test_wide_sheet_names_the_cell(text, rate, found):
    grid = parse(text, indicator=YEAR_RATE if rate else YEAR_COUNT)
    assert [(f.line, f.column, f.code) for f in grid.faults] == found


def test_wide_sheet_without_an_indicator_says_so():
    assert codes(parse("单位\t2021\n左旗\t5")) == ["missing_column"]


@pytest.mark.parametrize("text", ["", " \n\t\n", "随便\t写写\n1\t2", "一句话"])
def test_text_that_is_no_sheet_is_a_fault(text):
    assert codes(parse(text))[0] in ("empty", "header")


PIECES = st.sampled_from(
    [
        "指标",
        "单位",
        "期别",
        "分子",
        "分母",
        "2021",
        "2022年",
        "T1",
        "左旗",
        "未报",
        "5",
        "1,2",
        '"',
    ]
    + ["\t", "\t", "\n", ",", "%", "0", "不适用", "全盟", "2021年分母", "\r", "\0", "(分子)"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)), st.booleans())
def test_any_text_gives_rows_or_faults(text, chosen):
    grid = parse(text, indicator=YEAR_RATE if chosen else None)
    assert grid.rows or grid.faults
    assert all(fault.line >= 1 and fault.column >= 1 for fault in grid.faults)
    assert len({row.key for row in grid.rows}) == len(grid.rows)


@given(st.text(alphabet='"\t\n a,', max_size=80))
def test_any_cells_lose_no_letter(text):
    read = "".join("".join(row) for row in cells_of(text))
    assert read.count("a") == text.count("a")


def test_many_unclosed_quotes_are_quick():
    began = time.perf_counter()
    cells_of('"a\n""\n' * 60_000)
    assert time.perf_counter() - began < 3


# Against what is stored --------------------------------------------------------------------------
@pytest.fixture
def frozen(submitted, reviewer):
    """Task 07 of 2025Q3 of the left banner, approved in a report: 8 fairs."""
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    return Observation.objects.get(indicator__code=COUNT)


def test_same_as_stored_is_passed_over(check, frozen):
    checked = check(HEAD + f"{COUNT}\t左旗\t2025Q3\t{frozen.numerator.normalize():f}")
    assert (checked.rows, checked.faults, checked.unchanged) == ([], [], 1)
    assert not checked.is_ready


def test_reported_period_is_frozen(check, frozen):
    checked = check(HEAD + f"{COUNT}\t左旗\t2025Q3\t9999")
    assert codes(checked) == ["frozen"] and checked.rows == []
    assert "更正" in checked.faults[0].message


def test_value_of_an_earlier_batch_is_replaced_with_a_reason(submit, check, loader, second):
    history.approve_batch(submit(f"{COUNT}\t左旗\t2024Q3\t8"), by=second, at=NOW)
    text = f"{COUNT}\t左旗\t2024Q3\t9"
    assert [row.old.numerator for row in check(HEAD + text).replaced] == [8]
    with pytest.raises(history.ReasonMissing):
        submit(text)
    later = NOW + timedelta(days=1)
    batch = submit(text, reason="TYPING", reason_note="抄错一行")
    history.approve_batch(batch, by=second, at=later)
    old, new = Observation.objects.order_by("pk")
    assert (old.superseded_at, new.superseded_at) == (later, None)
    assert (old.numerator, new.numerator) == (8, 9)


def test_warnings_ask_across_pasted_and_stored_years(submit, check, second):
    indicator = yearly()
    history.approve_batch(submit(f"{indicator.code}\t左旗\t2021\t100"), by=second, at=NOW)
    lines = f"{indicator.code}\t左旗\t2022\t200\n{indicator.code}\t左旗\t2023\t0"
    checked = check(HEAD + lines)
    assert [[w["code"] for w in row.warnings] for row in checked.rows] == [["JUMP"], ["ZERO"]]
    assert checked.faults == []
    assert all(history.warning_text(w) for row in checked.rows for w in row.warnings)


def test_warning_about_the_year_after_stays_with_what_is_pasted(submit, check, second):
    indicator = yearly()
    history.approve_batch(submit(f"{indicator.code}\t左旗\t2023\t100"), by=second, at=NOW)
    checked = check(HEAD + f"{indicator.code}\t左旗\t2022\t10")
    assert [(w["from"], w["to"]) for w in checked.rows[0].warnings] == [("2022", "2023")]


def test_numerator_over_denominator_is_asked_about(check):
    checked = check(HEAD + f"{RATE}\t左旗\t2023/24-1\t125\t121\n{RATE}\t右旗\t2023/24-1\t未报\t")
    assert [w["code"] for row in checked.rows for w in row.warnings] == ["OVER"]


# Deeds -------------------------------------------------------------------------------------------
def test_submit_writes_no_observation_and_one_event(submit, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8\n{COUNT}\t右旗\t2024Q3\t5")
    assert batch.state == "SUBMITTED" and batch.values.count() == 2
    assert not Observation.objects.exists()
    event = Event.objects.get(verb="tasks_app.history_submitted")
    assert event.after == {"new": 2, "replaced": 0, "unchanged": 0, "warnings": 0}
    assert [line.user for line in InboxLine.objects.all()] == [second]


def test_submit_refuses_faults_and_nothing_new(check, loader):
    for text in ("乱写", HEAD):
        with pytest.raises(history.Faulty):
            history.submit_batch(check(text), by=loader, at=NOW, title="t", source="s")
    assert not HistoryBatch.objects.exists()


def test_submit_twice_from_one_page_gives_one_batch(submit):
    token = "5f0c1a52-6f0f-4a4a-9d0a-0c7f8a1d2b3c"
    first = submit(f"{COUNT}\t左旗\t2024Q3\t8", token=token)
    assert submit(f"{COUNT}\t左旗\t2024Q3\t8", token=token) == first
    assert HistoryBatch.objects.count() == 1 and HistoryValue.objects.count() == 1


def test_approve_makes_observations_with_their_batch(submit, loader, second):
    batch = submit(f"{RATE}\t左旗\t2023/24-1\t118\t121\n{RATE}\t右旗\t2023/24-1\t未报\t")
    history.approve_batch(batch, by=second, at=NOW)
    first, other = Observation.objects.order_by("unit__sort_no")
    assert (first.numerator, first.denominator, first.state) == (118, 121, State.REPORTED)
    assert first.period_end == Period.parse("2023/24-1").end
    assert (first.batch, first.report, first.source) == (batch, None, "统计年报")
    assert (first.entered_by, first.approved_by, first.approved_at) == (loader, second, NOW)
    assert other.state == State.NOT_REPORTED
    event = Event.objects.get(verb="tasks_app.history_approved")
    assert event.after == {"values": 2, "replaced": 0}


def test_nobody_decides_on_their_own_batch(submit, loader):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    with pytest.raises(history.OwnBatch):
        history.approve_batch(batch, by=loader, at=NOW)
    with pytest.raises(history.OwnBatch):
        history.return_batch(batch, by=loader, at=NOW, note="不对")
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "APPROVED", "decided_by": "loader"},
        {"state": "APPROVED", "decided_by": None},
        {"state": "SUBMITTED", "decided_by": "second"},
    ],
)
def test_the_database_knows_it_too(submit, loader, second, columns):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    people = {"loader": loader, "second": second, None: None}
    columns = columns | {"decided_by": people[columns["decided_by"]]}
    with pytest.raises(IntegrityError), transaction.atomic():
        HistoryBatch.objects.filter(pk=batch.pk).update(**columns)


def test_a_batch_is_decided_once(submit, second, officer, league):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    third = officer(league, Role.BUREAU)
    history.approve_batch(batch, by=second, at=NOW)
    for deed in (
        lambda: history.approve_batch(batch, by=third, at=NOW),
        lambda: history.return_batch(batch, by=third, at=NOW, note="晚了"),
        lambda: history.withdraw_batch(batch, by=batch.submitted_by, at=NOW),
    ):
        with pytest.raises(history.AlreadyDecided):
            deed()
    assert Observation.objects.count() == 1


def test_return_needs_a_note_and_tells_the_author(submit, loader, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    with pytest.raises(history.NoteMissing):
        history.return_batch(batch, by=second, at=NOW, note="  ")
    returned = history.return_batch(batch, by=second, at=NOW, note="右旗呢")
    assert (returned.state, returned.note, returned.decided_by) == ("RETURNED", "右旗呢", second)
    assert InboxLine.objects.filter(user=loader).count() == 1
    assert not Observation.objects.exists()


def test_only_the_author_withdraws(submit, loader, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    with pytest.raises(history.NotYours):
        history.withdraw_batch(batch, by=second, at=NOW)
    assert history.withdraw_batch(batch, by=loader, at=NOW).state == "WITHDRAWN"


def test_a_batch_overtaken_by_another_is_not_approved(submit, second):
    first = submit(f"{COUNT}\t左旗\t2024Q3\t8\n{COUNT}\t右旗\t2024Q3\t3")
    late = submit(f"{COUNT}\t左旗\t2024Q3\t9\n{COUNT}\t额旗\t2024Q3\t4")
    history.approve_batch(first, by=second, at=NOW)
    with pytest.raises(history.Overtaken) as overtaken:
        history.approve_batch(late, by=second, at=NOW)
    assert [value.line for value in overtaken.value.values] == [2]
    late.refresh_from_db()
    assert late.state == "SUBMITTED" and Observation.objects.count() == 2


def test_a_report_replaces_what_a_batch_brought(submit, second, submitted, reviewer):
    Observation.objects.all().delete()
    history.approve_batch(submit(f"{COUNT}\t左旗\t2025Q3\t3"), by=second, at=NOW)
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)
    current = Observation.objects.current().get(indicator__code=COUNT)
    assert current.report == submitted and Observation.objects.count() == 2


# Five years at once ------------------------------------------------------------------------------
def five_years(by, first=2020, task=None):
    rows = history.blank_rows(by=by, on=TODAY, first=first, last=2024, work_item=task)
    lines = []
    for row in rows:
        den = "\t100" if row.indicator.is_rate else "\t"
        lines.append(f"{row.indicator.code}\t{row.unit.name}\t{row.period.code}\t90{den}")
    return HEAD + "\n".join(lines)


def reads(queries):
    return [q["sql"] for q in queries if not q["sql"].startswith("INSERT")]


def test_five_years_of_everything_at_once(loader, second, check):
    text = five_years(loader)
    began = time.perf_counter()
    with CaptureQueriesContext(
        connection,
    ) as all_at_once:
        checked = check(text)
        batch = history.submit_batch(checked, by=loader, at=NOW, title="t", source="s", text=text)
        history.approve_batch(batch, by=second, at=NOW)
    seconds = time.perf_counter() - began
    assert checked.faults == [] and len(checked.rows) > 64 * 7 * 5
    assert Observation.objects.count() == len(checked.rows)
    assert seconds < 10
    Observation.objects.all().delete()
    with CaptureQueriesContext(connection) as few:
        batch = history.submit_batch(
            check(HEAD + f"{COUNT}\t左旗\t2024Q3\t8"), by=loader, at=NOW, title="t", source="s"
        )
        history.approve_batch(batch, by=second, at=NOW)
    assert len(reads(few.captured_queries)) == len(reads(all_at_once.captured_queries))


def test_too_many_values_are_told(check):
    text = HEAD + f"{COUNT}\t左旗\t2014Q1\t8\n" * 10_050
    assert check(text).faults[-1].code == "too_many"


# Pages -------------------------------------------------------------------------------------------
NEW = "/indicators/history/new/"


def post(client, text, deed="check", **more):
    data = {"title": "年度数据", "source": "统计年报", "text": text, "deed": deed}
    return client.post(NEW, data | more)


def hand_in(client, text, **more):
    """Check, then submit what was seen, as the page's two buttons do."""
    checked = post(client, text, **more)
    assert checked.status_code == 200, checked.content.decode()
    seen = checked.context["checked"].digest
    more = {"token": str(checked.context["token"]), "seen": seen} | more
    return post(client, text, "submit", **more)


PAGES = ["history-list", "history-new", "history-form"]
DEEDS = ["history-approve", "history-return", "history-withdraw"]


def test_pages_are_for_the_bureau(client, submit, officer, league):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    for role in set(Role) - {Role.BUREAU}:
        client.force_login(officer(league, role))
        for name in (*PAGES, "history-detail", *DEEDS):
            address = reverse(f"tasks_app:{name}", args=[] if name in PAGES else [batch.pk])
            answer = client.post(address) if name in DEEDS else client.get(address)
            assert answer.status_code == 403, (role, name)


def test_deeds_are_posted(client, submit, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(second)
    for name in DEEDS:
        assert client.get(reverse(f"tasks_app:{name}", args=[batch.pk])).status_code == 405
    for name in PAGES[::2]:
        assert client.post(reverse(f"tasks_app:{name}")).status_code == 405


def test_pages_ask_to_sign_in(client, plan):
    assert client.get(NEW).status_code == 302


def test_batch_beyond_ones_units_does_not_exist(client, submit, officer, east, loader):
    """A bureau posting at one banner neither sees nor enters what is another's."""
    mine, beyond = submit(f"{COUNT}\t左旗\t2024Q3\t8"), submit(f"{COUNT}\t额旗\t2024Q3\t8")
    narrow = officer(east, Role.BUREAU)
    client.force_login(narrow)
    assert client.get(reverse("tasks_app:history-detail", args=[beyond.pk])).status_code == 404
    assert client.post(reverse("tasks_app:history-approve", args=[beyond.pk])).status_code == 404
    assert client.get(reverse("tasks_app:history-detail", args=[mine.pk])).status_code == 200
    page = client.get(reverse("tasks_app:history-list")).content.decode()
    assert "历年数据 1 批" in page
    checked = history.check(HEAD + f"{COUNT}\t额旗\t2024Q3\t8", by=narrow, on=TODAY)
    assert codes(checked) == ["unknown_unit"]


def test_check_shows_and_writes_nothing(client, loader):
    client.force_login(loader)
    answer = post(client, HEAD + f"{COUNT}\t左旗\t2024Q3\t8")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 个数可以提交" in page and "专场招聘会场次" in page
    assert not HistoryBatch.objects.exists()


def test_faulty_paste_keeps_what_was_typed_and_writes_nothing(client, loader):
    client.force_login(loader)
    answer = post(client, HEAD + f"{COUNT}\t左旗\t2024Q3\t<八场>", "submit", title="我的批次")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 2 行第 4 列" in page and "&lt;八场&gt;" in page and "我的批次" in page
    assert f"{COUNT}\t左旗\t2024Q3\t&lt;八场&gt;" in page
    assert not HistoryBatch.objects.exists()


def test_missing_source_is_told_beside_the_preview(client, loader):
    client.force_login(loader)
    answer = post(client, HEAD + f"{COUNT}\t左旗\t2024Q3\t8", source="")
    assert answer.status_code == 422
    assert "1 个数可以提交" in answer.content.decode()


def test_handing_in_what_was_seen(client, loader):
    client.force_login(loader)
    text = HEAD + f"{COUNT}\t左旗\t2024Q3\t8"
    answer = hand_in(client, text)
    batch = HistoryBatch.objects.get()
    assert answer.status_code == 302 and answer.url == batch.get_absolute_url()
    assert (batch.submitted_by, batch.text, batch.source) == (loader, text, "统计年报")


def test_second_click_hands_in_once(client, loader):
    client.force_login(loader)
    text = HEAD + f"{COUNT}\t左旗\t2024Q3\t8"
    token = "5f0c1a52-6f0f-4a4a-9d0a-0c7f8a1d2b3c"
    first, again = (hand_in(client, text, token=token) for _click in range(2))
    assert first.url == again.url and HistoryBatch.objects.count() == 1


def test_what_was_not_seen_is_not_handed_in(client, loader):
    client.force_login(loader)
    seen = post(client, HEAD + f"{COUNT}\t左旗\t2024Q3\t8").context["checked"].digest
    answer = post(client, HEAD + f"{COUNT}\t左旗\t2024Q3\t80", "submit", seen=seen)
    assert answer.status_code == 422 and "还没有提交" in answer.content.decode()
    assert not HistoryBatch.objects.exists()


def test_replacing_asks_for_a_reason_on_the_page(client, submit, loader, second):
    history.approve_batch(submit(f"{COUNT}\t左旗\t2024Q3\t8"), by=second, at=NOW)
    client.force_login(loader)
    text = HEAD + f"{COUNT}\t左旗\t2024Q3\t9"
    refused = hand_in(client, text)
    assert refused.status_code == 422 and "选一项原因" in refused.content.decode()
    assert "要写明" in post(client, text, reason="OTHER").content.decode()
    assert hand_in(client, text, reason="TYPING").status_code == 302
    assert HistoryBatch.objects.get(state="SUBMITTED").reason == "TYPING"


def test_author_is_told_who_decides(client, submit, loader, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(loader)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "要由另一位盟局人员审核" in page and "审核人" in page
    assert reverse("tasks_app:history-approve", args=[batch.pk]) not in page
    answer = client.post(reverse("tasks_app:history-approve", args=[batch.pk]), follow=True)
    assert "自己提交的不能自己审核" in answer.content.decode()
    assert not Observation.objects.exists()


def test_approving_twice_says_so(client, submit, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(second)
    address = reverse("tasks_app:history-approve", args=[batch.pk])
    client.post(address)
    answer = client.post(address, follow=True)
    assert "已经办过了" in answer.content.decode()
    assert Observation.objects.count() == 1


def test_returned_batch_is_put_right_as_a_new_one(client, submit, loader, second):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(second)
    address = reverse("tasks_app:history-return", args=[batch.pk])
    assert client.post(address, {"note": ""}).status_code == 422
    client.post(address, {"note": "少了右旗"})
    client.force_login(loader)
    assert "少了右旗" in client.get(batch.get_absolute_url()).content.decode()
    page = client.get(NEW, {"from": batch.pk})
    assert page.context["form"]["text"].value() == batch.text
    answer = hand_in(client, batch.text + f"\n{COUNT}\t右旗\t2024Q3\t2", corrects=batch.pk)
    later = HistoryBatch.objects.get(state="SUBMITTED")
    assert answer.url == later.get_absolute_url() and later.corrects == batch
    assert "改自" in client.get(later.get_absolute_url()).content.decode()


def test_batch_made_without_a_paste_can_be_put_right_too(check, submit, second, league):
    office = Indicator.objects.filter(aggregation="LEAGUE_ONLY", frequency="YEAR").first()
    more = "\t9" if office.is_rate else "\t"
    batch = submit(
        f"{RATE}\t左旗\t2023/24-1\t118\t121\n{RATE}\t右旗\t2023/24-1\t未报\t\n"
        f"{RATE}\t额旗\t2023/24-1\t0\t0\n{office.code}\t全盟\t2023\t5{more}"
    )
    batch.text = ""
    again = check(history.text_of(batch))
    assert again.faults == [] and len(again.rows) == 4


def test_batch_that_stands_cannot_be_begun_anew(client, submit, loader):
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(loader)
    assert client.get(NEW, {"from": batch.pk}).status_code == 404
    assert client.get(NEW, {"from": "x"}).status_code == 200


def test_list_finds_and_exports_what_is_filtered(client, submit, second):
    submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(second)
    address = reverse("tasks_app:history-list")
    assert "1 批等你审核" in client.get(address).content.decode()
    assert "没有符合筛选的内容" in client.get(address, {"q": "没有这个"}).content.decode()
    export = client.get(address, {"export": "csv", "state": "SUBMITTED"})
    assert "年度数据" in export.content.decode()


def test_pages_take_the_same_queries_for_one_and_for_many(client, submit, loader, second):
    tasks = Indicator.objects.get(code=COUNT).work_item
    few = submit(f"{COUNT}\t左旗\t2024Q3\t8")
    client.force_login(second)
    addresses = [reverse("tasks_app:history-list"), few.get_absolute_url()]
    counted = []
    for address in addresses:
        client.get(address)  # what a process asks once
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
    text = five_years(loader, first=2023)
    many = history.submit_batch(
        history.check(text, by=loader, on=TODAY), by=loader, at=NOW, title="多", source="s"
    )
    for count in range(8):
        submit(f"{COUNT}\t左旗\t2023Q{count % 4 + 1}\t8")
    addresses[1] = many.get_absolute_url()
    for address, before in zip(addresses, counted, strict=True):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) == before, address
    assert tasks


def test_blank_sheet_can_be_pasted_back(client, submit, check, loader, second):
    history.approve_batch(submit(f"{COUNT}\t左旗\t2024Q3\t8"), by=second, at=NOW)
    client.force_login(loader)
    task = Indicator.objects.get(code=COUNT).work_item_id
    answer = client.get(
        reverse("tasks_app:history-form"), {"first": 2024, "last": 2025, "task": task}
    )
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
    stored = next(r for r in rows if r[0] == COUNT and "左旗" in r[2] and "三" in r[3] and r[4])
    assert stored[4] == "8"
    checked = check("\n".join("\t".join(row) for row in rows))
    assert (checked.faults, checked.unchanged, checked.rows) == ([], 1, [])
    assert Event.objects.filter(verb="common.list_exported").exists()


def test_blank_sheet_with_bad_years_says_so(client, loader):
    client.force_login(loader)
    answer = client.get(
        reverse("tasks_app:history-form"), {"first": 2025, "last": 2021}, follow=True
    )
    assert "年份从小到大" in answer.content.decode()


# One number opened -------------------------------------------------------------------------------
@pytest.fixture
def number(submit, second):
    """A rate of the left banner with four children left out, loaded by the bureau."""
    history.approve_batch(submit(f"{RATE}\t左旗\t2023/24-1\t118\t121"), by=second, at=NOW)
    return Observation.objects.get()


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.BUREAU, "league", 200),
        (Role.SUPERVISOR, "league", 200),
        (Role.OFFICIAL, "banner-zuoqi", 200),
        (Role.OFFICIAL, "banner-ejina", 200),
        (Role.SCHOOL, "banner-ejina", 200),
        (Role.SYSADMIN, "league", 403),
        (Role.SECADMIN, "league", 403),
        (Role.AUDITOR, "league", 403),
    ],
)
def test_number_opens_for_every_business_role(client, number, officer, units, role, unit, status):
    client.force_login(officer(units[unit], role))
    assert client.get(number.get_absolute_url()).status_code == status


def test_number_shows_its_formula_people_and_batch_within_scope(client, number, loader):
    client.force_login(loader)
    page = client.get(number.get_absolute_url()).content.decode()
    assert "118 ÷ 121 × 100% = 97.52%" in page
    assert "录入人" in page and "审核人" in page and number.batch.get_absolute_url() in page


def test_number_of_few_people_is_hidden_from_strangers(client, number, officer, west):
    Indicator.objects.filter(pk=number.indicator_id).update(counts_people=True)
    client.force_login(officer(west, Role.OFFICIAL))
    page = client.get(number.get_absolute_url()).content.decode()
    read = strip_tags(page.partition("<main")[2])  # keys in addresses are numbers too
    assert "97.52" not in read and "118" not in read and "121" not in read
    assert "录入人" not in page and number.batch.get_absolute_url() not in page


def test_number_beside_a_hidden_one_does_not_give_it_away(client, submit, second, officer, west):
    indicator = Indicator.objects.get(code="T01-02")
    Indicator.objects.filter(pk=indicator.pk).update(counts_people=True)
    lines = "\n".join(
        f"T01-02\t{unit}\t2024-03\t{number}" for unit, number in [("左旗", 3), ("右旗", 70)]
    )
    history.approve_batch(submit(lines), by=second, at=NOW)
    client.force_login(officer(west, Role.OFFICIAL))
    right = Observation.objects.get(numerator=70)
    assert "<b>70" not in client.get(right.get_absolute_url()).content.decode()


def test_number_keeps_what_it_replaced(client, submit, loader, second):
    history.approve_batch(submit(f"{COUNT}\t左旗\t2024Q3\t8"), by=second, at=NOW)
    batch = submit(f"{COUNT}\t左旗\t2024Q3\t9", reason="TYPING", reason_note="抄错一行")
    history.approve_batch(batch, by=second, at=NOW + timedelta(hours=1))
    client.force_login(loader)
    old, new = Observation.objects.order_by("pk")
    page = client.get(new.get_absolute_url()).content.decode()
    assert "ax-old" in page and "录入有误，抄错一行" in page
    assert new.get_absolute_url() in client.get(old.get_absolute_url()).content.decode()


def test_number_of_a_report_links_it_only_to_its_readers(client, frozen, officer, east, west):
    client.force_login(officer(east, Role.OFFICIAL))
    inside = client.get(frozen.get_absolute_url()).content.decode()
    client.force_login(officer(west, Role.OFFICIAL))
    outside = client.get(frozen.get_absolute_url()).content.decode()
    assert frozen.report.get_absolute_url() in inside
    assert frozen.report.get_absolute_url() not in outside


def test_names_of_the_real_catalogue(check, plan):
    """Aliases, short names and the leading office, as they are stored."""
    league_only = Indicator.objects.filter(aggregation="LEAGUE_ONLY", frequency="YEAR").first()
    more = "\t9" if league_only.is_rate else ""
    lines = [
        f"{COUNT}\t{name}\t2024Q3\t8" for name in ("阿左旗", "额济纳", "乌斯太", "腾格里开发区")
    ]
    checked = check(HEAD + "\n".join([*lines, f"{league_only.code}\t阿盟\t2023\t5{more}"]))
    assert checked.faults == []
    assert [row.unit.key for row in checked.rows] == [
        "banner-zuoqi",
        "banner-ejina",
        "zone-gaoxin",
        "zone-luanjingtan",
        league_only.work_item.lead_office.key,
    ]


def test_unknown_units_are_not_loaded_for_strangers(loader, officer, east):
    """What one may enter is what one's posting covers."""
    all_of_it, mine = load_known(by=loader, on=TODAY), load_known(by=officer(east), on=TODAY)
    assert len(all_of_it.keys) > 10 and mine.keys == set()
    assert Posting.objects.filter(unit=east).exists()
