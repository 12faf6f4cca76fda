"""A unit's progress report for a duty: draft, second person, review, approval, correction."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.models import Duty, ScopedQuerySet
from tasks_app.models.plan import Indicator, WorkItem
from tasks_app.models.values import ChangeReason, Measured


class ProgressReportQuerySet(ScopedQuerySet):
    unit_lookup = "duty__unit"

    def readable_by(self, user):
        """Reports in the person's scope; a draft only for those whose unit owes it."""
        mine = Duty.objects.owed_by(user, "tasks_app.fill_progressreport").values("pk")
        return self.visible_to(user, "tasks_app.view_progressreport").filter(
            ~Q(state=ProgressReport.State.DRAFT) | Q(duty__in=mine)
        )

    def filled_by(self, user):
        """Reports of the duties that the person's own units owe."""
        return self.filter(
            duty__in=Duty.objects.owed_by(user, "tasks_app.fill_progressreport").values("pk")
        )

    def open(self):
        """Still on its way: neither approved nor replaced."""
        return self.filter(state__in=ProgressReport.OPEN)

    def waiting_for_check(self):
        return self.filter(state=ProgressReport.State.CHECKING)

    def waiting_for_review(self):
        return self.filter(state=ProgressReport.State.SUBMITTED)

    def approved(self):
        return self.filter(state=ProgressReport.State.APPROVED)

    def not_by(self, user):
        """What this person may decide on: nobody approves what they submitted."""
        return self.exclude(submitted_by=user)

    def for_list(self):
        return self.select_related(
            "duty__unit", "work_item__plan", "submitted_by", "approved_by"
        ).order_by("-duty__period_end", "work_item__no", "duty__unit__sort_no", "-version")


class ProgressReport(models.Model):
    """One version of what a unit reports for a duty. Approved versions are frozen."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("草稿")
        CHECKING = "CHECKING", _("待本单位复核")
        SUBMITTED = "SUBMITTED", _("待盟局审核")
        RETURNED = "RETURNED", _("退回修改")
        APPROVED = "APPROVED", _("已通过")
        REPLACED = "REPLACED", _("已被更正替换")

    OPEN = (State.DRAFT, State.CHECKING, State.SUBMITTED, State.RETURNED)
    EDITABLE = (State.DRAFT, State.RETURNED)

    class SelfAssessment(models.TextChoices):
        ON_PLAN = "ON_PLAN", _("按计划")
        DIFFICULT = "DIFFICULT", _("有困难，能完成")
        NEEDS_HELP = "NEEDS_HELP", _("完不成，需要支持")

    duty = models.ForeignKey(
        Duty, models.PROTECT, related_name="progress_reports", verbose_name=_("填报任务")
    )
    work_item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="reports", verbose_name=_("重点任务")
    )
    version = models.PositiveSmallIntegerField(_("版次"), default=1)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DRAFT)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name=_("更正")
    )
    reason = models.CharField(
        _("更正原因"), max_length=14, choices=ChangeReason.choices, blank=True
    )
    reason_note = models.CharField(_("更正说明"), max_length=300, blank=True)

    # While it can be edited: what was typed, field by field, even where it is not yet a number.
    draft = models.JSONField(_("草稿内容"), default=dict)
    draft_version = models.PositiveIntegerField(_("草稿版本"), default=0)
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("最近修改人"),
    )
    draft_at = models.DateTimeField(_("最近修改"), null=True)

    # Once submitted: the words as they stand. Numbers are ReportValue rows.
    self_assessment = models.CharField(
        _("自评"), max_length=10, choices=SelfAssessment.choices, blank=True
    )
    done = models.TextField(_("做了什么"), blank=True)
    problems = models.TextField(_("存在问题"), blank=True)
    next_step = models.TextField(_("下一步"), blank=True)

    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("提交人"),
    )
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("复核人"),
    )
    checked_at = models.DateTimeField(_("复核时间"), null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("通过人"),
    )
    approved_at = models.DateTimeField(_("通过时间"), null=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("进展报告")
        verbose_name_plural = _("进展报告")
        constraints = [
            models.UniqueConstraint(fields=["duty", "version"], name="report_version_once"),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(state__in=("DRAFT", "CHECKING", "SUBMITTED", "RETURNED")),
                name="one_open_report",
            ),
            models.UniqueConstraint(
                fields=["duty"], condition=Q(state="APPROVED"), name="one_approved_report"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by")),
                name="report_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("submitted_by")),
                name="report_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="correction_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="report_waiting")]

    def __str__(self):
        return f"{self.work_item_id} {self.duty} v{self.version}"

    def get_absolute_url(self):
        return reverse("tasks_app:report-detail", args=[self.pk])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def is_decided(self) -> bool:
        return self.state in (self.State.APPROVED, self.State.REPLACED)

    def may_attach(self, user, purpose: str) -> bool:
        """Evidence while it can be edited; the signed scan also after approval."""
        if not ProgressReport.objects.filled_by(user).filter(pk=self.pk).exists():
            return False
        return self.is_editable or purpose == "signed"


def with_report_state(duties):
    """Duties with the state of their latest report: `report_state`, `report_pk`, `report_by`."""
    latest = ProgressReport.objects.filter(duty=OuterRef("pk")).order_by("-version")
    return duties.annotate(
        report_state=Coalesce(Subquery(latest.values("state")[:1]), Value("")),
        report_pk=Subquery(latest.values("pk")[:1]),
        report_by=Subquery(latest.values("submitted_by__name")[:1]),
        task_no=Subquery(WorkItem.objects.filter(duty_code=OuterRef("code")).values("no")[:1]),
        task_title=Subquery(
            WorkItem.objects.filter(duty_code=OuterRef("code")).values("title_zh")[:1]
        ),
        task_title_en=Subquery(
            WorkItem.objects.filter(duty_code=OuterRef("code")).values("title_en")[:1]
        ),
    ).select_related("unit")


class DraftRevision(models.Model):
    """A saved state of a draft: what a second writer's edit is compared with."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(_("版本"))
    data = models.JSONField(_("内容"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("草稿版本")
        verbose_name_plural = _("草稿版本")
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="draft_revision_once")
        ]

    def __str__(self):
        return f"{self.report_id} v{self.version}"


class ReportValue(Measured):
    """One indicator's number in a submitted report, with the answers to its warnings."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    computed = models.BooleanField(_("平台计算"), default=False)
    source = models.CharField(_("来源"), max_length=200, blank=True)
    warnings = models.JSONField(_("提示与答复"), default=list)

    class Meta:
        verbose_name = _("报告的数")
        verbose_name_plural = _("报告的数")
        constraints = [
            *Measured.Meta.constraints,
            models.UniqueConstraint(fields=["report", "indicator"], name="report_value_once"),
        ]

    def __str__(self):
        return f"{self.report_id} {self.indicator_id}"


class Review(models.Model):
    """What a second person or the league decided on a report, with notes at its fields."""

    class Verdict(models.TextChoices):
        CHECKED = "CHECKED", _("本单位复核通过")
        RETURNED = "RETURNED", _("退回")
        APPROVED = "APPROVED", _("通过")

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="reviews")
    verdict = models.CharField(_("结论"), max_length=10, choices=Verdict.choices)
    note = models.CharField(_("意见"), max_length=500, blank=True)
    field_notes = models.JSONField(_("逐项意见"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审核人")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("审核")
        verbose_name_plural = _("审核")

    def __str__(self):
        return f"{self.report_id} {self.verdict}"
