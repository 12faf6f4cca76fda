"""The user's own workbook with its faults marked, made in the limited child (`intake.limited.marking`).

An .xlsx stays what it is: red cells, a comment in each, and a first sheet that lists the faults.
Another format, and a workbook of more than 20,000 rows, becomes a new .xlsx with the values.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.faults import Fault, Unusable, declare
from intake.handed_out import LIST_SHEET
from intake.reading import processes
from intake.reading.book import in_memory

MOST_LISTED = 20_000  # lines of the list; Excel opens 65,000 links at most
MOST_BYTES = 200 * 1024 * 1024
WORK = 1024 * 1024 * 1024  # as much time as reading this many bytes: openpyxl is slow
# What a child's end may mean when a whole workbook was too much for it.
TOO_MUCH = ("reader_out_of_memory", "reader_too_slow", "reader_died")

declare(
    {
        "cannot_mark": (
            gettext_lazy("这份文件没有标成"),
            gettext_lazy("照预览页上的清单改原表。"),
        ),
    }
)

# What a marked workbook does not hold, or holds otherwise.
NOTES = {
    "values": gettext_lazy("原件不是 .xlsx：这里只有各格的值和合并，没有原来的样式和公式。"),
    "not_kept": gettext_lazy("原件没法原样保留：这里只有各格的值和合并，没有原来的样式和公式。"),
    "only_faulty": gettext_lazy(
        "行数多：这里只有标题、表头和有错的行，改好照样上传，已对的行不用再交。"
    ),
    "left_out": gettext_lazy("还有 %(count)s 处没有列出，先改完这些再传。"),
    "no_comment": gettext_lazy("还有 %(count)s 格只标了颜色，没有批注，请看本页。"),
    "unlocked": gettext_lazy("工作表有保护：标红的 %(count)s 格已解锁，可以直接改。"),
    "macros": gettext_lazy("没有保留：宏。"),
    "shapes": gettext_lazy("没有保留：形状、文本框、印章 %(count)s 个。"),
    "pictures": gettext_lazy("没有保留：图片 %(count)s 张。"),
    "cell_pictures": gettext_lazy("没有保留：嵌在格子里的图片。"),
    "header_pictures": gettext_lazy("没有保留：页眉页脚或背景里的图片 %(count)s 处。"),
    "charts": gettext_lazy("没有保留：图表 %(count)s 个。"),
    "redrawn": gettext_lazy("图表 %(count)s 个是重画的，样子可能有出入。"),
    "pivots": gettext_lazy("没有保留：数据透视表 %(count)s 个。"),
    "slicers": gettext_lazy("没有保留：切片器、日程表 %(count)s 个。"),
    "controls": gettext_lazy("没有保留：按钮、复选框等控件 %(count)s 个。"),
    "objects": gettext_lazy("没有保留：嵌入的文件 %(count)s 个。"),
    "external": gettext_lazy("没有保留：到别的工作簿的链接 %(count)s 个。"),
    "connections": gettext_lazy("没有保留：外部数据连接。"),
    "threads": gettext_lazy("没有保留：批注里的对话，只留了文字。"),
    "signatures": gettext_lazy("没有保留：数字签名。"),
    "sparklines": gettext_lazy("没有保留：迷你图 %(count)s 组。"),
    "conditions": gettext_lazy("没有保留：数据条、图标等条件格式 %(count)s 处。"),
    "validations": gettext_lazy("没有保留：取自别的工作表的下拉选项 %(count)s 处。"),
}


@dataclass(frozen=True)
class Marked:
    """An .xlsx, and what has to be said of it beside its list of faults."""

    content: bytes
    notes: list[str]


def marked_name(name: str) -> str:
    """What the marked workbook of a file is called."""
    return _("%(name)s（已标红）.xlsx") % {"name": PurePath(name).stem}


def mark(
    pieces: Iterable[bytes] | bytes,
    *,
    faults: Iterable[Fault],
    warnings: Iterable[Fault] = (),
    heads: dict[str, int] | None = None,
    more: int = 0,
) -> Marked:
    """Mark a workbook given as its bytes. Unusable if it cannot be done.

    Faults and warnings are told where they stand: anything with sheet, row, column, wrong and cure
    (and header, if it has one). `heads` gives the last row of each sheet's header, by its name;
    `more` is the number of faults that were found and not kept.
    """
    job = _job([*faults], [*warnings], heads or {}, more)
    original = b"".join([pieces] if isinstance(pieces, bytes) else pieces)
    try:
        return _mark(original, job)
    except Unusable as unusable:
        if unusable.code not in TOO_MUCH:
            raise
    try:
        return _mark(original, job | {"only_faulty": True})
    except Unusable:
        raise Unusable("cannot_mark") from None


def _job(faults: list, warnings: list, heads: dict[str, int], more: int = 0) -> dict:
    """What the child is asked; each sentence goes over once."""
    texts: dict[tuple[str, str], int] = {}
    places = []
    for found, is_warning in ((faults, False), (warnings, True)):
        for fault in found[: MOST_LISTED - len(places)]:
            text = texts.setdefault((fault.wrong, fault.cure), len(texts))
            header = str(getattr(fault, "header", ""))
            place = (fault.sheet, fault.row or 0, fault.column, header, text, is_warning)
            places.append(place)
    return {
        "places": places,
        "texts": list(texts),
        "left_out": len(faults) + len(warnings) - len(places) + more,
        "heads": heads,
        "list_title": LIST_SHEET,
        "words": _words(len(faults) + more),
        "only_faulty": False,
    }


def _words(count: int) -> dict[str, str]:
    title = _("%(list)s：%(count)s 处") % {"list": LIST_SHEET, "count": count}
    return {code: str(text) for code, text in NOTES.items()} | {
        "title": title,
        "how": _("改好标红的格子，把本文件再传一次；这一页不用删。黄色的是提醒。"),
        "sheet": _("工作表"),
        "cell": _("格子"),
        "header": _("表头"),
        "wrong": _("哪里不对"),
        "cure": _("怎么改"),
    }


def _mark(original: bytes, job: dict) -> Marked:
    with in_memory(original) as (memory, content):
        child = processes.take_child()
        try:
            child.give({"mark": job | {"format": content.form}}, memory, work=WORK)
            return _answer(child)
        finally:
            child.end()


def _answer(child: processes.Child) -> Marked:
    said = child.answer()
    if "fault" in said:
        raise Unusable(said["fault"], **said["params"])
    size = said["size"]
    if not isinstance(size, int) or not 0 < size <= MOST_BYTES:
        raise Unusable("reader_died")
    content = bytearray()
    while len(content) < size:
        content += child.skip()
    return Marked(bytes(content), [str(note) for note in said["notes"]])
