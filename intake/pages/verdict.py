"""The head of an upload's page: facts, steps, and the one sentence that says what to do next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.models import Job
from common.periods import Period
from common.templatetags.ax import cndate, num
from intake.faults import Fault
from intake.models import Upload
from intake.pages.found import cells_of, questions_of
from intake.services.previews import Preview

State = Upload.State


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
