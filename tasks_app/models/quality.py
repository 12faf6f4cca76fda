"""Rules that numbers must obey among themselves: three forms, filled in from lists."""

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks_app.models.plan import Indicator


class Part(models.TextChoices):
    """Which of an indicator's numbers is meant."""

    NUMERATOR = "NUM", _("分子或数值")
    DENOMINATOR = "DEN", _("分母")


class QualityRuleQuerySet(models.QuerySet):
    def visible_to(self, user, permission="tasks_app.view_qualityrule"):
        return self.all() if user.has_perm(permission) else self.none()

    def in_use(self):
        return self.filter(ended_at=None)

    def with_terms(self):
        terms = QualityTerm.objects.select_related("indicator").order_by("pk")
        return self.prefetch_related(Prefetch("terms", terms))

    def for_list(self):
        return (
            self.with_terms()
            .select_related("set_by")
            .order_by(F("ended_at").asc(nulls_first=True), "pk")
        )


class QualityRule(models.Model):
    """a ≤ b, a = Σ b, or stock = last + in − out. Never rewritten: a changed rule is a new one."""

    class Form(models.TextChoices):
        AT_MOST = "AT_MOST", _("甲 ≤ 乙")
        SUM_OF = "SUM_OF", _("甲 = 乙的合计")
        STOCK_FLOW = "STOCK", _("期末 = 上期末 + 增 − 减")

    form = models.CharField(_("形式"), max_length=8, choices=Form.choices)
    note = models.CharField(_("依据"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("设定人")
    )
    set_at = models.DateTimeField(_("设定时间"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("停用人"),
    )
    ended_at = models.DateTimeField(_("停用时间"), null=True)

    objects = QualityRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("核对规则")
        verbose_name_plural = _("核对规则")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="quality_rule_ended_by_whom",
            )
        ]

    def __str__(self):
        return f"{self.form} {self.pk}"

    @property
    def code(self) -> str:
        """The rule of its findings."""
        return f"tasks_app.quality.{self.pk}"

    def of_role(self, role: str) -> list["QualityTerm"]:
        return [term for term in self.terms.all() if term.role == role]

    @property
    def formula(self) -> str:
        """The rule as it is read: T01-01 ≤ T01-02."""

        def named(*roles, sign):
            found = [str(term) for role in roles for term in self.of_role(role)]
            return f" {sign} ".join(found)

        left = named("LEFT", sign="+")
        if self.form == self.Form.AT_MOST:
            return f"{left} ≤ {named('RIGHT', sign='+')}"
        if self.form == self.Form.SUM_OF:
            return f"{left} = {named('RIGHT', sign='+')}"
        came, went = named("IN", sign="+"), named("OUT", sign="−")
        moves = (f" + {came}" if came else "") + (f" − {went}" if went else "")
        return gettext("%(left)s = 上期末%(moves)s") % {"left": left, "moves": moves}


class QualityTerm(models.Model):
    """One number in a rule, and where it stands there."""

    class Role(models.TextChoices):
        LEFT = "LEFT", _("甲")
        RIGHT = "RIGHT", _("乙")
        IN = "IN", _("增")
        OUT = "OUT", _("减")

    rule = models.ForeignKey(QualityRule, models.CASCADE, related_name="terms")
    role = models.CharField(max_length=5, choices=Role.choices)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    part = models.CharField(max_length=3, choices=Part.choices, default=Part.NUMERATOR)

    class Meta:
        verbose_name = _("规则里的数")
        verbose_name_plural = _("规则里的数")
        constraints = [
            models.UniqueConstraint(fields=["rule", "indicator", "part"], name="quality_term_once"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(role="LEFT"), name="quality_rule_has_one_left"
            ),
        ]

    def __str__(self):
        """T01-01, or T01-01 的分母."""
        code = self.indicator.code
        return (
            gettext("%(code)s 的分母") % {"code": code} if self.part == Part.DENOMINATOR else code
        )
