"""Days and months, in all the ways in which offices write them."""

import re
from datetime import date, datetime, timedelta
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column, Context, Doubt
from intake.columns.spelling import chinese_number, is_whole
from intake.faults import BadCell, declare

declare(
    {
        "day_wrong": (
            _("“%(header)s”不是日期"),
            _("写成 2023-09-01 这样。"),
        ),
        "day_never_was": (
            _("“%(header)s”写的这一天不存在"),
            _("对照日历改正。"),
        ),
        "day_no_day": (
            _("“%(header)s”没写到日"),
            _("补上日，如 2023-09-01。"),
        ),
        "day_no_year": (
            _("“%(header)s”没写年份"),
            _("补上年份，如 2023-09-01。"),
        ),
        "day_short_year": (
            _("“%(header)s”的年份只有两位"),
            _("写全四位年份。"),
        ),
        "day_order": (
            _("“%(header)s”的年份写在最后，月和日分不清"),
            _("写成年、月、日的顺序。"),
        ),
        "day_serial_60": (
            _("“%(header)s”是 Excel 的 1900年2月29日，这一天不存在"),
            _("对照原件重填日期。"),
        ),
        "day_early": (
            _("“%(header)s”早于 %(first)s"),
            _("看是不是写错了年份。"),
        ),
        "day_late": (
            _("“%(header)s”晚于 %(last)s"),
            _("看是不是写错了年份。"),
        ),
        "day_year_assumed": (
            _("“%(header)s”没写年份，按 %(year)s 年算"),
            _("不对就补上年份。"),
        ),
        "month_wrong": (
            _("“%(header)s”不是年月"),
            _("写成 2023-09 这样。"),
        ),
        "month_ambiguous": (
            _("“%(header)s”是一个数，1月和10月在 Excel 里分不清"),
            _("写成 2023-01 或 2023-10。"),
        ),
    }
)

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIALS = range(10_000, 100_000)  # 1927 to 2173: five digits
_YEARS = range(1900, 2101)
_TIME = re.compile(r"[T ]\d{1,2}[:时点]\d{1,2}([:分]\d{1,2}(\.\d+)?)?秒?Z?$")  # data
_PARTS = re.compile(
    r"(\d+)\s*[-./年月\s、,]+\s*(\d+)(?:\s*[-./月\s、,]+\s*(\d+))?\s*[-./日号月]?"
)  # data
_MONTH_AND_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?")  # data
_CHINESE = re.compile("[〇零一二三四五六七八九十]+")  # data


class _NoYear(Exception):
    """A month and a day, and no year beside them."""


class Day(Column):
    """A day. `past` refuses what has not been yet; `first` and `last` refuse what is not plausible."""

    sql = "date"
    type_name = "day"

    def __init__(
        self,
        header,
        *,
        first: date = date(1900, 1, 1),
        last: date = date(2100, 12, 31),
        past: bool = False,
        **rest,
    ):
        super().__init__(header, **rest)
        self.first, self.last, self.past = first, last, past

    def bind(self, context):
        first, last = self.first, min(self.last, context.on) if self.past else self.last

        def read(cell):
            try:
                day = self._day(cell, context.uses_1904)
            except _NoYear as parts:
                return self._in_the_year(parts.args, context, first, last)
            self._refuse_implausible(day, first, last)
            return day

        return read

    def _day(self, cell, uses_1904: bool) -> date:
        if isinstance(cell, date):
            return cell.date() if isinstance(cell, datetime) else cell
        if cell.__class__ is int or cell.__class__ is float:
            return self._of_number(cell, uses_1904)
        if cell.__class__ is not str:
            raise self._bad("day_wrong")
        return self._of_text(cell, uses_1904)

    def _of_number(self, number, uses_1904: bool) -> date:
        if not is_whole(number) and int(number) not in _SERIALS:
            raise self._bad("day_no_day" if int(number) in _YEARS else "day_wrong")
        return self._of_digits(str(int(number)), uses_1904)

    def _of_digits(self, digits: str, uses_1904: bool) -> date:
        """20230901, or a serial as Excel counts days."""
        if len(digits) == 8:
            return self._made(digits[:4], digits[4:6], digits[6:])
        if len(digits) == 5 and int(digits) in _SERIALS:
            return (_EPOCH_1904 if uses_1904 else _EPOCH) + timedelta(int(digits))
        if digits == "60" and not uses_1904:
            raise self._bad("day_serial_60")
        if len(digits) == 6:
            months = int(digits[:4]) in _YEARS and 1 <= int(digits[4:]) <= 12
            raise self._bad("day_no_day" if months else "day_short_year")
        raise self._bad("day_no_day" if int(digits) in _YEARS else "day_wrong")

    def _of_text(self, text: str, uses_1904: bool) -> date:
        text = _plain(text)
        if text.isdigit():
            return self._of_digits(text, uses_1904)
        if found := _PARTS.fullmatch(text):
            year, month, day = found.groups()
            if day is not None:
                return self._made(year, month, day)
            if len(year) == 4:
                raise self._bad("day_no_day")
        if found := _MONTH_AND_DAY.fullmatch(text):
            raise _NoYear(int(found[1]), int(found[2]))
        raise self._bad("day_wrong")

    def _made(self, year: str, month: str, day: str) -> date:
        if len(year) != 4:
            raise self._bad("day_order" if len(day) == 4 else "day_short_year")
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise self._bad("day_never_was") from None

    def _in_the_year(self, parts, context: Context, first: date, last: date) -> date | Doubt:
        """9月1日 in the period of the upload; without one the year is taken and told."""
        month, day = parts
        if context.period is None:
            found = self._made(str(context.on.year), str(month), str(day))
            self._refuse_implausible(found, first, last)
            return Doubt(found, "day_year_assumed", {"header": self._said, "year": found.year})
        years = sorted({context.period.start.year, context.period.end.year})
        days = [self._made(str(year), str(month), str(day)) for year in years]
        inside = [found for found in days if context.period.contains(found)] or days
        if len(inside) > 1:
            raise self._bad("day_no_year")
        self._refuse_implausible(inside[0], first, last)
        return inside[0]

    def _refuse_implausible(self, day: date, first: date, last: date) -> None:
        if day < first:
            raise self._bad("day_early", first=first.isoformat())
        if day > last:
            raise self._bad("day_late", last=last.isoformat())

    @property
    def _said(self) -> str:
        return str(self.header)

    def _bad(self, code: str, **params) -> BadCell:
        return BadCell(code, header=self._said, **params)

    def shown(self, value):
        return value.isoformat() if value else ""

    def excel(self, value):
        return value


class Month(Day):
    """A year and a month; the value is the month's first day."""

    type_name = "month"

    def bind(self, context):
        last = min(self.last, context.on) if self.past else self.last

        def read(cell):
            month = self._month(cell, context).replace(day=1)
            self._refuse_implausible(month, self.first, last)
            return month

        return read

    def _month(self, cell, context: Context) -> date:
        if cell.__class__ is float and not cell.is_integer() and int(cell) in _YEARS:
            return self._of_fraction(cell)
        if is_whole(cell) or cell.__class__ is str:
            text = _plain(str(int(cell)) if is_whole(cell) else cell)
            if text.isdigit() and len(text) == 6:
                return self._first_of(text[:4], text[4:])
            found = _PARTS.fullmatch(text)
            if found and found[3] is None and len(found[1]) == 4:
                return self._first_of(found[1], found[2])
        try:
            return self._day(cell, context.uses_1904)
        except _NoYear:
            raise self._bad("day_no_year") from None
        except BadCell as fault:
            no_month = fault.code in ("day_wrong", "day_no_day")
            raise self._bad("month_wrong") if no_month else fault from None

    def _of_fraction(self, number: float) -> date:
        """2023.09 typed as a number; 2023.1 may have been 2023.10, of which Excel drops the 0."""
        year, _dot, month = repr(number).partition(".")
        if month == "1":
            raise self._bad("month_ambiguous")
        return self._first_of(year, month)

    def _first_of(self, year: str, month: str) -> date:
        if int(year) not in _YEARS or not 1 <= int(month) <= 12:
            raise self._bad("month_wrong")
        return date(int(year), int(month), 1)

    def shown(self, value):
        return f"{value:%Y-%m}" if value else ""

    def excel(self, value):
        return self.shown(value)


def _plain(text: str) -> str:
    """Half width, without a time of day, Chinese numerals as digits."""
    text = normalize("NFKC", text).strip(" .'")
    text = _TIME.sub("", text)
    if _CHINESE.search(text):
        text = _CHINESE.sub(lambda found: str(chinese_number(found[0]) or found[0]), text)
    return text
