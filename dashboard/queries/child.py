"""One child's whole aid with its case beside it, as far as one person may see either."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import cached_property

from common import options
from common.periods import Period
from dropout.models import Case, Episode
from registry.models import Finding, Student
from registry.services import findings
from registry.students_filters import UNMASK
from registry.students_tables import masked_number, shown_name
from subsidies.models import Award, Payment, Recognition
from subsidies.recognitions_tables import group_shown
from subsidies.services.reconciling import Told, history_of

RECOGNITIONS, PAYMENTS = "subsidies.view_recognition", "subsidies.view_payment"
CASES, FINDINGS = "dropout.view_case", "registry.view_finding"
NOTHING = Decimal("0.00")


@dataclass
class Term:
    """What was decided, due and paid in one term; money that no award expected stands apart."""

    code: str
    recognitions: list[Recognition]
    told: list[Told]
    unexpected: list[Payment]

    @property
    def label(self) -> str:
        return Period.parse(self.code).label

    @property
    def expected(self) -> Decimal:
        return sum((one.award.amount for one in self.told), NOTHING)

    @property
    def paid(self) -> Decimal:
        """With the money that nothing expected: it is out all the same."""
        return sum((one.award.paid for one in self.told), NOTHING) + sum(
            (one.amount for one in self.unexpected if _is_out(one)), NOTHING
        )


def _is_out(payment: Payment) -> bool:
    return payment.batch.state == "APPROVED" and payment.result == Payment.Result.PAID


class ChildAid:
    def __init__(self, child: Student, *, user, today: date):
        self.child, self.user, self.today = child, user, today
        self.masked = not user.has_perm(UNMASK)

    @property
    def name(self) -> str:
        return shown_name(self.child, masked=self.masked)

    @property
    def number(self) -> str:
        return masked_number(self.child)

    # Aid -------------------------------------------------------------------------------------
    @cached_property
    def recognitions(self) -> list[Recognition]:
        mine = Recognition.objects.visible_to(self.user, RECOGNITIONS).of_student(self.child)
        rows = list(mine.for_list())
        for one in rows:
            one.group_told = group_shown(one, masked=self.masked)
        return rows

    @cached_property
    def _awards(self):
        return Award.objects.visible_to(self.user, RECOGNITIONS)

    @cached_property
    def _payments(self):
        return Payment.objects.visible_to(self.user, PAYMENTS)

    @cached_property
    def told(self) -> list[Told]:
        grace = options.get("subsidies.late_grace")
        known = {"on": self.today, "grace": grace}
        return history_of(self.child, self._awards, self._payments, **known)

    @cached_property
    def unexpected(self) -> list[Payment]:
        """Of the batches that stand, what no award of the child explains."""
        known = {(one.award.programme_id, one.award.term) for one in self.told}
        rows = self._payments.of_student(self.child).for_list().order_by("-paid_on", "-pk")
        return [
            one
            for one in rows
            if (one.programme_id, one.term) not in known and one.batch.state != "WITHDRAWN"
        ]

    @cached_property
    def terms(self) -> list[Term]:
        """The newest first."""
        codes = {one.term for one in self.recognitions}
        codes |= {one.award.term for one in self.told} | {one.term for one in self.unexpected}
        return [
            Term(
                code,
                [one for one in self.recognitions if one.term == code],
                [one for one in self.told if one.award.term == code],
                [one for one in self.unexpected if one.term == code],
            )
            for code in sorted(codes, reverse=True)
        ]

    @property
    def expected(self) -> Decimal:
        return sum((term.expected for term in self.terms), NOTHING)

    @property
    def paid(self) -> Decimal:
        return sum((term.paid for term in self.terms), NOTHING)

    @cached_property
    def elsewhere(self) -> bool:
        """Something of the child belongs to other units: that there is, and nothing of what."""
        awards = Award.objects.of_student(self.child).exclude(pk__in=self._awards.values("pk"))
        paid = Payment.objects.of_student(self.child).approved()
        return (
            awards.exists() or paid.exclude(pk__in=self._payments.values("pk").order_by()).exists()
        )

    # Beside it -------------------------------------------------------------------------------
    @cached_property
    def findings(self) -> list[tuple[Finding, str]]:
        """Open questions about the child itself with their words, to who may read them."""
        if not self.user.has_perm(FINDINGS):
            return []
        mine = Finding.objects.visible_to(self.user, FINDINGS).open()
        rows = mine.about("registry.student", [self.child.pk]).for_list()
        return [(one, findings.said(one)) for one in rows]

    @property
    def may_see_cases(self) -> bool:
        return self.user.has_perm(CASES)

    @cached_property
    def case(self) -> Case | None:
        if not self.may_see_cases:
            return None
        return Case.objects.visible_to(self.user, CASES).of_student(self.child).first()

    @cached_property
    def episodes(self) -> list[Episode]:
        return list(self.case.episodes.order_by("-number")) if self.case else []
