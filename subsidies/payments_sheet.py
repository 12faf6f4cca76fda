"""What the page of one payment shows to one person: what was expected, what came, and whose card."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common import masks, options
from common.templatetags.ax import cndate, num
from registry.student_sheet import guarded, source_of
from registry.students_filters import UNMASK
from subsidies.models import Award, Fate, Payment, PaymentBatch
from subsidies.payments_tables import look_of, name_shown
from subsidies.services import reconciling
from subsidies.services.reconciling import Standing
from subsidies.terms import term_label

VIEW, CHANGE = "subsidies.view_payment", "subsidies.change_payment"
LOOKS_OF_STANDING = {
    Standing.FULL: "ok",
    Standing.SHORT: "behind",
    Standing.OVER: "behind",
    Standing.RETURNED: "back",
    Standing.UNPAID: "none",
    Standing.UNEXPECTED: "warn",
}


@dataclass(frozen=True)
class Deed:
    code: str
    label: str
    icon: str
    url: str


class PaymentSheet:
    """`whole` while the numbers are unmasked."""

    def __init__(self, payment: Payment, *, user, today, whole: bool):
        self.payment, self.user, self.today, self.whole = payment, user, today, whole
        self.masked = not user.has_perm(UNMASK)
        self.grace = options.get("subsidies.late_grace")

    # Whose, and on which card ------------------------------------------------------------------
    @property
    def name(self) -> str:
        return name_shown(self.payment, masked=self.masked)

    @property
    def id_number(self):
        return guarded(self.payment.id_number, masks.id_number, whole=self.whole)

    @property
    def card(self):
        return guarded(self.payment.card, masks.card, whole=self.whole)

    @property
    def card_holder(self) -> str:
        holder = self.payment.card_holder
        return masks.name(holder) if self.masked and holder else holder

    @property
    def source(self) -> str:
        """The line of the sheet that it came from, for who may look at sheets."""
        return source_of(self.payment) if self.user.has_perm("intake.view_upload") else ""

    @property
    def status(self) -> tuple[str, str]:
        return look_of(self.payment)

    @property
    def term(self) -> str:
        return term_label(self.payment.term)

    # Expected against paid ---------------------------------------------------------------------
    @cached_property
    def award(self) -> Award | None:
        """What was expected, with what came of it; None where nothing was, as far as one sees."""
        if self.payment.student_id is None:
            return None
        awards = Award.objects.visible_to(self.user, VIEW).filter(
            student=self.payment.student_id,
            programme=self.payment.programme_id,
            term=self.payment.term,
        )
        paid = Payment.objects.visible_to(self.user, VIEW)
        rows = reconciling.reconciled(awards, paid, on=self.today, grace=self.grace)
        return rows.select_related("unit").first()

    @cached_property
    def all_of_it(self) -> list[tuple[Payment, tuple[str, str]]]:
        """All that was paid for the same, newest first, with its look; this payment is one of them."""
        rows = Payment.objects.visible_to(self.user, VIEW).same_as(self.payment)
        return [(one, look_of(one)) for one in rows.with_fate().for_list().newest_first()]

    @property
    def standing(self) -> str:
        return self.award.standing if self.award else Standing.UNEXPECTED

    @property
    def standing_status(self) -> tuple[str, str]:
        return LOOKS_OF_STANDING[self.standing], str(Standing(self.standing).label)

    @property
    def why(self) -> list[str]:
        """In sentences: how much and how late it differs from what was expected."""
        if self.award is None:
            return [self._why_unexpected()]
        return [*self._why_money(self.award), *self._why_day(self.award)]

    def _why_unexpected(self) -> str:
        if self.payment.student_id is None:
            return _("花名册上的身份证号对不上任何一名学生。")
        return _("这名学生这个学期没有这一项的应发记录：没有认定、不在籍，或者没有可用的标准。")

    def _why_money(self, award):
        gap = award.amount - award.paid
        money = {"paid": num(award.paid, 2), "due": num(award.amount, 2), "gap": num(abs(gap), 2)}
        if gap > 0:
            yield _("应发 %(due)s 元，已到卡 %(paid)s 元，少 %(gap)s 元。") % money
        elif gap < 0:
            yield _("应发 %(due)s 元，已到卡 %(paid)s 元，多 %(gap)s 元。") % money
        else:
            yield _("应发 %(due)s 元，已足额到卡。") % money
        if award.returned:
            yield _("银行退回过 %(sum)s 元。") % {"sum": num(award.returned, 2)}
        if award.waiting:
            yield _("另有 %(sum)s 元还没审批。") % {"sum": num(award.waiting, 2)}

    def _why_day(self, award):
        if not award.is_late:
            return
        last = reconciling.deadline_of(award.term, grace=self.grace)
        words = {"last": cndate(last, self.today), "day": cndate(award.last_paid_on, self.today)}
        if award.last_paid_on and award.last_paid_on > last:
            yield _("最迟 %(last)s 发，最后一笔 %(day)s 才发。") % words
        else:
            yield _("最迟 %(last)s 发，到现在还没发齐。") % words

    # What can be done --------------------------------------------------------------------------
    @cached_property
    def deeds(self) -> list[Deed]:
        kept = Payment.objects.kept_by(self.user, CHANGE).filter(pk=self.payment.pk)
        if not self.user.has_perm(CHANGE) or not kept.exists():
            return []
        return [
            Deed(code, label, icon, reverse(f"subsidies:payment-{code}", args=[self.payment.pk]))
            for code, label, icon in self._possible()
        ]

    def _possible(self):
        """The services refuse the rest."""
        payment = self.payment
        waits = Payment.objects.filter(reversal_of=payment) | Payment.objects.filter(
            instead_of=payment
        )
        if payment.batch.state != PaymentBatch.State.APPROVED or waits.exists():
            return
        if payment.fate == Fate.SENT_BACK:
            yield "repeat", _("重新发放"), "refresh"
        elif payment.fate == Fate.OUT:
            yield "correct", _("更正"), "edit"
            yield "return", _("登记银行退回"), "back"
            yield "reverse", _("冲销"), "undo"

    @cached_property
    def follows(self) -> list[tuple[str, Payment]]:
        """What it was made from, and what was made of it, also while that waits."""
        payment = self.payment
        found = [
            (_("冲销的是"), payment.reversal_of),
            (_("重发的是"), payment.instead_of),
            (_("冲销它的"), Payment.objects.filter(reversal_of=payment).first()),
            (_("重发它的"), Payment.objects.filter(instead_of=payment).first()),
        ]
        return [(word, one) for word, one in found if one]
