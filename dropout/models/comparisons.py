"""Comparisons of lists: which lists, on which day, with what result, row by row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import Job
from dropout.models.attendance import AttendanceLine
from dropout.models.cases import Episode
from dropout.models.ledgers import SchoolAgeEntry
from registry.matching import Ground, Note, Part
from registry.models import Membership, ScopedQuerySet, Student, Unit


class ComparisonKind(models.TextChoices):
    """The three comparisons of 四查三比对."""

    NEVER_ENROLLED = "NEVER_ENROLLED", _("适龄儿童名单 × 学籍")
    ABSENT = "ABSENT", _("学籍 × 在校情况月报")
    POVERTY = "POVERTY", _("失学辍学个案 × 部门名单")


class Comparison(models.Model):
    """One run. It has finished if `finished_at` is set; its rows and numbers come all at once."""

    kind = models.CharField(_("比对"), max_length=14, choices=ComparisonKind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    # {"lists": keys of the chosen lists, "month": a period's code}
    inputs = models.JSONField(_("比对的名单"), default=dict)
    on = models.DateField(_("比对日期"))
    counts = models.JSONField(_("结果"), default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁比的")
    )
    asked_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("比完时间"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("比对")
        verbose_name_plural = _("比对")

    def __str__(self):
        return f"{_('比对')} {self.pk}"

    def get_absolute_url(self):
        return reverse("dropout:comparison-detail", args=[self.pk])


class PairQuerySet(ScopedQuerySet):
    unit_lookup = "comparison__unit"

    def of_comparison(self, comparison):
        return self.filter(comparison=comparison)

    def to_decide(self):
        """Pairs that only a person can decide, the likeliest first."""
        return self.filter(outcome=Pair.Outcome.SUGGESTED).order_by("-strength", "pk")

    def found(self):
        return self.exclude(outcome=Pair.Outcome.SUGGESTED).order_by("outcome", "pk")

    def to_open(self):
        """Children who may be out of school and for whom nobody has opened a case from here."""
        return self.filter(outcome__in=Pair.SUSPECTS, episode=None)

    def for_page(self):
        return self.select_related(
            "entry__list",
            "entry__township",
            "line__school",
            "member__list",
            "student__residence",
            "episode__case",
        )


class Pair(models.Model):
    """What a run has found: two records that may be one child, or a child who is missing somewhere.

    The listed side is an entry, a line of a return or a member; `student` is ours.
    """

    class Outcome(models.TextChoices):
        SUGGESTED = "SUGGESTED", _("可能是同一人")
        MISSING = "MISSING", _("学籍中没有此人")
        NOT_ENROLLED = "NOT_ENROLLED", _("有记录，不在读")
        ABSENT = "ABSENT", _("名在人不在")
        UNTOLD = "UNTOLD", _("月报中没有此人")
        POVERTY = "POVERTY", _("在部门名单上")

    SUSPECTS = ("MISSING", "NOT_ENROLLED", "ABSENT")

    comparison = models.ForeignKey(
        Comparison, models.PROTECT, related_name="pairs", verbose_name=_("比对")
    )
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome.choices)
    entry = models.ForeignKey(SchoolAgeEntry, models.SET_NULL, null=True, related_name="+")
    line = models.ForeignKey(AttendanceLine, models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    student = models.ForeignKey(
        Student, models.SET_NULL, null=True, related_name="+", verbose_name=_("学生")
    )
    episode = models.ForeignKey(
        Episode, models.SET_NULL, null=True, related_name="+", verbose_name=_("个案")
    )
    # Of a suggestion: how it explains itself, and the keys under which it is decided
    ground = models.CharField(_("依据"), max_length=20, choices=Ground.choices, blank=True)
    parts = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    strength = models.SmallIntegerField(default=0)
    first = models.UUIDField(null=True, editable=False)
    second = models.UUIDField(null=True, editable=False)

    objects = PairQuerySet.as_manager()

    class Meta:
        verbose_name = _("比对结果")
        verbose_name_plural = _("比对结果")
        constraints = [
            models.CheckConstraint(
                condition=Q(first=None, second=None) | Q(first__isnull=False, second__isnull=False),
                name="dropout_pair_has_both_keys",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="SUGGESTED") | ~Q(ground=""),
                name="dropout_suggestion_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["comparison", "outcome"], name="dropout_pair_outcome"),
        ]

    def __str__(self):
        return f"{_('比对结果')} {self.pk}"

    def get_absolute_url(self):
        return self.comparison.get_absolute_url()

    @property
    def listed(self):
        return self.entry or self.line or self.member

    @property
    def notes_told(self) -> list[str]:
        return [str(Note(note).label) for note in self.notes]

    @property
    def parts_told(self) -> list[str]:
        """The parts that were compared, in words; how they compare stands in `parts`."""
        return [str(Part(part).label) for part, _how in self.parts]
