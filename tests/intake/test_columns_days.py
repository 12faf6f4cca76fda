"""Days and months in every way in which offices write them."""

from datetime import date, datetime, time

import pytest

from common.periods import Period
from intake.columns import BLANK, Day, Doubt, Month
from tests.intake.spellings import fault, read

DAY, MONTH = Day("认定日期"), Month("入学年月")
BORN = Day("出生日期", past=True, first=date(1990, 1, 1))
FIRST_OF_SEPTEMBER, SEPTEMBER = date(2023, 9, 1), date(2023, 9, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2023.9.1",
        "2023.09.01",
        "2023-9-1",
        "2023-09-01",
        "2023/9/1",
        "2023/09/01",
        "2023．9．1",
        "２０２３／９／１",
        "2023 9 1",
        "2023、9、1",
        "20230901",
        "２０２３０９０１",
        20230901,
        20230901.0,
        "2023年9月1日",
        "2023年09月01日",
        "2023 年 9 月 1 日",
        "2023年9月1号",
        "2023年9月1",
        "2023.9.1日",
        "二〇二三年九月一日",
        "二零二三年九月一日",
        "'2023-9-1",
        "2023-9-1.",
        "2023-09-01 00:00:00",
        "2023-09-01T08:30:00",
        "2023-09-01T08:30:00.000Z",
        "2023/9/1 8:30",
        "2023年9月1日 8时30分",
        "2023/9/1 上午 8:30",
        45170,
        45170.0,
        45170.75,
        "45170",
        date(2023, 9, 1),
        datetime(2023, 9, 1),
        datetime(2023, 9, 1, 8, 30),
    ],
)
def test_day_reads_the_spelling(cell):
    assert read(DAY, cell) == FIRST_OF_SEPTEMBER
    assert type(read(DAY, cell)) is date


@pytest.mark.parametrize(
    "cell",
    [
        "2023.9",
        "2023.09",
        "2023-9",
        "2023-09",
        "2023/9",
        "2023年9月",
        "2023年09月",
        "2023年9月份",
        "2023年九月",
        "二〇二三年九月",
        "２０２３．９",
        "202309",
        202309,
        202309.0,
        2023.09,
        2023.9,
        "2023.9.1",
        "2023-09-15",
        "20230901",
        20230901,
        45170,
        45199.0,
        date(2023, 9, 15),
        datetime(2023, 9, 15),
    ],
)
def test_month_reads_the_spelling(cell):
    assert read(MONTH, cell) == SEPTEMBER


def test_month_tells_january_from_october_in_text_only():
    assert read(MONTH, "2023.1") == date(2023, 1, 1)
    assert read(MONTH, "2023.10") == date(2023, 10, 1)
    assert read(MONTH, 2023.01) == date(2023, 1, 1)
    assert read(MONTH, 2023.11) == date(2023, 11, 1)
    assert fault(MONTH, 2023.1) == "month_ambiguous"
    assert fault(MONTH, 2023.10) == "month_ambiguous"


def test_serials_count_from_the_workbooks_own_first_day():
    assert read(DAY, 43708, uses_1904=True) == FIRST_OF_SEPTEMBER  # 1,462 fewer
    assert read(MONTH, 43708, uses_1904=True) == SEPTEMBER
    assert fault(DAY, 60) == "day_serial_60"
    assert fault(DAY, 60, uses_1904=True) == "day_wrong"
    assert (read(DAY, 10000), read(DAY, 73415)) == (date(1927, 5, 18), date(2100, 12, 31))


@pytest.mark.parametrize(
    "period, cell, value",
    [
        ("2023", "9月1日", date(2023, 9, 1)),
        ("2023Q3", "9月1号", date(2023, 9, 1)),
        ("2023Q3", "10月15日", date(2023, 10, 15)),  # a little after its end
        ("2024/25-1", "9月1日", date(2024, 9, 1)),
        ("2024/25-1", "1月5日", date(2025, 1, 5)),
        ("2024/25", "8 月 31 日", date(2025, 8, 31)),
        ("2023/24", "2月29日", date(2024, 2, 29)),
        ("2023", "九月一日", date(2023, 9, 1)),
    ],
)
def test_day_takes_its_year_from_the_period(period, cell, value):
    assert read(DAY, cell, period=Period.parse(period)) == value


def test_a_year_from_nowhere_is_told():
    assert read(DAY, "9月1日") == Doubt(
        date(2025, 9, 1), "day_year_assumed", {"header": "认定日期", "year": 2025}
    )
    assert read(MONTH, "9月").value == date(2025, 9, 1)
    assert read(MONTH, "9月份", period=Period.parse("2024/25-1")) == date(2024, 9, 1)
    assert fault(DAY, "5月1日", period=Period.parse("2024/25-1")) == "day_no_year"
    assert fault(DAY, "2月29日", period=Period.parse("2025Q1")) == "day_never_was"


FAULTS = [
    (DAY, "明天", "day_wrong"),
    (DAY, "2023", "day_no_day"),
    (DAY, 2023, "day_no_day"),
    (DAY, "2023.9", "day_no_day"),
    (DAY, 2023.9, "day_no_day"),
    (DAY, "2023年9月", "day_no_day"),
    (DAY, 202309, "day_no_day"),
    (DAY, "9月", "day_no_day"),
    (DAY, "9.1", "day_no_year"),
    (DAY, "23.9.1", "day_short_year"),
    (DAY, "23年9月1日", "day_short_year"),
    (DAY, "230901", "day_short_year"),
    (DAY, 230901, "day_short_year"),
    (DAY, "1/9/2023", "day_order"),
    (DAY, "09-01-2023", "day_order"),
    (DAY, "2023-02-30", "day_never_was"),
    (DAY, "2023.13.1", "day_never_was"),
    (DAY, "20231301", "day_never_was"),
    (DAY, "2023.9.2023", "day_never_was"),
    (DAY, "13月1日", "day_never_was"),
    (DAY, "60", "day_serial_60"),
    (DAY, 59, "day_wrong"),
    (DAY, 0, "day_wrong"),
    (DAY, -1, "day_wrong"),
    (DAY, -45170.5, "day_wrong"),
    (DAY, 2958466, "day_wrong"),
    (DAY, 1e300, "day_wrong"),
    (DAY, 99999, "day_late"),  # the year 2173
    (DAY, "2205-01-01", "day_late"),
    (DAY, "1899-12-31", "day_early"),
    (DAY, True, "day_wrong"),
    (DAY, time(8, 30), "day_wrong"),
    (DAY, "፩፩፩፩", "day_wrong"),
    (BORN, "2025-10-14", "day_late"),
    (BORN, "1989-12-31", "day_early"),
    (MONTH, 2023.1, "month_ambiguous"),
    (MONTH, "2023", "month_wrong"),
    (MONTH, 2023, "month_wrong"),
    (MONTH, "2023.13", "month_wrong"),
    (MONTH, "202313", "month_wrong"),
    (MONTH, 2023.5555, "month_wrong"),
    (MONTH, "秋季", "month_wrong"),
    (MONTH, True, "month_wrong"),
    (MONTH, "9.2023", "month_wrong"),
    (MONTH, "23.9", "month_wrong"),
    (MONTH, "23.9.1", "day_short_year"),
    (MONTH, "2023-09-31", "day_never_was"),
    (MONTH, "9月1日", "day_year_assumed"),
    (MONTH, "2101-01", "day_late"),
    (Month("入学年月", past=True), "2025-11", "day_late"),
]


@pytest.mark.parametrize("column, cell, code", FAULTS)
def test_column_tells_the_fault(column, cell, code):
    assert fault(column, cell) == code


def test_today_and_this_month_are_not_in_the_future():
    assert read(BORN, "2025-10-13") == date(2025, 10, 13)
    assert read(Month("入学年月", past=True), "2025-10") == date(2025, 10, 1)


def test_days_and_months_look_alike_everywhere():
    assert (DAY.shown(date(2023, 9, 1)), MONTH.shown(date(2023, 9, 1))) == ("2023-09-01", "2023-09")
    assert (DAY.shown(BLANK), MONTH.shown(BLANK)) == ("", "")
    assert read(DAY, "/") is BLANK
