"""Words: free text, addresses, names of people."""

import re
from unicodedata import category, is_normalized

from django.utils.translation import gettext_lazy as _

from common import masks
from intake.columns.base import DASHES, NONE_WORDS, Column
from intake.columns.spelling import is_whole, settle, written
from intake.faults import BadCell, declare

declare(
    {
        "text_long": (
            _("“%(header)s”有 %(count)s 个字，最多 %(most)s 个"),
            _("写短一些。"),
        ),
        "text_lost_digits": (
            _("“%(header)s”是 15 位以上的数，末几位已被 Excel 变成 0"),
            _("把该列设为“文本”后重粘。"),
        ),
        "name_long": (
            _("“%(header)s”有 %(count)s 个字，最多 %(most)s 个"),
            _("一格只写一个人的姓名。"),
        ),
        "name_digits": (
            _("“%(header)s”里有数字"),
            _("只写姓名，序号、电话写到别的列。"),
        ),
        "name_signs": (
            _("“%(header)s”里有不属于姓名的符号"),
            _("只留姓名；少数民族姓名中间用“·”。"),
        ),
    }
)

LOST_FROM = 10**15  # Excel keeps 15 digits of a number
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3007"  # data
_DOTTED = re.compile("[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)+")  # data
# What is typed for the dot of a name, its apostrophe and its hyphen.
_SIGNS = str.maketrans(
    dict.fromkeys("•．・‧∙⋅･｡●", "·") | dict.fromkeys("’‘`´＇", "'") | dict.fromkeys("－‐‑", "-")
)
# A full stop is the dot of a name where it stands after no Latin initial.
_STOP = re.compile(r"(?<![A-Za-z])\.|\.(?=[^\sA-Za-z])")
# A blank beside an ideograph or a dot parts nothing: 张　三, 巴图 · 孟和.
_BLANK_INSIDE = re.compile(f"(?<=[{_HAN}·]) | (?=[{_HAN}·])")
_NAME = re.compile(r"[^\W\d_]+(?:(?:·|['\u200c\u200d\u202f -]|\. ?)[^\W\d_]+)*\.?")
# Signs that belong to the letter before them, in Latin and in Mongolian script.
_MARKS = re.compile("[\u0300-\u036f\u180b-\u180f\u1885\u1886\u18a9]")


class Text(Column):
    """Free text of one line, of up to `most` characters."""

    def __init__(self, header, *, most: int = 200, **rest):
        super().__init__(header, **rest)
        self.most = most

    def bind(self, context):
        header, most = str(self.header), self.most

        def read(cell):
            if cell.__class__ is not str:
                if is_whole(cell) and abs(cell) >= LOST_FROM:
                    raise BadCell("text_lost_digits", header=header)
                cell = written(cell)
            text = settle(cell)
            if len(text) > most:
                raise BadCell("text_long", header=header, count=len(text), most=most)
            return text

        return read


class Address(Text):
    """Where somebody lives: kept encrypted, shown by its beginning."""

    personal = True
    type_name = "address"

    def bind(self, context):
        read, header, stars = super().bind(context), str(self.header), masks.STAR * 3

        def read_whole(cell):
            text = read(cell)
            if stars in text:
                raise BadCell("masked_cell", header=header)
            return text

        return read_whole

    def masked(self, value):
        return masks.address(value) if value else ""


class PersonName(Column):
    """A person's name: Chinese ones without inner blanks, others with single ones, the dot as ·."""

    dashes = DASHES + NONE_WORDS
    type_name = "name"

    def __init__(self, header, *, most: int = 60, **rest):
        super().__init__(header, **rest)
        self.most = most

    def bind(self, context):
        header, most = str(self.header), self.most

        def read(cell):
            if cell.__class__ is not str or not _is_plain(cell):
                cell = _spelled(written(cell))
                _refuse_what_is_no_name(cell, header)
            if len(cell) > most:
                raise BadCell("name_long", header=header, count=len(cell), most=most)
            return cell

        return read


def _is_plain(text: str) -> bool:
    """Most names: ideographs or letters only, or Mongol ones with the dot where it belongs."""
    return text.isalpha() and is_normalized("NFKC", text) or _DOTTED.fullmatch(text) is not None


def _spelled(text: str) -> str:
    name = settle(text).translate(_SIGNS)
    return _BLANK_INSIDE.sub("", _STOP.sub("·", name))


def _refuse_what_is_no_name(name: str, header: str) -> None:
    if any(category(one)[0] == "N" and one != "〇" for one in name):  # data
        raise BadCell("name_digits", header=header)
    if not _NAME.fullmatch(_MARKS.sub("", name)):
        raise BadCell("name_signs", header=header)
