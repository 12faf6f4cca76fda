"""What one person's home page shows: the union of what their postings give them, in one order."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.models import InboxLine
from common.periods import Period
from common.templatetags.ax import days_left
from dashboard.queries import matrix as matrices
from dashboard.queries import overdue, work
from registry.models import Posting
from registry.roles import Role
from tasks_app.services import reminders

RECENT = timedelta(days=7)


@dataclass(frozen=True)
class First:
    """One thing to do first, with its reason and its link."""

    title: str
    text: str
    look: str
    word: str
    url: str
    verb: str


@dataclass
class Home:
    postings: list[Posting]
    title: str = ""
    first: list[First] = field(default_factory=list)
    more: int = 0  # further things that come first and stand in the lists below
    filling: work.FillingWork | None = None
    coming: list[dict] = field(default_factory=list)
    review: work.ReviewWork | None = None
    late: list[overdue.LateUnit] | None = None
    matrix: matrices.Matrix | None = None
    corrected: list[dict] = field(default_factory=list)
    facts: list[work.Fact] = field(default_factory=list)
    inbox: list[InboxLine] = field(default_factory=list)
    is_school: bool = False
    sheets: list[work.Todo] = field(default_factory=list)  # what a school has still to hand in


def home_for(user, *, today: date, at: datetime, period=None) -> Home:
    postings = list(
        Posting.objects.filter(user=user).in_force(today).select_related("unit").order_by("pk")
    )
    roles = {posting.role for posting in postings}
    home = Home(postings, inbox=work.inbox_lines(user))
    if user.has_perm(work.FILL):
        home.filling = work.filling_work(user, today=today)
        home.coming = work.due_next(user, today=today)
    if user.has_perm(work.REVIEW):
        home.review = work.review_work(user)
    if user.has_perm(reminders.PERMISSION):
        home.late = overdue.late_units(user, today=today, at=at)
    if Role.SUPERVISOR in roles:
        home.matrix = matrices.build_matrix(
            user, period or matrices.latest_quarter(today), today=today
        )
        home.corrected = work.corrected_values(user, home.matrix.period)
    home.facts = work.administrator_facts(user, since=at - RECENT)
    home.is_school = roles == {Role.SCHOOL}
    if Role.SCHOOL in roles:
        home.sheets = work.school_work(user, today=today)
    urgent = home.filling.urgent if home.filling else []
    urgent = urgent + [todo for todo in home.sheets if todo.is_urgent]
    others = _of_review(home.review) if home.review else []
    if home.late and home.review:
        others += _of_late(home.late)
    count = len(urgent) + len(others)
    shown = _mixed(urgent, work.FIRST - min(len(others), work.FIRST - 1))
    home.first = [_of_todo(todo, today) for todo in shown] + others
    home.more = count - len(home.first)
    home.title = _title(user, home, count)
    return home


def _mixed(urgent: list[work.Todo], room: int) -> list[work.Todo]:
    """The first of a ranked list; many late ones leave room for what a colleague waits for."""
    asked = [todo for todo in urgent if todo.state in (work.S.RETURNED, work.S.CHECKING)]
    kept = asked[: max(room // 2, 0)]
    rest = [todo for todo in urgent if todo not in kept][: room - len(kept)]
    return sorted(kept + rest, key=lambda todo: todo.rank)


def _of_todo(todo: work.Todo, today: date) -> First:
    left = days_left(todo.duty.due_on, today)
    if todo.state == work.S.RETURNED:
        word = ngettext("退回 %(n)d 处", "退回 %(n)d 处", todo.notes) % {"n": todo.notes}
        text = _("盟局：“%(note)s”") % {"note": todo.note} if todo.note else todo.asks
    elif todo.state == work.S.CHECKING:
        word = todo.word
        text = _("%(name)s提交，等第二人复核。") % {"name": todo.duty.report_by}
    else:
        word = left
        text = f"{todo.duty.unit.short} | {todo.asks}"
    look = "late" if todo.is_late and todo.look == "draft" else todo.look
    return First(todo.headline, text, look, word, todo.address, todo.verb)


def _of_review(review: work.ReviewWork) -> list[First]:
    found = []
    if review.count:
        title = ngettext("审核 %(n)d 份进展报告", "审核 %(n)d 份进展报告", review.count) % {
            "n": review.count
        }
        oldest = review.reports[0]
        text = _("最早的是%(unit)s任务 %(task)s。") % {
            "unit": oldest.duty.unit.short,
            "task": oldest.work_item.number,
        }
        if review.corrections:
            text += ngettext(
                "其中 %(n)d 份是更正。", "其中 %(n)d 份是更正。", review.corrections
            ) % {"n": review.corrections}
        found.append(
            First(title, text, "wait", _("待审核"), oldest.get_absolute_url(), _("从最早的审起"))
        )
    for batch in review.batches:
        found.append(
            First(
                _("审批历年数据：%(title)s") % {"title": batch.title},
                ngettext("%(name)s提交，%(n)d 个数。", "%(name)s提交，%(n)d 个数。", batch.size)
                % {"name": batch.submitted_by.name, "n": batch.size},
                "wait",
                _("待审核"),
                reverse("tasks_app:history-list"),
                _("去审批"),
            )
        )
    return found


def _of_late(late: list[overdue.LateUnit]) -> list[First]:
    names = _("、").join(row.unit.short for row in late)
    count = sum(row.count for row in late)
    title = ngettext("%(n)d 个单位有逾期未报", "%(n)d 个单位有逾期未报", len(late)) % {
        "n": len(late)
    }
    text = ngettext("%(names)s，共 %(n)d 项。", "%(names)s，共 %(n)d 项。", count) % {
        "names": names,
        "n": count,
    }
    return [First(title, text, "late", _("逾期"), "#late", _("看名单、发提醒"))]


def _title(user, home: Home, count: int) -> str:
    if count:
        return ngettext(
            "%(name)s，今天有 %(n)d 件要先办", "%(name)s，今天有 %(n)d 件要先办", count
        ) % {"name": user.name, "n": count}
    if home.matrix:
        return verdict(home.matrix)
    waiting = sum(fact.value for fact in home.facts if fact.status or fact.asks)
    if waiting:
        return ngettext("%(name)s，有 %(n)d 件事等着", "%(name)s，有 %(n)d 件事等着", waiting) % {
            "name": user.name,
            "n": waiting,
        }
    return _("%(name)s，今天没有要先办的事") % {"name": user.name}


def verdict(found: matrices.Matrix) -> str:
    """A sentence about the quarter: what is behind, what is at risk, else who has reported."""
    if found.lights.get("behind") or found.lights.get("risk"):
        return sentence(found.period, found.lights)
    return reported(found)


def sentence(quarter: Period, lights: dict) -> str:
    """What is behind and what is at risk, of the tasks that could be judged."""
    period = quarter.label
    behind, risk = (len(lights.get(code, ())) for code in ("behind", "risk"))
    if behind or risk:
        said = []
        if behind:
            said.append(ngettext("%(n)d 项落后", "%(n)d 项落后", behind) % {"n": behind})
        if risk:
            said.append(ngettext("%(n)d 项有风险", "%(n)d 项有风险", risk) % {"n": risk})
        return _("%(period)s：%(said)s") % {"period": period, "said": _("，").join(said)}
    if not lights.get("ok"):
        return _("%(period)s：还没有一项任务能判定") % {"period": period}
    return _("%(period)s：判定了 %(n)s 项任务，都达标") % {
        "period": period,
        "n": len(lights["ok"]),
    }


def reported(found: matrices.Matrix) -> str:
    """A sentence about what has come in for the quarter."""
    return _("%(period)s：应报 %(owed)s 份，已报 %(done)s 份") % {
        "period": found.period.label,
        "owed": found.owed,
        "done": found.handed_in,
    }
