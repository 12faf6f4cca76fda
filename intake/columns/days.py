"""Days and months, in all the ways in which offices write them."""

import re
from datetime import date, datetime, timedelta
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from intake.columns.base import DASHES, NONE_WORDS, Column, Context, Doubt
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
            _("补上四位年份。"),
        ),
        "day_short_year": (
            _("“%(header)s”的年份不是四位"),
            _("写全四位年份。"),
        ),
        "day_order": (
            _("“%(header)s”的年份写在最后，月和日分不清"),
            _("按年、月、日的顺序写。"),
        ),
        "day_serial_60": (
            _("“%(header)s”是 Excel 里的 1900年2月29日，没有这一天"),
            _("对照原件重填。"),
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
            _("“%(header)s”没写年份，按 %(year)s年算"),
            _("不对就补上年份。"),
        ),
        "month_wrong": (
            _("“%(header)s”不是年月"),
            _("写成 2023-09 这样。"),
        ),
        "month_ambiguous": (
            _("“%(header)s”是个数，Excel 里 1月和10月写出来一样"),
            _("写成 2023-01 或 2023-10。"),
        ),
    }
)

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIALS = range(10_000, 100_000)  # five digits: 1927 to 2173
_YEARS = range(1900, 2101)
_LONGEST = 40  # characters; what is longer is no date, and not worth a pattern
_BETWEEN = "[-./年月,、 ]{1,3}"  # data
_PARTS = re.compile(  # data
    rf"(\d{{1,4}}){_BETWEEN}(\d{{1,2}})(?:{_BETWEEN}(\d{{1,4}}))?[-./日号月份 ]{{0,2}}"
)
_NO_YEAR = re.compile(r"(\d{1,2}) ?月份? ?(?:(\d{1,2}) ?[日号]?)?")  # data
_TIME = re.compile(  # data
    r"[T ](上午|下午)? ?\d{1,2}[:时点]\d{1,2}([:分](\d{1,2}(\.\d+)?)?)?秒?Z?$"
)
_CHINESE = re.compile("[〇零一二三四五六七八九十]+")  # data


class _NoYear(Exception):
    """A month and perhaps a day, and no year beside them: 9月1日, 9月."""


class Day(Column):
    """A day. `past` refuses what has not been yet; `first` and `last` refuse what is not plausible."""

    sql = "date"
    type_name = "day"
    dashes = DASHES + NONE_WORDS

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
        header = str(self.header)
        last = min(self.last, context.on) if self.past else self.last

        def read(cell):
            assumed = False
            try:
                try:
                    day = self._found(cell, context.uses_1904)
                except _NoYear as parts:
                    day, assumed = _in_the_year(*parts.args, context), context.period is None
                self._refuse_implausible(day, last)
            except BadCell as fault:
                raise BadCell(fault.code, header=header, **fault.params) from None
            if assumed:
                return Doubt(day, "day_year_assumed", {"header": header, "year": day.year})
            return day

        return read

    def _found(self, cell, uses_1904: bool) -> date:
        return _day(cell, uses_1904)

    def _refuse_implausible(self, day: date, last: date) -> None:
        if day < self.first:
            raise BadCell("day_early", first=self.first.isoformat())
        if day > last:
            raise BadCell("day_late", last=last.isoformat())

    def shown(self, value):
        return value.isoformat() if value else ""

    def excel(self, value):
        return value


class Month(Day):
    """A year and a month; the value is the month's first day."""

    type_name = "month"

    def _found(self, cell, uses_1904):
        return _month(cell, uses_1904).replace(day=1)

    def shown(self, value):
        return f"{value:%Y-%m}" if value else ""

    def excel(self, value):
        return self.shown(value)


def _day(cell, uses_1904: bool) -> date:
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    if cell.__class__ is int or cell.__class__ is float:
        return _day_of_number(cell, uses_1904)
    if cell.__class__ is str:
        return _day_of_text(_plain(cell), uses_1904)
    raise BadCell("day_wrong")


def _day_of_number(number, uses_1904: bool) -> date:
    """A serial may hold a time of day behind its point; 2023.9 is no day."""
    whole = int(number)
    if not is_whole(number) and whole not in _SERIALS:
        raise BadCell("day_no_day" if whole in _YEARS else "day_wrong")
    if not 0 <= whole < 10**8:
        raise BadCell("day_wrong")
    return _day_of_digits(str(whole), uses_1904)


def _day_of_digits(digits: str, uses_1904: bool) -> date:
    """20230901, or a day as Excel counts it."""
    number = int(digits)
    if len(digits) == 8:
        return _made(digits[:4], digits[4:6], digits[6:])
    if number in _SERIALS:
        return (_EPOCH_1904 if uses_1904 else _EPOCH) + timedelta(number)
    if number == 60 and not uses_1904:
        raise BadCell("day_serial_60")
    if len(digits) == 6 and number // 100 not in _YEARS:  # 230901
        raise BadCell("day_short_year")
    year_or_month = number in _YEARS or len(digits) == 6
    raise BadCell("day_no_day" if year_or_month else "day_wrong")


def _day_of_text(text: str, uses_1904: bool) -> date:
    if text.isdecimal():
        return _day_of_digits(text, uses_1904)
    if found := _NO_YEAR.fullmatch(text):
        if found[2] is None:
            raise BadCell("day_no_day")
        raise _NoYear(int(found[1]), int(found[2]))
    if not (found := _PARTS.fullmatch(text)):
        raise BadCell("day_wrong")
    year, month, day = found.groups()
    if day is None:
        raise BadCell("day_no_day" if len(year) == 4 else "day_no_year")
    if len(year) != 4:
        raise BadCell("day_order" if len(day) == 4 else "day_short_year")
    return _made(year, month, day)


def _month(cell, uses_1904: bool) -> date:
    if cell.__class__ is float and not cell.is_integer() and int(cell) in _YEARS:
        return _month_of_fraction(cell)
    text = str(int(cell)) if is_whole(cell) else cell
    if text.__class__ is str:
        text = _plain(text)
        if text.isdecimal() and len(text) == 6:
            return _made(text[:4], text[4:], "1", code="month_wrong")
        if (found := _NO_YEAR.fullmatch(text)) and found[2] is None:
            raise _NoYear(int(found[1]), 1)
        if (found := _PARTS.fullmatch(text)) and found[3] is None and len(found[1]) == 4:
            return _made(found[1], found[2], "1", code="month_wrong")
    try:
        return _day(cell, uses_1904)
    except BadCell as fault:
        no_month = fault.code in ("day_wrong", "day_no_day", "day_no_year")
        raise BadCell("month_wrong") if no_month else fault from None


def _month_of_fraction(number: float) -> date:
    """2023.09 typed as a number; 2023.1 may have been 2023.10, whose 0 a number does not keep."""
    year, _point, month = repr(number).partition(".")
    if month == "1":
        raise BadCell("month_ambiguous")
    return _made(year, month, "1", code="month_wrong")


def _made(year: str, month: str, day: str, *, code: str = "day_never_was") -> date:
    if len(month) > 2:
        raise BadCell(code)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise BadCell(code) from None


def _in_the_year(month: int, day: int, context: Context) -> date:
    """9月1日 in the period of the upload; without a period, in the year that it is."""
    if context.period is None:
        return _made(str(context.on.year), str(month), str(day))
    start, end = context.period.start, context.period.end
    days = []
    for year in sorted({start.year, end.year}):
        try:
            days.append(date(year, month, day))
        except ValueError:  # 29 February
            continue
    inside = [found for found in days if start <= found <= end] or days
    if not inside:
        raise BadCell("day_never_was")
    if len(inside) > 1:
        raise BadCell("day_no_year")
    return inside[0]


def _plain(text: str) -> str:
    """Half width, without a time of day, Chinese numerals as digits."""
    if len(text) > _LONGEST:
        raise BadCell("day_wrong")
    text = _TIME.sub("", normalize("NFKC", text).strip(" .'"))
    if _CHINESE.search(text):
        text = _CHINESE.sub(_as_digits, text)
    return text


def _as_digits(numeral: re.Match) -> str:
    number = chinese_number(numeral[0])
    return numeral[0] if number is None else str(number)
