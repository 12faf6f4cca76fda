"""What is wrong with a number of a resident or of the school roll, asked for very many of them.

`registry.identity` says what the numbers are made of.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from registry.identity import CHECKS, WEIGHTS

LENGTH = 18
# The sum of all 18 leaves 1 when divided by 11: the check sign counts once, X as ten.
_WEIGHTS = (*WEIGHTS, 1)
_VALUES = {sign: int(sign.replace("X", "10")) for sign in CHECKS}
_OLDEST = 1900  # the year


class Wrong(StrEnum):
    """Why a text is no number of a resident."""

    LENGTH = "LENGTH"
    SIGNS = "SIGNS"
    BIRTH = "BIRTH"
    FUTURE = "FUTURE"
    CHECK = "CHECK"


class _Sums(dict):
    """The weighted sum of one part of a number, worked out once; None where it can be no such part.

    100,000 numbers share a few hundred areas, a few thousand birthdays and 11,000 endings: three
    look-ups check a number, in a tenth of the time of summing its digits.
    """

    LIMIT = 50_000  # a file made to fill the memory gets no further

    def __init__(self, begin: int, end: int, allows: Callable[[str], bool]):
        super().__init__()
        self.weights, self.allows = _WEIGHTS[begin:end], allows

    def __missing__(self, part: str) -> int | None:
        if len(part) != len(self.weights) or not self.allows(part):
            return None
        found = sum(w * _VALUES[sign] for w, sign in zip(self.weights, part, strict=True))
        if len(self) < self.LIMIT:
            self[part] = found
        return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_ending(text: str) -> bool:
    """Digits, of which the last may be X, for ten."""
    return _is_number(text[:-1] + text[-1:].replace("X", "0"))


def _is_day(text: str) -> bool:
    try:
        born = _is_number(text) and date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return bool(born) and born.year >= _OLDEST


_AREAS, _DAYS, _ENDINGS = _Sums(0, 6, _is_number), _Sums(6, 14, _is_day), _Sums(14, 18, _is_ending)


def checker(on: date, *, after: int = 0) -> Callable[[str], str]:
    """A function text -> "" or what is Wrong with it, for many numbers checked on one day.

    The text is of half width with a capital X. `after` is how many signs stand before the number.
    """
    areas, days, endings, latest = _AREAS, _DAYS, _ENDINGS, f"{on:%Y%m%d}"
    birth, ending = 6 + after, 14 + after

    def wrong(text: str) -> str:
        born = text[birth:ending]
        try:
            total = areas[text[after:birth]] + days[born] + endings[text[ending:]]
        except TypeError:  # a part is None
            return _which(text[after:])
        if born > latest:
            return Wrong.FUTURE
        return "" if total % 11 == 1 else Wrong.CHECK

    return wrong


def _which(text: str) -> Wrong:
    if len(text) != LENGTH:
        return Wrong.LENGTH
    return Wrong.BIRTH if _is_ending(text) else Wrong.SIGNS


def roll_checker(on: date) -> Callable[[str], str]:
    """As `checker`, for numbers of the school roll, whose letter is G, J or L.

    G and the identity number; J and a number built like one; L, 6 area, 8 birth and 4 random
    digits, so that no check holds for them.
    """
    wrong_resident = checker(on, after=1)

    def wrong(text: str) -> str:
        found = wrong_resident(text)
        if found == Wrong.CHECK and text[0] == "L":
            return "" if _is_number(text[1:]) else Wrong.SIGNS
        return found

    return wrong


# Repairing ---------------------------------------------------------------------------------------
_INVERSES = tuple(next(i for i in range(11) if weight * i % 11 == 1) for weight in _WEIGHTS)


def repairs(text: str) -> list[tuple[str, bool]]:
    """The numbers of which this one may be a slip, each with whether two neighbours were swapped.

    Only of a number that fails its check, or has one sign that is no digit. For each place there
    is at most one digit with which the check holds, so that no more than 35 are found.
    """
    if len(text) != LENGTH:
        return []
    values = [_VALUES.get(sign, -1) for sign in text[:17]] + [_VALUES.get(text[17], -1)]
    strange = [at for at, value in enumerate(values) if not 0 <= value <= (9 + at // 17)]
    if len(strange) > 1:
        return []
    for at in strange:
        values[at] = 0
    over = (sum(w * v for w, v in zip(_WEIGHTS, values, strict=True)) - 1) % 11
    if not over and not strange:
        return []
    found = []
    for at in strange or range(LENGTH):
        value = (values[at] - over * _INVERSES[at]) % 11
        if value < 10 or at == 17:
            found.append((text[:at] + "0123456789X"[value] + text[at + 1 :], False))
    for at in () if strange else range(LENGTH - 1):
        one, two = values[at], values[at + 1]
        moved = (_WEIGHTS[at] - _WEIGHTS[at + 1]) * (two - one)
        if (over + moved) % 11 == 0 and one < 10 and (two < 10):
            found.append((text[:at] + text[at + 1] + text[at] + text[at + 2 :], True))
    return found
