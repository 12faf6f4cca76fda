"""How an indicator stands for a unit and a period: computed, kept, never overwritten."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.periods import Period
from registry.models import ScopedQuerySet, Unit
from tasks_app.models.plan import Indicator
from tasks_app.models.values import Baseline, Target, number_field

FEW = 10  # a rate of fewer than this says so


class Light(models.TextChoices):
    """The verdict; the codes are those of the look's status vocabulary."""

    OK = "ok", _("达标")
    RISK = "risk", _("有风险")
    BEHIND = "behind", _("落后")
    PROGRESS = "prog", _("进行中")
    NONE = "none", _("未报")
    NOT_APPLICABLE = "na", _("不适用")
    NO_CASE = "nocase", _("无个案")
    UNSET = "unset", _("目标待定")


def value_field(label):
    """A value worked out from others: kept for charts and lists, compared before it is rounded."""
    return models.DecimalField(label, max_digits=24, decimal_places=6, null=True)


class StandingQuerySet(ScopedQuerySet):
    def shared(self, user):
        """Standings at league and banner level are for every business role."""
        return self.all() if user.has_perm("tasks_app.view_standing") else self.none()

    def current(self):
        return self.filter(superseded_at=None)

    def as_of(self, moment: datetime | None):
        """What was known at a moment; what is known now where there is none."""
        if moment is None:
            return self.current()
        return self.filter(computed_at__lte=moment).filter(
            Q(superseded_at=None) | Q(superseded_at__gt=moment)
        )

    def of_league(self):
        return self.filter(unit__kind=Unit.Kind.LEAGUE)

    def with_grounds(self):
        """With what a standing was held against."""
        return self.select_related("unit", "target__unit", "baseline")

    def faulty(self):
        """Those for which a figure could not be computed."""
        return self.exclude(fault="")


class Standing(models.Model):
    """The number of an indicator for a unit and a period, held against its target.

    `numerator`, `denominator` and `value` are those of the period. What a flow has come to in its
    year so far is `year_*`, from the period `since`; that is what is judged. Of everything else
    they are the same. For the league `reported` of `due` units are in; `since` a flow is summed,
    `year_reported` of `year_due` reports.
    """

    class State(models.TextChoices):
        REPORTED = "REPORTED", _("已报")
        NOT_REPORTED = "NOT_REPORTED", _("未报")
        NOT_APPLICABLE = "NOT_APPLICABLE", _("不适用")
        NO_CASE = "NO_CASE", _("无个案")
        IN_PROGRESS = "IN_PROGRESS", _("进行中")
        PROVISIONAL = "PROVISIONAL", _("暂定")

    # Worked out from other rows, it is no history of its own and holds nothing back from deletion.
    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="standings")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="standings", verbose_name=_("单位"))
    period = models.CharField(_("期别"), max_length=10)
    period_end = models.DateField(_("期末"))

    state = models.CharField(_("情形"), max_length=16, choices=State.choices)
    numerator = number_field(_("分子或数值"))
    denominator = number_field(_("分母"))
    value = value_field(_("值"))
    is_live = models.BooleanField(_("平台即时计算"), default=False)
    fault = models.CharField(_("没算成的口径"), max_length=60, blank=True)
    reported = models.PositiveSmallIntegerField(_("已报单位"), default=0)
    due = models.PositiveSmallIntegerField(_("应报单位"), default=0)

    since = models.CharField(_("累计自"), max_length=10, blank=True)
    year_numerator = number_field(_("本年累计分子"))
    year_denominator = number_field(_("本年累计分母"))
    year_value = value_field(_("本年累计值"))
    year_reported = models.PositiveSmallIntegerField(_("本年已报"), default=0)
    year_due = models.PositiveSmallIntegerField(_("本年应报"), default=0)

    baseline = models.ForeignKey(
        Baseline, models.PROTECT, null=True, related_name="+", verbose_name=_("基期")
    )
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, related_name="+", verbose_name=_("目标")
    )
    target_to_date = value_field(_("到期目标"))
    attainment = value_field(_("完成程度"))
    light = models.CharField(_("状态"), max_length=8, choices=Light.choices)

    change = value_field(_("比上期"))
    year_change = value_field(_("比上年同期"))
    forecast = value_field(_("目标年预测"))
    points = models.PositiveSmallIntegerField(_("预测用了几期"), default=0)

    inputs_hash = models.CharField(_("依据的校验值"), max_length=32)
    computed_at = models.DateTimeField(_("算出时间"))
    superseded_at = models.DateTimeField(_("被替换时间"), null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("进展状态")
        verbose_name_plural = _("进展状态")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "period"],
                condition=Q(superseded_at=None),
                name="one_current_standing",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("computed_at")),
                name="standing_superseded_after_computed",
            ),
        ]
        indexes = [
            models.Index(fields=["indicator", "period_end"], name="standing_of"),
        ]

    def __str__(self):
        return f"{self.indicator_id} {self.unit_id} {self.period}"

    def get_absolute_url(self):
        """Its card, by name: the page stands above this app."""
        return reverse("dashboard:standing-card", args=[self.pk])

    @property
    def span(self) -> Period:
        return Period.parse(self.period)

    @property
    def exact(self) -> Decimal | None:
        """The period's value unrounded."""
        if self.value is None:
            return None
        if self.denominator is None:
            return self.numerator
        return self.numerator * 100 / self.denominator

    @property
    def is_provisional(self) -> bool:
        """There is a number, and it is not yet final: parts are missing or nobody has approved it."""
        return self.value is not None and self.state != self.State.REPORTED

    @property
    def is_few(self) -> bool:
        """A rate of so few that one more or less moves it far."""
        return self.value is not None and self.denominator is not None and self.denominator < FEW


class Touched(models.Model):
    """A number that has to be computed anew: written by a deed in its transaction, drained by a job.

    No unit means all units; no period means all periods. `figure` names the figure that changed.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    period = models.CharField(_("期别"), max_length=10, blank=True)
    figure = models.CharField(_("口径"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("待重算")
        verbose_name_plural = _("待重算")

    def __str__(self):
        return f"{self.indicator_id} {self.unit_id} {self.period}"


class Reckoning(models.Model):
    """For which day the standings are computed, when all were last compared, which state they are in."""

    on = models.DateField(_("算到哪天"))
    compared_at = models.DateTimeField(_("核对时间"), null=True)
    differing = models.PositiveIntegerField(_("核对时不一致"), default=0)
    # Another with every change: what was drawn from the standings is good as long as it stays. No
    # counter, which a restored backup would set back.
    version = models.UUIDField(_("改动标记"), default=uuid4)

    class Meta:
        verbose_name = _("重算记录")
        verbose_name_plural = _("重算记录")

    def __str__(self):
        return f"{self.on}"
