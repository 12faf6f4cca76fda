"""The forms under which two headers are the same header, and cells read as words."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from intake.cells import decode
from intake.columns.spelling import normal_form

# 1姓名★, 2. 性别, （三）班级, 22年级: numbers in front. Without a mark after it only a number that is
# no part of the words counts: 1年级, 2班, 3岁以下 and 2级 keep theirs.
NUMBERED = re.compile(
    r"^\s*(?:[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）.．、:：]+"  # data
    r"|(?!(?:[1-9]|1[0-2])年级|\d{1,3}班\s*$)\d{1,3}(?=[^\d\s年月日级岁%]|年级))\s*"  # data
)
# A hint, a measure, 必填; what is cut off with a long header may lack its end.
BRACKETED = re.compile(r"[(（\[【〔<〈《][^)）\]】〕>〉》]*(?:[)）\]】〕>〉》]|$)")
FILLER = re.compile(r"(?:基本)?(?:信息|情况|资料|数据)$")  # data
ROW_TOKEN = "平台行标识（勿改）"  # data: the column of our own pre-filled forms
IGNORED = frozenset({"序号", "序", "编号", "行号", "顺序号", "顺号", "no"})  # data
SIGNATURES = ("签字", "签名", "签章", "盖章", "按手印")  # data


def words_of(raw) -> str:
    """A cell as words on one line: a header, a title, a label. Errors and blanks are no words."""
    cell = decode(raw)
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell) if isinstance(cell, int | float | date) else ""


def is_blank(raw) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


@lru_cache(maxsize=8192)
def squeeze(text: str) -> str:
    """Without width, case, blanks, marks and the choice between 号 and 号码."""
    return normal_form(text).replace("号码", "号")  # data


@lru_cache(maxsize=8192)
def forms(text: str) -> tuple[str, ...]:
    """The normal forms of a header, from the fullest to the barest."""
    bare = BRACKETED.sub("", text)
    found = (text, NUMBERED.sub("", text), bare, NUMBERED.sub("", bare))
    return tuple(dict.fromkeys(form for form in map(squeeze, found) if form))


def path_forms(parts: tuple[str, ...]) -> Iterator[str]:
    """The normal forms of a joined header: 监护人信息/姓名 is also 监护人姓名."""
    yield from forms("".join(parts))
    if len(parts) > 1:
        parents = "".join(FILLER.sub("", squeeze(BRACKETED.sub("", part))) for part in parts[:-1])
        for leaf in forms(parts[-1]):
            yield squeeze(parents + leaf)


def is_ignored(header: str) -> bool:
    """A running number: known, and of no use."""
    return any(form in IGNORED for form in forms(header))


def is_token(header: str) -> bool:
    return squeeze(header) == squeeze(ROW_TOKEN)


def is_signature(header: str) -> bool:
    return any(form.endswith(SIGNATURES) for form in forms(header))


def likeness(one: str, other: str) -> float:
    """How alike two normal forms are, 0 to 1: the share of pairs of neighbours they have in common."""
    if not one or not other:
        return 0.0
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=8192)
def _pairs(form: str) -> frozenset[str]:
    framed = f"^{form}$"
    return frozenset(framed[i : i + 2] for i in range(len(framed) - 1))
