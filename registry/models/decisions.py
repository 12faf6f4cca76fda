"""What people have decided about two records that may be one person: remembered across lists."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    SAME = "SAME", _("同一人")
    DIFFERENT = "DIFFERENT", _("不是同一人")
    UNSURE = "UNSURE", _("待核实")
    OPEN = "OPEN", _("已撤回，待定")


class MatchDecision(models.Model):
    """What somebody has decided about a pair, whichever lists the two stand in.

    The two sides are blind indexes (`registry.matching.stable_key`), the lower first, so that a
    decision outlives the rows: a list taken in again finds it. Deciding anew is how one is undone;
    the log holds what was decided before.
    """

    first = models.UUIDField(editable=False)
    second = models.UUIDField(editable=False)
    verdict = models.CharField(_("结论"), max_length=9, choices=Verdict.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁定的")
    )
    decided_at = models.DateTimeField(_("何时定的"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("比对结论")
        verbose_name_plural = _("比对结论")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="match_decided_once"),
            models.CheckConstraint(
                condition=Q(first__lte=F("second")), name="match_lower_key_first"
            ),
        ]

    def __str__(self):
        return f"{_('比对结论')} {self.pk}"
