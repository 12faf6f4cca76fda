"""Columns of sheets that hold indicators: which one, and its number or why there is none."""

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from common.figures import State
from intake.columns import Column, Doubt, Number
from intake.columns.spelling import Nearest, normal_form, settle, written
from intake.faults import BadCell, declare
from tasks_app.models import Indicator

declare(
    {
        "indicator_unknown": (
            _("“%(header)s”在目录里没有"),
            _("写代码（如 T07-04）或目录里的全名。"),
        ),
        "indicator_near": (
            _("“%(header)s”在目录里没有，最近的是%(near)s"),
            _("是它就改成这个写法。"),
        ),
        "indicator_ambiguous": (
            _("“%(header)s”不止一项指标叫这个名称"),
            _("改写代码：%(codes)s。"),
        ),
    }
)


@dataclass(frozen=True)
class Unclear:
    """A name that is none of the catalogue's. Where a code stands beside it that is no matter."""

    code: str
    params: dict = field(compare=False)


class IndicatorRef(Column):
    """An indicator by its code or name; the value is its id."""

    sql = "bigint"
    type_name = "indicator"

    def choices(self, context):
        if context is None:
            return []
        return [self._spelled(one) for one in Indicator.objects.visible_to(context.user).for_list()]

    def _spelled(self, indicator: Indicator) -> str:
        return indicator.code

    def bind(self, context):
        header, known, codes = str(self.header), {}, {}
        for one in Indicator.objects.visible_to(context.user).of_running_plans():
            codes[one.pk] = one.code
            for name in {one.code, one.name_zh, one.name_en, one.code + one.name_zh} - {""}:
                known.setdefault(normal_form(name), set()).add(one.pk)
        nearest = Nearest({form: codes[min(pks)] for form, pks in known.items()})

        def read(cell):
            text = written(cell)
            found = known.get(normal_form(text), ())
            if len(found) == 1:
                return next(iter(found))
            if found:
                some = "、".join(sorted(codes[pk] for pk in found))  # data
                raise BadCell("indicator_ambiguous", header=header, codes=some)
            if near := nearest.to(text):
                raise BadCell("indicator_near", header=header, near="、".join(near))  # data
            raise BadCell("indicator_unknown", header=header)

        return read

    def shown(self, value):
        if not isinstance(value, int):
            return ""
        indicator = Indicator.objects.filter(pk=value).first()
        return self._spelled(indicator) if indicator else ""


class IndicatorName(IndicatorRef):
    """An indicator by its name, or Unclear: whether a code tells it is seen with the row."""

    def _spelled(self, indicator):
        return indicator.name_zh

    def bind(self, context):
        find = super().bind(context)

        def read(cell):
            try:
                return find(cell)
            except BadCell as bad:
                return Unclear(bad.code, bad.params)

        return read


class Amount(Number):
    """A number as the draft holds it, or a word for why there is none: blank is not zero.

    The value is text: the number without needless zeros, or the code of the state.
    """

    sql = "text"
    type_name = "number_or_state"
    after = ("人次", "人", "所", "个", "名", "场", "次", "张", "项", "户")  # data
    words = {
        "未报": State.NOT_REPORTED,  # data
        "未掌握": State.NOT_REPORTED,  # data
        "还没掌握": State.NOT_REPORTED,  # data
        "不适用": State.NOT_APPLICABLE,  # data
        "无个案": State.NO_CASE,  # data
    }

    def bind(self, context):
        number, text = super().bind(context), super().shown

        def read(cell):
            if isinstance(cell, str) and (state := self.words.get(normal_form(settle(cell)))):
                return str(state)
            found = number(cell)
            if isinstance(found, Doubt):
                return replace(found, value=text(found.value))
            return text(found)

        return read

    def choices(self, context):
        return []

    def shown(self, value):
        if value is None:
            return ""
        return next((word for word, state in self.words.items() if state == value), value)

    def excel(self, value):
        return self.shown(value)


class Figure(Amount):
    """The one number of a count, or the percentage that a rate comes to."""

    after = (*Amount.after, "%")
    other_units = tuple(unit for unit in Amount.other_units if unit != "%")
