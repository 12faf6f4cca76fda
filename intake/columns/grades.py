# data
"""Grades and classes, as schools write them."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column, Context
from intake.columns.choices import Choice
from intake.columns.spelling import chinese_number, is_whole, normal_form, settle, written
from intake.faults import BadCell, declare
from registry.models import Grade as GradeCode
from registry.models import School

declare(
    {
        "grade_cohort": (
            _("“%(header)s”写的是入学年份，不是年级"),
            _("写年级，如三年级、初一。"),
        ),
        "class_unclear": (
            _("“%(header)s”是个小数，看不出几班"),
            _("写成 1班 这样。"),
        ),
    }
)

_NUMERALS = "〇一二三四五六七八九"
_PRIMARY, _JUNIOR, _SENIOR, _VOCATIONAL = "1", "2", "3", "4"  # first digits of the codes
_STAGES = {
    _PRIMARY: ("小", "小学", "小学部"),
    _JUNIOR: ("初", "初中", "初中部"),
    _SENIOR: ("高", "高中", "普高", "高中部"),
    _VOCATIONAL: ("职", "中职", "职高", "中专", "职业高中"),
}
_KINDERGARTEN = {
    GradeCode.K1: ("小班", "幼小班", "幼儿园小班", "学前小班", "托班"),
    GradeCode.K2: ("中班", "幼中班", "幼儿园中班", "学前中班"),
    GradeCode.K3: ("大班", "幼大班", "幼儿园大班", "学前大班"),
    GradeCode.K4: ("学前班", "学前", "学前一年"),
}
_PRIMARY_YEARS = {School.System.SIX_THREE: 6, School.System.FIVE_FOUR: 5}
_COMPULSORY_YEARS, _ALL_YEARS = 9, 12
_COHORT = re.compile(r"(20)?\d\d[级届]")


class Grade(Choice):
    """年级: 一年级, 小一, 初一, 七年级, 高一, 大班, 中职一年级 and their like; the value is the code.

    六年级 is of primary school. Where the sheet comes from a school of five and four years it is of
    junior school, and so on to 九年级; so a form writes 初一, which is the same grade in both.
    """

    type_name = "grade"

    def __init__(self, header, **rest):
        super().__init__(header, GradeCode, **rest)

    @cached_property
    def labels(self):
        labels = dict(super().labels)
        for code in labels:
            if code[0] == _JUNIOR:
                labels[code] = "初" + _NUMERALS[int(code[1])]
        return labels

    def spellings(self, context):
        known = spellings_of_grades(_system(context))
        return known | {normal_form(word): code for word, code in self.synonyms.items()}

    def bind(self, context):
        header, read = str(self.header), super().bind(context)

        def read_grade(cell):
            if cell.__class__ is str and _COHORT.fullmatch(settle(cell)):
                raise BadCell("grade_cohort", header=header)
            return read(cell)

        return read_grade


def _system(context: Context) -> str:
    school = School.objects.filter(unit=context.unit).first() if context.unit else None
    return school.system if school else School.System.SIX_THREE


@lru_cache
def spellings_of_grades(system: str) -> dict[str, str]:
    """Every accepted spelling in its normal form; what a stage names wins over the count of years."""
    pairs = (*_by_year(_PRIMARY_YEARS[system]), *_by_stage(), *_of_kindergarten())
    return {normal_form(spelling): str(code) for spelling, code in pairs}


def _by_year(primary: int) -> Iterator[tuple[str, str]]:
    """一年级 to 十二年级, counted from the first year of primary school."""
    for year in range(1, _ALL_YEARS + 1):
        if year <= primary:
            code = f"{_PRIMARY}{year}"
        elif year <= _COMPULSORY_YEARS:
            code = f"{_JUNIOR}{year - primary}"
        else:
            code = f"{_SENIOR}{year - _COMPULSORY_YEARS}"
        stage = _STAGES[code[0]][1]
        for number in _numbers(year):
            yield from ((f"{word}{number}年级", code) for word in ("", stage))
            yield f"{number}年", code
            if year <= _COMPULSORY_YEARS:  # a bare 11 would also be the code of 一年级
                yield number, code
        yield from ((f"{letter}{year}", code) for letter in ("G", "grade"))


def _by_stage() -> Iterator[tuple[str, str]]:
    """小一, 初中二年级, 高三, 中职一年级, and the codes that mean nothing else."""
    for grade in GradeCode:
        stages, year = _STAGES.get(grade.value[0], ()), int(grade.value[1])
        for stage in stages:
            for number in _numbers(year):
                yield from ((f"{stage}{number}{end}", grade) for end in ("", "年级", "年"))
        if stages and int(grade.value) > _ALL_YEARS:
            yield grade.value, grade
    yield from ((f"P{grade.value[1]}", grade) for grade in GradeCode if grade.value[0] == _PRIMARY)


def _of_kindergarten() -> Iterator[tuple[str, str]]:
    for grade, spellings in _KINDERGARTEN.items():
        yield from ((spelling, grade) for spelling in spellings)


def _numbers(year: int) -> tuple[str, ...]:
    numeral = _NUMERALS[year] if year < 10 else "十" + _NUMERALS[year - 10].strip("〇")
    return numeral, str(year), f"0{year}"


# 三年级, 初二, 高一年级, 三( and 3. : what stands before the number of a class.
_GRADE_BEFORE = (
    "(?:小学|初中|高中|中职|幼儿园)?"
    "(?:[小初高职大中][一二三123](?:年级?)?|[一二三四五六七八九1-9](?:年级?|级))"
    "|[小初高职大中]?[一二三四五六七八九1-9](?=[(.-])"
    r"|[一二三四五六七八九](?=[\d一二三四五六七八九])"
)
_NUMBERED = re.compile(
    rf"(?:{_GRADE_BEFORE})?[.-]?\(?第?(?P<number>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\)?班?\)?"
)
_BRACKETS = str.maketrans("（）【】［］〔〕．", "()()()().")


class ClassName(Column):
    """班级: 1班, （1）班, 一(1)班 and 三年级一班 are all 1班; other names of classes stay."""

    type_name = "class"

    def __init__(self, header, *, most: int = 30, **rest):
        super().__init__(header, **rest)
        self.most = most

    def bind(self, context):
        header, most = str(self.header), self.most

        def read(cell):
            if cell.__class__ is float and not is_whole(cell):  # 2.1 may have been 2.10
                raise BadCell("class_unclear", header=header)
            text = "".join(settle(written(cell)).split()).translate(_BRACKETS)
            if len(text) > most:
                raise BadCell("text_long", header=header, count=len(text), most=most)
            found = _NUMBERED.fullmatch(text)
            number = found and chinese_number(found["number"])
            return f"{number}班" if number and number < 100 else text

        return read
