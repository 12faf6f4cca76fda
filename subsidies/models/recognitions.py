"""Who is recognised as in need, at which level, and how it came to that.

Application, the school's group, a notice with names, classes and levels, then filed. What was known
on the day of the decision is kept with it and never follows later facts.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.periods import Period
from registry.models import Category, Grade, Identifier, ScopedQuerySet, Student, Unit
from registry.models.children import Sourced
from subsidies.models.programmes import Level


class NoticeRunQuerySet(ScopedQuerySet):
    def up(self, on: date):
        """Those that hang on a day; past its last day a notice is down by itself."""
        return self.filter(taken_down_at=None, starts_on__lte=on, ends_on__gte=on)

    def to_file(self, on: date):
        """Those that have hung to the last day, with somebody on them who is not filed yet."""
        noticed = Recognition.objects.filter(notice=OuterRef("pk"), state=Recognition.State.NOTICED)
        return self.filter(Exists(noticed), taken_down_at=None, ends_on__lt=on)

    def ran_out(self, on: date):
        return self.filter(taken_down_at=None, ends_on__lt=on)

    def taken_down(self):
        return self.exclude(taken_down_at=None)

    def for_list(self):
        """With how many stand on it."""
        rows = self.select_related("unit", "made_by", "filed_by")
        return rows.annotate(told=Count("recognitions")).order_by("-starts_on", "-pk")


class NoticeRun(models.Model):
    """A school's notice of whom its group finds in need: name, class and level, from a day to a day."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="notice_runs", verbose_name=_("学校")
    )
    term = models.CharField(_("学年学期"), max_length=10)
    starts_on = models.DateField(_("公示开始"))
    ends_on = models.DateField(_("公示截止"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发布人")
    )
    made_at = models.DateTimeField(_("发布时间"))
    taken_down_at = models.DateTimeField(_("提前撤下时间"), null=True, blank=True)
    taken_down_why = models.CharField(_("撤下原因"), max_length=200, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("备案人"),
    )
    filed_at = models.DateTimeField(_("备案时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = NoticeRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("认定公示")
        verbose_name_plural = _("认定公示")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="notice_run_from_before_to"
            ),
            models.CheckConstraint(
                condition=Q(taken_down_at=None, taken_down_why="")
                | Q(taken_down_at__isnull=False) & ~Q(taken_down_why=""),
                name="notice_run_down_means_why",
            ),
            models.CheckConstraint(
                condition=Q(filed_by=None, filed_at=None)
                | Q(filed_by__isnull=False, filed_at__isnull=False) & ~Q(filed_by=F("made_by")),
                name="notice_run_filed_by_another",
            ),
        ]

    def __str__(self):
        return f"{_('认定公示')} {self.pk}"

    def get_absolute_url(self):
        return reverse("subsidies:notice-detail", args=[self.pk])

    @property
    def term_label(self) -> str:
        return Period.parse(self.term).label

    def is_up(self, on: date) -> bool:
        return self.taken_down_at is None and self.starts_on <= on <= self.ends_on

    def has_run(self, on: date) -> bool:
        """It hung to its last day, so what it tells may be filed."""
        return self.taken_down_at is None and on > self.ends_on


class RecognitionQuerySet(ScopedQuerySet):
    def standing(self):
        """Under way or in force: one for a child and term at most."""
        return self.exclude(state__in=Recognition.OVER)

    def under_way(self):
        """Not yet filed, and not given up."""
        state = Recognition.State
        return self.filter(state__in=(state.APPLIED, state.AGREED, state.NOTICED))

    def over(self):
        return self.filter(state__in=Recognition.OVER)

    def filed(self):
        return self.filter(state=Recognition.State.FILED)

    def without_award(self):
        """Filed, and nothing follows: boarding is not told, or no confirmed standard fits."""
        return self.filed().filter(awards=None)

    def of_term(self, term: str):
        return self.filter(term=term)

    def of_student(self, student):
        return self.filter(student=student)

    def to_notice(self, unit, term: str):
        """What a school's group has agreed on and no notice has told yet."""
        return self.filter(unit=unit, term=term, state=Recognition.State.AGREED)

    def schools_to_notice(self):
        """Which schools have somebody agreed on whom no notice has told, of which term, how many."""
        agreed = self.filter(state=Recognition.State.AGREED).order_by("-term", "unit__sort_key")
        return agreed.values("unit", "unit__name", "term").annotate(count=Count("pk"))

    def decided(self):
        return self.exclude(level="")

    def on_notice(self, notice):
        return self.filter(notice=notice)

    def told_now(self):
        return self.filter(state=Recognition.State.NOTICED)

    def told_to_the_end(self):
        """Without those who were taken off while the notice hung."""
        state = Recognition.State
        return self.exclude(state__in=(state.REFUSED, state.WITHDRAWN))

    def for_list(self):
        return self.select_related("student", "unit", "notice").order_by(
            "-term", "unit__sort_key", "grade", "class_name", "pk"
        )

    def with_papers(self):
        """And by which number each child is known, in one statement more."""
        papers = Identifier.objects.current().order_by("kind", "pk")
        return self.prefetch_related(
            Prefetch("student__identifiers", papers, to_attr="current_identifiers")
        )


class Recognition(Sourced):
    """One child's recognition in one term. `unit` is the school that recognises.

    `grade`, `class_name`, `boards` and `facts` (the lists that named the child or its guardians) are
    those of the day of the decision.
    """

    class State(models.TextChoices):
        APPLIED = "APPLIED", _("已申请")
        AGREED = "AGREED", _("学校已认定")
        NOTICED = "NOTICED", _("公示中")
        FILED = "FILED", _("已备案")
        REFUSED = "REFUSED", _("未通过")
        WITHDRAWN = "WITHDRAWN", _("已撤回")
        ADJUSTED = "ADJUSTED", _("已调整")
        ENDED = "ENDED", _("已取消")

    OVER = (State.REFUSED, State.WITHDRAWN, State.ADJUSTED, State.ENDED)

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="recognitions", verbose_name=_("学生")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="recognitions", verbose_name=_("学校")
    )
    term = models.CharField(_("学年学期"), max_length=10)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.APPLIED, db_index=True
    )
    level = models.CharField(_("困难等级"), max_length=1, choices=Level.choices, blank=True)
    group = models.CharField(_("特殊群体类别"), max_length=20, choices=Category.choices, blank=True)
    applied_on = models.DateField(_("申请日期"), null=True, blank=True)
    has_promise = models.BooleanField(_("监护人书面承诺"), default=False)
    recognised_on = models.DateField(_("认定日期"), null=True, blank=True)
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices, blank=True)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    boards = models.BooleanField(_("是否寄宿"), null=True, blank=True)
    facts = models.JSONField(_("认定时的依据"), default=dict, blank=True, editable=False)
    notice = models.ForeignKey(
        NoticeRun,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recognitions",
        verbose_name=_("公示"),
    )
    filed_at = models.DateTimeField(_("备案时间"), null=True, blank=True)
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)
    adjusts = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjusted_by",
        verbose_name=_("调整哪一次认定"),
    )
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("困难认定")
        verbose_name_plural = _("困难认定")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "term"],
                condition=~Q(state__in=["REFUSED", "WITHDRAWN", "ADJUSTED", "ENDED"]),
                name="recognised_once_a_term",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["APPLIED", "REFUSED", "WITHDRAWN"])
                | ~Q(level="") & Q(recognised_on__isnull=False),
                name="recognition_decided_means_level",
            ),
            models.CheckConstraint(
                condition=~Q(state="FILED") | Q(filed_at__isnull=False),
                name="recognition_filed_means_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ADJUSTED", "ENDED"])
                | Q(ended_on__isnull=False) & ~Q(reason=""),
                name="recognition_ended_means_why",
            ),
        ]
        indexes = [models.Index(fields=["term", "unit", "state"], name="recognition_by_school")]

    def __str__(self):
        return f"{_('困难认定')} {self.pk}"  # never a name: titles and logs use this

    def get_absolute_url(self):
        return reverse("subsidies:recognition-detail", args=[self.pk])

    @property
    def term_label(self) -> str:
        return Period.parse(self.term).label

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER


class RecognitionDeedQuerySet(models.QuerySet):
    def for_page(self):
        return self.select_related("by").order_by("-on", "-at", "-pk")


class RecognitionDeed(models.Model):
    """One step of a recognition: what was done, for which day, by whom. Sheets leave none: the row
    tells which sheet it came from."""

    class Kind(models.TextChoices):
        APPLIED = "APPLIED", _("登记申请")
        AGREED = "AGREED", _("学校认定")
        NOTICED = "NOTICED", _("公示")
        TAKEN_DOWN = "TAKEN_DOWN", _("公示提前撤下")
        FILED = "FILED", _("备案")
        REFUSED = "REFUSED", _("认定未通过")
        WITHDRAWN = "WITHDRAWN", _("撤回")
        ADJUSTED = "ADJUSTED", _("调整")
        ENDED = "ENDED", _("取消")

    recognition = models.ForeignKey(
        Recognition, models.PROTECT, related_name="deeds", verbose_name=_("困难认定")
    )
    kind = models.CharField(_("做了什么"), max_length=10, choices=Kind.choices)
    on = models.DateField(_("日期"))
    level = models.CharField(_("困难等级"), max_length=1, choices=Level.choices, blank=True)
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("登记时间"))

    objects = RecognitionDeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("认定经过")
        verbose_name_plural = _("认定经过")

    def __str__(self):
        return f"{_('认定经过')} {self.pk}"
