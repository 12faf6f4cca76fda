"""What identity numbers, roll numbers, phones and names are made of, and what they are found by.

One normal form for everybody who stores or looks up: the blind index of a value is that of its
normal form. All identity numbers share one purpose, whoever's they are, so that a guardian's, a
child's and a list's number can be compared by their indexes alone.
"""

import re
import unicodedata
from datetime import date
from uuid import UUID

from common.crypto import blind_index

NUMBER = "identifier.value"  # the purpose of every identity number, for its key and its index
PHONE = "guardian.phone"

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"  # by the sum modulo 11 (GB 11643)
# The dots that keyboards and sheets offer for the one in people's names.
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．.●", "·"))  # data
_BLANKS = re.compile(r"\s+")
_PHONE_MARKS = re.compile(r"[\s()（）-]+")  # data


# Normal forms --------------------------------------------------------------------------------------
def normal_number(text: str) -> str:
    """Half-width, upper-case, without blanks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", str(text))).upper()


def normal_phone(text: str) -> str:
    """Digits only, without the country's code, brackets, blanks and hyphens."""
    digits = _PHONE_MARKS.sub("", unicodedata.normalize("NFKC", str(text)))
    return digits.removeprefix("+86")


def normal_name(text: str) -> str:
    """One kind of dot, no blanks between Chinese characters, one between words of Latin letters."""
    plain = unicodedata.normalize("NFKC", str(text)).translate(_DOTS)
    words = plain.split()
    if all(word.isascii() for word in words):
        return " ".join(words)
    return "".join(words)


def number_index(number: str) -> UUID:
    """What an identity number of anybody is found by; the number is in its normal form."""
    return blind_index(number, NUMBER)


def phone_index(phone: str) -> UUID:
    return blind_index(phone, PHONE)


# The number of a resident's identity card ------------------------------------------------------------
def check_character(body: str) -> str:
    """The eighteenth character of the seventeen digits before it."""
    return CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


def birth_date_of(number: str) -> date | None:
    """The day in an identity number, whether or not the rest holds."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """ "1" male, "2" female, as GB/T 2261.1 says it."""
    return "1" if int(number[16]) % 2 else "2"
