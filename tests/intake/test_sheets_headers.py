"""Finding the header of a sheet and saying which column is which."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake import kinds
from intake.sheets.normal import forms, squeeze
from tests.intake.grids import COUNTS, ROLL, WIDE, Book, Plain, grid, read, read_all


@pytest.fixture(autouse=True)
def no_other_kinds(monkeypatch):
    monkeypatch.setattr(kinds, "all_kinds", lambda: [])


ROW = "一中 | 七年级 | 巴图 | 男 | A1"


@pytest.mark.parametrize(
    "written, column",
    [
        ("姓名", "name"),
        ("学生姓名", "name"),
        ("姓 名", "name"),
        ("姓　名", "name"),
        ("姓\\n名", "name"),
        ("姓名*", "name"),
        ("*姓名", "name"),
        ("1姓名★", "name"),
        ("1.姓名", "name"),
        ("(1)姓名", "name"),
        ("一、姓名", "name"),
        ("姓名（必填）", "name"),
        ("【姓名】", "name"),
        ("身份证号码", "id_number"),
        ("公民身份号码", "id_number"),
        ("9身份证件号", "id_number"),
        ("身份证号：", "id_number"),
        ("身份证\\n号码", "id_number"),
        ("发放金额(元)", "amount"),
        ("金额（元）", "amount"),
        ("旗（区）", "banner"),
        ("旗区", "banner"),
        ("旗/县/区", "banner"),
        ("监护人联系电话", None),
        ("姓名拼音", None),
        ("工作单位", None),
    ],
)
def test_header_is_known_in_the_ways_offices_write_it(written, column):
    rest = [name for name in ("学校", "年级", "姓名", "性别", "身份证号")]
    own = str(ROLL.columns[column].header) if column else None
    rest = [header for header in rest if header != own]
    found = read(f"{' | '.join(rest)} | {written}\n{' | '.join('abcdefg'[: len(rest) + 1])}")
    last = "ABCDEF"[len(rest)]
    assert {name for name, letter in found.letters.items() if letter == last} == {column} - {None}


def test_exact_header_outranks_an_alias():
    found = read(f"学校 | 年级 | 姓名 | 性别 | 身份证号 | 联系电话 | 监护人电话\n{ROW} | 1 | 2")
    assert found.letters["phone"] == "G"
    assert found.fault("column_unclaimed").column == "F"


def test_form_of_a_header_outranks_that_of_an_alias():
    found = read(f"学校 | 年级 | 姓名 | 性别 | 身份证号 | 3联系电话★ | 4监护人电话★\n{ROW} | 1 | 2")
    assert found.letters["phone"] == "G" and found.blamed == []


def test_alias_of_one_column_is_no_form_of_another():
    assert "年级" not in forms("1年级") or forms("1年级")[0] == "1年级"
    assert squeeze("ＩＤ 号码") == "id号"


@pytest.mark.parametrize(
    "above, facts, title",
    [
        ("2024年秋发放花名册", {}, "2024年秋发放花名册"),
        ("填报单位：一中 | | 填表日期：2024.9.1", {"填报单位": "一中", "填报日期": "2024.9.1"}, ""),
        (
            "填报单位：一中  填表日期：2024年9月1日  单位：元",
            {"填报单位": "一中", "填报日期": "2024年9月1日", "计量单位": "元"},
            "",
        ),
        (
            "填报单位（盖章）： | 一中 | | 填报日期： | 2024.9.1",
            {"填报单位": "一中", "填报日期": "2024.9.1"},
            "",
        ),
        ("填报单位 | 一中 | | 日期 | 20240901", {"填报单位": "一中", "填报日期": 20240901.0}, ""),
        ("填表单位:(盖章) | | 一中", {"填报单位": "一中"}, ""),
        ("单位：第一中学", {"填报单位": "第一中学"}, ""),
        ("填表人：某某 | 联系电话：123", {}, ""),
        ("报送部门：民政局", {"department": "民政局"}, ""),
        (
            "2023-2024学年第一学期资助发放表",
            {"学年学期": "2023-2024学年第一学期"},
            "2023-2024学年第一学期资助发放表",
        ),
        (" ", {}, ""),
    ],
)
def test_lines_above_are_kept_as_facts(above, facts, title):
    found = read(f"{above}\n\n学校 | 年级 | 姓名 | 性别 | 身份证号\n{ROW}")
    assert found.table.header_rows == (3, 3)
    assert found.table.facts.values == facts
    assert found.table.facts.title == title
    assert found.numbers == [4]


def test_two_row_header_is_joined_by_its_merged_ranges():
    found = read(
        """
        残疾儿童情况统计表
        学校名称 | 残疾儿童总数 | 残疾类型(填人数) | | | 入学率
         | | 视力 | 听力 | 其他 |
        一小 | 3 | 1 | 1 | 1 | 90
        """,
        COUNTS,
        merged=[(1, 1, 1, 6), (2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 5), (2, 6, 3, 6)],
    )
    assert found.table.header_rows == (2, 3)
    assert found.letters == {
        "school": "A",
        "children": "B",
        "sight": "C",
        "hearing": "D",
        "rate": "F",
    }
    assert found.fault("column_unclaimed").params["header"] == "残疾类型(填人数)/其他"
    assert found.numbers == [4]


def test_two_row_header_is_joined_without_merged_ranges():
    found = read(
        """
        学校名称 | 残疾儿童总数 | 残疾类型 | | | 入学率
         | | 视力 | 听力 | 其他 |
        一小 | 3 | 1 | 1 | 1 | 90
        """,
        COUNTS,
    )
    assert found.letters["sight"] == "C" and found.letters["hearing"] == "D"
    assert found.numbers == [3]


KINDS = "残疾类型(在相应类别下填人数) | | | |"
COUNTY = f"""
XX县残疾儿童情况统计表
填表单位： | | | | | | | | 填表日期：
学校名称 | 残疾儿童总数 | 已入学人数 | {KINDS} | 未入学人数 | {KINDS} | 入学率 | 备注
 | | | 视力 | 听力 | 智力 | 其他 | 合计 | | 视力 | 听力 | 智力 | 其他 | 合计 | |
"""


def test_county_table_with_the_same_sub_header_twice_three_times_on_one_sheet():
    once = COUNTY + (
        "一小 | 3 | 2 | 1 | 1 | | | 2 | 1 | 1 | | | | 1 | 67 |\n"
        "二小 | 1 | 1 | 1 | | | | 1 | | | | | | | 100 |\n"
        "说明:此表由学校填写,学校和教体局分别存档\n"
    )
    found = read(once + "\n" + once + "\n" + once, COUNTS)
    assert found.table.header_rows == (3, 4)
    assert found.letters["sight"] == "D" and found.letters["hearing"] == "E"
    assert found.numbers == [5, 6, 14, 15, 23, 24]
    twice = [f.params for f in found.table.warnings if f.code == "header_twice"]
    assert [(p["first"], p["second"]) for p in twice] == [("D", "J"), ("E", "K")]
    assert found.table.left_out["header"] >= 4
    assert found.told.count("total_differs") == 0


def test_second_of_a_header_can_be_given_by_its_letter():
    given = {
        "残疾类型(在相应类别下填人数)/视力@J": "sight",
        "残疾类型(在相应类别下填人数)/视力@D": "",
    }
    found = read(
        COUNTY + "一小 | 3 | 2 | 1 | 1 | | | 2 | 5 | 9 | | | | 1 | 67 |", COUNTS, given=given
    )
    assert found.letters["sight"] == "J"
    assert found.column("sight") == [9.0]


def test_header_over_groups_only_tells_the_child_from_the_guardian():
    found = read(
        """
        学生信息 | | | | 监护人信息 |
        姓名 | 身份证号 | 学校 | 年级 | 姓名 | 电话
        巴图 | A1 | 一中 | 七年级 | 其木格 | 138
        """
    )
    assert found.letters == {
        "name": "A",
        "id_number": "B",
        "school": "C",
        "grade": "D",
        "guardian": "E",
        "phone": "F",
    }


def test_group_that_repeats_a_header_speaks_of_somebody_else():
    found = read(
        """
        学校 | 年级 | 姓名 | 身份证号 | 家庭成员 | | |
         | | | | 姓名 | 性别 | 年收入(元) | 与学生关系
        一中 | 七年级 | 巴图 | A1 | 其木格 | 女 | 3 | 母亲
        """
    )
    assert found.letters == {"school": "A", "grade": "B", "name": "C", "id_number": "D"}
    assert [(s.letter, s.column) for s in found.table.suggestions] == [("F", "sex")]
    assert found.blamed == []


def test_header_split_over_two_rows():
    found = read(
        """
        学校 | 年级 | 姓名 | 身份证
         | | | 号码
        一中 | 七年级 | 巴图 | A1
        """
    )
    assert found.letters["id_number"] == "D" and found.numbers == [3]


def test_group_of_one_column_is_known_by_the_merged_cells():
    text = "学校名称 | 残疾儿童总数 | 残疾类型\n | | 视力\n一小 | 3 | 1"
    found = read(text, COUNTS, merged=[(1, 1, 2, 1), (1, 2, 2, 2)])
    assert found.letters["sight"] == "C" and found.numbers == [3]


def test_row_that_numbers_the_columns_belongs_to_the_header():
    found = read("学校 | 年级 | 姓名 | 身份证号\n甲 | 1 | 2 | 3\n一中 | 七年级 | 巴图 | A1")
    assert found.table.header_rows == (1, 2) and found.numbers == [3]


def test_sparse_first_row_of_data_is_no_second_header_row():
    found = read(
        "学校 | 年级 | 姓名 | 身份证号 | 备注 |\n | | 巴图 | | |\n一中 | 七年级 | 巴特 | A1"
    )
    assert found.numbers == [2, 3]


def test_national_roll_headers_with_numbers_and_stars():
    found = read(
        "1姓名★ | 2性别 | 3出生日期★ | 6民族★ | 8身份证件类型★ | 9身份证件号 | "
        "22年级★ | 23班级★ | 学校 | 31联系电话★ | 备注\n"
        "巴图 | 男 | 20110101 | 蒙古族 | 居民身份证 | A1 | 七年级 | 1 | 一中 | 138 | "
    )
    assert found.letters == {
        "name": "A", "sex": "B", "id_number": "F", "grade": "G", "school": "I", "phone": "J", "note": "K",
    }  # fmt: skip
    assert [f.params["letter"] for f in found.table.warnings] == ["C", "D", "E", "H"]


def test_running_number_is_passed_over_and_a_signature_is_told():
    found = read(f"序号 | 学校 | 年级 | 姓名 | 性别 | 身份证号 | 领款人签字\n1 | {ROW} |")
    assert found.told == ["column_signature"]
    assert [(use.letter, use.how) for use in found.table.uses()][::6] == [
        ("A", "ignored"),
        ("G", "signature"),
    ]


def test_column_without_header_is_told_if_it_holds_something():
    found = read(f"学校 | 年级 | 姓名 | 性别 | 身份证号 | | |\n{ROW} | | 见附件\n{ROW} | | ")
    assert found.fault("column_headless").params == {"letter": "G"}
    assert found.table.uses()[-1].how == "headless"


# Questions -----------------------------------------------------------------------------------------
def test_likeness_to_a_required_column_is_a_question():
    found = read(f"所在学校 | 年级 | 姓名 | 性别 | 身份证号\n{ROW}")
    assert "school" not in found.letters
    assert found.blamed == ["needs_answer"] and found.table.needs_mapping
    assert "学校" in found.fault("needs_answer").wrong
    assert found.table.uses()[0].how == "suggested"


def test_likeness_to_another_column_is_asked_and_stops_nothing():
    found = read(f"学校 | 年级 | 姓名 | 性别 | 身份证号 | 备注说明\n{ROW} | x")
    assert found.blamed == [] and found.told == ["column_suggested"]
    assert "note" not in found.letters


@pytest.mark.parametrize("way", ["given", "remembered"])
@pytest.mark.parametrize("said", ["school", ""])
def test_confirmed_header_is_not_asked_again(way, said):
    known = {way: {squeeze("所在学校") if way == "remembered" else "所在学校": said}}
    found = read(f"所在学校 | 年级 | 姓名 | 性别 | 身份证号\n{ROW}", **known)
    if said:
        assert found.table.columns["school"].how == way and found.blamed == []
    else:
        assert found.blamed == ["column_missing"] and found.told == ["column_left_out"]


def test_given_mapping_wins_over_the_exact_header():
    found = read(
        f"学校 | 年级 | 姓名 | 性别 | 身份证号 | 曾用名\n{ROW} | 巴特", given={"曾用名": "姓名"}
    )
    assert found.letters["name"] == "F"
    assert found.fault("column_unclaimed").params["header"] == "姓名"


def test_given_header_that_the_sheet_has_not_is_told():
    found = read(f"学校 | 年级 | 姓名 | 性别 | 身份证号\n{ROW}", given={"大名": "name"})
    assert found.fault("map_unused").params == {"header": "大名"}


def test_which_of_two_was_meant_is_asked_once():
    text = f"学校 | 年级 | 姓名 | 性别 | 身份证件号 | 公民身份号码\n{ROW} | A2"
    assert read(text).blamed == ["column_claimed_twice"]
    found = read(text, remembered={"身份证件号": "", "公民身份号": "id_number"})
    assert found.letters["id_number"] == "F" and found.blamed == []


def test_remembered_column_that_is_gone_is_forgotten():
    found = read(
        f"学校 | 年级 | 姓名 | 性别 | 身份证号 | 籍贯\n{ROW} | x", remembered={"籍贯": "gone"}
    )
    assert found.told == ["column_unclaimed"]


@pytest.mark.parametrize(
    "headers, codes",
    [
        ("年级 | 姓名 | 身份证号", ["column_missing"]),
        ("年级 | 身份证号", ["column_missing", "column_missing"]),
        ("学校 | 年级 | 姓名 | 身份证号 | 公民身份号码", []),  # the exact one is taken
        ("学校 | 年级 | 姓名 | 身份证件号 | 公民身份号码", ["column_claimed_twice"]),
        ("学校 | 年级 | 姓名 | 姓名 | 身份证号", ["header_twice"]),
        ("学校 | 年级 | 姓 名 | 姓名 | 身份证号", ["header_twice"]),
        ("学校 | 年级 | 姓名 | 身份证号 | 备注 | 备注", []),
        ("学校 | 年级 | 姓名 | 身份证号 | 金额（万元）", ["measure_not_yuan"]),
        ("单位：万元\n学校 | 年级 | 姓名 | 身份证号 | 金额", ["measure_not_yuan"]),
        ("单位：元\n学校 | 年级 | 姓名 | 身份证号 | 金额", []),
    ],
)
def test_columns_that_are_missing_or_twice_are_faults_all_at_once(headers, codes):
    found = read(f"{headers}\na | b | c | d | e | f")
    assert found.blamed == codes
    assert all(fault.message and "%(" not in fault.message for fault in found.table.faults)


# Wide kinds ----------------------------------------------------------------------------------------
def test_kind_claims_a_column_for_each_unit():
    found = read(
        "指标名称 | 阿左旗 | 额济纳旗 | 某旗 | 说明\n入学率 | 99 | 98 | 97 | x\n巩固率 | 95 | | 90 |",
        WIDE,
    )
    assert [(c.letter, c.claim) for c in found.table.extra] == [("B", 1), ("C", 2)]
    assert found.extra == [[99.0, 95.0], [98.0, None]]
    assert found.fault("column_unclaimed").params["header"] == "某旗"


def test_kind_claims_below_a_group():
    found = read("指标代码 | 各旗数值 |\n | 阿左旗 | 额济纳旗\nT1 | 1 | 2", WIDE)
    assert [c.letter for c in found.table.extra] == ["B", "C"]


def test_kind_claims_a_group_before_its_lowest_parts_are_columns():
    class Parted(type(WIDE)):
        numerator = Plain("分子")
        denominator = Plain("分母")

    found = read("指标代码 | 左旗 | | 说明\n | 分子 | 分母 |\nT1 | 1 | 2 | x", Parted())
    assert [(c.letter, c.claim) for c in found.table.extra] == [("B", 3), ("C", 4)]
    assert found.letters == {"code": "A", "note": "D"}


def test_unit_claimed_twice_is_a_fault():
    assert read("指标代码 | 阿左旗 | 阿拉善左旗\nT1 | 1 | 2", WIDE).blamed == ["header_twice"]


# Properties ----------------------------------------------------------------------------------------
HEADERS = {
    "banner": "旗(区)", "school": "学校名称", "grade": "年级★", "name": "姓 名", "sex": "2性别",
    "id_number": "身份证号码", "guardian": "监护人姓名", "phone": "联系电话（必填）", "amount": "金额(元)",
    "note": "备\n注",
}  # fmt: skip


@given(st.permutations([*HEADERS, None, None]), st.integers(0, 3))
def test_any_order_of_columns_gives_the_same_columns(order, above):
    head = [HEADERS.get(name) or ("序号", "籍贯")[i % 2] for i, name in enumerate(order)]
    data = [f"值{name}" for name in order]
    (found,) = read_all(Book().add([["某表"]] * above + [head, data]))
    assert found.table.header_rows == (above + 1, above + 1)
    assert found.rows == [(above + 2, {name: f"值{name}" for name in HEADERS})]
    assert found.blamed == []


@example([[None, None, None, "", ":"]])
@given(st.lists(st.lists(st.text(max_size=8) | st.none() | st.floats(), max_size=6), max_size=8))
def test_no_sheet_makes_it_stumble(rows):
    head = grid("学校 | 年级 | 姓名 | 身份证号")
    (found,) = read_all(Book(3).add(rows + head + rows))
    assert found.table.header_rows[1] >= len(rows)
