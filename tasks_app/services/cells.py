"""Text copied out of a spreadsheet as rows of cells, and periods as people write them."""

import re
import unicodedata

from common.periods import NotAPeriod, Period


def cells_of(text: str) -> list[list[str]]:
    """Rows of cells as the spreadsheet had them: tabs, or commas where there is no tab."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").lstrip("\ufeff")
    mark = "\t" if "\t" in text else ","
    rows, row, at = [], [], 0
    while True:
        cell, at = _cell(text, at, mark)
        row.append(cell)
        if at < len(text) and text[at] == mark:
            at += 1
            continue
        rows.append(row)
        row = []
        if at >= len(text):
            return rows
        at += 1


def _cell(text: str, at: int, mark: str) -> tuple[str, int]:
    """One cell and where it ends. A quote that nothing closes is a character like any other."""
    if text[at : at + 1] == '"':
        end = text.find('"', at + 1)
        while end != -1 and text[end + 1 : end + 2] == '"':
            end = text.find('"', end + 2)
        if end != -1 and text[end + 1 : end + 2] in ("", mark, "\n"):
            return clean(text[at + 1 : end].replace('""', '"')), end + 1
    ends = [found for found in (text.find(mark, at), text.find("\n", at)) if found != -1]
    end = min(ends, default=len(text))
    return clean(text[at:end]), end


def clean(cell: str) -> str:
    text = re.sub(r"[\u200b-\u200d\ufeff]", "", unicodedata.normalize("NFKC", cell))
    return re.sub(r"\s+", " ", text).strip()


def squeeze(cell: str) -> str:
    return re.sub(r"\s+", "", cell)


# Periods -----------------------------------------------------------------------------------------
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
    text = _DASHES.sub("-", squeeze(unicodedata.normalize("NFKC", cell))).upper()
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
