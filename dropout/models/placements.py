"""Where a child was brought to learn, and what proves it."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedField
from dropout.models.cases import CaseScopedQuerySet, Episode
from dropout.models.codes import APPROVED, AT_SCHOOL, PlacementKind
from dropout.models.corrections import Recorded
from dropout.models.steps import RecordedQuerySet
from registry.models import Dated, Grade, Unit, in_force, schools_counting
from registry.models.children import Sourced


class PlacementQuerySet(RecordedQuerySet):
    def in_place(self):
        """Neither withdrawn nor replaced: at most one of an episode."""
        return self.standing().filter(ended_on=None)

    def holding(self, on: date):
        """Those in place whose approval, if they rest on one, has not run out."""
        return self.in_place().filter(Q(ends_on=None) | Q(ends_on__gte=on))

    def run_out(self, on: date):
        """An approved delay or suspension whose last day is over."""
        return self.in_place().filter(ends_on__lt=on)

    def for_page(self):
        return self.select_related("school", "recorded_by").order_by("-began_on", "-pk")


class Placement(Recorded):
    """The child learns again, or need not for now. Each kind demands its own proof.

    At school: grade, class, and attendance confirmed some weeks later. At home: a plan and lessons.
    Put off with approval: authority, document and last day.
    """

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="placements", verbose_name=_("失学期")
    )
    kind = models.CharField(_("安置方式"), max_length=16, choices=PlacementKind.choices)
    began_on = models.DateField(_("安置日期"))
    ended_on = models.DateField(_("改变安置的日期"), null=True, blank=True)
    school = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("就读学校")
    )
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices, blank=True)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    attended_on = models.DateField(_("核实在校日期"), null=True, blank=True)
    attended_note = models.CharField(_("核实情况"), max_length=200, blank=True)
    authority = models.CharField(_("批准机关"), max_length=80, blank=True)
    document_number = models.CharField(_("批准文号"), max_length=60, blank=True)
    ends_on = models.DateField(_("批准期满日"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("安置")
        verbose_name_plural = _("安置")
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(withdrawn_at=None, ended_on=None),
                name="dropout_one_placement_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=AT_SCHOOL)
                | Q(school__isnull=False) & ~Q(grade="") & ~Q(class_name=""),
                name="dropout_at_school_means_class",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=APPROVED)
                | Q(ends_on__gt=F("began_on")) & ~Q(authority="") & ~Q(document_number=""),
                name="dropout_approved_means_document",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(kind__in=APPROVED),
                name="dropout_only_approvals_run_out",
            ),
            models.CheckConstraint(
                condition=Q(attended_on=None)
                | Q(kind__in=AT_SCHOOL, attended_on__gte=F("began_on")),
                name="dropout_attended_after_begun",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="dropout_placement_from_before_to",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_at_school(self) -> bool:
        return self.kind in AT_SCHOOL

    @property
    def is_at_home(self) -> bool:
        return self.kind == PlacementKind.HOME

    @property
    def rests_on_approval(self) -> bool:
        return self.kind in APPROVED


class PlacementPartQuerySet(CaseScopedQuerySet):
    case_lookup = "placement__episode__case__"

    def of_placement(self, placement):
        return self.filter(placement=placement)


class HomePlanQuerySet(PlacementPartQuerySet):
    def in_force(self, on: date):
        return self.filter(in_force(on))


class HomePlan(Dated):
    """How often a child is taught at home, from a day on; a new plan ends the one before.

    What a committee found about the child's health is private: encrypted, and shown to few.
    """

    placement = models.ForeignKey(
        Placement, models.PROTECT, related_name="plans", verbose_name=_("安置")
    )
    lessons_a_month = models.PositiveSmallIntegerField(_("每月次数"))
    minutes = models.PositiveSmallIntegerField(_("每次分钟"))
    content = models.CharField(_("内容安排"), max_length=300, blank=True)
    assessed_on = models.DateField(_("专家委员会评估日期"), null=True, blank=True)
    disability = EncryptedField(_("残疾类别和等级"), purpose="dropout.health", blank=True)

    objects = HomePlanQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("送教计划")
        verbose_name_plural = _("送教计划")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(lessons_a_month__gte=1, minutes__gte=1),
                name="dropout_home_plan_plans_something",
            ),
            models.UniqueConstraint(
                fields=["placement"], condition=Q(valid_to=None), name="dropout_one_plan_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{_('送教计划')} {self.pk}"


class HomeLessonQuerySet(PlacementPartQuerySet):
    def standing(self):
        return self.filter(withdrawn_at=None)

    def between(self, first: date, last: date):
        return self.filter(on__range=(first, last))

    def counted_in(self, units, on: date):
        """Of cases that count in one of the units, as figures and lists of them agree."""
        below = schools_counting(on).filter(ancestor__in=units)
        return self.filter(placement__episode__case__unit__in=below.values("descendant"))

    def for_list(self):
        return self.select_related(
            "placement__episode__case__student", "placement__episode__case__unit"
        ).order_by("-on", "-pk")


class HomeLesson(Recorded, Sourced):
    """One visit of teachers at a child's home, with its minutes."""

    placement = models.ForeignKey(
        Placement, models.PROTECT, related_name="lessons", verbose_name=_("安置")
    )
    on = models.DateField(_("送教日期"))
    teacher = models.CharField(_("教师"), max_length=60)
    minutes = models.PositiveSmallIntegerField(_("分钟"))
    content = models.CharField(_("内容"), max_length=300, blank=True)
    guardian_signed = models.BooleanField(_("监护人签字"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HomeLessonQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = False
        verbose_name = _("送教记录")
        verbose_name_plural = _("送教记录")
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(condition=Q(minutes__gte=1), name="dropout_home_lesson_lasts"),
            models.UniqueConstraint(
                fields=["placement", "on", "teacher"],
                condition=Q(withdrawn_at=None),
                name="dropout_home_lesson_once",
            ),
        ]
        indexes = [models.Index(fields=["on"], name="dropout_home_lesson_on")]

    def __str__(self):
        return f"{_('送教')} {self.on:%Y-%m-%d}"
