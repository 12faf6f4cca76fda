"""The rules of aid, what a finding of each says, and where it leads."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.models import Finding
from registry.services import findings

KIND = "subsidies.aid"
MISSED, INTERRUPTED, LATE = f"{KIND}.missed", f"{KIND}.interrupted", f"{KIND}.late"
GROUND, TWICE, AMOUNT = f"{KIND}.ground", f"{KIND}.twice", f"{KIND}.amount"
ACCOUNT, IDENTITY, BEFORE = f"{KIND}.account", f"{KIND}.identity", f"{KIND}.before"

LABELS = {
    MISSED: gettext_lazy("应助未助"),
    INTERRUPTED: gettext_lazy("资助中断"),
    GROUND: gettext_lazy("没有依据而发放"),
    TWICE: gettext_lazy("同一学期重复发放"),
    AMOUNT: gettext_lazy("金额不对"),
    ACCOUNT: gettext_lazy("发到的卡不对"),
    IDENTITY: gettext_lazy("身份不符"),
    BEFORE: gettext_lazy("认定之前发放"),
    LATE: gettext_lazy("迟发"),
}
OF_CHILDREN = (MISSED, INTERRUPTED, LATE)  # told by programme: subsidies.aid.missed.23
HOLDER, SHARED = f"{ACCOUNT}.holder", f"{ACCOUNT}.shared"
UNKNOWN, NAME = f"{IDENTITY}.unknown", f"{IDENTITY}.name"
OF_PAYMENTS = (GROUND, TWICE, AMOUNT, HOLDER, SHARED, UNKNOWN, NAME, BEFORE)
DOUBTS = (GROUND, TWICE, AMOUNT, ACCOUNT, IDENTITY, BEFORE)  # money out that may be wrong
_REASONS = {
    "NOT_ENROLLED": gettext_lazy("这个学期没有在籍就读"),
    "STAGE": gettext_lazy("所在学段没有这个项目"),
    "UNRECOGNISED": gettext_lazy("这个学期没有认定"),
}


def rule_of(finding: Finding) -> str:
    """The rule without the programme or the case at its end."""
    return ".".join(finding.rule.split(".")[:3])


# In words ------------------------------------------------------------------------------------------
def _says(finding: Finding) -> str:
    rule, facts = rule_of(finding), finding.facts
    head = {"label": LABELS[rule], "name": facts.get("name", "")}
    head["what"] = _DETAILS[rule](facts)
    if not head["name"]:
        return _("%(label)s：%(what)s") % head
    return _("%(label)s：%(name)s，%(what)s") % head


def _yuan(text: str) -> str:
    return f"{Decimal(text):,.2f}"


def _missed(facts: dict) -> str:
    if "expected" in facts:
        return _("应发 %(expected)s 元，同校已发，这名学生没有") % {
            "expected": _yuan(facts["expected"])
        }
    if facts.get("decided"):
        return _("在部门名单上，学校没有认定或已取消")
    return _("在部门名单上，还没有认定")


def _interrupted(facts: dict) -> str:
    if "expected" in facts:
        return _("上学期发过，本学期应发 %(expected)s 元而没有发") % {
            "expected": _yuan(facts["expected"])
        }
    return _("上学期发过，本学期没有认定，也没有说明")


def _ground(facts: dict) -> str:
    words = {"paid": _yuan(facts["paid"]), "why": _REASONS[facts["why"]]}
    return _("已发 %(paid)s 元，%(why)s") % words


def _twice(facts: dict) -> str:
    words = {"paid": _yuan(facts["paid"]), "times": facts["times"]}
    if facts["others"]:
        words["others"] = _("、").join(facts.get("others_named", ()))
        return _("本单位发了 %(paid)s 元（%(times)s 笔），%(others)s也发了") % words
    if "expected" in facts:
        words["expected"] = _yuan(facts["expected"])
        return _("发了 %(times)s 笔共 %(paid)s 元，应发 %(expected)s 元") % words
    return _("发了 %(times)s 笔共 %(paid)s 元") % words


def _amount(facts: dict) -> str:
    if "expected" not in facts:
        return _("发了 %(paid)s 元，没有哪条标准是这个数") % {"paid": _yuan(facts["paid"])}
    paid, expected = Decimal(facts["paid"]), Decimal(facts["expected"])
    words = {
        "paid": f"{paid:,.2f}",
        "expected": f"{expected:,.2f}",
        "gap": f"{abs(paid - expected):,.2f}",
    }
    if paid > expected:
        return _("应发 %(expected)s 元，发了 %(paid)s 元，多 %(gap)s 元") % words
    return _("应发 %(expected)s 元，发了 %(paid)s 元，少 %(gap)s 元") % words


def _account(facts: dict) -> str:
    if facts["why"] == "SHARED":
        return _("同一张卡收了 %(children)s 名学生的钱") % facts
    return _("卡主不是学生本人，也不是登记的监护人")


def _identity(facts: dict) -> str:
    if facts["why"] == "UNKNOWN":
        return _("身份证号不是学籍里任何一名学生的")
    return _("身份证号对得上，姓名对不上")


def _before(facts: dict) -> str:
    if facts.get("why") == "NOT_FILED":
        return _("认定还没有备案，已经发放")
    return _("发放日期早于认定日期")


def _late(facts: dict) -> str:
    words = {"children": facts["children"], "day": facts["deadline"]}
    if facts["paid"]:
        return _("%(children)s 笔在 %(day)s 以后才发") % words
    return _("过了 %(day)s，%(children)s 名学生一个也没有发") % words


_DETAILS = {
    MISSED: _missed,
    INTERRUPTED: _interrupted,
    GROUND: _ground,
    TWICE: _twice,
    AMOUNT: _amount,
    ACCOUNT: _account,
    IDENTITY: _identity,
    BEFORE: _before,
    LATE: _late,
}

findings.declare(
    KIND,
    label=gettext_lazy("学生资助"),
    says=_says,
    address=lambda finding: reverse("subsidies:finding-proof", args=[finding.pk]),
    rules=LABELS,
)
