"""What schools say each month of their children: there, or away since a day."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedField
from registry import identity
from registry.models import Enrolment, Grade, ScopedQuerySet, Student, Unit
from registry.models.children import Sourced

# Whoever is past these may leave school.
COMPULSORY = tuple(grade.value for grade in Grade if grade.value[0] in "12")


class OfMonthQuerySet(ScopedQuerySet):
    unit_lookup = "school"

    def of_month(self, month: str):
        return self.filter(month=month)

    def of_school(self, school):
        return self.filter(school=school)


class AttendanceReturn(models.Model):
    """That a school has said who was there in a month: it stands as long as there are lines of it."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("学校"))
    month = models.CharField(_("月份"), max_length=7)  # a period's code: 2025-09
    handed_in_at = models.DateTimeField(_("报送时间"))
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("报送人")
    )

    objects = OfMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("在校情况月报")
        verbose_name_plural = _("在校情况月报")
        constraints = [
            models.UniqueConstraint(fields=["school", "month"], name="dropout_return_once")
        ]

    def __str__(self):
        return f"{self.school} {self.month}"


class AttendanceLineQuerySet(OfMonthQuerySet):
    def absent(self):
        return self.filter(is_present=False)

    def away_before(self, day):
        """Away since that day or longer."""
        return self.absent().filter(absent_since__lte=day)

    def of_roll(self):
        """Of children who were on the school's roll of compulsory schooling at the month's end.

        A number alone is no proof: nobody brings another school's child under suspicion.
        """
        here = Enrolment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=OuterRef("month_end")),
            student=OuterRef("student"),
            school=OuterRef("school"),
            valid_from__lte=OuterRef("month_end"),
            grade__in=COMPULSORY,
        )
        return self.filter(Exists(here))

    def not_back_since(self):
        """Of whom no later month says that they are there."""
        back = AttendanceLine.objects.filter(
            id_number_index=OuterRef("id_number_index"),
            month__gt=OuterRef("month"),
            is_present=True,
        )
        return self.filter(~Exists(back))

    def for_list(self):
        return self.select_related("school", "student").order_by("grade", "class_name", "name")


class AttendanceLine(Sourced):
    """One child in a school's month: there, or away since a day."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("学校"))
    month = models.CharField(_("月份"), max_length=7)
    month_end = models.DateField(_("月末"))
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices, blank=True)
    class_name = models.CharField(_("班级"), max_length=40, blank=True)
    name = models.CharField(_("姓名"), max_length=60)
    id_number = EncryptedField(_("身份证号"), purpose=identity.NUMBER)
    id_number_index = models.UUIDField(editable=False, db_index=True)
    roll_number = EncryptedField(_("学籍号"), purpose=identity.NUMBER, blank=True)
    roll_number_index = models.UUIDField(null=True, editable=False)
    student = models.ForeignKey(
        Student, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("学生")
    )
    is_present = models.BooleanField(_("是否在校"))
    absent_since = models.DateField(_("未到校起始日期"), null=True, blank=True)
    cause = models.CharField(_("原因"), max_length=100, blank=True)
    whereabouts = models.CharField(_("去向"), max_length=100, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AttendanceLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("在校情况")
        verbose_name_plural = _("在校情况")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "month", "id_number_index"], name="dropout_attendance_once"
            ),
            models.CheckConstraint(
                condition=Q(is_present=True, absent_since=None)
                | Q(is_present=False, absent_since__isnull=False, absent_since__lte=F("month_end")),
                name="dropout_absent_means_since_when",
            ),
        ]
        indexes = [
            models.Index(fields=["month", "is_present"], name="dropout_attendance_absent"),
        ]

    def __str__(self):
        return f"{_('在校情况')} {self.pk}"

    @property
    def days_away(self) -> int:
        """Days away by the month's end, the first one counted; none of who is there."""
        return self.days_away_by(self.month_end)

    def days_away_by(self, day: date) -> int:
        """The same by an earlier day: of a month that is not over nobody knows the end."""
        last = min(self.month_end, day)
        return (last - self.absent_since).days + 1 if self.absent_since else 0
