"""The page of aid's findings: each rule with how much of it waits, and what lies behind one."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common import options
from common.templatetags.ax import num
from registry.models import SENSITIVE, Finding, Membership, Student, Unit
from registry.students_filters import UNMASK
from registry.students_tables import shown_name
from subsidies.models import Award, MemberPair, Payment, Recognition
from subsidies.services import reconciling
from subsidies.services.screening_doubts import paid_while_doubtful
from subsidies.services.screening_rules import KIND, LABELS, rule_of

VIEW, PAYMENTS, RECOGNITIONS = (
    "registry.view_finding",
    "subsidies.view_payment",
    "subsidies.view_recognition",
)
DECIDE = "registry.change_outsidelist"
LISTS = "registry.view_outsidelist"
MOST = 50  # children of one school that a page shows


@dataclass(frozen=True)
class Line:
    """One rule: how many of its findings wait for whom, and where they are listed."""

    rule: str
    counts: Counter

    @property
    def label(self) -> str:
        return LABELS[self.rule]

    def address(self, state: str = "") -> str:
        query = {"kind": self.rule} | ({"state": state} if state else {})
        return f"{reverse('registry:finding-list')}?{urlencode(query)}"

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """(heading, number, address)."""
        told = {
            "ANSWER": _("等说明"),
            "LATE": _("过期没说明"),
            "LOOK": _("等复看"),
            "ENDED": _("已了结"),
        }
        return [(word, self.counts[state], self.address(state)) for state, word in told.items()]


class FindingsSheet:
    """Of what one person may see: two statements."""

    def __init__(self, user, *, today: date):
        self.user, self.today = user, today

    @cached_property
    def lines(self) -> list[Line]:
        answered, ended = Q(answered_at__isnull=False), Q(ended_at__isnull=False)
        rows = (
            Finding.objects.visible_to(self.user, VIEW)
            .of_rule(KIND)
            .order_by()
            .values("rule")
            .annotate(
                ANSWER=Count("pk", filter=~ended & ~answered),
                LATE=Count("pk", filter=~ended & ~answered & Q(due_on__lt=self.today)),
                LOOK=Count("pk", filter=~ended & answered),
                ENDED=Count("pk", filter=ended),
            )
        )
        counts: dict[str, Counter] = defaultdict(Counter)
        for row in rows:
            rule = ".".join(row.pop("rule").split(".")[:3])
            counts[rule].update(row)
        return [Line(rule, counts[rule]) for rule in LABELS]

    @cached_property
    def open(self) -> int:
        return sum(line.counts["ANSWER"] + line.counts["LOOK"] for line in self.lines)

    @cached_property
    def doubtful(self) -> int:
        return paid_while_doubtful(self.user).count()

    @cached_property
    def pairs(self) -> int:
        """Members of lists of whom this person may say whether they are children of ours."""
        return MemberPair.objects.visible_to(self.user, DECIDE).to_decide().count()

    @property
    def strip(self) -> list[dict]:
        total = sum((line.counts for line in self.lines), Counter())
        every = Line(KIND, total)
        return [
            {"label": word, "value": num(n), "note": _("条"), "url": address}
            for word, n, address in every.cells
        ] + [
            {
                "label": _("存疑而已发的"),
                "value": num(self.doubtful),
                "note": _("笔"),
                "url": reverse("subsidies:doubtful-list"),
            }
        ]


class Proof:
    """What a finding rests on, as far as its reader may see it: of another banner's money nothing."""

    def __init__(self, finding: Finding, user, *, today: date):
        self.finding, self.user, self.today = finding, user, today
        self.masked = not user.has_perm(UNMASK)
        self.payment = self._subject(Payment)
        self.school = self._subject(Unit)
        student = self.payment.student_id if self.payment else None
        if finding.subject_code == Student._meta.label_lower:
            student = int(finding.subject_pk)
        self.student = Student.objects.filter(pk=student).first() if student else None

    def _subject(self, model):
        if self.finding.subject_code != model._meta.label_lower:
            return None
        rows = model.objects.select_related("student") if model is Payment else model.objects
        return rows.filter(pk=self.finding.subject_pk).first()

    @property
    def label(self) -> str:
        return LABELS[rule_of(self.finding)]

    @property
    def who(self) -> str:
        """The child, or the name on a roster that belongs to no child we know."""
        if self.student:
            return shown_name(self.student, masked=self.masked)
        return shown_name(self.payment, masked=self.masked) if self.payment else ""

    @cached_property
    def child_page(self) -> str:
        if self.student is None:
            return ""
        seen = Student.objects.visible_to(self.user, "registry.view_student")
        return self.student.get_absolute_url() if seen.filter(pk=self.student.pk).exists() else ""

    @cached_property
    def awards(self):
        """Of the child all of the term; of a school those that are late."""
        awards = Award.objects.visible_to(self.user, RECOGNITIONS).of_term(self.finding.period)
        seen = Payment.objects.visible_to(self.user, PAYMENTS)
        grace = options.get("subsidies.late_grace")
        if self.school:
            programme = self.finding.facts["programme"]
            awards = awards.filter(unit=self.school, programme=programme)
            rows = reconciling.reconciled(awards, seen, on=self.today, grace=grace)
            return list(rows.filter(is_late=True).for_list()[:MOST])
        if self.student is None:
            return []
        awards = awards.of_student(self.student)
        return list(reconciling.reconciled(awards, seen, on=self.today, grace=grace).for_list())

    @cached_property
    def payments(self):
        if self.school:
            return []
        rows = Payment.objects.visible_to(self.user, PAYMENTS).filter(term=self.finding.period)
        if self.student:
            rows = rows.of_student(self.student)
        else:
            rows = rows.filter(id_number_index=self.payment.id_number_index)
        return list(rows.for_list().order_by("paid_on", "pk"))

    @cached_property
    def recognitions(self):
        if self.student is None:
            return []
        rows = Recognition.objects.visible_to(self.user, RECOGNITIONS).of_student(self.student)
        return list(rows.of_term(self.finding.period).for_list())

    @cached_property
    def members(self):
        """Lists that name the child or a guardian; a group that tells of health or orphanhood is
        named to whom a child's data is open."""
        if self.student is None or not self.user.has_perm(LISTS):
            return []
        rows = Membership.objects.visible_to(self.user, LISTS).about(self.student)
        found = list(rows.select_related("list__unit").order_by("-list__listed_on", "pk"))
        for one in found:
            hidden = self.masked and one.category in SENSITIVE
            one.told = _("已遮住") if hidden else one.get_category_display()
        return found
