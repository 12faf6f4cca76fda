"""What is done to bring a child back: visits, the four steps, and the documents served."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dropout.models.cases import Episode
from dropout.models.codes import NoticeKind, ServedBy, StepKind, VisitResult, Way
from dropout.models.corrections import Recorded
from dropout.models.ends import EpisodePartQuerySet
from registry.models.children import Sourced


class RecordedQuerySet(EpisodePartQuerySet):
    def standing(self):
        return self.filter(withdrawn_at=None)


class VisitQuerySet(RecordedQuerySet):
    def between(self, first: date, last: date):
        return self.filter(on__range=(first, last))

    def latest_first(self):
        return self.select_related("recorded_by", "withdrawn_by").order_by("-on", "-pk")


class Visit(Recorded, Sourced):
    """Somebody spoke, or tried to speak, with the child or the family."""

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="visits", verbose_name=_("失学期")
    )
    on = models.DateField(_("劝返日期"))
    visitor = models.CharField(_("劝返人"), max_length=60)
    position = models.CharField(_("职务"), max_length=40, blank=True)
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices)
    result = models.CharField(_("结果"), max_length=10, choices=VisitResult.choices)
    note = models.CharField(_("经过"), max_length=500, blank=True)
    guardian_word = models.CharField(_("监护人意见"), max_length=500, blank=True)
    next_on = models.DateField(_("下次日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("劝返记录")
        verbose_name_plural = _("劝返记录")
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gte=F("on")),
                name="dropout_visit_next_is_later",
            ),
            models.UniqueConstraint(
                fields=["episode", "on", "visitor", "way"],
                condition=Q(withdrawn_at=None),
                name="dropout_visit_once",
            ),
        ]
        indexes = [models.Index(fields=["episode", "on"], name="dropout_visit_of")]

    def __str__(self):
        return f"{_('劝返')} {self.on:%Y-%m-%d}"


class StepQuerySet(RecordedQuerySet):
    def taken(self):
        return self.standing().exclude(taken_on=None)

    def for_page(self):
        return self.select_related("recorded_by").order_by("recorded_at", "pk")


class Step(Recorded):
    """One of the four steps: taken on a day, or skipped for a reason.

    The legal basis is what the unit's staff have typed; the portal asserts none.
    """

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="steps", verbose_name=_("失学期")
    )
    kind = models.CharField(_("步骤"), max_length=10, choices=StepKind.choices)
    taken_on = models.DateField(_("办理日期"), null=True, blank=True)
    skipped_because = models.CharField(_("跳过原因"), max_length=200, blank=True)
    legal_basis = models.CharField(_("法律依据"), max_length=300, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("劝返步骤")
        verbose_name_plural = _("劝返步骤")
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(taken_on__isnull=False, skipped_because="")
                | Q(taken_on=None) & ~Q(skipped_because=""),
                name="dropout_step_taken_or_skipped_why",
            ),
            models.UniqueConstraint(
                fields=["episode", "kind"],
                condition=Q(withdrawn_at=None),
                name="dropout_step_once",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_skipped(self) -> bool:
        return self.taken_on is None


class NoticeTemplateQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(is_active=True).for_list()

    def for_list(self):
        return self.order_by("kind", "name", "pk")


class NoticeTemplate(models.Model):
    """A document to be filled in; the bureau keeps wording and file (a StoredFile of this row)."""

    kind = models.CharField(_("文书种类"), max_length=16, choices=NoticeKind.choices)
    name = models.CharField(_("模板名称"), max_length=80, unique=True)
    legal_basis = models.CharField(_("法律依据"), max_length=300, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("谁改的"),
    )
    changed_at = models.DateTimeField(_("改于"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = NoticeTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("文书模板")
        verbose_name_plural = _("文书模板")

    def __str__(self):
        return self.name


class NoticeQuerySet(RecordedQuerySet):
    def served(self):
        return self.standing().exclude(served_on=None)

    def for_page(self):
        return self.select_related("template", "step", "recorded_by").order_by("-issued_on", "-pk")


class Notice(Recorded):
    """A document issued to somebody, and how it was served."""

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="notices", verbose_name=_("失学期")
    )
    step = models.ForeignKey(
        Step,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("步骤"),
    )
    template = models.ForeignKey(
        NoticeTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("模板"),
    )
    kind = models.CharField(_("文书种类"), max_length=16, choices=NoticeKind.choices)
    number = models.CharField(_("文号"), max_length=60)
    issued_on = models.DateField(_("发文日期"))
    issuer = models.CharField(_("发文机关"), max_length=80)
    addressee = models.CharField(_("送达对象"), max_length=60)
    deadline = models.DateField(_("期限"), null=True, blank=True)
    legal_basis = models.CharField(_("法律依据"), max_length=300, blank=True)
    served_on = models.DateField(_("送达日期"), null=True, blank=True)
    served_by = models.CharField(_("送达方式"), max_length=8, choices=ServedBy.choices, blank=True)
    witness = models.CharField(_("见证人"), max_length=60, blank=True)
    result = models.CharField(_("送达结果"), max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("文书")
        verbose_name_plural = _("文书")
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(deadline=None) | Q(deadline__gte=F("issued_on")),
                name="dropout_notice_deadline_is_later",
            ),
            models.CheckConstraint(
                condition=Q(served_on=None, served_by="")
                | Q(served_on__gte=F("issued_on")) & ~Q(served_by=""),
                name="dropout_notice_served_means_how",
            ),
            # Who leaves a document behind needs somebody who saw it.
            models.CheckConstraint(
                condition=~Q(served_by="LEFT") | ~Q(witness=""),
                name="dropout_notice_left_before_a_witness",
            ),
            models.UniqueConstraint(
                fields=["issuer", "kind", "number"],
                condition=Q(withdrawn_at=None),
                name="dropout_notice_number_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"
