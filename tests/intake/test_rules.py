"""Checks across the columns of a row."""

from datetime import date
from decimal import Decimal

import pytest

from intake.columns import (
    BLANK,
    CLEAR,
    Choice,
    Count,
    Day,
    IdNumber,
    IdPaper,
    Money,
    OtherPaper,
    RollNumber,
)
from intake.faults import BadCell, Fault
from intake.kinds import Chunk
from intake.rules import (
    BirthFitsId,
    FirstBeforeLast,
    IdFitsKind,
    RollFitsId,
    SexFitsId,
    SumOf,
)
from registry.models import IdKind, Sex
from tests.intake.spellings import context

BOY, GIRL = "152921201509010014", "152922201303080021"


class Sheet:
    """Columns with names, as a kind gives them."""

    kind = Choice("证件类型", IdKind)
    number = IdPaper("身份证号", required=True)
    optional = IdNumber("学生身份证号")
    roll = RollNumber("学籍号")
    born = Day("出生日期")
    sex = Choice("性别", Sex)
    first, last = Day("认定日期"), Day("有效期至")
    total, boys, girls = Count("合计"), Count("男"), Count("女")
    paid, half, rest = Money("金额"), Money("上学期"), Money("下学期")


def check(rule, bad=(), **values):
    """[(position, code)] of what a rule finds in a chunk, and the faults' words can be said."""
    size = len(next(iter(values.values())))
    chunk = Chunk(sheet=1, rows=list(range(2, 2 + size)), values=values, bad=set(bad))
    found = list(rule.begin(context()).check(chunk))
    for _at, name, code, params in found:
        assert name in vars(Sheet)
        assert Fault(code, params=params).message
    return [(at, code) for at, _name, code, _params in found]


def paper(text: str, code: str = "id_length") -> OtherPaper:
    return OtherPaper(text, BadCell(code, header="身份证号", count=len(text)))


def test_birth_date_is_that_of_the_number():
    rule = BirthFitsId(Sheet.number, Sheet.born)
    right, wrong = date(2015, 9, 1), date(2015, 9, 2)
    numbers = [BOY, BOY, BOY, BOY, BLANK, paper("E1234567"), GIRL]
    born = [right, wrong, BLANK, CLEAR, wrong, wrong, date(2013, 3, 8)]
    assert check(rule, number=numbers, born=born) == [(1, "birth_differs")]


def test_sex_is_that_of_the_number():
    rule = SexFitsId(Sheet.number, Sheet.sex)
    numbers = [BOY, BOY, GIRL, GIRL, BOY, BOY, BLANK, paper("E1234567")]
    sexes = ["1", "2", "2", "1", BLANK, CLEAR, "1", "1"]
    assert check(rule, number=numbers, sex=sexes) == [(1, "sex_differs"), (3, "sex_differs")]


def test_roll_number_of_g_holds_the_number_or_is_warned_of():
    rule = RollFitsId(Sheet.number, Sheet.roll)
    numbers = [BOY, BOY, BOY, BOY, BLANK, paper("E1234567")]
    rolls = ["G" + BOY, "G" + GIRL, "L" + GIRL, BLANK, "G" + GIRL, "G" + GIRL]
    assert check(rule, number=numbers, roll=rolls) == [(1, "roll_differs")]
    assert rule.is_warning


@pytest.mark.parametrize(
    "kind, number, found",
    [
        (BLANK, BOY, []),
        ("1", BOY, []),
        (CLEAR, BOY, []),
        ("A", paper("E1234567"), []),
        ("Z", paper("XJ-2015-0031"), []),
        ("Z", BLANK, []),
        ("9", "911124200001010019", []),  # a foreigner's card is built like a resident's
        (BLANK, CLEAR, []),
        ("1", paper("15292120150901001"), ["id_length"]),
        (BLANK, paper("15292120150901001"), ["id_length"]),
        (BLANK, paper("152921201509010015", "id_checksum"), ["id_checksum"]),
        ("1", paper("E1234567"), ["id_length"]),
        (BLANK, paper("E1234567"), ["id_kind_missing"]),
        ("A", BOY, ["id_kind_differs"]),
        ("Z", BOY, ["id_kind_differs"]),
        (BLANK, BLANK, ["required"]),
        ("1", BLANK, ["required"]),
        ("A", BLANK, ["required"]),
    ],
)
def test_number_fits_the_kind_of_paper(kind, number, found):
    rule = IdFitsKind(Sheet.kind, Sheet.number)
    assert [code for _at, code in check(rule, kind=[kind], number=[number])] == found


def test_a_number_that_nobody_asks_for_may_be_missing():
    assert check(IdFitsKind(Sheet.kind, Sheet.optional), kind=[BLANK], optional=[BLANK]) == []


def test_a_sheet_without_the_kind_has_numbers_of_residents():
    rule = IdFitsKind(Sheet.kind, Sheet.number)
    assert check(rule, number=[BOY, paper("15292120150901001")]) == [(1, "id_length")]


def test_last_day_is_not_before_the_first():
    rule = FirstBeforeLast(Sheet.first, Sheet.last)
    day = date(2025, 3, 1)
    firsts = [day, day, day, day, BLANK, day]
    lasts = [day, date(2025, 2, 28), date(2026, 1, 1), BLANK, day, CLEAR]
    assert check(rule, first=firsts, last=lasts) == [(1, "before_first")]


def test_total_is_the_sum_of_its_parts():
    rule = SumOf(Sheet.total, Sheet.boys, Sheet.girls)
    values = {
        "total": [3, 3, 1, 3, BLANK, 0, 5, CLEAR],
        "boys": [1, 1, 1, BLANK, 1, BLANK, 1, 1],
        "girls": [2, 1, BLANK, BLANK, 2, 0, CLEAR, 2],
    }
    assert check(rule, **values) == [(1, "sum_differs"), (6, "sum_differs")]
    assert check(rule, bad={1, 6}, **values) == []  # a faulty part counts as blank


def test_sums_of_money_are_exact():
    rule = SumOf(Sheet.paid, Sheet.half, Sheet.rest)
    cents = [Decimal("312.50"), Decimal("0.10")]
    assert check(rule, paid=[sum(cents)], half=cents[:1], rest=cents[1:]) == []


def test_rules_say_what_they_are_for():
    rules = (
        BirthFitsId(Sheet.number, Sheet.born),
        SexFitsId(Sheet.number, Sheet.sex),
        RollFitsId(Sheet.number, Sheet.roll),
        IdFitsKind(Sheet.kind, Sheet.number),
        FirstBeforeLast(Sheet.first, Sheet.last),
        SumOf(Sheet.total, Sheet.boys, Sheet.girls),
    )
    assert str(rules[0].title) == "“出生日期”与“身份证号”里的一致"
    assert str(rules[5].title) == "“合计”等于“男”、“女”之和"
    assert len({str(rule.title) for rule in rules}) == len(rules)
