"""Periods that reports are due for: one value type for years, quarters, months, terms.

Codes: calendar year `2025`, quarter `2025Q3`, month `2025-09`, school year `2024/25`,
autumn term `2024/25-1`, spring term `2024/25-2`. The autumn term runs from 1 September to the end
of February, the spring term from 1 March to 31 August.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import total_ordering

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext


class Kind(StrEnum):
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    TERM = "TERM"
    YEAR = "YEAR"
    SCHOOL_YEAR = "SCHOOL_YEAR"


KIND_LABELS = {
    Kind.MONTH: gettext_lazy("月"),
    Kind.QUARTER: gettext_lazy("季度"),
    Kind.TERM: gettext_lazy("学期"),
    Kind.YEAR: gettext_lazy("年"),
    Kind.SCHOOL_YEAR: gettext_lazy("学年"),
}

_PATTERNS = {
    Kind.YEAR: re.compile(r"(\d{4})"),
    Kind.QUARTER: re.compile(r"(\d{4})Q([1-4])"),
    Kind.MONTH: re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    Kind.SCHOOL_YEAR: re.compile(r"(\d{4})/(\d{2})"),
    Kind.TERM: re.compile(r"(\d{4})/(\d{2})-([12])"),
}


class NotAPeriod(ValueError):
    """The text is no period code."""


def _month_end(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@total_ordering
@dataclass(frozen=True)
class Period:
    """One period; compare with < only within a kind."""

    kind: Kind
    year: int  # of a school year or term: the year it begins in
    part: int = 0  # month, quarter or term number

    @classmethod
    def parse(cls, code: str) -> "Period":
        """The period of a code. NotAPeriod if it is none."""
        for kind, pattern in _PATTERNS.items():
            found = pattern.fullmatch(str(code))
            if not found or not 1990 <= int(found[1]) <= 2100:
                continue
            year = int(found[1])
            if kind in (Kind.SCHOOL_YEAR, Kind.TERM) and int(found[2]) != (year + 1) % 100:
                continue
            part = 0
            if kind in (Kind.QUARTER, Kind.MONTH):
                part = int(found[2])
            if kind is Kind.TERM:
                part = int(found[3])
            return cls(kind, year, part)
        raise NotAPeriod(code)

    @classmethod
    def of(cls, kind: Kind, day: date) -> "Period":
        """The period of a kind that a day lies in."""
        school_year = day.year if day.month >= 9 else day.year - 1
        match kind:
            case Kind.MONTH:
                return cls(kind, day.year, day.month)
            case Kind.QUARTER:
                return cls(kind, day.year, (day.month + 2) // 3)
            case Kind.YEAR:
                return cls(kind, day.year)
            case Kind.SCHOOL_YEAR:
                return cls(kind, school_year)
            case Kind.TERM:
                return cls(kind, school_year, 2 if 3 <= day.month <= 8 else 1)

    @property
    def code(self) -> str:
        match self.kind:
            case Kind.MONTH:
                return f"{self.year}-{self.part:02}"
            case Kind.QUARTER:
                return f"{self.year}Q{self.part}"
            case Kind.YEAR:
                return str(self.year)
            case Kind.SCHOOL_YEAR:
                return f"{self.year}/{(self.year + 1) % 100:02}"
            case Kind.TERM:
                return f"{self.year}/{(self.year + 1) % 100:02}-{self.part}"

    @property
    def start(self) -> date:
        match self.kind:
            case Kind.MONTH:
                return date(self.year, self.part, 1)
            case Kind.QUARTER:
                return date(self.year, self.part * 3 - 2, 1)
            case Kind.YEAR:
                return date(self.year, 1, 1)
            case Kind.SCHOOL_YEAR:
                return date(self.year, 9, 1)
            case Kind.TERM:
                return date(self.year, 9, 1) if self.part == 1 else date(self.year + 1, 3, 1)

    @property
    def end(self) -> date:
        match self.kind:
            case Kind.MONTH:
                return _month_end(self.year, self.part)
            case Kind.QUARTER:
                return _month_end(self.year, self.part * 3)
            case Kind.YEAR:
                return date(self.year, 12, 31)
            case Kind.SCHOOL_YEAR:
                return date(self.year + 1, 8, 31)
            case Kind.TERM:
                return (
                    _month_end(self.year + 1, 2) if self.part == 1 else date(self.year + 1, 8, 31)
                )

    @property
    def year_of_end(self) -> int:
        """The calendar year whose page shows this period."""
        return self.end.year

    def previous(self) -> "Period":
        return Period.of(self.kind, self.start - timedelta(days=1))

    def next(self) -> "Period":
        return Period.of(self.kind, self.end + timedelta(days=1))

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def label(self) -> str:
        years = {"year": self.year, "next": self.year + 1, "part": self.part}
        match self.kind:
            case Kind.MONTH:
                return _("%(year)s年%(part)s月") % years
            case Kind.QUARTER:
                return _("%(year)s年第%(name)s季度") % {**years, "name": quarter_name(self.part)}
            case Kind.YEAR:
                return _("%(year)s年") % years
            case Kind.SCHOOL_YEAR:
                return _("%(year)s-%(next)s学年") % years
            case Kind.TERM if self.part == 1:
                return _("%(year)s-%(next)s学年第一学期") % years
            case Kind.TERM:
                return _("%(year)s-%(next)s学年第二学期") % years

    @property
    def short(self) -> str:
        """For heads of columns and axes: 25Q3, 25-09, 2025, 24/25."""
        return self.code[2:] if self.kind is not Kind.YEAR else self.code

    def __str__(self) -> str:
        return self.code

    def __lt__(self, other: "Period") -> bool:
        return (self.start, self.end) < (other.start, other.end)


def quarter_name(part: int) -> str:
    """一, 二, 三, 四 in Chinese; 1 to 4 in English."""
    return (
        pgettext("quarter", "一"),
        pgettext("quarter", "二"),
        pgettext("quarter", "三"),
        pgettext("quarter", "四"),
    )[part - 1]


def between(kind: Kind, first: date, last: date) -> list[Period]:
    """All periods of a kind that touch the days from first to last."""
    found = []
    period = Period.of(kind, first)
    while period.start <= last:
        found.append(period)
        period = period.next()
    return found
