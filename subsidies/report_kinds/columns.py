"""What the sheets of student aid name beside people: a term, and a programme."""

import re

from django.utils.translation import gettext_lazy as _

from common.periods import Kind, NotAPeriod, Period
from intake.columns import Column
from intake.columns.spelling import Nearest, normal_form, settle, written
from intake.faults import BadCell, declare
from subsidies.models import Programme

declare(
    {
        "term_wrong": (
            _("“%(header)s”不是学年学期"),
            _("写成 2024/25-2，或 2024-2025学年第二学期。"),
        ),
        "term_closed": (
            _("“%(header)s”里的学期已经关账"),
            _("过了补发期的不能再导入，请联系盟教体局。"),
        ),
        "term_ahead": (
            _("“%(header)s”里的学期还没有开始"),
            _("看是不是写错了学年。"),
        ),
        "programme_unknown": (
            _("“%(header)s”里没有这个项目"),
            _("从下拉表里选；地方项目先由盟教体局添加。"),
        ),
        "programme_near": (
            _("“%(header)s”里没有这个项目，最近的是%(near)s"),
            _("是它，就改成这个写法。"),
        ),
    }
)

_YEARS = re.compile(r"(20\d\d)[-/—–~至](20)?(\d\d)")  # data
_AUTUMN = re.compile(r"秋|上学?期|第?[一1]学期|-1$")  # data
_SPRING = re.compile(r"春|下学?期|第?[二2]学期|-2$")  # data
_ONE_YEAR = re.compile(r"(20\d\d)年?([春秋])")  # data
_LONGEST = 40  # characters


class Term(Column):
    """A term as offices write it; the value is its code.

    `closed_after` is a function () -> years after whose school year's end a term takes nothing more.
    """

    type_name = "term"

    def __init__(self, header, *, closed_after=None, **rest):
        super().__init__(header, **rest)
        self.closed_after = closed_after

    def bind(self, context):
        header = str(self.header)
        years = self.closed_after() if self.closed_after else None

        def read(cell):
            term = term_in(settle(written(cell)))
            if term is None:
                raise BadCell("term_wrong", header=header)
            if term.start > context.on:
                raise BadCell("term_ahead", header=header)
            if years is not None and _years_since(term, context.on) > years:
                raise BadCell("term_closed", header=header)
            return term.code

        return read


def _years_since(term: Period, on) -> int:
    """How many school years ago a term was."""
    return Period.of(Kind.SCHOOL_YEAR, on).year - term.year


def term_in(text: str) -> Period | None:
    """2024/25-2, 2024-2025学年第二学期, 2025年春季: the term that is meant, if it is one."""  # data
    text = "".join(text.split())
    if len(text) > _LONGEST:
        return None
    try:
        term = Period.parse(text)
        return term if term.kind is Kind.TERM else None
    except NotAPeriod:
        pass
    if found := _ONE_YEAR.match(text):
        is_spring = found[2] == "春"  # data
        return Period(Kind.TERM, int(found[1]) - is_spring, 1 + is_spring)
    found = _YEARS.match(text)
    if not found or (int(found[1]) + 1) % 100 != int(found[3]):
        return None
    rest = text[found.end() :]
    parts = [part for part, said in ((1, _AUTUMN), (2, _SPRING)) if said.search(rest)]
    return Period(Kind.TERM, int(found[1]), parts[0]) if len(parts) == 1 else None


class ProgrammeRef(Column):
    """A programme by its name; the value is its id."""

    sql = "bigint"
    type_name = "programme"

    def choices(self, context):
        return list(self._names().values()) if context else []

    def _names(self) -> dict[int, str]:
        return dict(Programme.objects.order_by("pk").values_list("pk", "name"))

    def bind(self, context):
        header, names = str(self.header), self._names()
        known = {normal_form(name): pk for pk, name in names.items()}
        nearest = Nearest({normal_form(name): name for name in names.values()})

        def read(cell):
            spelled = normal_form(written(cell))
            if spelled in known:
                return known[spelled]
            if near := nearest.to(spelled):
                raise BadCell("programme_near", header=header, near="、".join(near))
            raise BadCell("programme_unknown", header=header)

        return read

    def shown(self, value):
        return self._names().get(value, "") if value else ""
