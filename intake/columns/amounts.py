"""Numbers: money, counts, decimals, percentages."""

import re
from decimal import Decimal
from unicodedata import normalize

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column
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
_MINUS = str.maketrans("−–—", "---")
_NOISE = 1e-9  # what binary fractions leave behind: 0.1 + 0.2


class Number(Column):
    """A decimal number of up to `places` places, between `least` and `most`."""

    sql = "numeric"
    type_name = "number"
    before: tuple[str, ...] = ()  # signs that may stand before and words that may stand after
    after: tuple[str, ...] = ()
    other_units: tuple[str, ...] = ()

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

    def bind(self, context):
        return self._number

    def _number(self, cell) -> Decimal:
        value = self._rounded(self._decimal(cell))
        if self.least is not None and value < self.least:
            raise self._bad("number_small", least=str(self.least))
        if value > self.most:
            raise self._bad("number_large", most=str(self.most))
        return value

    def _decimal(self, cell) -> Decimal:
        if cell.__class__ is int or cell.__class__ is float:
            return Decimal(repr(cell))
        if cell.__class__ is not str:
            raise self._bad("number_wrong")
        text = self._bare(normalize("NFKC", cell).upper().translate(_MINUS))
        if text.endswith(self.other_units) and self.other_units:
            raise self._bad("number_unit")
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        if not _PLAIN.fullmatch(text):
            raise self._bad("number_wrong")
        return Decimal(text)

    def _bare(self, text: str) -> str:
        """Without the unit that the column has anyway, and without blanks."""
        text = "".join(text.replace("'", "").split())
        for sign in self.before:
            text = text.removeprefix(sign)
        for word in self.after:
            if text.endswith(word):
                return text.removesuffix(word)
        return text

    def _rounded(self, value: Decimal) -> Decimal:
        if not value.is_finite() or abs(value) > Decimal(10) ** 15:
            raise self._bad("number_large", most=str(self.most))
        rounded = value.quantize(Decimal(1).scaleb(-self.places))
        if abs(float(value - rounded)) > max(_NOISE, abs(float(value)) * 1e-15):
            raise self._bad("number_places", places=self.places)
        return rounded

    def _bad(self, code: str, **params) -> BadCell:
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
    before = ("RMB", "CNY", "人民币", "¥", "¥", "+")  # data
    after = ("元整", "元", "圆整", "圆", "YUAN")  # data
    other_units = ("万", "万元", "千元", "亿元", "角", "分", "美元")  # data

    def __init__(self, header, *, negative: bool = False, **rest):
        super().__init__(header, places=2, least=None if negative else 0, **rest)

    def shown(self, value):
        return "" if value is None else f"{value:,.2f}"


class Count(Number):
    """A whole number of people or things, not negative."""

    sql = "integer"
    type_name = "count"
    other_units = ("万", "万人", "%", "亿")  # data

    def __init__(self, header, *, units: tuple[str, ...] = (), most: int = 2_000_000_000, **rest):
        super().__init__(header, places=0, least=0, most=most, **rest)
        self.after = units or ("人次", "人", "名", "个", "户", "所", "次", "件", "班")  # data

    def bind(self, context):
        return lambda cell: int(self._number(cell))

    def _rounded(self, value):
        try:
            return super()._rounded(value)
        except BadCell as fault:
            if fault.code == "number_places":
                raise self._bad("count_fraction") from None
            raise

    def excel(self, value):
        return value


class Percent(Number):
    """A percentage; 95 is the value of 95, 95% and, once the user said so, of 0.95.

    A bare 0.95 is 95% in a cell with the format of per cent and 0.95% where somebody typed it: the
    file does not say, so one question is asked for the column.
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
                text = normalize("NFKC", cell).strip().removeprefix("百分之")  # data
                if text != cell.strip() and "%" not in text or text.endswith("%"):
                    return self._number(text.removesuffix("%"))
            value = self._decimal(cell)
            if value and abs(value) <= 1 and answer not in (self.FRACTION, self.PERCENT):
                raise self._question()
            return self._number(str(value * 100) if answer == self.FRACTION else str(value))

        return read

    def _question(self) -> BadCell:
        return BadCell(
            "needs_answer",
            question=_now(
                "“%(header)s”里不大于 1 的数，是小数（1 即 100%%）还是百分数（1 即 1%%）？"
            )
            % {"header": self.header},
            about=self.name,
            answers={
                self.FRACTION: _now("小数：0.95 就是 95%"),
                self.PERCENT: _now("百分数：0.95 就是 0.95%"),
            },
        )

    def shown(self, value):
        return "" if value is None else f"{super().shown(value)}%"

    def excel(self, value):
        return self.shown(value)
