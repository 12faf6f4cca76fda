"""Uploads: a workbook that somebody handed in, what was found in it, what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import ChangeSet, Job
from registry.models import Unit, units_seen_by


class UploadQuerySet(models.QuerySet):
    def visible_to(self, user, permission="intake.view_upload"):
        """One's own, and those of the units where one's postings let one look."""
        seen = units_seen_by(user, permission, on=clock.today())
        return self.filter(Q(by=user) | Q(unit__in=seen))

    def of(self, user):
        return self.filter(by=user)

    def same_bytes(self, upload):
        """Other uploads of the same file as the same kind, the latest last."""
        return self.filter(sha256=upload.sha256, kind=upload.kind).exclude(pk=upload.pk)

    def same_as(self, upload):
        """The same file, handed in once more by the same person for the same thing."""
        return (
            self.same_bytes(upload)
            .filter(
                by=upload.by, unit=upload.unit, period=upload.period, facts_given=upload.facts_given
            )
            .order_by("pk")
        )

    def past(self, *, originals_before=None, previews_before=None):
        """Those whose kept bytes have had their time."""
        if originals_before:
            return self.filter(at__lt=originals_before).exclude(file_key="")
        return self.filter(checked_at__lt=previews_before).exclude(preview_key="")

    def waiting(self):
        """A person must do something with them: match headers, commit or discard."""
        return self.filter(state__in=("MAPPING", "CHECKED"))

    def committed_before(self, upload):
        """Commits that stand, of the same sheet for the same unit and period, the latest first."""
        return (
            self.filter(kind=upload.kind, unit=upload.unit, period=upload.period, state="COMMITTED")
            .exclude(pk=upload.pk)
            .order_by("-committed_at", "-pk")
        )

    def for_list(self):
        return self.select_related("unit", "by", "job").order_by("-at", "-pk")


class Upload(models.Model):
    """One workbook. The file and its preview are kept encrypted in the vault for their time."""

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("已收下")
        CHECKING = "CHECKING", _("正在查")
        MAPPING = "MAPPING", _("要对表头")
        CHECKED = "CHECKED", _("待提交")
        UNUSABLE = "UNUSABLE", _("用不了")
        COMMITTING = "COMMITTING", _("正在写入")
        COMMITTED = "COMMITTED", _("已提交")
        UNDONE = "UNDONE", _("已撤销")
        DISCARDED = "DISCARDED", _("已放弃")

    kind = models.SlugField(_("表种"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="uploads", verbose_name=_("单位"))
    period = models.CharField(_("期别"), max_length=10, blank=True)
    facts_given = models.JSONField(_("填的事实"), default=dict)  # {name: as typed}
    facts = models.JSONField(_("表上的事实"), default=dict)  # {name: as shown}, given or found
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", verbose_name=_("谁传的")
    )
    at = models.DateTimeField(_("上传时间"))
    name = models.CharField(_("文件名"), max_length=200)
    size = models.PositiveBigIntegerField(_("大小"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    format = models.CharField(_("格式"), max_length=8, blank=True)
    file_key = models.CharField(_("原件存放名"), max_length=40, blank=True)
    preview_key = models.CharField(_("预览存放名"), max_length=40, blank=True)
    marked_key = models.CharField(_("标红表存放名"), max_length=40, blank=True)
    marked_of = models.CharField(max_length=40, blank=True)  # the preview whose faults it marks
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.RECEIVED
    )
    fault = models.CharField(
        _("用不了的原因"), max_length=60, blank=True
    )  # a code of intake.faults
    fault_params = models.JSONField(default=dict)
    sheets = models.JSONField(_("工作表"), default=list)  # names, in the order of their numbers
    mapping = models.JSONField(
        _("表头对应"), default=dict
    )  # {header as written: column name or ""}
    answers = models.JSONField(_("回答"), default=dict)
    counts = models.JSONField(_("计数"), default=dict)  # the counts of the commands' JSON
    good_rows = models.BooleanField(_("只提交无误的行"), default=False)
    end_missing = models.BooleanField(_("结束表上没有的行"), default=False)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    checked_at = models.DateTimeField(_("查完时间"), null=True)
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁提交的"),
    )
    committed_at = models.DateTimeField(_("提交时间"), null=True)
    change_set = models.OneToOneField(
        ChangeSet, models.PROTECT, null=True, related_name="upload", verbose_name=_("成批变更")
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入批次")
        verbose_name_plural = _("导入批次")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=("COMMITTED", "UNDONE"))
                | Q(committed_at__isnull=False, committed_by__isnull=False),
                name="upload_committed_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "unit", "period"], name="upload_of"),
            models.Index(fields=["sha256", "kind"], name="upload_bytes"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self):
        return reverse("intake:upload-detail", args=[self.pk])

    def sheet_name(self, number: int | None) -> str:
        """The name of a sheet by its number, as rows of data know it."""
        return self.sheets[number - 1] if number and number <= len(self.sheets) else ""

    @property
    def is_under_way(self) -> bool:
        """It is to be checked or written, and is neither yet."""
        return self.state in (self.State.RECEIVED, self.State.CHECKING, self.State.COMMITTING)

    @property
    def has_stopped(self) -> bool:
        """Its job has failed or was cancelled half-way; a person may have it done again."""
        stopped = (Job.State.FAILED, Job.State.CANCELLED)
        return self.is_under_way and (self.job is None or self.job.state in stopped)

    @property
    def moves(self) -> bool:
        """A job works on it, or is about to; its pages ask again by themselves."""
        return self.is_under_way and not self.has_stopped


class HeaderMapping(models.Model):
    """A header that a person once matched to a column, remembered for the unit and kind."""

    kind = models.SlugField(_("表种"), max_length=60)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("单位"))
    header = models.CharField(_("表头"), max_length=120)  # in its normal form
    column = models.CharField(_("列"), max_length=60, blank=True)  # empty: not taken in
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("确认时间"))

    class Meta:
        verbose_name = _("记住的表头")
        verbose_name_plural = _("记住的表头")
        constraints = [
            models.UniqueConstraint(fields=["kind", "unit", "header"], name="header_matched_once")
        ]

    def __str__(self):
        return self.header
