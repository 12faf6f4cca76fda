"""Numbers: money, counts, decimals, percentages."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column, Doubt
from intake.columns.spelling import squeeze
from intake.faults import BadCell, declare

declare(
    {
        "number_wrong": (
            _("“%(header)s”不是数字"),
            _("只写数字。"),
        ),
        "number_places": (
            _("“%(header)s”的小数超过 %(places)s 位"),
            _("四舍五入到 %(places)s 位再填。"),
        ),
        "number_rounded": (
            _("“%(header)s”是算出来的长小数，按 %(places)s 位小数收下"),
            _("不用改。"),
        ),
        "number_small": (
            _("“%(header)s”小于 %(least)s"),
            _("核对后改正。"),
        ),
        "number_large": (
            _("“%(header)s”大于 %(most)s"),
            _("核对后改正。"),
        ),
        "number_unit": (
            _("“%(header)s”带了别的单位"),
            _("换算好，只写数字。"),
        ),
        "count_fraction": (
            _("“%(header)s”应当是整数"),
            _("核对后改正。"),
        ),
    }
)

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(E[+-]?\d{1,2})?")
_MINUS = str.maketrans("−–—", "---", "'")
_LONGEST = 40  # characters
_HUGE = Decimal(10) ** 15  # beyond what Excel itself keeps
_NOISE = Decimal("1e-9")  # what binary fractions leave behind: 0.1 + 0.2
_SHARE_OF_NOISE = Decimal("1e-15")


class Number(Column):
    """A decimal number of up to `places` places, between `least` and `most`.

    What a formula worked out has more places than anybody typed: it is rounded, with a warning.
    """

    sql = "numeric(18,4)"
    type_name = "number"
    rounds = True
    before: tuple[str, ...] = ()  # what may stand before the number, and after it
    after: tuple[str, ...] = ()
    other_units: tuple[str, ...] = ("万", "亿", "万元", "亿元", "万人", "%", "‰")  # data
    too_many_places = "number_places"

    def __init__(
        self,
        header,
        *,
        places: int = 4,
        least: Decimal | int | None = None,
        most: Decimal | int = Decimal("99999999999"),
        **rest,
    ):
        super().__init__(header, **rest)
        self.places, self.least, self.most = places, least, most
        self.unit = Decimal(1).scaleb(-places)

    def bind(self, context):
        def read(cell):
            return self.checked(self.decimal(cell), typed=cell.__class__ is str)

        return read

    def decimal(self, cell) -> Decimal:
        """The number that a cell holds, whatever its size."""
        if cell.__class__ is int or cell.__class__ is float:
            return Decimal(repr(cell))
        if cell.__class__ is not str or len(cell) > _LONGEST:
            raise self.bad("number_wrong")
        text = self._bare(squeeze(cell).translate(_MINUS))
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        if not _PLAIN.fullmatch(text):
            has_unit = text.endswith(self.other_units) and _PLAIN.match(text)
            raise self.bad("number_unit" if has_unit else "number_wrong")
        return Decimal(text)

    def checked(self, value: Decimal, *, typed: bool) -> Decimal | Doubt:
        """The number with its places, if it lies within the bounds."""
        if not value.is_finite() or abs(value) > _HUGE:
            raise self.bad("number_large", most=str(self.most))
        rounded = value.quantize(self.unit, ROUND_HALF_UP) + 0  # no minus zero
        if self.least is not None and rounded < self.least:
            raise self.bad("number_small", least=str(self.least))
        if rounded > self.most:
            raise self.bad("number_large", most=str(self.most))
        if abs(value - rounded) <= max(_NOISE, abs(value) * _SHARE_OF_NOISE):
            return rounded
        if typed or not self.rounds:
            raise self.bad(self.too_many_places, places=self.places)
        return Doubt(rounded, "number_rounded", {"header": str(self.header), "places": self.places})

    def _bare(self, text: str) -> str:
        """Without the unit that the column has anyway."""
        for sign in self.before:
            text = text.removeprefix(sign)
        for word in self.after:
            if text.endswith(word):
                return text.removesuffix(word)
        return text

    def bad(self, code: str, **params) -> BadCell:
        return BadCell(code, header=str(self.header), **params)

    def shown(self, value):
        if value is None:
            return ""
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def excel(self, value):
        return None if value is None else float(value)


class Money(Number):
    """Yuan and fen; not negative unless the column says so."""

    sql = "numeric(14,2)"
    type_name = "money"
    adds_up = True
    rounds = False
    before = ("RMB", "CNY", "人民币", "¥")  # data
    after = ("元整", "圆整", "元", "圆")  # data
    other_units = ("万", "万元", "千元", "亿", "亿元", "角", "分", "美元")  # data

    def __init__(self, header, *, negative: bool = False, **rest):
        super().__init__(header, places=2, least=None if negative else 0, **rest)

    def shown(self, value):
        return "" if value is None else f"{value:,.2f}"


class Count(Number):
    """A whole number of people or things, not negative."""

    sql = "integer"
    type_name = "count"
    adds_up = True
    rounds = False
    after = ("人次", "人", "名", "个", "户", "所", "次", "件", "份", "班")  # data
    other_units = ("万", "万人", "亿", "%", "元", "万元")  # data
    too_many_places = "count_fraction"

    def __init__(self, header, *, units: tuple[str, ...] = (), most: int = 2_000_000_000, **rest):
        super().__init__(header, places=0, least=0, most=most, **rest)
        self.after = units or self.after

    def bind(self, context):
        read = super().bind(context)
        return lambda cell: int(read(cell))

    def excel(self, value):
        return value


class Percent(Number):
    """A percentage; 95 is the value of 95, of 95% and, once the user said so, of 0.95.

    A bare 0.95 is 95% where the cell has the format of per cent, and 0.95% where somebody typed it.
    The file does not tell, so one question is asked for the column, and its answer holds for all
    bare numbers in it.
    """

    sql = "numeric(9,4)"
    type_name = "percent"
    FRACTION, PERCENT = "fraction", "percent"

    def __init__(self, header, *, most: Decimal | int = 100, **rest):
        super().__init__(header, places=4, least=0, most=most, **rest)

    def bind(self, context):
        answer = context.answers.get(self.name)

        def read(cell):
            if cell.__class__ is str:
                text = squeeze(cell)
                number = text.removesuffix("%").removeprefix("百分之")  # data
                if number != text:
                    return self.checked(self.decimal(number), typed=True)
            value = self.decimal(cell)
            if value and abs(value) <= 1 and answer not in (self.FRACTION, self.PERCENT):
                raise self._question()
            value = value * 100 if answer == self.FRACTION else value
            return self.checked(value, typed=cell.__class__ is str)

        return read

    def _question(self) -> BadCell:
        words = {"header": str(self.header)}
        return BadCell(
            "needs_answer",
            question=gettext("“%(header)s”里不大于 1 的数，是小数还是百分数？") % words,
            about=self.name,
            answers={
                self.FRACTION: gettext("小数，0.95 就是 95%"),
                self.PERCENT: gettext("百分数，0.95 就是 0.95%"),
            },
        )

    def shown(self, value):
        return "" if value is None else f"{super().shown(value)}%"

    def excel(self, value):
        return self.shown(value)
