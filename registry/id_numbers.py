"""Identity numbers of residents (GB 11643) and numbers of the school roll: what is wrong with one.

18 characters: 6 area, 8 birth date, 3 sequence (odd for men), 1 check. The area is where a number
was issued and says nothing of where somebody lives.
"""

from collections.abc import Callable
from datetime import date

from django.db import models

from registry.models.children import Sex

LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
_CHECK = {sign: value for value, sign in enumerate("0123456789X")}
_OLDEST = date(1900, 1, 1)


class Wrong(models.TextChoices):
    """Why a text is no number of a resident."""

    LENGTH = "LENGTH"
    SIGNS = "SIGNS"
    BIRTH = "BIRTH"
    FUTURE = "FUTURE"
    CHECK = "CHECK"


class _Sums(dict):
    """The weighted sum of each part of a number, worked out once; None where it is no number.

    100,000 numbers share a few hundred areas, a few thousand birthdays and 11,000 endings: three
    look-ups check a number, in a tenth of the time of summing its digits.
    """

    def __init__(self, begin: int, end: int, allows: Callable[[str], bool]):
        super().__init__()
        self.weights, self.allows = _WEIGHTS[begin:end], allows

    def __missing__(self, part: str) -> int | None:
        found = None
        if len(part) == len(self.weights) and self.allows(part):
            found = sum(w * _CHECK[sign] for w, sign in zip(self.weights, part, strict=True))
        self[part] = found
        return found


def checker(on: date) -> Callable[[str], str]:
    """A function text -> "" or what is Wrong with it, for many numbers checked on one day.

    The text is of half width with a capital X.
    """
    area = _Sums(0, 6, _is_number)
    birth = _Sums(6, 14, lambda part: (born := _day(part)) is not None and _OLDEST <= born <= on)
    ending = _Sums(14, 18, lambda part: _is_number(part[:3] + part[3].replace("X", "0")))

    def wrong(text: str) -> str:
        a, b, c = area[text[:6]], birth[text[6:14]], ending[text[14:]]
        if a is None or b is None or c is None:
            return _which(text, on)
        return "" if (a + b + c) % 11 == 1 else Wrong.CHECK

    return wrong


def _which(text: str, on: date) -> Wrong:
    if len(text) != LENGTH:
        return Wrong.LENGTH
    if not _is_number(text[:17] + text[17].replace("X", "0")):
        return Wrong.SIGNS
    born = _day(text[6:14])
    return Wrong.FUTURE if born and born > on else Wrong.BIRTH


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _day(text: str) -> date | None:
    if not _is_number(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def birth_date(number: str) -> date:
    """When the owner of a good number was born."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> Sex:
    """The owner's sex: the last digit of the sequence is odd for men."""
    return Sex.MALE if number[16] in "13579" else Sex.FEMALE


def check_sign(first: str) -> str:
    """The 18th character for the first 17."""
    total = sum(w * int(sign) for w, sign in zip(_WEIGHTS[:17], first, strict=True))
    return "10X98765432"[total % 11]


def roll_checker(on: date) -> Callable[[str], str]:
    """As `checker`, for numbers of the school roll.

    G and the identity number; J and a number built like one; L, 6 area, 8 birth and 4 signs that
    are random, so that no check holds for them.
    """
    wrong_resident = checker(on)
    birthdays = _Sums(
        6, 14, lambda part: (born := _day(part)) is not None and _OLDEST <= born <= on
    )

    def wrong(text: str) -> str:
        if text[:1] != "L" or len(text) != LENGTH + 1:
            return wrong_resident(text[1:])
        if not _is_number(text[1:]):
            return Wrong.SIGNS
        return "" if birthdays[text[7:15]] is not None else _which(text[1:], on)

    return wrong
