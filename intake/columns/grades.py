# data
"""Grades and classes, as schools write them."""

import re

from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column
from intake.columns.choices import Choice
from intake.columns.spelling import chinese_number, is_whole, normal_form, settle, written
from intake.faults import BadCell, declare
from registry.models import Grade as GradeCode
from registry.models import School

declare(
    {
        "grade_cohort": (
            _("“%(header)s”写的是入学年份，不是年级"),
            _("写年级，如 三年级、初一。"),
        ),
        "class_unclear": (
            _("“%(header)s”是一个小数，看不出是几班"),
            _("写成 1班 这样。"),
        ),
    }
)

_NUMERALS = "一二三四五六七八九"
_PRIMARY = [grade for grade in GradeCode if grade.value[0] == "1"]
_JUNIOR = [grade for grade in GradeCode if grade.value[0] == "2"]
_STAGES = (
    (_PRIMARY, ("小", "小学", "小学部")),
    (_JUNIOR, ("初", "初中", "初中部")),
    ([g for g in GradeCode if g.value[0] == "3"], ("高", "高中", "高中部")),
    ([g for g in GradeCode if g.value[0] == "4"], ("职", "中职", "职高", "中专", "职业高中")),
)
_KINDERGARTEN = {
    "小班": "01",
    "幼小班": "01",
    "幼儿园小班": "01",
    "学前小班": "01",
    "中班": "02",
    "幼儿园中班": "02",
    "学前中班": "02",
    "大班": "03",
    "幼儿园大班": "03",
    "学前大班": "03",
    "学前班": "04",
    "学前一年": "04",
    "学前": "04",
}
_COHORT = re.compile(r"(20)?\d\d[级届]")
_YEARS_OF = {School.System.SIX_THREE: (6, 9), School.System.FIVE_FOUR: (5, 9)}


class Grade(Choice):
    """年级: 一年级, 小一, 初一, 七年级, 高一, 大班, 中职一年级 and their like; the value is the code.

    六年级 is of primary school; where the sheet comes from a school of five and four years, it and
    those after it are junior. Junior grades are written as 初一, which means the same in both.
    """

    type_name = "grade"

    def __init__(self, header, **rest):
        super().__init__(header, GradeCode, **rest)

    def bind(self, context):
        header, known, read = str(self.header), spellings(_system(context)), super().bind(context)

        def read_grade(cell):
            text = normal_form(written(cell))
            if text in known:
                return known[text]
            if _COHORT.fullmatch(text):
                raise BadCell("grade_cohort", header=header)
            return read(cell)

        return read_grade

    def _known(self):
        return {}  # all spellings are `spellings`; what comes here is unknown

    def excel(self, value):
        if value and value[0] == "2":
            return "初" + _NUMERALS[int(value[1]) - 1]
        return super().excel(value)


def _system(context) -> str:
    if context.unit is None:
        return School.System.SIX_THREE
    school = School.objects.filter(unit=context.unit).first()
    return school.system if school else School.System.SIX_THREE


def spellings(system: str = School.System.SIX_THREE) -> dict[str, str]:
    """Every accepted spelling of a grade, in its normal form."""
    known = dict(_KINDERGARTEN)
    for grades, stages in _STAGES:
        for year, grade in enumerate(grades, start=1):
            for number in (_NUMERALS[year - 1], str(year)):
                for stage in stages:
                    known[f"{stage}{number}"] = grade.value
                    known[f"{stage}{number}年级"] = grade.value
                    known[f"{stage}{number}年"] = grade.value
                    known[f"{number}年级{stage}"] = grade.value
                known[f"{stages[0]}{number}级"] = grade.value
    known |= _by_year(system)
    known |= {code: code for code in GradeCode.values if int(code) > 12}
    return {normal_form(spelling): code for spelling, code in known.items()}


def _by_year(system: str) -> dict[str, str]:
    """一年级 to 九年级 counted through primary and junior school, and 高一 to 高三 as 10 to 12."""
    primary, compulsory = _YEARS_OF[system]
    known = {}
    for year in range(1, compulsory + 1):
        in_primary = year <= primary
        code = (_PRIMARY[year - 1] if in_primary else _JUNIOR[year - primary - 1]).value
        for number in (_NUMERALS[year - 1], str(year), f"0{year}"):
            known |= dict.fromkeys((number, f"{number}年级", f"{number}年"), code)
            stage = "小学" if in_primary else "初中"
            known[f"{stage}{number}年级"] = known.get(f"{stage}{number}年级", code)
        known[f"G{year}"] = known[f"grade{year}"] = code
        if in_primary:
            known[f"P{year}"] = code
    for year, number in ((10, "十"), (11, "十一"), (12, "十二")):
        code = f"3{year - 9}"
        known |= dict.fromkeys((f"{year}年级", f"{number}年级", f"G{year}", f"grade{year}"), code)
    return known


class ClassName(Column):
    """班级: 1班, （1）班, 一(1)班 and 三年级一班 are all 1班; names of classes stay as they are."""

    type_name = "class"

    def __init__(self, header, *, most: int = 30, **rest):
        super().__init__(header, **rest)
        self.most = most

    def bind(self, context):
        header, most = str(self.header), self.most

        def read(cell):
            if cell.__class__ is float and not is_whole(cell):
                raise BadCell("class_unclear", header=header)
            text = "".join(settle(written(cell)).split()).translate(_BRACKETS)
            if found := _NUMBERED.fullmatch(text):
                number = found["number"]
                counted = int(number) if number.isdigit() else chinese_number(number)
                if counted:
                    return f"{counted}班"
            if len(text) > most:
                raise BadCell("text_long", header=header, count=len(text), most=most)
            return text

        return read


_BRACKETS = str.maketrans("（）【】［］〔〕．", "()()()().")
_GRADE = "(?:小学|初中|高中|中职|幼儿园)?(?:[小初高职大中][一二三123](?:年级)?|[一二三四五六七八九1-9](?:年级?|级))"
_NUMBERED = re.compile(
    rf"(?:{_GRADE}|[小初高职大中]?[一二三四五六七八九1-9](?=[(.-])|[一二三四五六七八九](?=[\d一二三四五六七八九]))?"
    r"[.-]?\(?第?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})\)?班?\)?"
)
