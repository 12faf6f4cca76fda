"""Money that went out: batches made by one person and approved by another, and each payment in them.

What the bank was told is never rewritten. A mistake is reversed by a row of the opposite amount in a
later batch, and paid anew beside it; so the sum of all rows is the money that is out.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from registry import identity
from registry.models import ScopedQuerySet, Student, Unit, descendants_of, units_seen_by
from registry.models.children import Sourced
from subsidies.models.money import NOTHING
from subsidies.models.programmes import Programme

CARD = "payment.card"  # the purpose of a card's number, for its key and its index
MONEY = {"max_digits": 12, "decimal_places": 2}


class Holder(models.TextChoices):
    """Whose card the money went to, seen from the child."""

    SELF = "SELF", _("本人")
    FATHER = "FATHER", _("父亲")
    MOTHER = "MOTHER", _("母亲")
    GRANDPARENT = "GRANDPARENT", _("祖父母或外祖父母")
    SIBLING = "SIBLING", _("兄姐")
    RELATIVE = "RELATIVE", _("其他亲属")
    GUARDIAN = "GUARDIAN", _("其他监护人")


class Fate(models.TextChoices):
    """What has become of a payment."""

    OUT = "OUT", _("已发放")
    WAITING = "WAITING", _("还没审批")
    SENT_BACK = "SENT_BACK", _("银行退回")
    REPAID = "REPAID", _("退回后已重发")
    REVERSED = "REVERSED", _("已冲销")
    REVERSAL = "REVERSAL", _("冲销")


class BatchQuerySet(ScopedQuerySet):
    def open(self):
        """Those whose rows may still change: nobody has approved them."""
        return self.filter(state__in=PaymentBatch.OPEN)

    def waiting(self):
        return self.filter(state=PaymentBatch.State.SUBMITTED)

    def made_by_others(self, user):
        return self.exclude(made_by=user)

    def for_list(self):
        return self.select_related("unit", "made_by", "approved_by").order_by("-made_at", "-pk")


class PaymentBatch(models.Model):
    """What one unit pays at a time. `count` and `total` are stored and equal its rows to the cent.

    `term` is empty where a roster pays for several.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("草稿")
        SUBMITTED = "SUBMITTED", _("待审批")
        APPROVED = "APPROVED", _("已审批")
        RETURNED = "RETURNED", _("退回修改")
        WITHDRAWN = "WITHDRAWN", _("已撤销")

    OPEN = (State.DRAFT, State.RETURNED)

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="payment_batches", verbose_name=_("发放单位")
    )
    title = models.CharField(_("批次名称"), max_length=120)
    term = models.CharField(_("学年学期"), max_length=10, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.DRAFT, db_index=True
    )
    count = models.PositiveIntegerField(_("笔数"), default=0, editable=False)
    total = models.DecimalField(
        _("金额"), max_digits=14, decimal_places=2, default=NOTHING, editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制单人")
    )
    made_at = models.DateTimeField(_("制单时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("审批人"),
    )
    approved_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source_upload = models.BigIntegerField(
        _("导入批次"), null=True, editable=False, unique=True
    )  # a number and no foreign key: one upload feeds one batch
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("发放批次")
        verbose_name_plural = _("发放批次")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")),
                name="batch_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="APPROVED", approved_by__isnull=False, approved_at__isnull=False)
                | ~Q(state="APPROVED") & Q(approved_by=None, approved_at=None),
                name="batch_approved_means_by_whom",
            ),
        ]

    def __str__(self):
        return f"{_('发放批次')} {self.pk}"

    def get_absolute_url(self):
        return reverse("subsidies:batch-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class PaymentQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        """Payments at one's own schools, and those of one's own batches.

        The child gives no way in: what another banner paid to it is that banner's.
        """
        seen = units_seen_by(user, permission, on=clock.today())
        return self.filter(Q(school__in=seen) | Q(batch__unit__in=seen))

    def within(self, unit, on):
        return self.filter(school__in=descendants_of(unit, on=on))

    def approved(self):
        """Money that went out, and what was reversed; of other batches nothing has."""
        return self.filter(batch__state=PaymentBatch.State.APPROVED)

    def waiting(self):
        """In batches that nobody has approved yet."""
        return self.filter(batch__state__in=(*PaymentBatch.OPEN, PaymentBatch.State.SUBMITTED))

    def arrived(self):
        """What the bank did not send back."""
        return self.exclude(result=Payment.Result.RETURNED)

    def kept_by(self, user, permission: str):
        """Those whose batches one's own units keep: deeds on a payment are the payer's."""
        return self.filter(batch__unit__in=units_seen_by(user, permission, on=clock.today()))

    def standing(self):
        """Money that a child has: it arrived, and nobody has taken it back."""
        gone = Q(reversal__batch__state=PaymentBatch.State.APPROVED)
        return self.approved().arrived().filter(reversal_of=None).exclude(gone)

    def of_terms(self, terms: Iterable[str]):
        return self.filter(term__in=terms)

    def of_year(self, year: int):
        """What went out in a calendar year."""
        return self.filter(paid_on__year=year)

    def with_fate(self):
        """Each with `fate`, what has become of it."""
        out = PaymentBatch.State.APPROVED
        reversed_by = Payment.objects.filter(reversal_of=OuterRef("pk"), batch__state=out)
        paid_anew = Payment.objects.filter(instead_of=OuterRef("pk"), batch__state=out)
        sent_back = Q(result=Payment.Result.RETURNED)
        return self.annotate(
            fate=Case(
                When(~Q(batch__state=out), then=Value(Fate.WAITING)),
                When(reversal_of__isnull=False, then=Value(Fate.REVERSAL)),
                When(Exists(reversed_by), then=Value(Fate.REVERSED)),
                When(sent_back & Exists(paid_anew), then=Value(Fate.REPAID)),
                When(sent_back, then=Value(Fate.SENT_BACK)),
                default=Value(Fate.OUT),
                output_field=models.CharField(),
            )
        )

    def of_fate(self, fate: str):
        return self.with_fate().filter(fate=fate)

    def of_batch(self, batch):
        return self.filter(batch=batch)

    def of_student(self, student):
        return self.filter(student=student)

    def same_as(self, payment):
        """Of the same child, programme and term; a child whom nobody knows is its number."""
        whose = (
            Q(student=payment.student_id)
            if payment.student_id
            else Q(student=None, id_number_index=payment.id_number_index)
        )
        return self.filter(whose, programme=payment.programme_id, term=payment.term)

    def for_list(self):
        return self.select_related("student", "school", "programme", "batch").order_by(
            "school__sort_key", "name", "pk"
        )

    def newest_first(self):
        return self.order_by("-paid_on", "-pk")


class Payment(Sourced):
    """One sum to one child for one programme and term, as the roster tells it.

    `student` is whom the identity number means; without one the money went to nobody we know, and
    the row stands all the same. `school` is where the child was when it was paid.
    """

    class Result(models.TextChoices):
        PAID = "PAID", _("已发放")
        RETURNED = "RETURNED", _("银行退回")

    batch = models.ForeignKey(
        PaymentBatch, models.PROTECT, related_name="payments", verbose_name=_("批次")
    )
    school = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("学校"))
    student = models.ForeignKey(
        Student,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("学生"),
    )
    name = models.CharField(_("姓名"), max_length=60)
    id_number = EncryptedField(_("身份证号"), purpose=identity.NUMBER)
    id_number_index = models.UUIDField(editable=False, db_index=True)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="payments", verbose_name=_("资助项目")
    )
    term = models.CharField(_("学年学期"), max_length=10)
    standard = models.DecimalField(_("标准"), **MONEY, null=True, blank=True)
    amount = models.DecimalField(_("发放金额"), **MONEY)
    paid_on = models.DateField(_("发放日期"))
    card_holder = models.CharField(_("卡主姓名"), max_length=60, blank=True)
    relation = models.CharField(_("与学生关系"), max_length=12, choices=Holder.choices, blank=True)
    bank = models.CharField(_("开户行"), max_length=60, blank=True)
    card = EncryptedField(_("银行卡号"), purpose=CARD, blank=True)
    card_index = models.UUIDField(null=True, editable=False, db_index=True)
    result = models.CharField(_("结果"), max_length=8, choices=Result.choices, default=Result.PAID)
    returned_on = models.DateField(_("退回日期"), null=True, blank=True)
    reversal_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("冲销哪一笔"),
    )
    instead_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="paid_again",
        verbose_name=_("重发哪一笔"),
    )
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("发放")
        verbose_name_plural = _("发放")
        constraints = [
            models.CheckConstraint(
                condition=Q(reversal_of=None, amount__gt=0)
                | Q(reversal_of__isnull=False, amount__lt=0) & ~Q(reason=""),
                name="payment_sign_tells_reversal",
            ),
            models.CheckConstraint(
                condition=Q(result="PAID", returned_on=None)
                | Q(result="RETURNED", returned_on__isnull=False, reversal_of=None),
                name="payment_returned_means_when",
            ),
        ]
        indexes = [
            models.Index(fields=["student", "programme", "term"], name="payment_of"),
            models.Index(fields=["term", "school", "programme"], name="payment_by_school"),
            models.Index(fields=["paid_on"], name="payment_by_day"),
        ]

    def get_absolute_url(self):
        return reverse("subsidies:payment-detail", args=[self.pk])

    def __str__(self):
        return f"{_('发放')} {self.pk}"  # never a name: titles and logs use this
