"""A child's case, and each spell out of school as an episode of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from dropout.models.codes import (
    ENDED,
    OUT_OF_SCHOOL,
    SENSITIVE_CAUSES,
    Cause,
    End,
    Kind,
    Source,
    State,
)
from registry import roles
from registry.models import Finding, Student, Unit, units_seen_by

# What a school may say of its children, of a case that belongs to another unit.
TOLD_BY_SCHOOLS = "dropout.record_visit"


def in_scope(user, permission: str, *, on: date, prefix: str = "") -> Q:
    """Which cases a person works with.

    One reads a case through its unit, its school or its township. Deeds belong to the unit; the
    school may tell of visits, attendance and watches.
    """
    seen = units_seen_by(user, permission, on=on)
    found = Q(**{f"{prefix}unit__in": seen})
    if roles.only_reads(permission) or permission == TOLD_BY_SCHOOLS:
        found |= Q(**{f"{prefix}school__in": seen})
    if roles.only_reads(permission):
        found |= Q(**{f"{prefix}township__in": seen})
    return found


class CaseScopedQuerySet(models.QuerySet):
    """Rows that belong to a case; `case_lookup` names the way there."""

    case_lookup = "case__"

    def visible_to(self, user, permission: str):
        return self.filter(in_scope(user, permission, on=clock.today(), prefix=self.case_lookup))


class CaseQuerySet(CaseScopedQuerySet):
    case_lookup = ""

    def visible_to(self, user, permission: str):
        return super().visible_to(user, permission).living()

    def living(self):
        """Not merged into another case of the same child."""
        return self.filter(merged_into=None)

    def of_student(self, student):
        return self.living().filter(student=student)

    def for_sheet(self):
        """What the page of one case needs of the child and the places."""
        return self.select_related(
            "student", "student__residence", "unit", "school", "township"
        ).prefetch_related(
            "student__identifiers", "student__guardians", "student__enrolments__school"
        )


class Case(models.Model):
    """One for each child; `version` grows with every deed on it or on its episodes.

    `unit` is the unit that reports education and answers for the child: a banner or a zone. The
    child's school and township stand beside it, so that they read what concerns them.
    """

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="dropout_cases", verbose_name=_("学生")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="dropout_cases", verbose_name=_("负责单位")
    )
    school = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("学校")
    )
    township = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("苏木镇")
    )
    opened_at = models.DateTimeField(_("立案时间"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("并入")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("控辍保学个案")
        verbose_name_plural = _("控辍保学个案")
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(merged_into=None), name="dropout_one_case_a_child"
            )
        ]

    def __str__(self):
        return f"{_('个案')} {self.pk}"  # never a name: titles and logs use this

    def get_absolute_url(self):
        return reverse("dropout:case-detail", args=[self.pk])

    @property
    def latest(self) -> "Episode | None":
        return self.episodes.order_by("-number").first()


class EpisodeQuerySet(CaseScopedQuerySet):
    def open(self):
        return self.filter(ended_on=None)

    def of_case(self, case):
        return self.filter(case=case)

    def of_cases(self, keys):
        return self.filter(case__in=keys)

    def of_living_cases(self):
        return self.filter(case__merged_into=None)

    def out_of_school(self):
        """Confirmed, and nowhere yet: what a banner must bring to none."""
        return self.filter(state__in=OUT_OF_SCHOOL)

    def of_state(self, states):
        return self.filter(state__in=states)

    def overdue(self, on: date):
        return self.open().filter(next_on__lt=on)

    def due_between(self, first: date, last: date):
        return self.open().filter(next_on__range=(first, last))

    def without_date(self):
        return self.open().filter(next_on=None)

    def looked_after_by(self, user):
        return self.filter(officer=user)

    def caused_by(self, cause: str):
        return self.filter(cause=cause)

    def relapses(self):
        return self.exclude(relapse_of=None)

    def confirmed_in(self, first: date, last: date):
        return self.filter(confirmed_on__range=(first, last))

    def confirmed_by(self, on: date):
        return self.filter(confirmed_on__lte=on)

    def not_ended_on(self, on: date):
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on))

    def for_list(self):
        return self.select_related(
            "case", "case__student", "case__unit", "case__school", "case__township", "officer"
        ).order_by(F("next_on").asc(nulls_last=True), "pk")


class Episode(models.Model):
    """One spell out of school, from the first suspicion to its end.

    `state`, `state_since` and `next_on` are derived, and written by
    `dropout.services.states.refresh_state` only. `planned_on` is the day a person has set.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="episodes", verbose_name=_("个案"))
    number = models.PositiveSmallIntegerField(_("第几次"), default=1)
    relapse_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("接哪一次（反弹）")
    )
    # How it was found
    source = models.CharField(_("线索来源"), max_length=16, choices=Source.choices)
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("线索")
    )
    found_on = models.DateField(_("发现日期"))
    absent_since = models.DateField(_("未到校起始日期"), null=True, blank=True)
    verifying_on = models.DateField(_("开始核实日期"), null=True, blank=True)
    # What was confirmed
    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices, blank=True)
    confirmed_on = models.DateField(_("确认日期"), null=True, blank=True)
    left_on = models.DateField(_("辍学时间"), null=True, blank=True)
    cause = models.CharField(_("原因"), max_length=12, choices=Cause.choices, blank=True)
    guarded_cause = EncryptedField(
        _("原因（另行记载）"), purpose="dropout.cause", null=True, blank=True
    )
    cause_detail = EncryptedField(_("原因说明"), purpose="dropout.cause", blank=True)
    # Who works on it, and when again
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    planned_on = models.DateField(_("下次安排"), null=True, blank=True)
    # How it ended
    ended_on = models.DateField(_("了结日期"), null=True, blank=True)
    end = models.CharField(_("怎样了结"), max_length=12, choices=End.choices, blank=True)
    # Derived
    state = models.CharField(
        _("状态"), max_length=12, choices=State.choices, default=State.SUSPECTED, editable=False
    )
    state_since = models.DateField(_("状态始于"), editable=False)
    next_on = models.DateField(_("下次日期"), null=True, editable=False)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("失学期")
        verbose_name_plural = _("失学期")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on=None), name="dropout_one_open_episode"
            ),
            models.UniqueConstraint(fields=["case", "number"], name="dropout_episode_number_once"),
            models.CheckConstraint(
                condition=Q(ended_on=None, end="") | Q(ended_on__isnull=False) & ~Q(end=""),
                name="dropout_ended_means_how",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None, kind="", cause="")
                | Q(confirmed_on__isnull=False) & ~Q(kind="") & ~Q(cause=""),
                name="dropout_confirmed_means_what_and_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("found_on")),
                name="dropout_ends_after_found",
            ),
            models.CheckConstraint(
                condition=Q(verifying_on=None) | Q(verifying_on__gte=F("found_on")),
                name="dropout_verified_after_found",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(confirmed_on__gte=F("found_on")),
                name="dropout_confirmed_after_found",
            ),
            models.CheckConstraint(
                condition=Q(absent_since=None) | Q(absent_since__lte=F("found_on")),
                name="dropout_absent_before_found",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None)
                | Q(confirmed_on__isnull=False, left_on__lte=F("confirmed_on")),
                name="dropout_left_before_confirmed",
            ),
            # Belief and health never stand in the open column.
            models.CheckConstraint(
                condition=~Q(cause__in=sorted(SENSITIVE_CAUSES)),
                name="dropout_sensitive_cause_is_guarded",
            ),
            models.CheckConstraint(
                condition=Q(cause="GUARDED", guarded_cause__isnull=False)
                | ~Q(cause="GUARDED") & Q(guarded_cause__isnull=True),
                name="dropout_guarded_means_a_cause_beside",
            ),
            # A child can die or move away after it was confirmed; nobody is closed without it.
            models.CheckConstraint(
                condition=Q(end__in=["", "RULED_OUT"]) | Q(confirmed_on__isnull=False),
                name="dropout_end_fits_what_was_confirmed",
            ),
            # What is ended stands in a state of the end, and nothing else does.
            models.CheckConstraint(
                condition=Q(ended_on=None) & ~Q(state__in=ENDED)
                | Q(ended_on__isnull=False, state=F("end")),
                name="dropout_state_says_the_end",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_on"], name="dropout_episode_due"),
            models.Index(fields=["found_on"], name="dropout_episode_found"),
            models.Index(fields=["confirmed_on"], name="dropout_episode_confirmed"),
            models.Index(fields=["officer", "ended_on"], name="dropout_episode_officer"),
        ]

    def __str__(self):
        return f"{self.case} · {self.number}"

    def get_absolute_url(self):
        return self.case.get_absolute_url()

    @property
    def is_open(self) -> bool:
        return self.ended_on is None

    @property
    def is_relapse(self) -> bool:
        return self.relapse_of_id is not None

    def cause_told(self, *, sensitive: bool) -> str:
        """The cause in words; a guarded one only to who may see what is sensitive."""
        if self.guarded_cause and sensitive:
            return str(Cause(self.guarded_cause).label)
        return self.get_cause_display()
