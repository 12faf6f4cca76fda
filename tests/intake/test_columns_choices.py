"""Yes and no, words out of lists, ethnic groups, grades, classes, and 同上."""

import pytest
from django.utils.translation import override

from intake.cells import CellError
from intake.columns import (
    BLANK,
    CLEAR,
    Choice,
    ClassName,
    Ethnicity,
    Grade,
    Text,
    YesNo,
    fill_dittos,
)
from intake.columns.base import NOTHING_ABOVE
from intake.columns.spelling import Nearest, normal_form
from intake.faults import BadCell
from registry.models import Category, IdKind, Relation, School
from registry.models import Ethnicity as EthnicityCode
from registry.models import Grade as GradeCode
from registry.models import Sex as SexCode
from tests.intake.spellings import context, fault, read, words

BOARDS = YesNo("是否寄宿", yes=("全寄",), no=("半寄",))
SEX, RELATION = Choice("性别", SexCode), Choice("与学生关系", Relation)
PAPERS = Choice("证件类型", IdKind, without=(IdKind.ROLL,))
CATEGORY, TYPE = Choice("类别", Category), Choice("学校类型", School.Type)
ETHNICITY, GRADE, CLASS = Ethnicity("民族"), Grade("年级"), ClassName("班级")


def assert_all_read(column, cells, value):
    """Cells as a list, or their texts with blanks between."""
    cells = cells.split() if isinstance(cells, str) else cells
    assert {repr(cell): read(column, cell) for cell in cells} == dict.fromkeys(
        map(repr, cells), value
    )


@pytest.mark.parametrize(
    "value, cells",
    [
        (
            True,
            "是 √ ✓ ✔ 有 1 Y y Ｙ yes YES 对 true TRUE 寄宿 住宿 住校 全寄 （√） (√) 【是】",
        ),
        (True, [1, 1.0, True, " 是　", "√ "]),
        (
            False,
            "否 × ✗ 无 0 N n NO 不 没有 false — - － / ／ 走读 半寄 （×）",
        ),
        (False, [0, 0.0, False]),
        (BLANK, ["", "　", None]),
        (CLEAR, ["清空"]),
    ],
)
def test_yes_no_reads_the_spelling(value, cells):
    assert_all_read(BOARDS, cells, value)


@pytest.mark.parametrize(
    "column, code, cells",
    [
        (
            SEX,
            "1",
            ["男", "1", 1, 1.0, "01", "1男", "1-男", "男1", "1.男", "男性", "男生", "M", "male"],
        ),
        (SEX, "2", ["女", "２", "2 女", "女性", "F"]),
        (RELATION, "FATHER", ["父亲", "父", "爸爸", "父子", "父女关系", "father", "FATHER父亲"]),
        (RELATION, "GRANDPARENT", ["祖父母或外祖父母", "爷爷", "姥姥", "外 公", "祖孙"]),
        (PAPERS, "1", ["居民身份证", "身份证", "1", "1居民身份证", "户口簿"]),
        (PAPERS, "A", ["护照", "a", "Ａ", "A护照"]),
        (PAPERS, "Z", ["其他", "其它", "Z", "无"]),
        (CATEGORY, "SUBSISTENCE", ["最低生活保障家庭", "低保", "低保户", "subsistence"]),
        (CATEGORY, "POVERTY_EXIT", ["脱贫户", "脱贫户（原建档立卡户）", "建档立卡户"]),
        (TYPE, "21P", ["教学点", "21P", "21p"]),
        (TYPE, "312", ["九年一贯制学校", "九年一贯制", 312]),
        (
            ETHNICITY,
            "02",
            ["蒙古族", "蒙古", "蒙", "02", 2, 2.0, "2", "02蒙古族", "蒙 古 族", "０２"],
        ),
        (ETHNICITY, "01", ["汉族", "汉", "1", "01汉族", "汉族01"]),
        (ETHNICITY, "31", ["达斡尔族", "达斡尔", "31"]),
        (ETHNICITY, "97", ["其他", "其它", 97]),
    ],
)
def test_choice_reads_the_spelling(column, code, cells):
    assert_all_read(column, cells, code)


@pytest.mark.parametrize(
    "code, cells",
    [
        (
            "11",
            "一年级 1年级 １年级 一 1 01 小一 小1 小学一年级 小学1年级 小一年级 一年 P1 G1",
        ),
        ("11", [1, 1.0]),
        ("13", ["三年级", "三", 3, "小三", "13", 13.0]),
        ("16", ["六年级", "小六", "小学六年级", 6]),
        ("21", "七年级 7年级 七 7 初一 初1 初中一年级 初一年级 初中七年级 21"),
        ("23", ["九年级", "初三", 9, "23"]),
        ("24", ["初四", "初中四年级", "24"]),
        ("31", "高一 高1 高中一年级 高一年级 十年级 10年级 31"),
        ("33", ["高三", "十二年级", "普高三年级"]),
        ("41", ["中职一年级", "职一", "中职一", "中专1年级", "41"]),
        ("01", ["小班", "幼儿园小班"]),
        ("02", ["中班"]),
        ("03", ["大班", " 大 班 "]),
        ("04", ["学前班", "学前"]),
    ],
)
def test_grade_reads_the_spelling(code, cells):
    assert_all_read(GRADE, cells, code)


@pytest.mark.parametrize(
    "value, cells",
    [
        (
            "1班",
            "1班 １班 01班 1 一班 一 （1）班 (1)班 (一)班 第1班 一(1)班 一（1）班 1(1)班 1.1班",
        ),
        (
            "1班",
            [
                "一年级1班",
                "一年级一班",
                "一年级(1)班",
                "三年级（1班）",
                "高一(1)班",
                "初一1班",
                1,
                1.0,
            ],
        ),
        ("2班", ["三二班", "三2班", "小学三年级2班", "3-2", "2 班"]),
        ("12班", ["12班", "十二班", "三年级十二班", "三(12)班"]),
        ("20班", ["二十班", "20班"]),
        ("蒙授1班", ["蒙授1班", "蒙授 １班"]),
        ("实验班", ["实验班"]),
        ("大一班", ["大一班"]),
        ("2023级1班", ["2023级1班"]),
        ("1班(蒙授)", ["1班（蒙授）", "1班(蒙授)"]),
    ],
)
def test_class_name_reads_the_spelling(value, cells):
    assert_all_read(CLASS, cells, value)


FAULTS = [
    (BOARDS, "可能", "yes_no_wrong"),
    (BOARDS, 2, "yes_no_wrong"),
    (BOARDS, "()", "yes_no_wrong"),
    (YesNo("是否寄宿"), "全寄", "yes_no_wrong"),
    (SEX, "未知", "choice_unknown"),
    (SEX, 3, "choice_unknown"),
    (SEX, CellError("#REF!"), "error_cell"),
    (PAPERS, "学籍号", "choice_unknown"),
    (PAPERS, "ROLL", "choice_unknown"),
    (CATEGORY, "边缘易至贫户", "choice_near"),
    (ETHNICITY, "蒙古旗", "choice_near"),
    (ETHNICITY, 60, "choice_unknown"),
    (GRADE, "2023级", "grade_cohort"),
    (GRADE, "２３级", "grade_cohort"),
    (GRADE, "2020届", "grade_cohort"),
    (GRADE, 12, "choice_unknown"),  # the code of 二年级, or the twelfth year
    (GRADE, "幼儿园", "choice_unknown"),
    (CLASS, 2.1, "class_unclear"),
    (CLASS, "班" * 31, "text_long"),
]


@pytest.mark.parametrize("column, cell, code", FAULTS)
def test_column_tells_the_fault(column, cell, code):
    assert fault(column, cell) == code


def test_choice_names_the_nearest_word():
    assert "蒙古族" in words(ETHNICITY, "蒙古旗")
    assert "边缘易致贫户" in words(CATEGORY, "边缘易至贫户")


def test_a_sheet_full_of_unknown_words_is_not_searched_for_ever():
    nearest = Nearest({normal_form(label): label for label in CATEGORY.choices(None)})
    answers = [nearest.to("低保家庭户") for _cell in range(Nearest.LIMIT + 1)]
    assert answers[0] and not answers[-1]


def test_what_stands_in_a_form_is_not_translated():
    with override("en"):
        assert Choice("性别", SexCode).choices(None) == ["男", "女"]
        assert BOARDS.excel(True) == "是"
        assert Grade("年级").choices(None)[4] == "一年级"


def test_every_entry_of_every_list_can_be_chosen():
    for column in (SEX, RELATION, PAPERS, CATEGORY, TYPE, ETHNICITY, GRADE):
        codes = [option.value for option in column.options]
        assert [read(column, label) for label in column.choices(None)] == codes
        assert all(column.shown(code) for code in codes)
    assert len(ETHNICITY.options) == len(EthnicityCode) and len(GRADE.options) == len(GradeCode)


def test_synonyms_name_codes_that_exist():
    for column in (SEX, RELATION, PAPERS, CATEGORY, TYPE, ETHNICITY):
        assert set(column.synonyms.values()) <= {option.value for option in column.options}


def test_a_kind_adds_its_own_synonyms():
    column = Choice("性别", SexCode, synonyms={"小伙": "1"})
    assert (read(column, "小伙"), read(column, "男性"), fault(SEX, "小伙")) == (
        "1",
        "1",
        "choice_unknown",
    )


# 同上 --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sign", ["同上", "″", "〃", '"', "＂", "”", " 〃 "])
def test_ditto_takes_the_cell_above(sign):
    assert fill_dittos(["左旗", sign, sign, "右旗", sign]) == [
        "左旗",
        "左旗",
        "左旗",
        "右旗",
        "右旗",
    ]


def test_ditto_reaches_into_the_chunk_before():
    assert fill_dittos(["同上", 3.0, "同上"], "左旗") == ["左旗", 3.0, 3.0]


def test_ditto_below_nothing_is_a_fault():
    filled = fill_dittos(["同上", None, "〃"])
    assert filled == [NOTHING_ABOVE, None, NOTHING_ABOVE]
    with pytest.raises(BadCell, match="nothing_above"):
        Text("学校").reader(context())(filled[0])


def test_a_column_without_dittos_is_handed_on_as_it_is():
    cells = ["左旗", None, 3, "同上一所学校"]
    assert fill_dittos(cells) is cells
