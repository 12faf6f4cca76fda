"""Which deeds a page offers to one person now, and which of them comes next.

What is offered follows from the state and from whose the case is; the services refuse the rest.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import days_left
from dropout.models import IN_QUESTION, OUT_OF_SCHOOL, SETTLED, Case, State

CHANGE, RECORD, REVIEW = "dropout.change_case", "dropout.record_visit", "dropout.review_case"
WORDS = {
    "arrange": gettext_lazy("定经办人和下次日期"),
    "verify": gettext_lazy("开始核实"),
    "confirm": gettext_lazy("确认失学、辍学"),
    "correct-cause": gettext_lazy("更正原因"),
    "rule-out": gettext_lazy("排除"),
    "visit": gettext_lazy("记劝返"),
    "step": gettext_lazy("办理四步"),
    "notice": gettext_lazy("制发文书"),
    "people": gettext_lazy("定责任人"),
    "place": gettext_lazy("登记安置"),
    "attend": gettext_lazy("核实在校"),
    "plan": gettext_lazy("定送教计划"),
    "lesson": gettext_lazy("记送教"),
    "leave-again": gettext_lazy("又离校了"),
    "ask-closing": gettext_lazy("申请销号"),
    "decide-closing": gettext_lazy("审核销号"),
    "offer": gettext_lazy("移交别的单位"),
    "reopen": gettext_lazy("再次辍学，重新开案"),
}
ICONS = {
    "visit": "house",
    "notice": "stamp",
    "offer": "arrow",
    "place": "check",
    "people": "users",
    "arrange": "calendar",
    "leave-again": "alert",
    "ask-closing": "send",
    "decide-closing": "check",
}


@dataclass(frozen=True)
class Deed:
    code: str
    url: str

    @property
    def label(self) -> str:
        return str(WORDS[self.code])

    @property
    def icon(self) -> str:
        return ICONS.get(self.code, "edit")


def deeds_for(sheet) -> dict[str, Deed]:
    """{code: the deed} of what this person may do with the case as it stands."""
    case, user = sheet.case, sheet.user
    may = {
        permission: user.has_perm(permission)
        and Case.objects.visible_to(user, permission).filter(pk=case.pk).exists()
        for permission in (CHANGE, RECORD, REVIEW)
    }
    codes = _of_keeper(sheet) if may[CHANGE] else []
    if may[RECORD]:
        codes += _of_teller(sheet)
    if may[REVIEW] and sheet.closing and sheet.closing.asked_by_id != user.pk:
        codes.append("decide-closing")
    return {code: Deed(code, reverse(f"dropout:case-{code}", args=[case.pk])) for code in codes}


def _of_keeper(sheet) -> list[str]:
    """Of who works for the responsible unit."""
    episode, state = sheet.episode, sheet.episode.state
    if not sheet.is_open:
        return ["reopen"]
    codes = ["arrange", "people"]
    if state == State.SUSPECTED:
        codes.append("verify")
    if state in IN_QUESTION:
        codes += ["confirm", "rule-out"]
    if state in OUT_OF_SCHOOL:
        codes += ["step", "place"]
    if episode.confirmed_on:
        codes += ["notice", "correct-cause"]
    if state in SETTLED and sheet.placement:
        codes += _of_placement(sheet.placement)
        codes += ["place", "leave-again"]
        if not sheet.closing:
            codes.append("ask-closing")
    if not sheet.transfer:
        codes.append("offer")
    return codes


def _of_placement(placement) -> list[str]:
    if placement.is_at_home:
        return ["plan"]
    return ["attend"] if placement.is_at_school and not placement.attended_on else []


def _of_teller(sheet) -> list[str]:
    """Of who tells of the child: its school, too."""
    if not sheet.is_open:
        return []
    codes = ["visit"]
    if sheet.placement and sheet.placement.is_at_home:
        codes.append("lesson")
    return codes


# What comes next ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Next:
    title: str
    text: str
    deeds: list[Deed]
    kind: str = ""
    status: str = ""
    status_label: str = ""


def next_for(sheet, deeds: dict[str, Deed]) -> Next:
    """The one thing to do, the words for it, and the buttons: the first is the main one."""
    title, codes = _what(sheet)
    episode, today = sheet.episode, sheet.today
    text = _("经办人 %(who)s。") % {"who": episode.officer.name} if episode.officer else ""
    found = [deeds[code] for code in codes if code in deeds]
    if episode.next_on is None or not sheet.is_open:
        return Next(title, text, found)
    left = days_left(episode.next_on, today)
    if episode.next_on < today:
        return Next(title, text, found, "behind", "late", left)
    return Next(title, text, found, "", "busy", left)


def _what(sheet) -> tuple[str, list[str]]:
    if sheet.closing:
        return _("下一步：另一人审核销号"), ["decide-closing"]
    if sheet.transfer:
        unit = sheet.transfer.to_unit.short
        return _("等%(unit)s答复是否接收") % {"unit": unit}, ["visit"]
    match sheet.episode.state:
        case State.SUSPECTED:
            return _("下一步：核实这名学生在哪里"), ["verify", "rule-out"]
        case State.VERIFYING:
            return _("下一步：确认，或写明为什么不是辍学"), ["confirm", "rule-out", "visit"]
        case State.CONFIRMED:
            return _("下一步：定责任人，上门劝返"), ["visit", "people", "place"]
        case State.PERSUADING:
            return _("下一步：继续劝返，或登记安置"), ["place", "visit", "step"]
        case State.PLACED:
            return _placed(sheet)
        case State.WATCHED:
            return _watched(sheet)
        case State.CLOSED:
            return _("已销号"), ["reopen"]
        case State.LEFT_AGAIN:
            return _("再次辍学，已另开一次"), []
    return _("已排除，不是辍学"), ["reopen"]


def _placed(sheet) -> tuple[str, list[str]]:
    placement = sheet.placement
    if placement is None:
        return _("下一步：登记安置"), ["place"]
    if placement.is_at_home:
        if sheet.plan is None:
            return _("下一步：定送教计划"), ["plan"]
        return _("下一步：按计划送教并登记"), ["lesson", "plan"]
    if placement.rests_on_approval:
        return _("批准期满后，这名学生会自己回到名单上"), ["visit"]
    return _("下一步：核实学生真在班里上课"), ["attend", "leave-again"]


def _watched(sheet) -> tuple[str, list[str]]:
    waiting = [one for one in sheet.watches if one.answered_on is None]
    if waiting:
        days = waiting[0].days
        return _("巩固观察：等学校第 %(n)s 天的回答") % {"n": days}, ["visit", "leave-again"]
    return _("下一步：申请销号"), ["ask-closing", "leave-again"]
