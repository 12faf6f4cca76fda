"""Money, counts, numbers and percentages."""

from datetime import date
from decimal import Decimal

import pytest

from intake.columns import BLANK, Count, Doubt, Money, Number, Percent
from intake.faults import BadCell
from tests.intake.spellings import fault, read

MONEY, DEBT, PEOPLE = Money("金额"), Money("差额", negative=True), Count("人数")
RATE, GROSS, VALUE = Percent("巩固率"), Percent("毛入园率", most=150), Number("数值")
RATE.name = "rate"


@pytest.mark.parametrize(
    "column, cell, value",
    [
        (MONEY, 625, "625.00"),
        (MONEY, 312.5, "312.50"),
        (MONEY, "312.50", "312.50"),
        (MONEY, "625元", "625.00"),
        (MONEY, "625 元整", "625.00"),
        (MONEY, "人民币625圆", "625.00"),
        (MONEY, "RMB 625", "625.00"),
        (MONEY, "￥625", "625.00"),
        (MONEY, "¥625.5", "625.50"),
        (MONEY, "６２５．５", "625.50"),
        (MONEY, "1,250.00", "1250.00"),
        (MONEY, "１，２５０．００", "1250.00"),
        (MONEY, "1,234,567.8元", "1234567.80"),
        (MONEY, "+5", "5.00"),
        (MONEY, ".5", "0.50"),
        (MONEY, "5.", "5.00"),
        (MONEY, "'625", "625.00"),
        (MONEY, 0, "0.00"),
        (MONEY, 0.1 + 0.2, "0.30"),
        (MONEY, 1.1 * 1.1 - 0.0000000000001 - 0.01, "1.20"),
        (MONEY, 4503599627.37, "4503599627.37"),
        (MONEY, 99999999999.0, "99999999999.00"),
        (MONEY, "1.25E+3", "1250.00"),
        (DEBT, "－5.25元", "-5.25"),
        (DEBT, "−5.25", "-5.25"),
        (DEBT, "-0.00", "0.00"),
        (VALUE, "12.3456", "12.3456"),
        (VALUE, -12.3456, "-12.3456"),
        (VALUE, "1,234.5", "1234.5"),
        (RATE, 95, "95"),
        (RATE, 95.5, "95.5"),
        (RATE, "95", "95"),
        (RATE, "95%", "95"),
        (RATE, "95 ％", "95"),
        (RATE, "百分之95", "95"),
        (RATE, "0.95%", "0.95"),
        (RATE, "1%", "1"),
        (RATE, 0, "0"),
        (RATE, "0%", "0"),
        (RATE, 100, "100"),
        (GROSS, "105.5%", "105.5"),
        (GROSS, 105.5, "105.5"),
    ],
)
def test_column_reads_the_spelling(column, cell, value):
    found = read(column, cell)
    assert (found, type(found)) == (Decimal(value), Decimal)


@pytest.mark.parametrize(
    "cell", [12, 12.0, "12", "12.0", "１２", "12人", "12 名", "12个", "012", "+12", 12 + 1e-12]
)
def test_count_reads_the_spelling(cell):
    assert (read(PEOPLE, cell), type(read(PEOPLE, cell))) == (12, int)


def test_money_keeps_two_places_and_no_minus_zero():
    assert str(read(MONEY, 625)) == "625.00"
    assert str(read(DEBT, "-0.00")) == "0.00"


@pytest.mark.parametrize("column", [MONEY, PEOPLE, VALUE, RATE])
def test_a_dash_is_blank_and_never_zero(column):
    assert [read(column, cell) for cell in ("—", "/", "", None)] == [BLANK] * 4


FAULTS = [
    (MONEY, "六百", "number_wrong"),
    (MONEY, "1,25", "number_wrong"),
    (MONEY, "12,50,000", "number_wrong"),
    (MONEY, "1.2.3", "number_wrong"),
    (MONEY, "元", "number_wrong"),
    (MONEY, "625元/月", "number_wrong"),
    (MONEY, True, "number_wrong"),
    (MONEY, date(2023, 9, 1), "number_wrong"),
    (MONEY, "1" * 41, "number_wrong"),
    (MONEY, "NaN", "number_wrong"),
    (MONEY, "无", "number_wrong"),
    (MONEY, "1.5万元", "number_unit"),
    (MONEY, "5角", "number_unit"),
    (MONEY, "312.505", "number_places"),
    (MONEY, 312.505, "number_places"),
    (MONEY, 0.001, "number_places"),
    (MONEY, 4503599627.375, "number_places"),
    (MONEY, -5, "number_small"),
    (MONEY, 1e15, "number_large"),
    (MONEY, 1e300, "number_large"),
    (MONEY, "1E+99", "number_large"),
    (PEOPLE, 12.5, "count_fraction"),
    (PEOPLE, "12.5人", "count_fraction"),
    (PEOPLE, -1, "number_small"),
    (PEOPLE, 3e9, "number_large"),
    (PEOPLE, "1.2万人", "number_unit"),
    (PEOPLE, "12元", "number_unit"),
    (PEOPLE, "十二", "number_wrong"),
    (Count("床位", units=("张",)), "12人", "number_wrong"),
    (VALUE, "12.34567", "number_places"),
    (VALUE, "95%", "number_unit"),
    (VALUE, 10 / 3, "number_rounded"),
    (VALUE, 1e12, "number_large"),
    (RATE, 105, "number_large"),
    (RATE, "105%", "number_large"),
    (RATE, -5, "number_small"),
    (RATE, "九成", "number_wrong"),
    (RATE, "%", "number_wrong"),
    (RATE, "95.12345%", "number_places"),
    (RATE, 200 / 2.1, "number_rounded"),
    (RATE, 0.95, "needs_answer"),
    (RATE, "0.95", "needs_answer"),
    (RATE, 1, "needs_answer"),
]


@pytest.mark.parametrize("column, cell, code", FAULTS)
def test_column_tells_the_fault(column, cell, code):
    assert fault(column, cell) == code


def test_what_a_formula_worked_out_is_rounded_and_told():
    assert read(VALUE, 10 / 3) == Doubt(
        Decimal("3.3333"), "number_rounded", {"header": "数值", "places": 4}
    )
    assert read(RATE, 121 / 125 * 100) == Decimal("96.8")  # noise is no place


def test_percent_asks_once_and_takes_the_answer_for_all_bare_numbers():
    with pytest.raises(BadCell) as asked:
        read(RATE, 0.95)
    assert asked.value.params["about"] == "rate"
    assert set(asked.value.params["answers"]) == {Percent.FRACTION, Percent.PERCENT}

    as_fraction, as_percent = ({"answers": {"rate": word}} for word in ("fraction", "percent"))
    assert read(RATE, 0.95, **as_fraction) == Decimal("95")
    assert read(RATE, 0.07, **as_fraction) == Decimal("7")
    assert read(RATE, 1, **as_fraction) == Decimal("100")
    assert read(RATE, 0.95, **as_percent) == Decimal("0.95")
    assert read(RATE, "95%", **as_fraction) == Decimal("95")
    assert fault(RATE, 95, **as_fraction) == "number_large"  # 9,500 %: the answer was wrong
    assert fault(RATE, 0.95, answers={"another": "fraction"}) == "needs_answer"


def test_amounts_are_shown_as_people_write_them():
    assert MONEY.shown(Decimal("1250.00")) == "1,250.00"
    assert PEOPLE.shown(1250) == "1250"
    assert (RATE.shown(Decimal("95.5000")), RATE.shown(Decimal("100.0000"))) == ("95.5%", "100%")
    assert VALUE.shown(Decimal("-12.3400")) == "-12.34"
    assert [column.shown(BLANK) for column in (MONEY, PEOPLE, RATE, VALUE)] == [""] * 4
