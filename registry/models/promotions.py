"""A school's children went up a year: once for each school year, until it is undone."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import ChangeSet
from registry.models.places import ScopedQuerySet, Unit


class PromotionQuerySet(ScopedQuerySet):
    unit_lookup = "school"

    def standing(self, period: str):
        return self.filter(period=period, undone_at=None)


class Promotion(models.Model):
    """What keeps a school from going up twice; the rows themselves are in the change set."""

    school = models.ForeignKey(
        Unit, models.PROTECT, related_name="promotions", verbose_name=_("学校")
    )
    period = models.CharField(_("学年"), max_length=10)
    change_set = models.ForeignKey(
        ChangeSet, models.PROTECT, related_name="promotions", verbose_name=_("成批变更")
    )
    moved_up = models.PositiveIntegerField(_("升级"), default=0)
    graduated = models.PositiveIntegerField(_("毕业"), default=0)
    undone_at = models.DateTimeField(_("撤销时间"), null=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("升级")
        verbose_name_plural = _("升级")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "period"], condition=Q(undone_at=None), name="promoted_once"
            )
        ]

    def __str__(self):
        return f"{self.school} {self.period}"
