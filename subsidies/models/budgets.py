"""Money that is meant for aid: what a document grants for a year, and what of it has arrived."""

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import ScopedQuerySet, Unit
from subsidies.models.money import NOTHING, cents
from subsidies.models.payments import MONEY
from subsidies.models.programmes import Programme


class Source(models.TextChoices):
    """Which level of government gives the money."""

    CENTRAL = "CENTRAL", _("中央")
    REGION = "REGION", _("自治区")
    LEAGUE = "LEAGUE", _("盟级")
    BANNER = "BANNER", _("旗级")


class BudgetLineQuerySet(ScopedQuerySet):
    def of_year(self, year: int):
        return self.filter(year=year)

    def with_arrived(self):
        """Each with what of it has arrived, in the same statement."""
        sums = Arrival.objects.filter(line=OuterRef("pk")).order_by().values("line")
        return self.annotate(arrived=Coalesce(Subquery(sums.values(total=cents())), NOTHING))

    def for_list(self):
        return self.select_related("programme", "unit").order_by(
            "-year", "unit__sort_no", "programme", "source", "pk"
        )


class BudgetLine(models.Model):
    """What a document gives a unit for one programme in one calendar year, from one level."""

    year = models.PositiveSmallIntegerField(_("年度"))
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="budget_lines", verbose_name=_("资助项目")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="budget_lines", verbose_name=_("单位")
    )
    source = models.CharField(_("资金来源"), max_length=8, choices=Source.choices)
    document = models.CharField(_("文号"), max_length=120)
    amount = models.DecimalField(_("下达金额"), max_digits=14, decimal_places=2)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金下达")
        verbose_name_plural = _("资金下达")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "programme", "unit", "source", "document"], name="budget_line_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="budget_is_money"),
        ]

    def __str__(self):
        return f"{self.year} {self.unit} {self.programme}"

    def get_absolute_url(self):
        return reverse("subsidies:budget-detail", args=[self.pk])


class ArrivalQuerySet(ScopedQuerySet):
    unit_lookup = "line__unit"

    def by(self, on):
        return self.filter(arrived_on__lte=on)


class Arrival(models.Model):
    """Money of a line that reached the unit's account on a day."""

    line = models.ForeignKey(
        BudgetLine, models.PROTECT, related_name="arrivals", verbose_name=_("资金下达")
    )
    arrived_on = models.DateField(_("到账日期"))
    amount = models.DecimalField(_("到账金额"), **MONEY)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金到账")
        verbose_name_plural = _("资金到账")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="arrival_is_money"),
        ]

    def __str__(self):
        return f"{_('资金到账')} {self.pk}"
