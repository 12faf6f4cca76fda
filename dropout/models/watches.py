"""Whether a child who was brought back is still there, some weeks and months later."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dropout.models.codes import WatchAnswer
from dropout.models.placements import Placement, PlacementPartQuerySet


class WatchQuerySet(PlacementPartQuerySet):
    def standing(self):
        """Of placements that hold; those of a changed or withdrawn one have no meaning any more."""
        return self.filter(placement__withdrawn_at=None, placement__ended_on=None)

    def unanswered(self):
        return self.standing().filter(answered_on=None, placement__episode__ended_on=None)

    def answered(self):
        """Those whose answer may still be corrected."""
        return self.standing().filter(answered_on__isnull=False, placement__episode__ended_on=None)

    def due_by(self, on: date):
        return self.unanswered().filter(due_on__lte=on)

    def for_list(self):
        return self.select_related(
            "placement__episode__case__student", "placement__school", "answered_by"
        ).order_by("due_on", "pk")


class Watch(models.Model):
    """One look, so many days after the placement; the school answers it."""

    placement = models.ForeignKey(
        Placement, models.PROTECT, related_name="watches", verbose_name=_("安置")
    )
    days = models.PositiveSmallIntegerField(_("安置后第几天"))
    due_on = models.DateField(_("到期"), db_index=True)
    answered_on = models.DateField(_("回答日期"), null=True, blank=True)
    answer = models.CharField(_("情况"), max_length=10, choices=WatchAnswer.choices, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("谁回答的"),
    )

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("巩固观察")
        verbose_name_plural = _("巩固观察")
        constraints = [
            models.UniqueConstraint(fields=["placement", "days"], name="dropout_watch_once"),
            models.CheckConstraint(
                condition=Q(answered_on=None, answer="", answered_by=None)
                | Q(answered_on__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="dropout_watch_answered_means_what",
            ),
        ]

    def __str__(self):
        return f"{_('巩固观察')} {self.days}"
