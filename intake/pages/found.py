"""What a check found, as its page shows it: counts, causes, headers, questions, cells at fault."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import num
from intake.faults import Fault
from intake.findings import Cause, Finding
from intake.services.previews import HeaderUse, Preview

SOME = 5  # changed cells on the page itself; the rest have a page of their own

# How a column of the sheet was known, or why it is not taken in: (code of the look, words, what then)
HOW = {
    "given": ("ok", gettext_lazy("这次确认的"), gettext_lazy("按确认的")),
    "exact": ("ok", gettext_lazy("完全一致"), gettext_lazy("自动")),
    "alias": ("ok", gettext_lazy("别名"), gettext_lazy("自动")),
    "form": ("ok", gettext_lazy("去空格、标点后一致"), gettext_lazy("自动")),
    "remembered": ("ok", gettext_lazy("上次确认过"), gettext_lazy("已记住")),
    "claimed": ("ok", gettext_lazy("一个单位一列"), gettext_lazy("自动")),
    "suggested": ("risk", gettext_lazy("相近"), gettext_lazy("要确认")),
    "ignored": ("none", gettext_lazy("不导入"), gettext_lazy("约定忽略")),
    "signature": ("none", gettext_lazy("签字栏"), gettext_lazy("不导入")),
    "left_out": ("none", gettext_lazy("上次说不要"), gettext_lazy("不导入")),
    "headless": ("none", gettext_lazy("没有表头"), gettext_lazy("不导入")),
    "twice": ("risk", gettext_lazy("同一字段的第二列"), gettext_lazy("不导入")),
    "unclaimed": ("none", gettext_lazy("没有字段认领"), gettext_lazy("不导入")),
}
LEFT_OUT = {
    "total": gettext_lazy("合计"),
    "note": gettext_lazy("说明"),
    "sign": gettext_lazy("签字"),
    "header": gettext_lazy("重复的表头"),
    "other header": gettext_lazy("另一种表头"),
    "example": gettext_lazy("示例"),
}


@dataclass(frozen=True)
class Item:
    """A field of the strip of counts."""

    label: str
    value: str
    note: str = ""
    status: str = ""


# Causes ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShownCause:
    """A cause in words that hold for all its cells: what differs from cell to cell is left open."""

    cause: Cause
    wrong: str
    cure: str

    @property
    def key(self) -> str:
        return f"{self.cause.code}:{self.cause.header}"


def causes_of(causes: list[Cause], *, asked: bool = False) -> list[ShownCause]:
    """`asked`: what the page asks about elsewhere is left out."""
    return [_shown_cause(c) for c in causes if not (asked and c.code == "needs_answer")]


def _shown_cause(cause: Cause) -> ShownCause:
    first = cause.first[0]
    params = {
        name: value if all(one.params.get(name) == value for one in cause.first) else "…"
        for name, value in first.params.items()
    }
    fault = Fault(cause.code, params=params)
    return ShownCause(cause, fault.wrong, fault.cure)


# Counts ------------------------------------------------------------------------------------------
def cells_of(preview: Preview) -> int:
    """How many cells are faulty; the list itself is cut at a thousand of a kind."""
    return sum(cause.cells for cause in preview.fault_causes)


def strip_of(preview: Preview) -> list[Item]:
    counts = preview.counts
    cells, warned = cells_of(preview), sum(cause.cells for cause in preview.warning_causes)

    def n(name):
        return num(counts.get(name, 0))

    items = [
        Item(_("读到"), n("rows"), _("行")),
        Item(_("新增"), n("inserted")),
        Item(_("变更"), n("updated"), _("行，%(n)s 格") % {"n": num(preview.changes_total)}),
    ]
    if counts.get("cleared"):
        items.append(Item(_("清空"), n("cleared"), _("格")))
    items.append(Item(_("未变"), n("unchanged")))
    if counts.get("conflicts"):
        items.append(Item(_("对不上"), n("conflicts"), _("行，不写入"), "warn"))
    status = "err" if counts.get("rejected") else ""
    items.append(Item(_("有错误"), n("rejected"), _("行，%(n)s 格") % {"n": num(cells)}, status))
    if warned:
        items.append(Item(_("提醒"), num(warned), _("条，不拦提交"), "warn"))
    return items


# Parts -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShownHeader:
    """A column of the sheet with what became of it; an open one can be matched otherwise."""

    use: HeaderUse
    title: str  # the kind's column, or nothing
    look: str
    how: str
    then: str
    key: str = ""  # under which its answer comes back
    no: int | None = None  # its number among the open ones


# What a person may match otherwise: what was not known by its own name.
OPEN = ("suggested", "unclaimed", "remembered", "given", "left_out", "twice")


def headers_of(preview: Preview, kind) -> list[ShownHeader]:
    """Every column of the sheets; of two with one header each is named with its letter."""
    times = Counter((use.sheet, use.header) for use in preview.headers)
    shown, asked = [], set()
    for use in preview.headers:
        key = use.header if times[use.sheet, use.header] == 1 else f"{use.header}@{use.letter}"
        is_open = use.how in OPEN and bool(use.header) and key not in asked
        no = len(asked) if is_open else None
        if is_open:
            asked.add(key)
        words = map(str, HOW.get(use.how, HOW["unclaimed"]))
        shown.append(ShownHeader(use, use.title(kind), *words, key=key, no=no))
    return shown


def mapping_said(preview: Preview, kind, said) -> dict[str, str]:
    """What a person says each open header means, of the headers that the check found."""
    open_ones = [shown for shown in headers_of(preview, kind) if shown.no is not None]
    return {shown.key: said.get(f"column-{shown.no}", "") for shown in open_ones}


def columns_of(kind) -> list[tuple[str, str]]:
    return [(name, str(column.header)) for name, column in kind.columns.items()]


def left_out_of(preview: Preview) -> str:
    """3 行合计、2 行签字: what was passed over, in words."""
    said = {}
    for one in preview.left_out:
        if one.what in LEFT_OUT:  # blank lines are nobody's concern
            said[one.what] = said.get(one.what, 0) + one.count
    return _("、").join(
        _("%(n)s 行%(what)s") % {"n": num(count), "what": LEFT_OUT[what]}
        for what, count in said.items()
        if count
    )


@dataclass(frozen=True)
class Question:
    """What the check could not decide by itself; one answer holds for the whole upload."""

    no: int
    key: str
    finding: Finding
    choices: list[tuple[str, str]]


def questions_of(preview: Preview) -> list[Question]:
    """Each question once, however many cells ask it."""
    asked = {}
    for finding in preview.questions:
        if finding.params.get("answers"):
            asked.setdefault(str(finding.params.get("about", finding.header)), finding)
    return [
        Question(no, key, finding, list(finding.params["answers"].items()))
        for no, (key, finding) in enumerate(asked.items())
    ]


def answers_said(preview: Preview, said) -> dict[str, str]:
    """What a person says to the questions; what is none of the answers offered is not heard."""
    answers = {}
    for question in questions_of(preview):
        answer = said.get(f"answer-{question.no}", "")
        if answer in dict(question.choices):
            answers[question.key] = answer
    return answers


def found_in(findings: list, *, code: str = "", words: str = "") -> list:
    """The findings of a code and a column ("code:header"), or that hold all the words."""
    if code:
        wanted, _colon, header = code.partition(":")
        findings = [f for f in findings if f.code == wanted and (not header or f.header == header)]
    for word in words.lower().split():
        findings = [f for f in findings if word in _searchable(f)]
    return findings


def _searchable(finding) -> str:
    parts = (finding.sheet, finding.place, finding.header, finding.value, finding.message)
    return "\n".join(parts).lower()
