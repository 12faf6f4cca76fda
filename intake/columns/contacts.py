"""Phones and bank cards."""

import re
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from common import masks
from intake.columns.base import DASHES, NONE_WORDS, Column
from intake.columns.identity import LOST_FROM
from intake.columns.spelling import is_whole, squeeze, written
from intake.faults import BadCell, declare

declare(
    {
        "phone_wrong": (
            _("“%(header)s”不是手机号或座机号"),
            _("手机写 11 位，座机写区号和号码，如 0483-8330000。"),
        ),
        "phone_length": (
            _("“%(header)s”有 %(count)s 位，手机号是 11 位"),
            _("补全或删去多余的。"),
        ),
        "phone_area_code": (
            _("“%(header)s”是座机，没有区号"),
            _("在前面加区号，如 0483-。"),
        ),
        "phone_several": (
            _("“%(header)s”里不止一个号码"),
            _("一格只留一个。"),
        ),
        "card_lost_digits": (
            _("“%(header)s”超过 15 位的部分被 Excel 变成 0，找不回来"),
            _("把该列设为“文本”后重粘。"),
        ),
        "card_length": (
            _("“%(header)s”有 %(count)s 位，应当是 16 至 19 位"),
            _("对照卡面补全或删去多余的。"),
        ),
        "card_signs": (
            _("“%(header)s”里有数字以外的字符"),
            _("只写卡号。"),
        ),
        "card_checksum": (
            _("“%(header)s”校验不对，有一位写错了"),
            _("对照卡面逐位核对。"),
        ),
    }
)

_COUNTRY = re.compile(r"^(\+|00)86|^86(?=1[3-9]\d{9}$)")
_BETWEEN = str.maketrans("", "", "-()–—−‐‑.'‘’")
_SEVERAL = re.compile(r"\d{7,}\D.*?\d{7,}")
_LONGEST = 100  # characters: a longer cell holds no phones
_EXPONENT = re.compile(r"\d(\.\d+)?E\+?\d+")
# UnionPay and the international schemes; passbooks and old accounts have numbers of their own.
_LUHN_ISSUERS = frozenset({"62", "81", *(f"4{n}" for n in range(10)), *(f"5{n}" for n in "12345")})
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))


class Phone(Column):
    """A mobile number, or a landline with its area code; the value is the digits."""

    personal = True
    dashes = DASHES + NONE_WORDS
    type_name = "phone"

    def bind(self, context):
        header = str(self.header)

        def read(cell):
            if (
                cell.__class__ is str
                and len(cell) == 11
                and cell.isdigit()
                and cell.isascii()
                and "13" <= cell[:2] <= "19"
            ):
                return cell
            return _number(cell, header)

        return read

    def shown(self, value):
        if not value or value[0] != "0":
            return value or ""
        area = _area_code(value)
        return f"{value[:area]}-{value[area:]}"

    def masked(self, value):
        return masks.phone(value) if value else ""


def _area_code(digits: str) -> int:
    """The length of a landline's area code: 010 and 021 to 029 are short."""
    return 3 if digits[1:2] in ("1", "2") else 4


def _number(cell, header: str) -> str:
    text = normalize("NFKC", written(cell))
    if masks.STAR in text:
        raise BadCell("masked_cell", header=header)
    if len(text) <= _LONGEST and _SEVERAL.search(text):
        raise BadCell("phone_several", header=header)
    digits = _COUNTRY.sub("", squeeze(text)).translate(_BETWEEN)
    if not digits.isascii() or not digits.isdigit():
        raise BadCell("phone_wrong", header=header)
    if "13" <= digits[:2] <= "19":
        if len(digits) != 11:
            raise BadCell("phone_length", header=header, count=len(digits))
        return digits
    return _landline(digits, is_whole(cell), header)


def _landline(digits: str, was_number: bool, header: str) -> str:
    """A landline with its area code; a number cell has lost the zero in front of it."""
    if was_number and len(digits) in (10, 11):
        digits = "0" + digits
    if digits[0] != "0":
        local = len(digits) in (7, 8)
        raise BadCell("phone_area_code" if local else "phone_wrong", header=header)
    area = _area_code(digits)
    if digits[1:2] == "0" or len(digits) - area not in (7, 8) or digits[area] in "01":
        raise BadCell("phone_wrong", header=header)
    return digits


class BankCard(Column):
    """A bank card or account: 16 to 19 digits as text, checked by Luhn where the issuer uses it."""

    personal = True
    ditto = False
    dashes = DASHES + NONE_WORDS
    type_name = "bank_card"

    def bind(self, context):
        header = str(self.header)

        def read(cell):
            if cell.__class__ is not str or not (cell.isascii() and cell.isdigit()):
                cell = _card_digits(cell, header)
            if not 16 <= len(cell) <= 19:
                raise BadCell("card_length", header=header, count=len(cell))
            if cell[:2] in _LUHN_ISSUERS and luhn_sum(cell) % 10:
                lost = cell.endswith("0" * (len(cell) - 15))
                raise BadCell("card_lost_digits" if lost else "card_checksum", header=header)
            return cell

        return read

    def masked(self, value):
        return masks.card(value) if value else ""


def _card_digits(cell, header: str) -> str:
    text = squeeze(written(cell))
    if masks.STAR in text:
        raise BadCell("masked_cell", header=header)
    if is_whole(cell) and abs(cell) >= LOST_FROM or _EXPONENT.fullmatch(text):
        raise BadCell("card_lost_digits", header=header)
    digits = text.translate(_BETWEEN)
    if not digits.isascii() or not digits.isdigit():
        raise BadCell("card_signs", header=header)
    return digits


def luhn_sum(digits: str) -> int:
    """The sum that ISO 7812 asks to be divisible by ten: every second digit from the end doubled."""
    signs = digits.encode()
    plain, doubled = signs[-1::-2], signs[-2::-2]
    return sum(plain) - ord("0") * len(plain) + sum(doubled.translate(_DOUBLED))
