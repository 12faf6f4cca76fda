"""What the page of an upload says: its steps, its verdict, its counts. Words and numbers, no deeds."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.changes.sql import model_of
from common.models import Job, RowChange
from common.periods import Period
from common.templatetags.ax import cndate, num
from intake.faults import Fault
from intake.findings import Cause, Finding
from intake.models import Upload
from intake.services.previews import HeaderUse, Preview

State = Upload.State
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
WHY_LEFT = {
    "edited_since": gettext_lazy("后来又改过，保留不动"),
    "leaned_on": gettext_lazy("别的记录用着它，保留不动"),
    "frozen": gettext_lazy("已通过审核或确认，冻结了"),
    "under_way": gettext_lazy("报告已提交，正在审核，先撤回它"),
    "not_yours": gettext_lazy("现在不归您管"),
    "taken": gettext_lazy("它的号码现在归另一条记录"),
}


@dataclass(frozen=True)
class Step:
    title: str
    state: str = ""
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """The one sentence on top, and by its code the deeds that go with it."""

    code: str
    colour: str
    title: str
    text: str


@dataclass(frozen=True)
class Item:
    """A field of the strip of counts."""

    label: str
    value: str
    note: str = ""
    status: str = ""


# Steps -------------------------------------------------------------------------------------------
def steps_of(upload: Upload, undo_within: timedelta | None) -> list[Step]:
    """Uploading, matching headers, looking, committing: done, here, to come."""
    here = {
        State.RECEIVED: 0,
        State.CHECKING: 1,
        State.UNUSABLE: 0,
        State.MAPPING: 1,
        State.CHECKED: 2,
        State.DISCARDED: 2,
        State.UNDONE: 2,
        State.COMMITTING: 3,
    }.get(upload.state, 4)
    days = undo_within.days if undo_within else 0
    note = _("提交后 %(n)s 天内可撤销") % {"n": days} if days else _("提交后可以撤销")
    titles = [_("上传"), _("对表头"), _("看预览"), _("提交")]
    states = ["done" if no < here else "here" if no == here else "" for no in range(4)]
    return [
        Step(title, state, note if no == 3 else "")
        for no, (title, state) in enumerate(zip(titles, states, strict=True))
    ]


# Verdict -----------------------------------------------------------------------------------------
def was_refused(upload: Upload) -> bool:
    """Whether a commit was tried and wrote nothing: what is stored had changed since the check."""
    tried = upload.job is not None and upload.job.kind == "intake.commit"
    return upload.state == State.CHECKED and tried


def good_rows(counts: dict) -> int:
    """The rows that a commit would take: neither faulty nor in conflict."""
    return counts.get("rows", 0) - counts.get("rejected", 0) - counts.get("conflicts", 0)


def changing_rows(counts: dict) -> int:
    return counts.get("inserted", 0) + counts.get("updated", 0)


def verdict_of(upload: Upload, preview: Preview | None, *, undo_until: datetime | None) -> Verdict:
    match upload.state:
        case State.UNUSABLE:
            fault = Fault(upload.fault, params=upload.fault_params)
            return Verdict("unusable", "behind", fault.wrong, fault.cure)
        case State.DISCARDED:
            return Verdict(
                "discarded", "", _("已放弃"), _("什么都没有写入，原件已删除。要用就再传一次。")
            )
        case State.UNDONE:
            return Verdict(
                "undone", "ok", _("已撤销"), _("写入的都退回去了。要恢复，可以再查一遍、再提交。")
            )
        case State.COMMITTED:
            return _committed(upload, undo_until)
    if preview is None:
        text = _("预览只保存一段时间。原件还在就再查一遍，和现在的数据比。")
        return Verdict("gone", "", _("预览已过保存期"), text)
    if upload.state == State.MAPPING:
        return _mapping(preview)
    return _checked(preview)


def _mapping(preview: Preview) -> Verdict:
    unsure = sum(use.how == "suggested" for use in preview.headers)
    title = ngettext("%(n)s 个表头要确认", "%(n)s 个表头要确认", unsure) % {"n": unsure}
    if not unsure:
        title = _("有的列没有认出来")
    return Verdict("mapping", "risk", title, _("确认一次就记住，下次同样的表不再问。"))


def _checked(preview: Preview) -> Verdict:
    counts = preview.counts
    nothing_yet = _("现在什么都还没写入。")
    faulty, good = counts.get("rejected", 0), good_rows(counts)
    if preview.questions:
        n = len(questions_of(preview))
        title = ngettext("有 %(n)s 处写法要问清楚", "有 %(n)s 处写法要问清楚", n) % {"n": n}
        return Verdict("questions", "risk", title, _("回答一次就够，也可以改好原表再传。"))
    if faulty:
        words = {"n": num(faulty), "cells": num(cells_of(preview)), "good": num(good)}
        title = ngettext("%(n)s 行有错误，还不能整表提交", "%(n)s 行有错误，还不能整表提交", faulty)
        text = _("改好 %(cells)s 个单元格再传一次最省事：已对的 %(good)s 行不会重复。")
        if not good:
            text = _("改好 %(cells)s 个单元格再传一次。")
        return Verdict("faulty", "risk", title % words, text % words + nothing_yet)
    if counts.get("conflicts"):
        n = counts["conflicts"]
        title = ngettext("%(n)s 行和平台对不上，不会写入", "%(n)s 行和平台对不上，不会写入", n)
        text = _("其余 %(good)s 行可以提交。") % {"good": num(good)}
        return Verdict("conflicts", "risk", title % {"n": num(n)}, text + nothing_yet)
    if not changing_rows(counts) and not counts.get("missing"):
        title = _("和平台里的一样，不用提交")
        return Verdict("nothing", "ok", title, _("没有新增，没有变更，也没有错误。"))
    title = ngettext("%(n)s 行都没有错误，可以提交", "%(n)s 行都没有错误，可以提交", good)
    return Verdict("ready", "ok", title % {"n": num(good)}, nothing_yet)


def _committed(upload: Upload, undo_until: datetime | None) -> Verdict:
    n = good_rows(upload.counts)
    title = ngettext("已提交 %(n)s 行", "已提交 %(n)s 行", n) % {"n": num(n)}
    parts = []
    if upload.good_rows and upload.counts.get("rejected"):
        left = upload.counts["rejected"]
        words = ngettext("%(n)s 行有错误没有写入。", "%(n)s 行有错误没有写入。", left)
        parts.append(words % {"n": num(left)})
    if undo_until:
        parts.append(_("%(day)s前可以撤销。") % {"day": cndate(undo_until)})
    else:
        parts.append(_("随时可以撤销；后来又改过的行会保留。"))
    return Verdict("committed", "ok", title, "".join(parts))


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


# The head of the page ----------------------------------------------------------------------------
def facts_line(upload: Upload) -> list[str]:
    """Unit, period, what the sheet says of itself: short facts, in the order of their weight."""
    facts = [upload.unit.name]
    if upload.period:
        facts.append(Period.parse(upload.period).label)
    return facts + [f"{label} {value}" for label, value in upload.facts.items() if value]


def seconds_checked(upload: Upload) -> str:
    """How long the check took, waiting included, as people say it: 0.6 秒, 12 秒."""
    job = upload.job
    if job is None or job.kind != "intake.check" or not job.finished_at:
        return ""
    seconds = (job.finished_at - job.created_at).total_seconds()
    shown = num(max(seconds, 0.1), 1) if seconds < 10 else num(seconds, 0)
    return _("%(n)s 秒查完") % {"n": shown}


def seconds_left(job: Job | None, now: datetime) -> int | None:
    """A guess from the pace so far; none before there is a pace."""
    if job is None or not job.total or job.done * 20 < job.total:
        return None
    gone = (now - job.created_at).total_seconds()
    return max(1, round(gone * (job.total - job.done) / job.done))


# After an undo -----------------------------------------------------------------------------------
def undone_of(upload: Upload, kept: dict) -> dict | None:
    """What an undo left standing, line by line, in words."""
    if kept["upload"] != upload.pk:
        return None
    left = [
        {"place": _place(upload, sheet, row), "why": WHY_LEFT.get(code, code)}
        for sheet, row, code in kept["left"]
    ]
    return {"left": left, "count": kept["count"]}


def still_standing(upload: Upload) -> int:
    """How many rows an undo has left; none where nothing was undone yet."""
    if upload.change_set is None:
        return 0
    rows = upload.change_set.rows.aggregate(all=Count("pk"), undone=Count("undone_at"))
    return rows["all"] - rows["undone"] if rows["undone"] else 0


@dataclass(frozen=True)
class Written:
    """A stored record that the commit made or changed, with the line it came from."""

    change: RowChange
    place: str
    address: str  # the record's own page, where there is one

    @property
    def look(self) -> str:
        return "back" if self.change.undone_at else "sent"

    @property
    def word(self) -> str:
        return _("已撤销") if self.change.undone_at else self.change.get_verb_display()


def written_by(upload: Upload):
    """The records of the last commit, in the order of the sheet."""
    return upload.change_set.rows.order_by("sheet", "row", "pk")


def shown_written(upload: Upload, changes) -> list[Written]:
    return [
        Written(one, _place(upload, one.sheet, one.row), _address(one.root, one.root_pk))
        for one in changes
    ]


def _address(table: str, pk: int) -> str:
    """Whether the reader may open it, the record's own page decides."""
    model = model_of(table)
    return model(pk=pk).get_absolute_url() if hasattr(model, "get_absolute_url") else ""


def _place(upload: Upload, sheet: int | None, row: int | None) -> str:
    if row is None:
        return _("不在表里的一行")
    words = _("第 %(row)s 行") % {"row": row}
    if len(upload.sheets) > 1 and sheet and sheet <= len(upload.sheets):
        return f"{upload.sheets[sheet - 1]} {words}"
    return words
