"""What stands in single cells of a roster: each spelling that is accepted, each that is refused."""

from datetime import date, datetime

from tests.intake.corpus.books import book, pupil, stored_child, table
from tests.intake.corpus.cases import case
from tests.intake.rosters import id_number


def one(name: str, habit: str, tells: str = "", n: int = 31, **over) -> None:
    """A roster with one child that has something special, beside a plain one."""
    case(name, habit, lambda: book(table(pupil(n, **over), pupil(40))), tells=tells)


X_END = next(n for n in range(100, 200) if id_number(n).endswith("X"))


# Identity numbers --------------------------------------------------------------------------------
one("id-lower-x", "A small x at the end", n=X_END, 身份证号=id_number(X_END).lower())
one(
    "id-full-width",
    "Full-width digits, blanks between groups, an apostrophe",
    身份证号="'" + id_number(31).translate({ord("0") + d: ord("０") + d for d in range(10)}),
)
one("id-with-blanks", "Blanks between groups", 身份证号=f"{id_number(31)[:6]} {id_number(31)[6:]}")
one(
    "id-as-number",
    "Excel has rounded the number: refused",
    "id_lost_digits",
    身份证号=float(int(id_number(31)[:15] + "000")),
)
one("id-exponent", "1.52921E+17 as text", "id_lost_digits", 身份证号="1.52921E+17")
one(
    "id-rounded-then-text",
    "Rounded first, made a text afterwards",
    "id_lost_digits",
    身份证号=id_number(31)[:15] + "000",
)
one("id-old-15", "A number of 15 digits", "id_old", 身份证号="152921090203001")
one("id-too-short", "A digit is missing", "id_length", 身份证号=id_number(31)[:-1])
one(
    "id-letter-inside",
    "The letter O for a nought",
    "id_signs",
    身份证号="1529212O" + id_number(31)[8:],
)
one("id-no-such-day", "30 February as birth date", "id_birth", 身份证号="152921201202300011")
one("id-future", "Born next year", "id_future", 身份证号="152921202610010019")
one(
    "id-checksum",
    "One digit is wrong",
    "id_checksum",
    身份证号=id_number(31)[:-1] + ("1" if id_number(31)[-1] != "1" else "2"),
)
one(
    "id-masked",
    "A number with stars from another system",
    "masked_cell",
    身份证号="152921********0014",
)
one(
    "id-sex-differs",
    "女 beside a boy's number",
    "sex_differs",
    性别="女" if pupil(31)["性别"] == "男" else "男",
)
one(
    "id-birth-differs",
    "Another birth date than the number's",
    "birth_differs",
    出生日期="2010-01-01",
)
one(
    "id-none-other-paper",
    "证件类型 其他 without a number",
    姓名="新来的",
    证件类型="其他",
    身份证号=None,
    性别="女",
)
one(
    "id-none-alike",
    "No number, and the school has a child of this name: the same one?",
    "needs_answer",
    证件类型="其他",
    身份证号=None,
    性别="女",
)
one(
    "id-passport-unnamed",
    "A passport's number and no 证件类型",
    "id_kind_missing",
    身份证号="EA1234567",
    性别="女",
)
one("id-passport", "A passport", 证件类型="护照", 身份证号="EA1234567", 性别="女")
one("id-kind-differs", "A resident's number called a passport", "id_kind_differs", 证件类型="护照")
one("id-missing", "No number and no 证件类型", "required", 身份证号="无")

# Numbers of the school roll ----------------------------------------------------------------------
one("roll-formal", "G and the identity number", 学籍号="G" + id_number(31))
one("roll-temporary", "L with a random end: no checksum", 学籍号="L15292120130201" + "7431")
one("roll-differs", "G with another number: a warning", "roll_differs", 学籍号="G" + id_number(33))
one("roll-no-letter", "The letter is missing", "roll_letter", 学籍号=id_number(31))
one("roll-short", "Eighteen characters", "roll_length", 学籍号="G" + id_number(31)[:-1])
one(
    "roll-checksum",
    "J whose check fails",
    "roll_checksum",
    学籍号="J" + id_number(31)[:-1] + ("1" if id_number(31)[-1] != "1" else "2"),
)

# Names and words ---------------------------------------------------------------------------------
one("name-spaced", "Full-width blank inside a name", 姓名="张　三")
one("name-dot", "A Mongol name with a typed dot", 姓名="巴图．孟和")
one("name-with-number", "A number before the name", "name_digits", 姓名="1那仁")
one("name-signs", "Two names in one cell", "name_signs", 姓名="那仁/乌云")
one("name-blank", "No name", "required", 姓名="　")
one("words-too-long", "A remark of 201 characters", "text_long", 备注="长" * 201)
case(
    "words-ditto",
    "同上 and ″ stand for the cell above",
    lambda: book(
        table(
            pupil(31, 现住址="阿拉善左旗巴彦浩特镇1号", 民族="蒙古族"),
            pupil(33, 现住址="同上", 民族="″", 学校="〃", 年级="同上"),
        )
    ),
)
one("words-ditto-first", "同上 in the first row", "nothing_above", 年级="同上")
one("words-formula-like", "A remark that begins with = - + @", 备注="-见附件@1")

# Days and months ---------------------------------------------------------------------------------
DAY = date(int(id_number(31)[6:10]), int(id_number(31)[10:12]), int(id_number(31)[12:14]))
SPELLINGS = {
    "points": f"{DAY.year}.{DAY.month}.{DAY.day}",
    "slashes": f"{DAY.year}/{DAY.month}/{DAY.day}",
    "digits": f"{DAY:%Y%m%d}",
    "digits-number": float(f"{DAY:%Y%m%d}"),
    "chinese": f"{DAY.year}年{DAY.month}月{DAY.day}日",
    "serial": float((DAY - date(1899, 12, 30)).days),
    "cell-of-a-day": datetime(DAY.year, DAY.month, DAY.day),
}
for spelling, said in SPELLINGS.items():
    one(f"day-{spelling}", f"A day as {spelling}", 出生日期=said)
case(
    "day-serial-1904",
    "A workbook that counts days from 1904",
    lambda: book(table(pupil(31, 出生日期=float((DAY - date(1904, 1, 1)).days))), uses_1904=True),
)
one("day-none", "Not a day at all", "day_wrong", 出生日期="不详")
one("day-only-month", "A month where a day is asked for", "day_no_day", 出生日期="2013.02")
one("day-never-was", "31 September", "day_never_was", 出生日期="2013-09-31")
one("day-year-last", "Day and month in doubt", "day_order", 出生日期="01/02/2013")
one("month-points", "2022.09 as text", 入学年月="2022.09")
one(
    "month-number-lost-nought",
    "2022.1 as a number: January or October?",
    "month_ambiguous",
    入学年月=2022.1,
)
one(
    "month-no-year",
    "9月 and no year: this year, with a warning",
    "day_year_assumed",
    入学年月="9月",
)

# Yes, lists, grades, phones ----------------------------------------------------------------------
for spelling, said in (("tick", "√"), ("one", 1), ("dash", "—"), ("word", "住校生")):
    one(f"yes-no-{spelling}", f"{said} in a column of yes and no", 是否寄宿=said)
one("yes-no-unclear", "A word that is neither", "yes_no_wrong", 是否寄宿="周末")
one(
    "choice-code",
    "民族 and 性别 by their codes",
    民族="02",
    性别="1" if pupil(31)["性别"] == "男" else "2",
)
one("choice-near", "A people that is nearly one", "choice_near", 民族="蒙古古族")
one("choice-unknown", "No such people", "choice_unknown", 民族="火星")
one("grade-junior", "初一 for 七年级", 年级="初一")
one("grade-digit", "3年级 with a full-width digit", 年级="３年级")
one("grade-cohort", "2022级 is no grade", "grade_cohort", 年级="2022级")
one("grade-unknown", "No such grade", "choice_unknown", 年级="幼师班")
one("phone-spaced", "A phone in groups, with a country code", 监护人电话="+86 139-0000-0031")
one("phone-number", "A phone as a number", 监护人电话=13900000031.0)
one("phone-short", "Ten digits", "phone_length", 监护人电话="1390000003")
one("phone-no-area", "A landline without its area code", "phone_area_code", 监护人电话="8330000")
one("phone-two", "Two numbers in one cell", "phone_several", 监护人电话="13900000031/13900000032")

# Schools and banners -----------------------------------------------------------------------------
one("unit-short-name", "The school by its short name", 学校="一小")
one("unit-full-width-blank", "The school with blanks inside", 学校="阿左旗 第一小学")
one("unit-unknown", "No such school", "unit_unknown", 学校="银川第九中学")
one("unit-near", "A school's name with a slip", "unit_near", 学校="阿左旗第一小")
one("unit-not-yours", "A school of another banner", "unit_not_yours", 学校="额济纳旗中心小学")
case(
    "unit-of-which",
    "A name that two schools of the league have",
    lambda: book(table(pupil(31, 学校="希望小学"))),
    by="bureau",
    tells="unit_of_which",
)
case(
    "unit-of-the-banner-named",
    "A name that two schools have, settled by the banner",
    lambda: book(table({"旗(区)": "左旗"} | pupil(31, 学校="希望小学"))),
    by="bureau",
)
case(
    "unit-elsewhere",
    "A school that is not in the banner beside it",
    lambda: book(table({"旗(区)": "额济纳旗"} | pupil(31))),
    by="bureau",
    tells="unit_elsewhere",
)

# Errors and formulas -----------------------------------------------------------------------------
case(
    "cell-error-in-optional-column",
    "#N/A where a blank would do",
    lambda: book(table(pupil(31, 备注="#N/A"))),
    tells="error_cell",
)
case(
    "cell-formula-without-value",
    "A formula that the file holds no result of",
    lambda: book(table(pupil(31, 班级='=CONCATENATE("2","班")'))),
    tells="formula_without_value",
)

# Against what is stored --------------------------------------------------------------------------
case(
    "stored-unchanged",
    "The three children as they are stored",
    lambda: book(table(*map(stored_child, range(3)))),
)
case(
    "stored-changed",
    "Another class for one of them",
    lambda: book(table(*(stored_child(n, 班级="5班" if n == 1 else "2班") for n in range(3)))),
)
case(
    "stored-blank-leaves-alone",
    "Blank cells change nothing",
    lambda: book(table(*(stored_child(n, 现住址=None, 监护人电话="") for n in range(3)))),
)
case(
    "stored-cleared",
    "清空 empties what is stored, and is counted",
    lambda: book(table(*(stored_child(n, 现住址="清空") for n in range(3)))),
)
case(
    "stored-clear-required",
    "清空 in a required column",
    lambda: book(table(*(stored_child(n, 年级="清空" if not n else "三年级") for n in range(3)))),
    tells="clear_required",
)
case(
    "stored-key-twice",
    "One child twice after a transfer",
    lambda: book(table(pupil(31), pupil(33), pupil(31, 班级="3班"))),
    tells="key_twice",
)
case(
    "stored-roll-twice",
    "Two children with one number of the roll",
    lambda: book(table(*(pupil(n, 学籍号="L152921201302017431") for n in (31, 33)))),
    tells="key_twice",
)
case(
    "stored-elsewhere",
    "A child that another banner holds: a transfer is proposed",
    lambda: book(table(pupil(50), pupil(31))),
    tells="other_unit",
)
case(
    "stored-number-corrected",
    "A stored number of the roll beside another identity number: the child's number was corrected",
    lambda: book(table(stored_child(1, 身份证号=id_number(31), 性别=pupil(31)["性别"]))),
    tells="roll_differs",
)
