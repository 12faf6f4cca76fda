"""One deed on many cases, and what became of each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import Job
from dropout.models.cases import Case


class BulkDeedQuerySet(models.QuerySet):
    def asked_by(self, user):
        """Who asked for it reads what became of it, and nobody else."""
        return self.filter(asked_by=user)

    def for_page(self):
        return self.select_related("officer", "job", "asked_by")


class BulkDeed(models.Model):
    """Who is to keep some cases, or when they are looked at again, or both; worked by a job."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    planned_on = models.DateField(_("下次日期"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁要的")
    )
    asked_at = models.DateTimeField(_("提出时间"))
    finished_at = models.DateTimeField(_("办完时间"), null=True, blank=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("后台任务")
    )

    objects = BulkDeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("成批安排")
        verbose_name_plural = _("成批安排")
        constraints = [
            models.CheckConstraint(
                condition=Q(officer__isnull=False) | Q(planned_on__isnull=False),
                name="dropout_bulk_asks_for_something",
            )
        ]

    def __str__(self):
        return f"{_('成批安排')} {self.pk}"

    def get_absolute_url(self):
        return reverse("dropout:bulk-detail", args=[self.pk])


class BulkLineQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(settled_at=None)

    def settled(self):
        return self.exclude(settled_at=None)

    def done(self):
        return self.settled().filter(refused="")

    def refused_ones(self):
        return self.exclude(refused="")

    def for_page(self):
        """What was refused comes first."""
        return self.select_related("case__unit", "case__township").order_by("-refused", "pk")


class BulkLine(models.Model):
    """One case of it. `refused` holds codes of `dropout.services.refusals.WORDS`, one a part."""

    deed = models.ForeignKey(
        BulkDeed, models.CASCADE, related_name="lines", verbose_name=_("成批安排")
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("个案"))
    settled_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    refused = models.CharField(_("没办成的原因"), max_length=40, blank=True)

    objects = BulkLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("成批安排的个案")
        verbose_name_plural = _("成批安排的个案")
        constraints = [
            models.UniqueConstraint(fields=["deed", "case"], name="dropout_bulk_line_once"),
            models.CheckConstraint(
                condition=Q(refused="") | Q(settled_at__isnull=False),
                name="dropout_bulk_refused_means_settled",
            ),
        ]

    def __str__(self):
        return f"{self.deed} {self.case}"
