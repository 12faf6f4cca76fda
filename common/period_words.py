"""Periods as people write them in sheets: 2025年第三季度, 2025Q3, 2024-2025学年第一学期."""

import re
import unicodedata

from common.periods import NotAPeriod, Period

ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2, "秋": 1, "春": 2}  # data
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DASHES = re.compile(r"[–—―‐~至]")  # data
_YEARS = re.compile(r"(\d{4})(?:\.0|年度?)?")  # data
_QUARTER = re.compile(r"(\d{4})(?:年|-)?(?:第?([1-4一二三四])季度?|Q([1-4]))")  # data
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月份?|[-/.月]0?1日?)?")  # data
_MONTH_NAME = re.compile(r"([A-Z]{3})-(\d{2})")
_SCHOOL = re.compile(  # data
    r"(\d{4})[-/](\d{4}|\d{2})(?:学?年度?)?(?:-([12])|第?([12一二上下])学期)?"
)
_SEASON = re.compile(r"(\d{4})年?([春秋])季?(?:学期)?")  # data


def read_period(cell: str) -> Period | None:
    """A period in any of the ways people write it; None if it is none."""
    text = _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", cell).split())).upper()
    try:
        return Period.parse(_code_of(text))
    except NotAPeriod:
        return None


def _code_of(text: str) -> str:
    if found := _YEARS.fullmatch(text):
        return found[1]
    if found := _QUARTER.fullmatch(text):
        part = found[2] or found[3]
        return f"{found[1]}Q{ORDINALS.get(part, part)}"
    if (found := _MONTH.fullmatch(text)) and 1 <= int(found[2]) <= 12:
        return f"{found[1]}-{int(found[2]):02}"
    # What Excel makes of "2021-9" typed into a cell: Sep-21.
    if (found := _MONTH_NAME.fullmatch(text)) and found[1] in MONTHS:
        return f"20{found[2]}-{MONTHS.index(found[1]) + 1:02}"
    if found := _SCHOOL.fullmatch(text):
        first, second, part = int(found[1]), found[2], found[3] or found[4]
        if int(second) != (first + 1) % 10 ** len(second):
            return ""
        year = f"{first}/{(first + 1) % 100:02}"
        return f"{year}-{ORDINALS.get(part, part)}" if part else year
    if found := _SEASON.fullmatch(text):
        part = ORDINALS[found[2]]
        first = int(found[1]) - (part - 1)  # spring belongs to the school year begun before
        return f"{first}/{(first + 1) % 100:02}-{part}"
    return ""
