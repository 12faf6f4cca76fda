"""The four ones (四个一): what is owed each month, quarter, term and school year, and what was told."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.periods import Kind
from dropout.models.corrections import Recorded
from registry.models import Duty, ScopedQuerySet


class Obligation(models.TextChoices):
    """The codes of these duties, as the ministry's notice of 2024 names who looks how often."""

    MONTH = "dropout.month", _("在校情况月报")
    QUARTER = "dropout.quarter", _("控辍保学季度复查")
    TERM = "dropout.term", _("控辍保学学期摸排")
    YEAR = "dropout.year", _("控辍保学学年总结")


DUTIES = "dropout."  # how the codes of all four begin
PERIOD_OF = {
    Obligation.MONTH: Kind.MONTH,
    Obligation.QUARTER: Kind.QUARTER,
    Obligation.TERM: Kind.TERM,
    Obligation.YEAR: Kind.SCHOOL_YEAR,
}
# Of a month it is the school's sheet that counts: words instead of it would hide who is away.
TOLD_IN_WORDS = (Obligation.QUARTER, Obligation.TERM, Obligation.YEAR)


class DeclarationQuerySet(ScopedQuerySet):
    unit_lookup = "duty__unit"

    def standing(self):
        return self.filter(withdrawn_at=None)

    def of_duty(self, duty):
        return self.filter(duty=duty)

    def latest_first(self):
        return self.select_related("recorded_by", "withdrawn_by").order_by("-pk")


class Declaration(Recorded):
    """That a look was taken, when, and what came of it; the papers hang on it as files."""

    duty = models.ForeignKey(
        Duty, models.PROTECT, related_name="declarations", verbose_name=_("填报任务")
    )
    held_on = models.DateField(_("完成日期"))
    text = models.TextField(_("情况"), max_length=2000)

    objects = DeclarationQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("办理情况")
        verbose_name_plural = _("办理情况")

    def __str__(self):
        return f"{_('办理情况')} {self.pk}"

    def get_absolute_url(self):
        return reverse("dropout:duty-detail", args=[self.duty_id])
