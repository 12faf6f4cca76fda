"""A plan as its document gives it: sections, tasks, actions, safeguards, and the indicators we keep."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import figures
from common.languages import in_language
from common.periods import Kind
from registry.models import Unit


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.view_plan"):
        """A plan is for every business role; the three administrators match no business row."""
        return self.all() if user.has_perm(permission) else self.none()

    def running(self):
        return self.filter(closed_on=None)

    def for_list(self):
        return self.order_by("-start_year", "code")


class Plan(models.Model):
    code = models.CharField(_("代号"), max_length=30, unique=True)
    title_zh = models.CharField(_("名称"), max_length=200)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    issuer = models.CharField(_("印发单位"), max_length=100)
    published_on = models.DateField(_("印发日期"))
    start_year = models.PositiveSmallIntegerField(_("起始年"))
    target_year = models.PositiveSmallIntegerField(_("目标年"))
    goal_zh = models.TextField(_("总体目标"), blank=True)
    goal_en = models.TextField(_("英文总体目标"), blank=True)
    closed_on = models.DateField(_("结束日期"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("方案")
        verbose_name_plural = _("方案")

    def __str__(self):
        return self.title_zh

    def get_absolute_url(self):
        return reverse("tasks_app:plan-detail", args=[self.pk])

    @property
    def title(self):
        return in_language(self.title_zh, self.title_en)

    @property
    def goal(self):
        return in_language(self.goal_zh, self.goal_en)


class Section(models.Model):
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sections", verbose_name=_("方案"))
    no = models.PositiveSmallIntegerField(_("序号"))
    title_zh = models.CharField(_("名称"), max_length=200)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("板块")
        verbose_name_plural = _("板块")
        constraints = [models.UniqueConstraint(fields=["plan", "no"], name="section_once")]

    def __str__(self):
        return self.title_zh

    @property
    def title(self):
        return in_language(self.title_zh, self.title_en)


class WorkItemQuerySet(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.view_plan"):
        return self.all() if user.has_perm(permission) else self.none()

    def for_list(self):
        return self.select_related("section", "plan").order_by("plan", "no")

    def for_plan_page(self):
        return (
            self.select_related("plan", "lead_office")
            .annotate(
                action_count=Count("actions", distinct=True),
                indicator_count=Count("indicators", distinct=True),
            )
            .order_by("no")
        )


class WorkItem(models.Model):
    """One of the plan's key tasks (重点任务)."""

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="work_items", verbose_name=_("方案")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, related_name="work_items", verbose_name=_("板块")
    )
    no = models.PositiveSmallIntegerField(_("序号"))
    title_zh = models.CharField(_("名称"), max_length=200)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    short_zh = models.CharField(_("简称"), max_length=20, blank=True)
    short_en = models.CharField(_("英文简称"), max_length=40, blank=True)
    duty_code = models.CharField(_("填报任务代号"), max_length=60, unique=True)
    lead_office = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("牵头科室"),
    )
    offices = models.ManyToManyField(
        Unit, blank=True, related_name="helps", verbose_name=_("配合科室")
    )

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("重点任务")
        verbose_name_plural = _("重点任务")
        constraints = [models.UniqueConstraint(fields=["plan", "no"], name="work_item_once")]

    def __str__(self):
        return f"{self.no:02} {self.title_zh}"

    def get_absolute_url(self):
        return reverse("tasks_app:task-detail", args=[self.pk])

    @property
    def title(self):
        return in_language(self.title_zh, self.title_en)

    @property
    def short(self):
        return in_language(self.short_zh, self.short_en) or self.title

    @property
    def number(self):
        return f"{self.no:02}"

    def neighbours(self) -> dict:
        """The tasks before and after this one in the plan."""
        others = WorkItem.objects.filter(plan=self.plan_id)
        return {
            "previous": others.filter(no__lt=self.no).order_by("-no").first(),
            "next": others.filter(no__gt=self.no).order_by("no").first(),
        }


class Action(models.Model):
    """A measure of a task, as our own summary (摘要), not the official wording."""

    work_item = models.ForeignKey(
        WorkItem, models.CASCADE, related_name="actions", verbose_name=_("重点任务")
    )
    no = models.PositiveSmallIntegerField(_("序号"))
    text_zh = models.CharField(_("摘要"), max_length=300)
    text_en = models.CharField(_("英文摘要"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("举措")
        verbose_name_plural = _("举措")
        constraints = [models.UniqueConstraint(fields=["work_item", "no"], name="action_once")]

    def __str__(self):
        return self.text_zh

    @property
    def text(self):
        return in_language(self.text_zh, self.text_en)


class Safeguard(models.Model):
    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="safeguards", verbose_name=_("方案")
    )
    no = models.PositiveSmallIntegerField(_("序号"))
    title_zh = models.CharField(_("名称"), max_length=200)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("保障措施")
        verbose_name_plural = _("保障措施")
        constraints = [models.UniqueConstraint(fields=["plan", "no"], name="safeguard_once")]

    def __str__(self):
        return self.title_zh

    @property
    def title(self):
        return in_language(self.title_zh, self.title_en)


class IndicatorQuerySet(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.view_plan"):
        return self.all() if user.has_perm(permission) else self.none()

    def for_list(self):
        return self.select_related("work_item__plan").order_by("work_item__plan", "code")

    def of_running_plans(self):
        return self.filter(work_item__plan__closed_on=None)

    def with_target(self, wanted: str):
        """TARGET: a target is set; REFERENCE: none is, but a number from elsewhere; NONE: neither."""
        set_now = Exists(
            self.model._meta.get_field("targets")
            .related_model.objects.current()
            .filter(indicator=OuterRef("pk"))
        )
        if wanted == "TARGET":
            return self.filter(set_now)
        found = self.exclude(set_now)
        return found.filter(reference="") if wanted == "NONE" else found.exclude(reference="")


class Indicator(models.Model):
    """A number that shows how a task stands. Its rules are those of the project's own catalogue."""

    class Direction(models.TextChoices):
        UP = "UP", _("越高越好")
        DOWN = "DOWN", _("越低越好")
        KEEP = "KEEP", _("保持")

    class Frequency(models.TextChoices):
        MONTH = "MONTH", _("每月")
        QUARTER = "QUARTER", _("每季")
        TERM = "TERM", _("每学期")
        YEAR = "YEAR", _("每年")
        SCHOOL_YEAR = "SCHOOL_YEAR", _("每学年")

    class Aggregation(models.TextChoices):
        SUM = "SUM", _("各单位相加")
        RATIO = "RATIO", _("分子之和 ÷ 分母之和")
        PEOPLE = "PEOPLE", _("按人去重，由平台计算")
        LEAGUE_ONLY = "LEAGUE_ONLY", _("只在全盟计算")

    class OverTime(models.TextChoices):
        FLOW = "FLOW", _("期内发生数，可跨期相加")
        STOCK = "STOCK", _("期末数，取最近一期")
        CUMULATIVE = "CUMULATIVE", _("累计数，只增不减")

    class Path(models.TextChoices):
        """How a target is come to before its own year."""

        LINE = "LINE", _("从基期到目标年走直线")
        STEPS = "STEPS", _("按学年一级一级走")
        CONSTANT = "CONSTANT", _("始终是底线或上限")

    class Stated(models.TextChoices):
        STATED = "STATED", _("方案写明数字")
        IN_WORDS = "IN_WORDS", _("方案有文字要求")
        PROPOSED = "PROPOSED", _("平台建议的指标")

    work_item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="indicators", verbose_name=_("重点任务")
    )
    code = models.CharField(_("代号"), max_length=40, unique=True)
    name_zh = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    unit_zh = models.CharField(_("计量单位"), max_length=10)
    unit_en = models.CharField(_("英文计量单位"), max_length=20, blank=True)
    direction = models.CharField(_("方向"), max_length=6, choices=Direction.choices)
    numerator = models.CharField(_("分子或口径"), max_length=300)
    denominator = models.CharField(_("分母"), max_length=300, blank=True)
    frequency = models.CharField(_("频次"), max_length=12, choices=Frequency.choices)
    aggregation = models.CharField(_("汇总"), max_length=12, choices=Aggregation.choices)
    over_time = models.CharField(_("随时间"), max_length=12, choices=OverTime.choices)
    path = models.CharField(_("到期目标"), max_length=8, choices=Path.choices, default=Path.LINE)
    margin = models.DecimalField(
        _("离目标多近算有风险（%）"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(50)],
        help_text=_("空着就用全平台的设置。"),
    )
    grace = models.PositiveSmallIntegerField(
        _("宽限几天"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(366)],
        help_text=_("年度结束后这几天里没达到目标，先算有风险，不算落后。空着就用全平台的设置。"),
    )
    may_exceed = models.BooleanField(
        _("可超过 100%"), default=False, help_text=_("毛入学率一类，分子可以大于分母。")
    )
    counts_people = models.BooleanField(
        _("数的是人"),
        default=False,
        help_text=_("1 到 4 人不给管不到该单位的人看；比率看分子和分母减分子。"),
    )
    figure = models.CharField(_("平台算整个值"), max_length=60, blank=True, choices=figures.choices)
    denominator_figure = models.CharField(
        _("平台算分母"), max_length=60, blank=True, choices=figures.choices
    )
    quote = models.CharField(_("方案原句"), max_length=300, blank=True)
    stated = models.CharField(_("依据"), max_length=10, choices=Stated.choices)
    reference = models.TextField(
        _("参考值"), blank=True, help_text=_("别处的数字，不是阿拉善的目标。")
    )
    notes = models.TextField(_("说明"), blank=True)
    to_confirm = models.CharField(
        _("待盟局确认"), max_length=200, blank=True, help_text=_("目录里由平台暂定的口径。")
    )
    is_representative = models.BooleanField(_("任务的代表指标"), default=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        constraints = [
            models.UniqueConstraint(
                fields=["work_item"],
                condition=Q(is_representative=True),
                name="one_representative_indicator",
            ),
            models.CheckConstraint(
                condition=~Q(aggregation="PEOPLE") | ~Q(figure=""),
                name="people_are_counted_by_a_figure",
                violation_error_message=_("按人去重只能由平台计算：选一个“平台算整个值”的口径。"),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.name_zh}"

    def get_absolute_url(self):
        return reverse("tasks_app:indicator-detail", args=[self.pk])

    @property
    def name(self):
        return in_language(self.name_zh, self.name_en)

    @property
    def unit_name(self):
        return in_language(self.unit_zh, self.unit_en)

    @property
    def is_rate(self) -> bool:
        return bool(self.denominator)

    @property
    def period_kind(self) -> Kind:
        return Kind(self.frequency)

    @property
    def league_only(self) -> bool:
        return self.aggregation == self.Aggregation.LEAGUE_ONLY

    @property
    def counts_each_once(self) -> bool:
        """A person in two units or two periods is one person: such numbers are never added up."""
        return self.aggregation == self.Aggregation.PEOPLE

    @property
    def adds_up_over_time(self) -> bool:
        """What happens in the periods of a year adds up to what is judged."""
        return self.over_time == self.OverTime.FLOW and not self.counts_each_once

    def neighbours(self) -> dict:
        """The indicators before and after this one in the plan."""
        others = Indicator.objects.filter(work_item__plan=self.work_item.plan_id)
        return {
            "previous": others.filter(code__lt=self.code).order_by("-code").first(),
            "next": others.filter(code__gt=self.code).order_by("code").first(),
        }

    def all_targets(self):
        """Present and past, in order of years; the newest of a year first."""
        rows = self._meta.get_field("targets").related_model.objects.filter(indicator=self)
        return rows.with_people().order_by("unit__sort_no", "year", "-pk")

    def all_baselines(self):
        return self.baselines.with_people().order_by("unit__sort_no", "-pk")
