"""Periods: their codes, days, order and words."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.periods import Kind, NotAPeriod, Period, between

DAYS = st.dates(date(1992, 1, 1), date(2098, 12, 31))
KINDS = st.sampled_from(list(Kind))
CODES = {
    "2025": (Kind.YEAR, date(2025, 1, 1), date(2025, 12, 31), "2025年"),
    "2025Q3": (Kind.QUARTER, date(2025, 7, 1), date(2025, 9, 30), "2025年第三季度"),
    "2025-09": (Kind.MONTH, date(2025, 9, 1), date(2025, 9, 30), "2025年9月"),
    "2024-02": (Kind.MONTH, date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
    "2025-12": (Kind.MONTH, date(2025, 12, 1), date(2025, 12, 31), "2025年12月"),
    "2024/25": (Kind.SCHOOL_YEAR, date(2024, 9, 1), date(2025, 8, 31), "2024-2025学年"),
    "2024/25-1": (Kind.TERM, date(2024, 9, 1), date(2025, 2, 28), "2024-2025学年第一学期"),
    "2023/24-1": (Kind.TERM, date(2023, 9, 1), date(2024, 2, 29), "2023-2024学年第一学期"),
    "2024/25-2": (Kind.TERM, date(2025, 3, 1), date(2025, 8, 31), "2024-2025学年第二学期"),
    "1999/00": (Kind.SCHOOL_YEAR, date(1999, 9, 1), date(2000, 8, 31), "1999-2000学年"),
}


@pytest.mark.parametrize("code, facts", CODES.items())
def test_a_code_is_read(code, facts):
    period = Period.parse(code)
    with translation.override("zh-hans"):
        assert (period.kind, period.start, period.end, period.label) == facts
    assert period.code == str(period) == code


@pytest.mark.parametrize(
    "code",
    [
        "",
        "25",
        "2025Q5",
        "2025Q0",
        "2025-13",
        "2025-00",
        "2025-9",
        "2024/26",
        "2024/25-3",
        "2024/25-0",
        "1989",
        "2101",
        " 2025",
        "2025\n",
        "2025q3",
        "2025年",
        None,
        20.25,
    ],
)
def test_what_is_no_code_is_refused(code):
    with pytest.raises(NotAPeriod):
        Period.parse(code)


@given(text=st.text(max_size=12))
def test_any_text_is_a_period_or_refused(text):
    try:
        period = Period.parse(text)
    except NotAPeriod:
        return
    assert Period.parse(period.code) == period


@given(kind=KINDS, day=DAYS)
def test_the_period_of_a_day_contains_it(kind, day):
    period = Period.of(kind, day)
    assert period.contains(day)
    assert Period.parse(period.code) == period


@given(kind=KINDS, day=DAYS)
def test_periods_follow_each_other_without_a_gap(kind, day):
    period = Period.of(kind, day)
    after, before = period.next(), period.previous()
    assert after.start == period.end + timedelta(days=1)
    assert before.end == period.start - timedelta(days=1)
    assert after.previous() == before.next() == period
    assert before < period < after
    assert not period.contains(after.start) and not period.contains(before.end)


@given(kind=KINDS, day=DAYS, length=st.integers(0, 800))
def test_between_covers_every_day_once(kind, day, length):
    last = day + timedelta(days=length)
    found = between(kind, day, last)
    assert found[0].contains(day) and found[-1].contains(last)
    assert all(a.next() == b for a, b in zip(found, found[1:], strict=False))


def test_between_of_nothing_is_empty():
    assert between(Kind.MONTH, date(2025, 2, 1), date(2025, 1, 31)) == []


@pytest.mark.parametrize(
    "code, year", [("2025", 2025), ("2025Q3", 2025), ("2024/25", 2025), ("2024/25-1", 2025)]
)
def test_a_period_belongs_to_the_year_it_ends_in(code, year):
    assert Period.parse(code).year_of_end == year


@pytest.mark.parametrize(
    "code, short",
    [("2025Q3", "25Q3"), ("2025-09", "25-09"), ("2025", "2025"), ("2024/25", "24/25")],
)
def test_the_short_form_is_for_column_heads(code, short):
    assert Period.parse(code).short == short


def test_a_period_is_a_value():
    assert len({Period.parse("2025Q3"), Period.of(Kind.QUARTER, date(2025, 8, 1))}) == 1
    with pytest.raises(AttributeError):
        Period.parse("2025").year = 2026
