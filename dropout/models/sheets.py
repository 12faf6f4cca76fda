"""What an undo must know of cases that a sheet has opened or changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dropout.models.cases import Case


class SheetMarkQuerySet(models.QuerySet):
    def latest_of(self, cases) -> dict[int, int]:
        """{case: footprint} as the latest sheet has left each."""
        return dict(self.filter(case__in=cases).order_by("pk").values_list("case", "footprint"))


class SheetMark(models.Model):
    """How a row of a sheet has left a case.

    Written with what the row did and gone with its undo: a case that no longer looks like this was
    worked on since, and an undo leaves it alone.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("个案"))
    footprint = models.BigIntegerField(_("办完时的样子"))

    objects = SheetMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入后的个案")
        verbose_name_plural = _("导入后的个案")

    def __str__(self):
        return f"{self._meta.verbose_name} {self.pk}"
