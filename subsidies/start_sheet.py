"""The first page of student aid: where this term stands, and what waits for whom."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.ax import num
from registry.models import Finding
from subsidies.models import (
    Award,
    NoticeRun,
    Payment,
    PaymentBatch,
    Programme,
    Recognition,
    Standard,
)
from subsidies.terms import this_term

VIEW, CHANGE, REVIEW = (
    "subsidies.view_recognition",
    "subsidies.change_recognition",
    "subsidies.review_recognition",
)
STANDARDS, PAYMENTS = "subsidies.change_standard", "subsidies.view_payment"
APPROVE, ANSWER = "subsidies.approve_payment", "registry.answer_finding"
FINDINGS = "subsidies.aid"  # how the rules of aid begin
State = Recognition.State


@dataclass(frozen=True)
class Waiting:
    """Something that waits for this person: a sentence with its number, why, where to do it."""

    says: str
    why: str
    address: str


def listed(name: str, **query) -> str:
    """The address of a list, narrowed."""
    try:
        address = reverse(f"subsidies:{name}")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address


class StartSheet:
    """Of what one person may see, in a handful of statements."""

    def __init__(self, user, *, today: date):
        self.user, self.today = user, today
        self.term = this_term(today)

    # What is counted ---------------------------------------------------------------------------
    @cached_property
    def by_state(self) -> dict[str, int]:
        rows = Recognition.objects.visible_to(self.user, VIEW).of_term(self.term.code).order_by()
        return dict(rows.values_list("state").annotate(Count("pk")))

    @cached_property
    def notices(self) -> dict[str, int]:
        """Those that hang now, and those that have hung long enough and wait to be filed."""
        rows = NoticeRun.objects.visible_to(self.user, VIEW)
        return {
            "up": rows.up(self.today).count(),
            "run": rows.to_file(self.today).count(),
        }

    @cached_property
    def expected(self) -> dict:
        rows = Award.objects.visible_to(self.user, VIEW).of_term(self.term.code).order_by()
        return rows.aggregate(
            people=Count("student", distinct=True), times=Count("pk"), total=Sum("amount")
        )

    @cached_property
    def paid(self) -> dict:
        rows = Payment.objects.visible_to(self.user, PAYMENTS).filter(term=self.term.code)
        return (
            rows.approved()
            .arrived()
            .order_by()
            .aggregate(
                times=Count("pk", filter=Q(reversal_of=None, reversal=None)), total=Sum("amount")
            )
        )

    # What waits --------------------------------------------------------------------------------
    @cached_property
    def waiting(self) -> list[Waiting]:
        return [
            *self._to_approve(),
            *self._to_file(),
            *self._of_school(),
            *self._to_look_at(),
            *self._to_answer(),
            *self._to_confirm(),
        ]

    def _to_approve(self):
        """Money that a colleague made ready; nobody approves their own."""
        rows = PaymentBatch.objects.visible_to(self.user, APPROVE).waiting()
        n = rows.exclude(made_by=self.user).count()
        if n:
            yield Waiting(
                ngettext("%(n)s 个发放批次等审批", "%(n)s 个发放批次等审批", n) % {"n": num(n)},
                _("制单的人自己不能审批"),
                listed("batch-list", state=PaymentBatch.State.SUBMITTED),
            )

    def _to_look_at(self):
        rows = Recognition.objects.visible_to(self.user, CHANGE).of_term(self.term.code)
        n = rows.without_award().count()
        if n:
            yield Waiting(
                ngettext("%(n)s 名已备案的没有应发", "%(n)s 名已备案的没有应发", n) % {"n": num(n)},
                _("寄宿没有登记，或者没有确认的标准适用"),
                listed("recognition-list", state="BARE", term=self.term.code),
            )

    def _to_answer(self):
        rows = Finding.objects.visible_to(self.user, ANSWER).of_rule(FINDINGS).to_answer()
        n = rows.count()
        if n:
            yield Waiting(
                ngettext("%(n)s 条资助线索等答复", "%(n)s 条资助线索等答复", n) % {"n": num(n)},
                _("应助未助、重复、金额不对等，逐条查实答复"),
                listed("finding-board"),
            )

    def _to_file(self):
        n = self.notices["run"]
        if n and self.user.has_perm(REVIEW):
            yield Waiting(
                ngettext("%(n)s 份公示期满，等备案", "%(n)s 份公示期满，等备案", n) % {"n": num(n)},
                _("备案以后才计应发"),
                listed("notice-list", state="RUN"),
            )

    def _of_school(self):
        if not self.user.has_perm(CHANGE):
            return
        agreed, applied = self.by_state.get(State.AGREED, 0), self.by_state.get(State.APPLIED, 0)
        if agreed:
            yield Waiting(
                ngettext("%(n)s 名学生学校已认定，等公示", "%(n)s 名学生学校已认定，等公示", agreed)
                % {"n": num(agreed)},
                _("公示只写姓名、班级和等级，期满自动撤下"),
                listed("notice-new"),
            )
        if applied:
            yield Waiting(
                ngettext("%(n)s 份申请等学校认定", "%(n)s 份申请等学校认定", applied)
                % {"n": num(applied)},
                _("由学校认定小组定等级"),
                listed("recognition-list", state=State.APPLIED, term=self.term.code),
            )

    def _to_confirm(self):
        if not self.user.has_perm(STANDARDS):
            return
        offered = Programme.objects.offered_to(self.user, STANDARDS)
        rows = Standard.objects.filter(programme__in=offered).in_force(self.today)
        n = rows.to_confirm().count()
        if n:
            yield Waiting(
                ngettext("%(n)s 条资助标准待确认", "%(n)s 条资助标准待确认", n) % {"n": num(n)},
                _("没有确认的标准不用于判断，也不计应发"),
                listed("programme-list"),
            )

    # How it looks ------------------------------------------------------------------------------
    @property
    def strip(self) -> list[dict]:
        code = self.term.code
        under_way = (State.APPLIED, State.AGREED, State.NOTICED)
        in_hand = sum(self.by_state.get(one, 0) for one in under_way)
        return [
            {
                "label": _("办理中的认定"),
                "value": num(in_hand),
                "note": _("人"),
                "url": listed("recognition-list", state="OPEN", term=code),
            },
            {
                "label": _("公示中"),
                "value": num(self.notices["up"]),
                "note": _("份"),
                "url": listed("notice-list", state="UP"),
            },
            {
                "label": _("已备案"),
                "value": num(self.by_state.get(State.FILED, 0)),
                "note": _("人"),
                "url": listed("recognition-list", state=State.FILED, term=code),
            },
            {
                "label": _("应发"),
                "value": num(self.expected["total"] or 0, 2),
                "note": _("元，%(people)s 人、%(times)s 人次")
                % {"people": num(self.expected["people"]), "times": num(self.expected["times"])},
                "url": listed("award-list", term=code),
            },
            {
                "label": _("已发"),
                "value": num(self.paid["total"] or 0, 2),
                "note": _("元，%(times)s 笔") % {"times": num(self.paid["times"])},
                "url": listed("payment-list", term=code),
            },
        ]
