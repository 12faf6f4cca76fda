"""What aid there is and what it is worth: programmes, and their standards as dated rows.

A standard that nobody has confirmed and no document makes sure judges nothing.
"""

from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.periods import Kind, Period
from registry.models import Category, Closure, Dated, Unit, in_force, units_seen_by

MONEY = {"max_digits": 12, "decimal_places": 2}
CENT = Decimal("0.01")
AUTUMN = 1


class Stage(models.TextChoices):
    """Stages of schooling, by which standards differ."""

    PRESCHOOL = "PRESCHOOL", _("学前")
    PRIMARY = "PRIMARY", _("小学")
    JUNIOR = "JUNIOR", _("初中")
    SENIOR = "SENIOR", _("普通高中")
    VOCATIONAL = "VOCATIONAL", _("中职")
    HIGHER = "HIGHER", _("高校")


# The first digit of a grade's code is its stage.
STAGE_OF_DIGIT = {
    "0": Stage.PRESCHOOL,
    "1": Stage.PRIMARY,
    "2": Stage.JUNIOR,
    "3": Stage.SENIOR,
    "4": Stage.VOCATIONAL,
}


def stage_of(grade: str) -> Stage:
    return STAGE_OF_DIGIT[grade[0]]


class Level(models.TextChoices):
    """How hard a family has it, as Inner Mongolia recognises it."""

    A = "A", _("A 级")
    B = "B", _("B 级")
    C = "C", _("C 级")


class Confidence(models.TextChoices):
    """How sure a standard is by what was found of it."""

    SURE = "H", _("有文件依据")
    LIKELY = "M", _("转引，待确认")
    DOUBTFUL = "L", _("说法不一，待确认")


class ProgrammeQuerySet(models.QuerySet):
    def offered_to(self, user, permission: str):
        """Programmes of everybody, and the local ones of one's own units and those above them."""
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        above = Closure.objects.filter(in_force(today), descendant__in=seen).values("ancestor")
        return self.filter(Q(unit=None) | Q(unit__in=above))  # a unit lies above itself too

    def child_by_child(self):
        """Those whose money goes to the child."""
        return self.filter(form=Programme.Form.MONEY, paid_to=Programme.PaidTo.CHILD)

    def without_standards(self):
        return self.filter(standards=None)

    def for_list(self):
        return self.select_related("unit").order_by("sort_no", "pk")


class Programme(models.Model):
    """A kind of aid. Without a unit it holds in the whole league; a local one in its unit."""

    class Form(models.TextChoices):
        MONEY = "MONEY", _("发放资金")
        IN_KIND = "IN_KIND", _("减免或实物")

    class PaidTo(models.TextChoices):
        CHILD = "CHILD", _("学生或监护人的卡")
        SCHOOL = "SCHOOL", _("学校")

    class Entitles(models.TextChoices):
        EVERYONE = "EVERYONE", _("全体在籍学生")
        RECOGNISED = "RECOGNISED", _("认定的困难学生")
        CHOSEN = "CHOSEN", _("评选或申请")

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("资助项目"), max_length=60, unique=True)
    form = models.CharField(_("形式"), max_length=8, choices=Form.choices, default=Form.MONEY)
    paid_to = models.CharField(
        _("发给谁"), max_length=8, choices=PaidTo.choices, default=PaidTo.CHILD
    )
    entitles = models.CharField(
        _("谁能享受"), max_length=12, choices=Entitles.choices, default=Entitles.RECOGNISED
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("地方项目的单位"),
    )
    sort_no = models.PositiveSmallIntegerField(_("顺序"), default=100)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("资助项目")
        verbose_name_plural = _("资助项目")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("subsidies:programme-detail", args=[self.pk])


class StandardQuerySet(models.QuerySet):
    def judging(self):
        """Those by which an amount may be called right or wrong."""
        sure = Q(confidence=Confidence.SURE) | Q(confirmed_at__isnull=False)
        return self.filter(sure, amount__isnull=False)

    def to_confirm(self):
        """Amounts that somebody has to look up before anything is judged by them."""
        unsure = self.filter(confirmed_at=None, amount__isnull=False)
        return unsure.exclude(confidence=Confidence.SURE)

    def without_amount(self):
        """The documents are sure, but tell an average or a span only."""
        return self.filter(amount=None)

    def in_force(self, on: date):
        return self.filter(in_force(on))

    def of_programme(self, programme):
        return self.filter(programme=programme)

    def like(self, other: "Standard"):
        """Others that speak of the same children on some of the same days."""
        found = self.filter(
            programme=other.programme_id,
            stage=other.stage,
            level=other.level,
            group=other.group,
            boards=other.boards,
        ).exclude(pk=other.pk)
        if other.valid_to is not None:
            found = found.filter(valid_from__lte=other.valid_to)
        return found.filter(Q(valid_to=None) | Q(valid_to__gte=other.valid_from))

    def for_list(self):
        return self.select_related("programme__unit", "confirmed_by").order_by(
            "programme__sort_no", "programme", "stage", "group", "level", "boards", "-valid_from"
        )


class Standard(Dated):
    """What a programme gives one child, from a day to a day, by the document that says so.

    Blank `level` and `group` mean every child that the programme entitles, `boards` None both kinds
    of children; `grades` are codes, none of them means all of the stage. Where a document gives an
    average and a span only, there is no amount, and nothing is judged by it.
    """

    class Per(models.TextChoices):
        YEAR = "YEAR", _("每学年")
        TERM = "TERM", _("每学期")
        DAY = "DAY", _("每天")
        ONCE = "ONCE", _("一次")

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="standards", verbose_name=_("资助项目")
    )
    stage = models.CharField(_("学段"), max_length=10, choices=Stage.choices)
    level = models.CharField(_("困难等级"), max_length=1, choices=Level.choices, blank=True)
    group = models.CharField(_("特殊群体"), max_length=20, choices=Category.choices, blank=True)
    boards = models.BooleanField(_("是否寄宿"), null=True, blank=True)
    grades = models.JSONField(_("年级"), default=list, blank=True)
    amount = models.DecimalField(_("标准（元）"), **MONEY, null=True, blank=True)
    average = models.DecimalField(_("平均（元）"), **MONEY, null=True, blank=True)
    least = models.DecimalField(_("最低（元）"), **MONEY, null=True, blank=True)
    most = models.DecimalField(_("最高（元）"), **MONEY, null=True, blank=True)
    per = models.CharField(_("怎么计"), max_length=4, choices=Per.choices, default=Per.YEAR)
    document = models.CharField(_("依据"), max_length=160)
    confidence = models.CharField(
        _("可靠程度"), max_length=1, choices=Confidence.choices, default=Confidence.LIKELY
    )
    note = models.CharField(_("说明"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("确认人"),
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    # Of a row that the portal came with; the bureau's own rows have none and are never loaded over.
    loaded_as = models.CharField(max_length=60, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StandardQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("资助标准")
        verbose_name_plural = _("资助标准")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["loaded_as"], condition=~Q(loaded_as=""), name="standard_loaded_once"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="standard_is_money"
            ),
            models.CheckConstraint(
                condition=Q(least=None) | Q(most=None) | Q(most__gte=F("least")),
                name="standard_least_before_most",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="standard_confirmed_means_by_whom",
            ),
        ]

    def __str__(self):
        return f"{_('资助标准')} {self.pk}"

    def get_absolute_url(self):
        return reverse("subsidies:standard-detail", args=[self.pk])

    @property
    def judges(self) -> bool:
        sure = self.confidence == Confidence.SURE or self.confirmed_at is not None
        return sure and self.amount is not None

    def amount_of(self, term: Period) -> Decimal | None:
        """What it gives in one term. Of a year's amount whose half has half a cent the spring term
        gets the cent, so that two terms are always the year."""
        if self.amount is None or term.kind is not Kind.TERM:
            return None
        if self.per == self.Per.TERM:
            return self.amount
        if self.per != self.Per.YEAR:
            return None
        autumn = (self.amount / 2).quantize(CENT, ROUND_DOWN)
        return autumn if term.part == AUTUMN else self.amount - autumn


class StandardChangeQuerySet(models.QuerySet):
    def for_page(self):
        return self.select_related("by").order_by("-at", "-pk")


class StandardChange(models.Model):
    """What was done to a standard, by whom and why; never rewritten."""

    class Kind(models.TextChoices):
        ADDED = "ADDED", _("登记")
        CHANGED = "CHANGED", _("修改")
        CLOSED = "CLOSED", _("定截止日期")
        CONFIRMED = "CONFIRMED", _("确认")

    standard = models.ForeignKey(
        Standard, models.PROTECT, related_name="changes", verbose_name=_("资助标准")
    )
    kind = models.CharField(_("做了什么"), max_length=9, choices=Kind.choices)
    reason = models.CharField(_("原因"), max_length=300)
    before = models.JSONField(_("原来"), null=True, blank=True)
    after = models.JSONField(_("改为"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"))

    objects = StandardChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("标准变更")
        verbose_name_plural = _("标准变更")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="standard_change_means_why"),
        ]

    def __str__(self):
        return f"{_('标准变更')} {self.pk}"
