"""What looks wrong and wants an answer: one thing for data quality, screening and aid."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models.places import ScopedQuerySet, Unit


class FindingQuerySet(ScopedQuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def to_answer(self):
        """Open and with the unit: never answered, or sent back."""
        return self.open().filter(answered_at=None)

    def to_look_at(self):
        """Answered, and nobody else has looked at the answer yet."""
        return self.open().exclude(answered_at=None)

    def overdue(self, on: date):
        return self.to_answer().filter(due_on__lt=on)

    def of_rule(self, prefix: str):
        """Of one rule, or of all of a kind."""
        return self.filter(Q(rule=prefix) | Q(rule__startswith=f"{prefix}."))

    def about(self, code: str, pks):
        """Findings on things of one kind."""
        return self.filter(subject_code=code, subject_pk__in=[str(pk) for pk in pks])

    def for_list(self):
        """What waits comes first, by its due day; then what has ended, the newest first."""
        return (
            self.select_related("unit", "owner", "answered_by", "looked_by")
            .annotate(over=Case(When(ended_at=None, then=0), default=1))
            .order_by("over", "due_on", "unit__sort_no", "-pk")
        )


class Finding(models.Model):
    """A rule was broken by a subject, with the facts it rests on; it ends when somebody else accepts
    the answer, or when the facts are no longer so.

    `facts` holds codes and numbers, never a personal value. `period` tells apart what one rule finds
    of one subject at different times.
    """

    class Answer(models.TextChoices):
        TRUE = "TRUE", _("情况属实，有原因")
        FIXED = "FIXED", _("数有误，已改或正在更正")
        RULE = "RULE", _("规则不适用于这种情况")

    class End(models.TextChoices):
        ACCEPTED = "ACCEPTED", _("说明通过")
        CLEARED = "CLEARED", _("情况已消除")

    rule = models.CharField(_("规则"), max_length=80)
    subject_code = models.CharField(_("对象类别"), max_length=60)
    subject_pk = models.CharField(_("对象编号"), max_length=40)
    period = models.CharField(_("期别"), max_length=10, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="findings", verbose_name=_("单位"))
    facts = models.JSONField(_("依据"), default=dict)
    facts_hash = models.CharField(max_length=32)
    found_at = models.DateTimeField(_("发现时间"))

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="findings",
        verbose_name=_("责任人"),
    )
    due_on = models.DateField(_("说明期限"))
    answer = models.CharField(_("结论"), max_length=6, choices=Answer.choices, blank=True)
    answer_text = models.CharField(_("说明"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("说明人"),
    )
    answered_at = models.DateTimeField(_("说明时间"), null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("复看人"),
    )
    looked_at = models.DateTimeField(_("复看时间"), null=True)
    look_note = models.CharField(_("复看意见"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("了结时间"), null=True)
    end = models.CharField(_("怎样了结"), max_length=8, choices=End.choices, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("问题线索")
        verbose_name_plural = _("问题线索")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_code", "subject_pk", "period"],
                condition=Q(ended_at=None),
                name="one_open_finding",
            ),
            models.CheckConstraint(
                condition=Q(looked_by=None) | ~Q(looked_by=F("answered_by")),
                name="finding_looked_at_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="finding_ended_means_how",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_by__isnull=False) & ~Q(answer=""),
                name="finding_answered_means_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "ended_at", "due_on"], name="finding_of"),
            models.Index(fields=["rule", "subject_pk", "period"], name="finding_again"),
        ]

    def __str__(self):
        return f"{self.rule} {self.subject_pk} {self.period}"

    def get_absolute_url(self):
        return reverse("registry:finding-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def was_sent_back(self) -> bool:
        return self.is_open and self.answered_at is None and self.looked_at is not None

    @property
    def waits_for_look(self) -> bool:
        return self.is_open and self.answered_at is not None
