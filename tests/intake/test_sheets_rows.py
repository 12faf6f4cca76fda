"""The rows below a header: what is data, what is left out and counted, what is filled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.columns.base import NOTHING_ABOVE
from intake.sheets import ROW_TOKEN
from tests.intake.grids import COUNTS, Book, read, read_all

HEAD = "序号 | 学校 | 年级 | 姓名 | 身份证号 | 金额 | 备注\n"
ROWS = "1 | 一中 | 七年级 | 巴图 | A1 | 10 |\n2 | 一中 | 七年级 | 其木格 | A2 | 10 |\n"


@pytest.mark.parametrize("size", [1, 2, 3, 2000])
@pytest.mark.parametrize(
    "line, what",
    [
        (" | | | | | | ", "blank"),
        (" | 　 | | | | | ", "blank"),
        ("3 | | | | | | ", "blank"),  # numbered in advance
        ("合计 | | | | | 20 |", "total"),
        ("合　计 | | | | | 20 |", "total"),
        (" | 合计： | | | | 20 |", "total"),
        (" | | | 总计 | | 20 | 见附件", "total"),
        ("小计 | | | 2人 | | 20 |", "total"),
        ("七年级小计 | | | 2 | | ¥20 |", "total"),
        ("合计（大写） | | | | | 20.00元 |", "total"),
        ("共计2人 | | | | | |", "total"),
        ("本页共2人", "total"),
        ("合计 | — | — | — | / | 20 |", "total"),
        ("填表人：某某 | | | 审核人：某某 | | |", "sign"),
        ("单位负责人(签名) | | 复核人(签名) | | 填表人(签名)", "sign"),
        ("制表人： | | | 联系电话： | | |", "sign"),
        (" | | | 校长签字：", "sign"),
        ("（盖章）", "sign"),
        ("2023年9月10日", "sign"),
        (" | | 2023年9月10日 | | （盖章）", "sign"),
        (" | | | | | 2023年9月10日", "sign"),
        ("注：本表一式两份", "note"),
        ("说明:此表由学校填写,学校和教体局分别存档", "note"),
        ("备注：1.金额按学期", "note"),
        ("2、金额按学期发放", "note"),
        ("※ 请于28日前报送", "note"),
        ("此表由学校填写，学校和教体局分别存档，各留一份备查。", "note"),
        ("示例 | 某校 | 一年级 | 张三 | 123 | 5 |", "example"),
        (HEAD.strip(), "header"),
    ],
)
def test_line_that_is_no_data_is_left_out_and_counted(line, what, size):
    found = read(HEAD + ROWS + line, size=size)
    assert found.numbers == [2, 3]
    assert found.table.left_out == {what: 1}
    assert found.blamed == []


@pytest.mark.parametrize(
    "line",
    [
        "3 | 一中 | 七年级 | 王小计 | A3 | 10 |",
        "3 | 共计小学 | 七年级 | 合计 | A3 | 10 |",
        "3 | 一中 | 会计班 | 共青 | A3 | 10 |",
        " | 一中 | | | | |",
        " | | | 巴特 | | |",
        " | | | | A3 | |",
        " | 一中 | | 负责人 | | |",
        " | | | | 2023年9月10日 | | 2023年9月10日",
        "3 | 设计学校 | 七年级 | 注 | A3 | | 说明：缺照片",
    ],
)
def test_faulty_or_odd_rows_are_data(line):
    found = read(HEAD + ROWS + line + "\n4 | 一中 | 七年级 | 那顺 | A4 | 10 |")
    assert found.numbers == [2, 3, 4, 5]


def test_trailing_blank_rows_change_nothing():
    found = read(HEAD + ROWS + "\n" * 5000)
    assert found.numbers == [2, 3]


def test_header_alone_is_told():
    found = read(HEAD + "合计")
    assert found.rows == [] and "no_rows" in found.told


@pytest.mark.parametrize("size", [1, 2, 4, 2000])
def test_table_repeated_below_goes_on(size):
    again = "\n发放花名册\n填报单位：二中 | | | 填表日期：\n" + HEAD
    found = read(HEAD + ROWS + "填表人：某\n" + again + ROWS + again + ROWS, size=size)
    assert found.numbers == [2, 3, 9, 10, 15, 16]
    assert found.table.left_out["header"] == 4  # with their titles
    assert found.blamed == []


def test_other_table_below_stops_the_reading_with_a_fault():
    found = read(HEAD + ROWS + "\n姓名 | 学校 | 身份证号 | 年级\n巴特 | 一中 | A3 | 七年级")
    assert found.numbers == [2, 3]
    assert found.fault("header_differs").row == 5


# Filling down --------------------------------------------------------------------------------------
SCHOOLS = """
学校名称 | 残疾儿童总数
一小 | 3
 | 4
二小 | 5
 | 6
"""


@pytest.mark.parametrize("size", [1, 2, 2000])
@pytest.mark.parametrize(
    "merged, schools",
    [
        ([(2, 1, 3, 1), (4, 1, 5, 1)], ["一小", "一小", "二小", "二小"]),
        (
            [(2, 1, 3, 1)],
            ["一小", "一小", "二小", None],
        ),  # a blank cell that is not merged is blank
        ([(2, 1, 3, 2)], ["一小", "一小", "二小", None]),
        ([], ["一小", None, "二小", None]),
    ],
)
def test_merged_school_is_filled_and_no_other_blank_cell(merged, schools, size):
    found = read(SCHOOLS, COUNTS, merged=merged, size=size)
    assert found.column("school") == schools
    assert "filled_down" not in found.told


@pytest.mark.parametrize("size", [1, 2, 2000])
def test_text_file_cannot_tell_so_the_school_above_is_taken_and_told(size):
    found = read(SCHOOLS, COUNTS, format="csv", size=size)
    assert found.column("school") == ["一小", "一小", "二小", "二小"]
    assert found.fault("filled_down").params == {"header": "学校名称", "count": 2}


def test_blank_first_school_stays_blank():
    text = "学校名称 | 残疾儿童总数\n | 3\n一小 | 4"
    assert read(text, COUNTS, format="csv").column("school") == [None, "一小"]


def test_nothing_is_filled_across_a_total():
    text = "学校名称 | 残疾儿童总数\n一小 | 3\n小计 | 3\n | 4\n二小 | 4"
    assert read(text, COUNTS, format="csv").column("school") == ["一小", None, "二小"]


def test_column_that_does_not_fill_down_tells_its_merged_cells():
    found = read(HEAD + ROWS, merged=[(2, 3, 3, 3)])
    assert found.fault("merged_not_filled").params == {"header": "年级", "count": 1}
    assert found.column("grade") == ["七年级", "七年级"]


def test_form_of_ours_is_never_filled():
    text = (
        f"学校 | 年级 | 姓名 | 身份证号 | {ROW_TOKEN}\n一中 | 七年级 | 巴图 | A1 | t1\n | | | | t2"
    )
    found = read(text, hidden_columns=[(5, 5)], format="csv")
    assert found.tokens == ["t1", "t2"]
    assert found.column("school") == ["一中", None]
    assert found.told == []


# Hidden things -------------------------------------------------------------------------------------
def test_hidden_rows_are_read_and_told():
    found = read(HEAD + ROWS + ROWS + "合计 | | | | | 40 |", hidden_rows=[(3, 4), (6, 1048576)])
    assert found.numbers == [2, 3, 4, 5]
    assert found.fault("hidden_rows").params == {"rows": "3-4"}


def test_hidden_columns_are_read_and_told():
    found = read(HEAD + ROWS, hidden_columns=[(5, 5), (9, 16384)])
    assert found.fault("hidden_columns").params == {"letters": "E"}
    assert found.column("id_number") == ["A1", "A2"]


# Chunks --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 2, 3, 2000])
def test_same_as_above_is_filled_across_chunks_and_totals(size):
    found = read(
        """
        学校 | 年级 | 姓名 | 身份证号 | 备注
        一中 | 七年级 | 巴图 | A1 | 走读
        同上 | 〃 | 那顺 | A2 |
        〃 | 同上 | 巴特 | A3 | 同上
        合计 | | 3人 | |
        二中 | 同上 | 其木格 | 同上 | ″
        """,
        size=size,
    )
    assert found.column("school") == ["一中", "一中", "一中", "二中"]
    assert found.column("grade") == ["七年级"] * 4
    assert found.column("note") == ["走读", None, NOTHING_ABOVE, NOTHING_ABOVE]


def test_short_rows_are_as_good_as_long_ones():
    found = read_all(
        Book().add([["学校", "年级", "姓名", "身份证号"], ["一中", "七年级", "巴图", "A1"]])
    )
    assert found[0].numbers == [2]


EXTRA = ["", "某表", "填表人：某", "注：某事", "合计", "2023年9月10日", HEAD.strip()]


@given(
    st.lists(st.sampled_from([line for line in EXTRA if line != "合计"][:-1]), max_size=4),
    st.lists(st.sampled_from(EXTRA), max_size=4),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    st.integers(1, 8),
)
def test_lines_around_the_rows_do_not_change_them(above, below, ids, size):
    data = [f"{i} | 一中 | 七年级 | 生{n} | A{n} | 5 | " for i, n in enumerate(ids, 1)]
    below = [line for line in below if line != "某表"]
    found = read("\n".join([" ", *above, HEAD.strip(), *data, *below, " "]), size=size)
    assert [cells["id_number"] for _row, cells in found.rows] == [f"A{n}" for n in ids]
    first = len(above) + 3
    assert found.numbers == list(range(first, first + len(ids)))
    assert sum(found.table.left_out.values()) == len(below) + 1
