"""Accounts, the log of deeds, background jobs, settings, files and the in-portal inbox."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AppendOnly(Exception):
    """History is never rewritten."""


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. What it may see and do comes from postings in force; there is no superuser."""

    class TextSize(models.TextChoices):
        NORMAL = "", _("标准字")
        LARGE = "large", _("大字")

    class Density(models.TextChoices):
        DENSE = "dense", _("紧凑")
        STANDARD = "", _("标准")
        LOOSE = "loose", _("宽松")

    username = models.CharField(
        _("用户名"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("已有同名账号，请换一个。")},
    )
    name = models.CharField(_("姓名"), max_length=50)
    phone = models.CharField(_("办公电话"), max_length=30, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(_("下次登录须改密码"), default=False)
    language = models.CharField(_("界面语言"), max_length=10, blank=True)
    text_size = models.CharField(_("字号"), max_length=10, blank=True, choices=TextSize.choices)
    density = models.CharField(_("表格行距"), max_length=10, blank=True, choices=Density.choices)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    is_superuser = False

    objects = UserManager()

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self):
        return self.name

    def has_perm(self, perm, obj=None):
        return self.is_active and any(
            backend.has_perm(self, perm, obj)
            for backend in get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_perms(self, perms, obj=None):
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label):
        return self.is_active and any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )

    @property
    def is_staff(self):
        """May open the reference pages under /admin/."""
        return self.has_perm("common.open_admin")


class EventQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise AppendOnly("events are never changed")

    def delete(self):
        raise AppendOnly("events are never deleted")

    def for_list(self):
        return self.order_by("-at", "-pk")

    def of_request(self, event):
        """What happened in the same request, in order."""
        return self.filter(
            request_id=event.request_id,
            at__gte=event.at - timedelta(minutes=10),
            at__lte=event.at + timedelta(minutes=10),
        ).order_by("pk")


class Event(models.Model):
    """One deed: who, when, from where, what, on what, before and after, success or refusal.

    No foreign keys, so that it never stands in the way of live data and outlives what it tells of.
    Before and after hold field names, codes and masks, never a personal value.
    """

    class Outcome(models.TextChoices):
        OK = "OK", _("完成")
        REFUSED = "REFUSED", _("被拒绝")

    at = models.DateTimeField(_("时间"), db_index=True)
    actor_id = models.BigIntegerField(_("账号编号"), null=True)
    actor = models.CharField(_("谁"), max_length=120, blank=True)
    address = models.CharField(_("来自"), max_length=45, blank=True)
    request_id = models.CharField(_("请求号"), max_length=16, blank=True)
    verb = models.CharField(_("做了什么"), max_length=80, db_index=True)
    subject_code = models.CharField(_("对象类别"), max_length=60, blank=True)
    subject_pk = models.CharField(_("对象编号"), max_length=40, blank=True)
    subject_title = models.CharField(_("对象"), max_length=200, blank=True)
    before = models.JSONField(_("之前"), null=True)
    after = models.JSONField(_("之后"), null=True)
    outcome = models.CharField(
        _("结果"), max_length=10, choices=Outcome.choices, default=Outcome.OK
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("日志")
        verbose_name_plural = _("日志")
        indexes = [
            models.Index(fields=["subject_code", "subject_pk"], name="event_subject"),
            models.Index(fields=["actor_id", "at"], name="event_actor"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise AppendOnly("events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly("events are never deleted")


class JobQuerySet(models.QuerySet):
    def of(self, user):
        return self.filter(asked_by=user)

    def for_list(self):
        return self.select_related("asked_by").order_by("-created_at", "-pk")


class Job(models.Model):
    """Work to be done outside a request. The row is the truth; the queue only rings for it."""

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("排队中")
        RUNNING = "RUNNING", _("正在办")
        DONE = "DONE", _("已办完")
        FAILED = "FAILED", _("没办成")
        CANCELLED = "CANCELLED", _("已取消")

    kind = models.CharField(_("类别"), max_length=80)
    arguments = models.JSONField(_("参数"), default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(_("已办"), default=0)
    total = models.PositiveIntegerField(_("共"), default=0)
    result = models.JSONField(_("结果"), default=dict)
    unique_key = models.CharField(_("去重键"), max_length=120, blank=True)
    run_after = models.DateTimeField(_("不早于"))
    heartbeat_at = models.DateTimeField(_("最近心跳"), null=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("最多次数"), default=3)
    token = models.CharField(_("令牌"), max_length=32, blank=True)
    fault = models.CharField(_("给人看的原因"), max_length=300, blank=True)
    traceback = models.TextField(_("给管理员看的经过"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("谁要的")
    )
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("办完时间"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台任务")
        verbose_name_plural = _("后台任务")
        indexes = [
            models.Index(fields=["state", "run_after"], name="job_due"),
            models.Index(fields=["asked_by", "created_at"], name="job_asked_by"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=Q(state="QUEUED") & ~Q(unique_key=""),
                name="job_queued_once",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self):
        return reverse("common:job-detail", args=[self.pk])


class Option(models.Model):
    """A setting that the bureau has changed. Defaults live where the option is declared."""

    code = models.CharField(_("设置"), max_length=80, unique=True)
    value = models.JSONField(_("值"))
    reason = models.CharField(_("依据"), max_length=200, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("谁改的")
    )
    changed_at = models.DateTimeField(_("改于"))

    class Meta:
        verbose_name = _("设置")
        verbose_name_plural = _("设置")

    def __str__(self):
        return self.code


class StoredFileQuerySet(models.QuerySet):
    def of(self, subject_code, subject_pk):
        return self.filter(
            subject_code=subject_code, subject_pk=str(subject_pk), removed_at=None
        ).order_by("uploaded_at", "pk")

    def of_several(self, subject_code, subject_pks):
        return self.filter(
            subject_code=subject_code,
            subject_pk__in=[str(pk) for pk in subject_pks],
            removed_at=None,
        ).order_by("uploaded_at", "pk")


class StoredFile(models.Model):
    """A file under FILES_ROOT by a random name; whoever may see its subject may fetch it."""

    key = models.CharField(_("存放名"), max_length=40, unique=True)
    name = models.CharField(_("文件名"), max_length=200)
    size = models.PositiveBigIntegerField(_("大小"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    content_type = models.CharField(_("类型"), max_length=100)
    purpose = models.CharField(_("用途"), max_length=40)
    subject_code = models.CharField(_("对象类别"), max_length=60)
    subject_pk = models.CharField(_("对象编号"), max_length=40)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("谁传的")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    removed_at = models.DateTimeField(_("移除时间"), null=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("文件")
        verbose_name_plural = _("文件")
        indexes = [models.Index(fields=["subject_code", "subject_pk"], name="file_subject")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("common:file", args=[self.key])


class InboxLineQuerySet(models.QuerySet):
    def of(self, user):
        return self.filter(user=user)

    def unread(self):
        return self.filter(read_at=None)

    def unread_first(self):
        was_read = models.ExpressionWrapper(
            Q(read_at__isnull=False), output_field=models.BooleanField()
        )
        return self.select_related("sent_by").order_by(was_read, "-sent_at", "-pk")


class InboxLine(models.Model):
    """One line in a person's inbox, about a subject."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="inbox", verbose_name=_("收件人")
    )
    text = models.CharField(_("内容"), max_length=300)
    subject_code = models.CharField(_("对象类别"), max_length=60, blank=True)
    subject_pk = models.CharField(_("对象编号"), max_length=40, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("发件人"),
    )
    sent_at = models.DateTimeField(_("发出时间"))
    read_at = models.DateTimeField(_("读过时间"), null=True)

    objects = InboxLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        indexes = [models.Index(fields=["user", "read_at", "sent_at"], name="inbox_of")]

    def __str__(self):
        return self.text


class ChangeSetQuerySet(models.QuerySet):
    def standing(self):
        """Not undone as a whole."""
        return self.filter(undone_at=None)

    def of(self, thing):
        """What was done for a subject (an upload, a child), the latest first."""
        return self.filter(subject_code=thing._meta.label_lower, subject_pk=str(thing.pk)).order_by(
            "-pk"
        )


class ChangeSet(models.Model):
    """One deed that wrote many rows and can be taken back: an import, a merge, a promotion."""

    code = models.CharField(_("做了什么"), max_length=60)
    title = models.CharField(_("说明"), max_length=200, blank=True)
    subject_code = models.CharField(_("对象类别"), max_length=60, blank=True)
    subject_pk = models.CharField(_("对象编号"), max_length=40, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁办的")
    )
    at = models.DateTimeField(_("时间"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁撤销的"),
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True)

    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("成批变更")
        verbose_name_plural = _("成批变更")
        indexes = [models.Index(fields=["subject_code", "subject_pk"], name="changeset_subject")]

    def __str__(self):
        return f"{self.code} {self.pk}"


class RowChange(models.Model):
    """What a change set did to one record: a root row and its parts. Kept for good.

    `parts` lists `[table, pk, "I"]` for a row it inserted, `[table, pk, "U", {column: before}]` for
    one it changed and `[table, pk, "D", {column: before}]` for one it removed; ciphertext stands
    there as it was stored, never in clear.
    """

    class Verb(models.TextChoices):
        INSERTED = "I", _("新增")
        UPDATED = "U", _("变更")

    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="rows")
    root = models.CharField(_("表"), max_length=60)
    root_pk = models.BigIntegerField(_("编号"))
    verb = models.CharField(max_length=1, choices=Verb.choices)
    sheet = models.PositiveSmallIntegerField(_("工作表"), null=True)
    row = models.PositiveIntegerField(_("行"), null=True)
    parts = models.JSONField(default=list)
    undone_at = models.DateTimeField(_("撤销时间"), null=True)

    class Meta:
        verbose_name = _("变更")
        verbose_name_plural = _("变更")
        indexes = [models.Index(fields=["root", "root_pk"], name="rowchange_of")]

    def __str__(self):
        return f"{self.root} {self.root_pk}"


class Display(models.Model):
    """A big screen that shows the board without anybody signed in, until its code is taken back.

    Only a hash of the code is kept; it is shown once, to who made it.
    """

    name = models.CharField(_("放在哪里"), max_length=60)
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁开的")
    )
    made_at = models.DateTimeField(_("开通时间"))
    ended_at = models.DateTimeField(_("收回时间"), null=True)

    class Meta:
        verbose_name = _("大屏")
        verbose_name_plural = _("大屏")

    def __str__(self):
        return self.name
