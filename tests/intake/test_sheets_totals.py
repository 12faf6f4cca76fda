"""Totals that a sheet states are checked against its rows."""

import pytest

from intake.columns import Count, Money, Percent
from tests.intake.grids import COUNTS, WIDE, read

HEAD = "学校 | 年级 | 姓名 | 身份证号 | 金额 | 备注\n"


def roll(*lines: str, size: int = 2000):
    text = HEAD
    for line in lines:
        if line.isdecimal():
            line = f"一中 | 七年级 | 生 | A{line} | {line} |"
        text += line + "\n"
    return read(text, size=size)


def differs(found) -> list[tuple[str, str, str]]:
    return [
        (f.place, f.params["stated"], f.params["computed"])
        for f in found.table.warnings
        if f.code == "total_differs"
    ]


def total(word: str, amount) -> str:
    return f"{word} | | | | {amount} |"


@pytest.mark.parametrize("size", [1, 3, 2000])
@pytest.mark.parametrize(
    "lines, wrong",
    [
        (["1", "2", total("合计", 3)], []),
        (["1", "2", total("合计", 4)], [("E4", "4", "3")]),
        (["1", "2", total("合计", "3.00元")], []),
        (["1", "2", total("合计", "")], []),
        (["1", total("小计", 1), "2", total("小计", 2), total("合计", 3)], []),
        (["1", total("小计", 1), "2", total("小计", 3), total("合计", 3)], [("E5", "3", "2")]),
        (["1", total("合计", 1), "2", total("合计", 2), total("总计", 3)], []),
        (["1", total("合计", 1), "2", total("合计", 3), total("总计", 3)], []),  # a running one
        ([total("合计", 3), "1", "2"], []),
        ([total("合计", 5), "1", "2"], [("E2", "5", "3")]),
        ([total("小计", 1), "1", total("小计", 5), "2", "3"], []),
        ([total("小计", 2), "1", total("小计", 5), "2", "3"], [("E2", "2", "1")]),
        ([total("合计", 3), "1", "2", total("合计", 3)], []),
        (["1", "2", total("合计", 3), HEAD.strip(), "3", total("合计", 3)], []),
        (["1", "2", total("合计", 3), HEAD.strip(), "3", total("合计", 4)], [("E7", "4", "3")]),
        (["1", "一中 | 七年级 | 生 | A9 | 若干 |", total("合计", 4)], []),  # a fault of its own
        (["1", "2", "共2人"], []),
        (["1", "2", "共3人"], [("A4", "3", "2")]),
        (["1", "2", "合计：2人"], []),
        (["1", "2", "合计 | | 3人 | | 3 |"], [("C4", "3", "2")]),
        (["1", "2", "合计：3元"], []),
        (["1", "2", "合计：4元"], [("A4", "4", "3")]),
    ],
)
def test_total_that_does_not_add_up_is_told_with_both_numbers(lines, wrong, size):
    assert differs(roll(*lines, size=size)) == wrong


def test_cents_do_not_get_lost():
    rows = [f"一中 | 七年级 | 生 | A{i} | 0.1 |" for i in range(30)]
    assert differs(roll(*rows, total("合计", 3))) == []
    assert differs(roll(*rows, total("合计", "3.01"))) == [("E32", "3.01", "3")]


def test_every_column_of_numbers_is_checked():
    found = read(
        """
        学校名称 | 残疾儿童总数 | 残疾类型 | | 入学率
         | | 视力 | 听力 |
        一小 | 3 | 1 | 2 | 90
        二小 | 2 | 1 | 1 | 80
        合计 | 5 | 3 | 3 | 85
        """,
        COUNTS,
    )
    assert differs(found) == [("C5", "3", "2")]


def test_number_of_people_may_be_a_sum_of_the_rows():
    assert differs(read("学校名称 | 残疾儿童总数\n一小 | 3\n二小 | 2\n共计5人", COUNTS)) == []
    assert differs(read("学校名称 | 残疾儿童总数\n一小 | 3\n二小 | 2\n共计6人", COUNTS)) != []


def test_total_of_a_roster_without_numbers_is_its_number_of_rows():
    text = "学校 | 年级 | 姓名 | 身份证号\n一中 | 七 | 甲 | A1\n一中 | 七 | 乙 | A2\n合计 | | | {}"
    assert differs(read(text.format("2"))) == []
    assert differs(read(text.format("3"))) == [("D4", "3", "2")]


def test_indicator_called_a_total_is_a_row():
    found = read("指标名称 | 阿左旗\n资助金额合计 | 5\n在校生总数 | 7\n合计 | 12", WIDE)
    assert found.column("name") == ["资助金额合计", "在校生总数"]


@pytest.mark.parametrize("column, adds_up", [(Money, True), (Count, True), (Percent, False)])
def test_money_and_counts_add_up_and_rates_do_not(column, adds_up):
    assert column("某列").adds_up is adds_up
