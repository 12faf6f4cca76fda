"""Workbooks of the other kinds: schools, a department's list, indicator values, staff."""

from tests.intake.corpus.books import book, table, text
from tests.intake.corpus.cases import case
from tests.intake.rosters import id_number


# Schools -----------------------------------------------------------------------------------------
def school(name="巴彦浩特蒙古族小学", banner="阿拉善左旗", kind="小学", **over) -> dict:
    return {"学校名称": name, "旗(区)": banner, "学校类型": kind} | over


def schools(name, habit, *rows, tells="", **more) -> None:
    case(
        name,
        habit,
        lambda: book(table(*rows, **more)),
        kind="schools",
        file="学校名录.xlsx",
        tells=tells,
    )


schools(
    "schools-new",
    "Two schools, one of them with everything",
    school(
        学校标识码="2115000001",
        简称="蒙小",
        **{"苏木镇(街道)": "巴彦浩特镇", "是否寄宿制": "√", "备注": "总校"},
    ),
    school("锡林高勒幼儿园", kind="幼儿园"),
)
schools(
    "schools-code-wrong",
    "A code of nine digits",
    school(学校标识码="211500001"),
    tells="school_code",
)
schools(
    "schools-code-as-number",
    "The code as a number: ten digits are not lost",
    school(学校标识码=2115000001.0),
)
schools("schools-type-unknown", "No such type", school(kind="补习班"), tells="choice_unknown")
schools("schools-key-twice", "A school twice", school(), school(), tells="key_twice")
schools(
    "schools-code-twice",
    "Two schools with one code",
    school(学校标识码="2115000001"),
    school("锡林高勒小学", 学校标识码="2115000001"),
    tells="key_twice",
)
schools(
    "schools-another-banner",
    "A school in a banner that one has no say in",
    school(banner="额济纳旗"),
    tells="unit_not_yours",
)
schools(
    "schools-township-elsewhere",
    "A township of another banner",
    school(**{"苏木镇(街道)": "达来呼布镇"}),
    tells="unit_not_yours",
)
schools(
    "schools-stored",
    "One that is stored already, found by its short name, and becomes a boarding school",
    school("一小", **{"是否寄宿制": "寄宿"}),
)


# A department's list -----------------------------------------------------------------------------
FACTS = (
    ["2025年低保名单"],
    ["提供单位：阿左旗民政局", None, "数据日期：2025年9月30日"],
)
FLAGS = ("--fact", "部门=民政", "--fact", "title=2025年低保名单", "--fact", "名单日期=2025-09-30")


def listed(n: int, name="那仁", category="低保", **over) -> dict:
    return {"姓名": name, "身份证号": id_number(n), "类别": category} | over


def lists(name, habit, *rows, tells="", above=FACTS, flags=(), **more) -> None:
    case(
        name,
        habit,
        lambda: book(table(*rows, above=above, **more), sheet="Sheet1"),
        *flags,
        kind="outside-list",
        file="低保名单.xlsx",
        tells=tells,
    )


lists(
    "list-facts-above",
    "Department, list and date stand above the header",
    listed(61),
    listed(62, "乌云"),
)
lists("list-facts-given", "They are given on the command line", listed(61), above=(), flags=FLAGS)
lists(
    "list-facts-missing", "Nobody says whose list it is", listed(61), above=(), tells="fact_missing"
)
lists(
    "list-fact-wrong",
    "A department that nobody knows",
    listed(61),
    above=(["低保对象名册"], ["提供单位：火星局", None, "数据日期：2025年9月30日"]),
    tells="fact_wrong",
)
lists(
    "list-category-blank",
    "A blank category that is not merged with the one above",
    listed(61),
    listed(62, "乌云", None),
    tells="required",
)
lists(
    "list-days-in-order",
    "Valid until before it began",
    listed(61, 认定日期="2025.9.1", 有效期至="2024.9.1"),
    tells="before_first",
)
lists(
    "list-same-person-two-categories",
    "One person in two categories is two rows",
    listed(61),
    listed(61, category="残疾儿童"),
)
lists("list-key-twice", "One person twice in a category", listed(61), listed(61), tells="key_twice")
lists(
    "list-guardian-with-child",
    "A guardian on the list, the child beside",
    listed(61, 与学生关系="父亲", 学生姓名="那仁", 学生身份证号=id_number(0)),
    renamed={"学生身份证号": "子女身份证号", "学生姓名": "子女姓名"},
)
lists(
    "list-category-unknown",
    "A category that is none of ours",
    listed(61, category="三好学生"),
    tells="choice_unknown",
)


# Indicator values --------------------------------------------------------------------------------
def values(
    name, habit, rows, *arguments, tells="", period="2025Q3", file="指标.xlsx", make=book
) -> None:
    given = ("--period", period) if period else ()
    case(
        name,
        habit,
        lambda: make(rows),
        *given,
        *arguments,
        kind="indicator-values",
        file=file,
        tells=tells,
    )


LONG = ["指标代码", "指标名称", "单位", "分子", "分母", "数值", "说明"]
values(
    "values-long",
    "Long form: a rate and two counts",
    [
        ["阿拉善左旗2025年第三季度指标表"],
        ["填报单位：阿拉善左旗", None, None, "期别：2025年第三季度"],
        LONG,
        ["T02-01", None, "阿拉善左旗", 8, 10, None, None],
        ["T07-04", "专场招聘会场次", "阿左旗", None, None, "3场", None],
        ["T08-01", None, None, None, None, "1,250", None],
    ],
)
values(
    "values-states",
    "Blank is not zero: 未报, 不适用, 0, 清空 and a blank row",
    [
        LONG,
        ["T07-04", None, "左旗", None, None, 0, None],
        ["T08-01", None, "左旗", None, None, "未报", "统计中"],
        ["T12-05", None, "左旗", None, None, "不适用", "没有农牧区"],
        ["T02-01", None, "左旗", None, None, None, None],
    ],
)
values(
    "values-wide",
    "Wide form: a column for each unit",
    [
        ["指标代码", "指标名称", "阿拉善左旗"],
        ["T07-04", "专场招聘会场次", 3],
        ["T08-01", None, 120],
    ],
)
values(
    "values-wide-two-levels",
    "Wide form with 分子 and 分母 under each unit",
    [
        ["指标代码", "阿拉善左旗", None],
        [None, "分子", "分母"],
        ["T02-01", 8, 10],
    ],
    make=lambda rows: book(rows, merges=("A1:A2", "B1:C1")),
)
values(
    "values-percent-only",
    "A rate as a percentage alone",
    [LONG, ["T02-01", None, "左旗", None, None, "80%", None]],
    tells="percent_only",
)
values(
    "values-rate-differs",
    "A percentage that its parts do not give",
    [LONG, ["T02-01", None, "左旗", 8, 10, "95%", None]],
    tells="rate_differs",
)
values(
    "values-denominator-missing",
    "A rate without its denominator",
    [LONG, ["T02-01", None, "左旗", 8, None, None, None]],
    tells="denominator_missing",
)
values(
    "values-fraction",
    "Half a job fair",
    [LONG, ["T07-04", None, "左旗", None, None, 2.5, None]],
    tells="not_whole",
)
values(
    "values-negative",
    "Less than nothing",
    [LONG, ["T07-04", None, "左旗", None, None, -1, None]],
    tells="number_small",
)
values(
    "values-other-unit",
    "120万人 is not ours to convert",
    [LONG, ["T08-01", None, "左旗", None, None, "1.2万", None]],
    tells="number_unit",
)
values(
    "values-unknown-indicator",
    "A code that is not in the plan",
    [LONG, ["T99-99", None, "左旗", None, None, 1, None]],
    tells="indicator_unknown",
)
values(
    "values-not-owed",
    "An indicator that others report",
    [LONG, ["T07-04", None, "额济纳旗", None, None, 1, None]],
    tells="unit_not_yours",
)
values(
    "values-wrong-period",
    "A monthly indicator in a quarter's sheet",
    [LONG, ["T01-02", None, "左旗", None, None, 1, None]],
    tells="wrong_period",
)
values(
    "values-code-and-name",
    "Code and name of two indicators",
    [LONG, ["T07-04", "职业技能培训人次", "左旗", None, None, 1, None]],
    tells="code_and_name_differ",
)
values(
    "values-twice",
    "An indicator twice",
    [LONG, *[["T07-04", None, "左旗", None, None, n, None] for n in (1, 2)]],
    tells="key_twice",
)
values(
    "values-period-differs",
    "The sheet says another quarter than the command",
    [["期别：2025年第二季度"], LONG, ["T07-04", None, "左旗", None, None, 1, None]],
    tells="period_differs",
)
values(
    "values-no-period",
    "Neither the command nor the sheet says the period",
    [LONG, ["T07-04", None, "左旗", None, None, 1, None]],
    period="",
    tells="period_missing",
)
values(
    "values-period-in-sheet",
    "The period stands above the header only",
    [["期别：2025年第三季度"], LONG, ["T07-04", None, "左旗", None, None, 1, None]],
    period="",
)
values(
    "values-csv",
    "As text from another system",
    [LONG, ["T07-04", "", "左旗", "", "", "3", ""]],
    file="指标.csv",
    make=lambda rows: text(rows, "gb18030"),
)


# Staff -------------------------------------------------------------------------------------------
def staff(name, habit, *rows, tells="", by="sysadmin", **more) -> None:
    case(
        name,
        habit,
        lambda: book(table(*rows, **more)),
        kind="staff",
        file="人员.xlsx",
        by=by,
        tells=tells,
    )


def person(name="那仁", username="naren", unit="阿拉善左旗", role="旗区填报员", **over) -> dict:
    return {"姓名": name, "用户名": username, "单位": unit, "角色": role} | over


staff(
    "staff-new",
    "Two people, one for a time",
    person(联系电话="0483-8330001", 起始日期="2025-11-01", 截止日期="2026-10-31"),
    person("乌云", "wuyun", "阿左旗第一小学", "学校填报员"),
)
staff(
    "staff-username",
    "A sign that no username has",
    person(username="na/ren"),
    tells="username_wrong",
)
staff(
    "staff-role-elsewhere",
    "A school's role at a banner",
    person(role="学校填报员"),
    tells="role_elsewhere",
)
staff("staff-unit-unknown", "No such unit", person(unit="月球教育局"), tells="unit_unknown")
staff(
    "staff-own",
    "A posting for oneself",
    person("sysadmin", "sysadmin", "阿拉善盟", "督导"),
    tells="own_posting roles_clash",
)
staff(
    "staff-days",
    "Ends before it begins",
    person(起始日期="2026-01-01", 截止日期="2025-12-01"),
    tells="before_first",
)
staff("staff-twice", "One posting twice", person(), person(), tells="key_twice")
staff("staff-not-allowed", "An official hands in a list of staff: exit 2", person(), by="left")


# Dropout control ---------------------------------------------------------------------------------
def dropout(name, habit, kind, row, *flags, tells="") -> None:
    rows = {"姓名": "那仁", "身份证号": id_number(71)} | row
    case(name, habit, lambda: book(table(rows)), *flags, kind=kind, file="台账.xlsx", tells=tells)


dropout(
    "school-age-fact-missing",
    "Nobody says whose list it is",
    "school-age-children",
    {"苏木镇(街道)": "巴彦浩特镇"},
    tells="fact_missing",
)
dropout(
    "ledger-child-unknown",
    "A child whom no roll knows, and nobody says where it lives",
    "dropout-ledger",
    {"类型": "辍学", "辍学时间": "2025-03-01"},
    tells="child_unknown",
)
dropout(
    "ledger-child-too-soon",
    "A child that has not been away long enough is said to have dropped out",
    "dropout-ledger",
    {"类型": "辍学", "辍学时间": "2025-10-10", "苏木镇(街道)": "巴彦浩特镇"},
    tells="too_soon_to_confirm",
)
dropout(
    "ledger-compared-without-a-day",
    "Nobody says of which day the export is",
    "dropout-ledger",
    {"类型": "辍学", "辍学时间": "2025-03-01"},
    "--fact",
    "mode=compare",
    tells="export_of_which_day",
)
dropout(
    "attendance-since-missing",
    "Away, and nobody says since when",
    "attendance-return",
    {"学校": "一小", "是否在校": "否"},
    "--period",
    "2025-09",
    tells="since_when",
)
dropout(
    "persuasion-no-case",
    "A visit to a child of whom there is no case",
    "persuasion-records",
    {"日期": "2025-09-10", "劝返人": "巴图", "结果": "同意返校"},
    tells="case_unknown",
)
dropout(
    "home-teaching-no-case",
    "A lesson of a child of whom there is no case",
    "home-teaching",
    {"日期": "2025-09-10", "教师": "乌云", "分钟": 40},
    tells="case_unknown",
)


# Student aid -------------------------------------------------------------------------------------
def aid(name, habit, kind, row, tells="") -> None:
    rows = {"学校": "一小", "姓名": "那仁", "身份证号": id_number(71)} | row
    case(name, habit, lambda: book(table(rows)), kind=kind, file="资助.xlsx", tells=tells)


aid(
    "recognition-of-nobody",
    "A child whom no roll knows is found to be in need",
    "recognitions",
    {"困难等级": "A", "学年学期": "2024-2025学年第二学期"},
    tells="student_unknown",
)
aid(
    "payment-programme-unknown",
    "Money for a programme that nobody has added",
    "aid-payments",
    {
        "资助项目": "伙食费",
        "学年学期": "2024-2025学年第二学期",
        "发放金额": "312.50",
        "发放日期": "2025-06-20",
    },
    tells="programme_unknown",
)
