"""What was recorded wrongly stays: withdrawn with a reason, or corrected with what it was before."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedField


class Recorded(models.Model):
    """Written by somebody; withdrawn, if it was wrong, by somebody for a reason. Never deleted."""

    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("谁撤回的"),
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("撤回原因"), max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_reason=""),
                name="%(app_label)s_%(class)s_withdrawn_why",
            )
        ]

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


class CorrectionQuerySet(models.QuerySet):
    def for_page(self):
        return self.select_related("by", "watch").order_by("-at", "-pk")


class Correction(models.Model):
    """A code that was wrong and was set right: what it was, what it is, why. Never changed itself.

    Of a cause, or of the answer to a look (`watch`). All three lie encrypted: a cause may be belief.
    """

    episode = models.ForeignKey(
        "dropout.Episode", models.PROTECT, related_name="corrections", verbose_name=_("失学期")
    )
    watch = models.ForeignKey(
        "dropout.Watch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("巩固观察"),
    )
    was = EncryptedField(_("原来"), purpose="dropout.cause")
    became = EncryptedField(_("改为"), purpose="dropout.cause")
    reason = EncryptedField(_("更正原因"), purpose="dropout.cause")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁更正的")
    )
    at = models.DateTimeField(_("更正时间"))

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("更正")
        verbose_name_plural = _("更正")

    def __str__(self):
        return f"{_('更正')} {self.pk}"
