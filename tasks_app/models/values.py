"""Baselines, targets and observations. None is ever overwritten: a new row supersedes the old one."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.figures import State
from common.periods import Period
from registry.models import ScopedQuerySet, Unit, units_seen_by
from tasks_app.models.plan import Indicator


class ValueState(models.TextChoices):
    """Blank is not zero: four different things."""

    REPORTED = State.REPORTED, _("已报")
    NOT_REPORTED = State.NOT_REPORTED, _("未报")
    NOT_APPLICABLE = State.NOT_APPLICABLE, _("不适用")
    NO_CASE = State.NO_CASE, _("无个案")


class ChangeReason(models.TextChoices):
    """Why a target, a baseline or an approved value is changed."""

    NEW_DOCUMENT = "NEW_DOCUMENT", _("有新文件")
    LATE_DATA = "LATE_DATA", _("资料后到")
    DEFINITION = "DEFINITION", _("口径调整")
    MISCOUNT = "MISCOUNT", _("统计有误")
    TYPING = "TYPING", _("录入有误")
    OTHER = "OTHER", _("其他（写明）")


def number_field(label, **kwargs):
    return models.DecimalField(label, max_digits=18, decimal_places=4, null=True, **kwargs)


class Measured(models.Model):
    """Numerator, denominator and why they are there or not. Units: those of the indicator."""

    state = models.CharField(
        _("情形"), max_length=16, choices=ValueState.choices, default=ValueState.REPORTED
    )
    numerator = number_field(_("分子或数值"), blank=True)
    denominator = number_field(_("分母"), blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.REPORTED, numerator__isnull=False)
                | Q(state=State.NO_CASE, denominator=0)
                | Q(
                    state__in=(State.NOT_REPORTED, State.NOT_APPLICABLE),
                    numerator=None,
                ),
                name="%(app_label)s_%(class)s_state_fits_number",
            )
        ]

    @property
    def value(self) -> Decimal | None:
        """Unrounded: a count as it is, a rate in per cent; None where there is no number."""
        if self.state != State.REPORTED:
            return None
        if self.denominator is None:
            return self.numerator
        return self.numerator * 100 / self.denominator


class Superseding(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.view_plan"):
        """Targets and baselines are shared; the three administrators match none."""
        return self.all() if user.has_perm(permission) else self.none()

    def current(self):
        return self.filter(superseded_at=None)

    def with_people(self):
        """With whom each row names."""
        return self.select_related("unit", "set_by", "withdrawn_by")


class Provenance(models.Model):
    """Who set a row, when, on what ground, and when another replaced it."""

    source = models.CharField(_("来源"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("设定人"),
    )
    set_at = models.DateTimeField(_("设定时间"))
    reason = models.CharField(
        _("变更原因"), max_length=14, choices=ChangeReason.choices, blank=True
    )
    reason_note = models.CharField(_("原因说明"), max_length=300, blank=True)
    superseded_at = models.DateTimeField(_("被替换时间"), null=True)
    # Where a row ends without a successor; else the successor says why.
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("撤销人"),
    )
    withdrawn_reason = models.CharField(
        _("撤销原因"), max_length=14, choices=ChangeReason.choices, blank=True
    )
    withdrawn_note = models.CharField(_("撤销说明"), max_length=300, blank=True)

    class Meta:
        abstract = True


class Baseline(Measured, Provenance):
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="baselines")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    period = models.CharField(_("期别"), max_length=10)

    objects = Superseding.as_manager()

    class Meta:
        verbose_name = _("基期")
        verbose_name_plural = _("基期")
        constraints = [
            *Measured.Meta.constraints,
            models.UniqueConstraint(
                fields=["indicator", "unit"],
                condition=Q(superseded_at=None),
                name="one_current_baseline",
            ),
        ]

    def __str__(self):
        return f"{self.indicator_id} {self.unit_id} {self.period}"

    @property
    def span(self):
        return Period.parse(self.period)


class Target(Provenance):
    class Ground(models.TextChoices):
        PLAN = "PLAN", _("方案原文")
        DOCUMENT = "DOCUMENT", _("盟局文件")
        DEMO = "DEMO", _("演示数据")

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年份"))
    value = models.DecimalField(_("目标值"), max_digits=18, decimal_places=4)
    ground = models.CharField(_("依据类别"), max_length=10, choices=Ground.choices)

    objects = Superseding.as_manager()

    class Meta:
        verbose_name = _("目标")
        verbose_name_plural = _("目标")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "year"],
                condition=Q(superseded_at=None),
                name="one_current_target",
            )
        ]

    def __str__(self):
        return f"{self.indicator_id} {self.year}: {self.value.normalize():f}"


class HistoryBatchQuerySet(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.load_history"):
        """Batches all of whose values lie in the person's units: a batch is decided as a whole."""
        if not user.has_perm(permission):
            return self.none()
        seen = units_seen_by(user, permission, on=clock.today())
        beyond = HistoryValue.objects.filter(batch=OuterRef("pk")).exclude(unit__in=seen)
        return self.filter(~Exists(beyond))

    def waiting_for(self, user):
        """What this person may decide on: nobody approves what they submitted."""
        return self.visible_to(user).filter(state="SUBMITTED").exclude(submitted_by=user)

    def for_list(self):
        return (
            self.select_related("submitted_by", "decided_by")
            .annotate(value_count=Count("values"))
            .order_by("-submitted_at", "-pk")
        )


class HistoryBatch(models.Model):
    """Values of past years, pasted in by one person and approved as a whole by another."""

    class State(models.TextChoices):
        SUBMITTED = "SUBMITTED", _("待审核")
        APPROVED = "APPROVED", _("已通过")
        RETURNED = "RETURNED", _("已退回")
        WITHDRAWN = "WITHDRAWN", _("已撤回")

    title = models.CharField(_("批次说明"), max_length=120)
    source = models.CharField(_("数据来源"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.SUBMITTED
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提交人")
    )
    submitted_at = models.DateTimeField(_("提交时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("审核人"),
    )
    decided_at = models.DateTimeField(_("审核时间"), null=True)
    note = models.CharField(_("审核意见"), max_length=300, blank=True)
    # Why values of an earlier batch are replaced; empty where none is.
    reason = models.CharField(
        _("变更原因"), max_length=14, choices=ChangeReason.choices, blank=True
    )
    reason_note = models.CharField(_("原因说明"), max_length=300, blank=True)
    # As pasted, so that a returned batch can be put right and handed in again.
    text = models.TextField(_("粘贴的内容"), blank=True)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, related_name="+", verbose_name=_("横表的指标")
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name=_("改自")
    )
    unchanged_count = models.PositiveIntegerField(_("已有，跳过"), default=0)
    warning_count = models.PositiveIntegerField(_("提醒"), default=0)
    token = models.UUIDField(_("提交页"), null=True, unique=True)  # one page hands in once

    objects = HistoryBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("历年数据批次")
        verbose_name_plural = _("历年数据批次")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                name="history_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("SUBMITTED", "WITHDRAWN"), decided_by=None)
                | Q(state__in=("APPROVED", "RETURNED"), decided_by__isnull=False),
                name="history_decided_means_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="history_waiting")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("tasks_app:history-detail", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.SUBMITTED


class HistoryValue(Measured):
    batch = models.ForeignKey(HistoryBatch, models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    period = models.CharField(_("期别"), max_length=10)
    line = models.PositiveIntegerField(_("粘贴的行"))
    replaces = models.ForeignKey("Observation", models.PROTECT, null=True, related_name="+")
    warnings = models.JSONField(_("提醒"), default=list)

    class Meta:
        verbose_name = _("历年数据")
        verbose_name_plural = _("历年数据")
        constraints = [
            *Measured.Meta.constraints,
            models.UniqueConstraint(
                fields=["batch", "indicator", "unit", "period"], name="history_value_once"
            ),
        ]

    def __str__(self):
        return f"{self.indicator_id} {self.unit_id} {self.period}"

    @property
    def span(self):
        return Period.parse(self.period)


class ObservationQuerySet(ScopedQuerySet):
    def current(self):
        return self.filter(superseded_at=None)

    def known_at(self, moment):
        """Those approved by a moment, replaced since or not; all, where there is none."""
        return self if moment is None else self.filter(approved_at__lte=moment)

    def shared(self, user):
        """Approved figures at league and banner level are for every business role."""
        return self.all() if user.has_perm("tasks_app.view_standing") else self.none()

    def for_list(self):
        return self.select_related("indicator__work_item", "unit", "approved_by").order_by(
            "indicator__code", "unit__sort_no", "-period_end", "pk"
        )


class Observation(Measured):
    """An approved value of an indicator for a unit and a period, with where it came from.

    A correction adds a row and supersedes this one: both stay visible.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="observations", verbose_name=_("单位")
    )
    period = models.CharField(_("期别"), max_length=10)
    period_end = models.DateField(_("期末"))
    report = models.ForeignKey(
        "tasks_app.ProgressReport", models.PROTECT, null=True, related_name="observations"
    )
    batch = models.ForeignKey(HistoryBatch, models.PROTECT, null=True, related_name="observations")
    source = models.CharField(_("来源"), max_length=200)
    computed = models.BooleanField(_("平台计算"), default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("填报人")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审核人")
    )
    approved_at = models.DateTimeField(_("通过时间"))
    superseded_at = models.DateTimeField(_("被替换时间"), null=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报值")
        verbose_name_plural = _("填报值")
        constraints = [
            *Measured.Meta.constraints,
            models.UniqueConstraint(
                fields=["indicator", "unit", "period"],
                condition=Q(superseded_at=None),
                name="one_current_observation",
            ),
            models.CheckConstraint(
                condition=~Q(entered_by=F("approved_by")), name="observation_two_people"
            ),
            models.CheckConstraint(
                condition=Q(report=None, batch__isnull=False) | Q(report__isnull=False, batch=None),
                name="observation_has_one_origin",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "period_end"], name="observation_of")]

    def __str__(self):
        return f"{self.indicator_id} {self.unit_id} {self.period}"

    def get_absolute_url(self):
        return reverse("tasks_app:observation-detail", args=[self.pk])

    def counted_at(self, moment) -> bool:
        """Whether it was the value that counts at a moment; now, where there is none."""
        if self.superseded_at is None:
            return True
        return moment is not None and self.superseded_at > moment

    @property
    def span(self):
        return Period.parse(self.period)
