"""Numbers by which a person is known: identity number, other papers, number of the school roll."""

import re

from django.utils.translation import gettext_lazy as _

from common import masks
from intake.columns.base import BLANK, DASHES, NONE_WORDS, Column
from intake.columns.spelling import is_whole, squeeze, written
from intake.faults import BadCell, declare
from registry.id_numbers import LENGTH, Wrong, checker, roll_checker

declare(
    {
        "masked_cell": (
            _("“%(header)s”打了星号，不是完整的号码"),
            _("填完整的，或留空表示不动。"),
        ),
        "id_lost_digits": (
            _("“%(header)s”末三位被 Excel 变成 000，找不回来"),
            _("把该列设为“文本”后重粘。"),
        ),
        "id_old": (
            _("“%(header)s”是 15 位旧号"),
            _("换成 18 位号码。"),
        ),
        "id_length": (
            _("“%(header)s”有 %(count)s 位，应当是 18 位"),
            _("对照证件补全或删去多余的。"),
        ),
        "id_signs": (
            _("“%(header)s”里有数字以外的字符"),
            _("只写 18 位号码，末位可以是 X。"),
        ),
        "id_birth": (
            _("“%(header)s”第 7 至 14 位不是一个日期"),
            _("对照证件改正。"),
        ),
        "id_future": (
            _("“%(header)s”里的出生日期还没到"),
            _("对照证件改正。"),
        ),
        "id_checksum": (
            _("“%(header)s”校验不对，有一位写错了"),
            _("对照证件逐位核对。"),
        ),
        "paper_signs": (
            _("“%(header)s”不像证件号码"),
            _("只写字母、数字和连字符，4 至 30 位。"),
        ),
        "roll_letter": (
            _("“%(header)s”要以 G、J 或 L 开头"),
            _("对照学籍系统，补上字母。"),
        ),
        "roll_length": (
            _("“%(header)s”有 %(count)s 位，应当是 19 位"),
            _("对照学籍系统改正：一个字母加 18 位。"),
        ),
        "roll_signs": (
            _("“%(header)s”字母后面有数字以外的字符"),
            _("对照学籍系统改正。"),
        ),
        "roll_birth": (
            _("“%(header)s”第 8 至 15 位不是一个过去的日期"),
            _("对照学籍系统改正。"),
        ),
        "roll_checksum": (
            _("“%(header)s”校验不对，有一位写错了"),
            _("对照学籍系统逐位核对。"),
        ),
    }
)

_ID_FAULTS = {
    Wrong.LENGTH: "id_length",
    Wrong.SIGNS: "id_signs",
    Wrong.BIRTH: "id_birth",
    Wrong.FUTURE: "id_future",
    Wrong.CHECK: "id_checksum",
}
_ROLL_FAULTS = {
    Wrong.LENGTH: "roll_length",
    Wrong.SIGNS: "roll_signs",
    Wrong.BIRTH: "roll_birth",
    Wrong.FUTURE: "roll_birth",
    Wrong.CHECK: "roll_checksum",
}
LOST_FROM = 10**15  # Excel keeps 15 digits of a number
_EXPONENT = re.compile(r"\d([.．]\d+)?[EＥ][+＋]?\d+", re.IGNORECASE)
_QUOTES = str.maketrans("", "", "'‘’`´′＇\"")
_PAPER = re.compile(r"[A-Z0-9][A-Z0-9()/.-]{2,28}[A-Z0-9)]")


def refuse_lost_digits(cell, header: str) -> None:
    """A long number that Excel holds as a number has lost its end, whatever a checksum says."""
    lost = is_whole(cell) and abs(cell) >= LOST_FROM
    if lost or cell.__class__ is str and _EXPONENT.fullmatch(cell.strip()):
        raise BadCell("id_lost_digits", header=header)


def number_in(cell, header: str) -> str:
    """A number of a person as it is meant: half width, capital letters, no blanks or apostrophes."""
    refuse_lost_digits(cell, header)
    text = squeeze(written(cell)).translate(_QUOTES)
    if masks.STAR in text:
        raise BadCell("masked_cell", header=header)
    return text


class IdNumber(Column):
    """A resident's identity number: 18 characters that check; the value is the number, X capital."""

    personal = True
    ditto = False
    dashes = DASHES + NONE_WORDS
    type_name = "id_number"

    def bind(self, context):
        header, wrong = str(self.header), checker(context.on)

        def read(cell):
            if cell.__class__ is str and not wrong(cell):
                return cell
            text = number_in(cell, header)
            if why := wrong(text):
                raise _bad_id(text, why, header)
            return text

        return read

    def masked(self, value):
        return masks.id_number(value) if value else ""


def _bad_id(text: str, why: str, header: str) -> BadCell:
    if why == Wrong.LENGTH and len(text) == 15 and text.isdigit():
        return BadCell("id_old", header=header)
    if why == Wrong.CHECK and text.endswith("000"):  # rounded first, made a text afterwards
        return BadCell("id_lost_digits", header=header)
    return BadCell(_ID_FAULTS[why], header=header, count=len(text))


class OtherPaper(str):
    """A number that is no resident's. `fault` is what it would be if the row said it were one."""

    __slots__ = ("fault",)

    def __new__(cls, text: str, fault: BadCell):
        self = super().__new__(cls, text)
        self.fault = fault
        return self


class IdPaper(IdNumber):
    """The number of whatever identity paper the row names: a cell alone cannot tell.

    A resident's number is read as one; what is none becomes an OtherPaper, and the rule
    `IdFitsKind` decides by 证件类型. So does a blank where a number is asked for: 其他 may lack one.
    """

    def nothing(self):
        return BLANK

    def bind(self, context):
        read, header = super().bind(context), str(self.header)

        def read_any(cell):
            try:
                return read(cell)
            except BadCell as fault:
                if fault.code in ("id_lost_digits", "masked_cell"):
                    raise
                text = number_in(cell, header)
                if _PAPER.fullmatch(text):
                    return OtherPaper(text, fault)
                if len(text) == LENGTH:  # meant as a resident's
                    raise
                raise BadCell("paper_signs", header=header) from None

        return read_any


class RollNumber(Column):
    """学籍号: G and the identity number, J and a number like one, L and one without a check."""

    personal = True
    ditto = False
    dashes = DASHES + NONE_WORDS
    type_name = "roll_number"

    def bind(self, context):
        header, wrong = str(self.header), roll_checker(context.on)

        def read(cell):
            if cell.__class__ is str and cell[:1] in "GJL" and not wrong(cell):
                return cell
            text = number_in(cell, header)
            if text[:1] not in ("G", "J", "L"):
                raise BadCell("roll_letter", header=header)
            if why := wrong(text):
                raise BadCell(_ROLL_FAULTS[why], header=header, count=len(text))
            return text

        return read

    def masked(self, value):
        return masks.id_number(value) if value else ""
