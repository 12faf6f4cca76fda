"""The look after payment: children drawn by chance in each school, called or visited, and asked what
they got."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import ScopedQuerySet, Unit
from subsidies.models.payments import Payment
from subsidies.models.programmes import MONEY, Programme


class SampleQuerySet(ScopedQuerySet):
    def for_list(self):
        return (
            self.select_related("unit", "programme", "made_by")
            .annotate(
                drawn=Count("items"),
                answered=Count("items", filter=~Q(items__result="")),
            )
            .order_by("-made_at", "-pk")
        )


class SampleCheck(models.Model):
    """One draw. From `seed` and the payments of that moment the same children are drawn again."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    term = models.CharField(_("学年学期"), max_length=10)
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("资助项目"),
    )
    per_school = models.PositiveSmallIntegerField(_("每校抽几笔"))
    seed = models.PositiveBigIntegerField(_("随机种子"))
    # {school: how many payments it was drawn from}
    drawn_from = models.JSONField(_("各校笔数"), default=dict, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("抽取人")
    )
    made_at = models.DateTimeField(_("抽取时间"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽查")
        verbose_name_plural = _("抽查")
        constraints = [
            models.CheckConstraint(condition=Q(per_school__gt=0), name="sample_draws_somebody"),
        ]

    def __str__(self):
        return f"{_('抽查')} {self.pk}"

    def get_absolute_url(self):
        return reverse("subsidies:sample-detail", args=[self.pk])


class SampleItemQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        return self.filter(check_of__in=SampleCheck.objects.visible_to(user, permission))

    def for_list(self):
        return self.select_related(
            "payment__programme", "payment__school", "payment__student", "done_by"
        ).order_by("payment__school__sort_key", "payment__school", "number")


class SampleItem(models.Model):
    """One payment of a draw, and what was heard of it."""

    class How(models.TextChoices):
        CALL = "CALL", _("电话")
        VISIT = "VISIT", _("入户")

    class Result(models.TextChoices):
        RIGHT = "RIGHT", _("已收到，无误")
        NOT_RECEIVED = "NOT_RECEIVED", _("没有收到")
        OTHER_AMOUNT = "OTHER_AMOUNT", _("金额不符")
        OTHER_CARD = "OTHER_CARD", _("不是本人或监护人的卡")
        NOT_ENTITLED = "NOT_ENTITLED", _("情况不符，不应享受")
        NOT_REACHED = "NOT_REACHED", _("没有联系上")

    WRONG = ("NOT_RECEIVED", "OTHER_AMOUNT", "OTHER_CARD", "NOT_ENTITLED")

    check_of = models.ForeignKey(SampleCheck, models.PROTECT, related_name="items")
    number = models.PositiveIntegerField(_("序号"))
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="sampled")
    how = models.CharField(_("怎么核的"), max_length=5, choices=How.choices, blank=True)
    result = models.CharField(_("结果"), max_length=12, choices=Result.choices, blank=True)
    received = models.DecimalField(_("实收金额（元）"), **MONEY, null=True, blank=True)
    done_on = models.DateField(_("核实日期"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("核实人"),
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SampleItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽查对象")
        verbose_name_plural = _("抽查对象")
        constraints = [
            models.UniqueConstraint(fields=["check_of", "payment"], name="sampled_once"),
            models.UniqueConstraint(fields=["check_of", "number"], name="sample_number_once"),
            models.CheckConstraint(
                condition=Q(result="", how="", done_on=None, done_by=None)
                | ~Q(result="") & ~Q(how="") & Q(done_on__isnull=False, done_by__isnull=False),
                name="sample_result_means_how_and_when",
            ),
        ]

    def __str__(self):
        return f"{_('抽查对象')} {self.pk}"

    def get_absolute_url(self):
        return reverse("subsidies:sample-item", args=[self.pk])
