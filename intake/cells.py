"""A cell as the limited reader hands it over: what the file says, nothing guessed.

Text, int, float and bool stand for themselves, None is an empty cell. What JSON cannot carry comes
as a text that begins with a mark no sheet holds; `decode` makes the value of it, once for each
distinct cell.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MARK = "\x01"
NO_VALUE = "no value"  # of a CellError: a formula whose result was not stored with it
DATE, DATETIME, TIME, ERROR = MARK + "D", MARK + "M", MARK + "T", MARK + "E"


@dataclass(frozen=True)
class CellError:
    """An error value of a formula, such as #N/A: a fault wherever it stands."""

    code: str


# What `isoformat` writes of a value, by its very class: a datetime is also a date.
MARK_OF = {datetime: DATETIME, date: DATE, time: TIME}


def encode(value) -> str | int | float | bool | None:
    """What the child writes for a cell."""
    if mark := MARK_OF.get(value.__class__):
        return mark + value.isoformat()
    match value:
        case timedelta():  # a length of time is a number of days, as Excel keeps it
            return value.total_seconds() / 86_400
        case CellError():
            return ERROR + value.code
        case str() if value.startswith(MARK):
            return value.lstrip(MARK)
        case "":
            return None
    return value


def decode(raw):
    """What a column's `parse` gets: str, int, float, bool, date, datetime, time, CellError or None."""
    if not isinstance(raw, str) or not raw.startswith(MARK):
        return raw
    kind, rest = raw[:2], raw[2:]
    if kind == DATETIME:
        return datetime.fromisoformat(rest)
    if kind == DATE:
        return date.fromisoformat(rest)
    if kind == TIME:
        return time.fromisoformat(rest)
    return CellError(rest)


def column_letter(number: int) -> str:
    """1 -> A, 27 -> AA, as Excel names columns."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
