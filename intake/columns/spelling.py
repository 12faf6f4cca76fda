"""How the same word is typed in many ways: width, blanks that nobody sees, look-alike characters."""

import re
from difflib import get_close_matches
from unicodedata import is_normalized, normalize

# Characters without width that come along when text is pasted from pages, chats and PDF.
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
# Traditional Mongolian spells with joiners and with a narrow blank before suffixes: both stay.
_MONGOL = re.compile("[\u1820-\u18aa]")
_TIDY_MONGOL = _UNSEEN | _CONTROLS, re.compile("[^\\S\u202f]+")
_TIDY = _UNSEEN | _CONTROLS | {0x200C: None, 0x200D: None}, re.compile(r"\s+")

_HALF = {
    full: full - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for full in range(ord(first), ord(last) + 1)
}
# Radicals that PDF programs put where the character itself is meant (⼥ for 女).
_RADICALS = {
    code: normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3)
}
_SETTLED = _HALF | _RADICALS

_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")  # data


def tidy(text: str) -> str:
    """Without blanks at the ends, one blank inside, nothing that has no width."""
    signs, blanks = _TIDY_MONGOL if _MONGOL.search(text) else _TIDY
    return blanks.sub(" ", text.translate(signs)).strip()


def settle(text: str) -> str:
    """Letters and digits of half width, look-alike ideographs as the one that is meant.

    Not NFKC whole: （），： of Chinese sentences, ①, ㎡ and Ⅱ say something and stay.
    """
    if text.isascii() or is_normalized("NFKC", text):
        return text
    return normalize("NFC", text).translate(_SETTLED)


def squeeze(text: str) -> str:
    """A code or number as it is meant: half width, capital letters, no blanks."""
    return "".join(normalize("NFKC", text).upper().split())


def normal_form(text: str) -> str:
    """What is left when spelling does not matter: letters, digits and ideographs, of one case."""
    return "".join(filter(str.isalnum, normalize("NFKC", text).casefold()))


def chinese_number(text: str) -> int | None:
    """一 to 九十九 as a number, also 二〇二三 digit by digit; None for everything else."""
    tens, ten, ones = text.translate(_DIGITS).partition("十")  # data
    digits = (tens or "1") + (ones or "0") if ten else tens
    fits = len(digits) == 2 if ten else 1 <= len(digits) <= 4
    return int(digits) if fits and digits.isascii() and digits.isdigit() else None


def is_whole(cell) -> bool:
    """A number cell without a fraction; a truth value is none."""
    return cell.__class__ is int or cell.__class__ is float and cell.is_integer()


def written(cell) -> str:
    """A cell as text, where a text is expected: 12.0 is 12, a day is 2023-09-01."""
    if cell.__class__ is float and cell.is_integer():
        return str(int(cell))
    if cell.__class__ is bool:
        return str(cell).upper()
    return str(cell)


class Nearest:
    """Suggests known words for an unknown one. A sheet full of unknown words gets a few only."""

    LIMIT = 100  # each search reads all known words

    def __init__(self, known: dict[str, str]):
        self.known, self.asked = known, 0  # normal form -> the word as it should be written

    def to(self, text: str, count: int = 2) -> list[str]:
        self.asked += 1
        if self.asked > self.LIMIT:
            return []
        wanted = normal_form(text)[:80]
        found = get_close_matches(wanted, self.known, n=count, cutoff=0.6)
        found += [word for word in self.known if _shortens(wanted, word)]
        return list(dict.fromkeys(self.known[word] for word in found))[:count]


def _shortens(short: str, word: str) -> bool:
    """哈镇小学 leaves out letters of 哈日布日格德音乌拉镇小学."""
    rest = iter(word)
    return len(short) >= 3 and short[:1] == word[:1] and all(one in rest for one in short)
