"""Children: who they are, by which numbers they are known, where they go to school.

A child has no school of its own: enrolments do. Numbers, phones and addresses are encrypted;
beside each stands its blind index, for exact match and for comparing without decrypting.
"""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from registry import identity
from registry.models.codes import Ethnicity, Grade, IdKind, Relation, Sex
from registry.models.places import Dated, ScopedQuerySet, Unit, in_force, units_seen_by


class Sourced(models.Model):
    """The sheet that last wrote a row: from any row, one click to the cell it came from.

    Numbers and no foreign key: uploads stand above the registry.
    """

    source_upload = models.BigIntegerField(_("导入批次"), null=True, editable=False)
    source_sheet = models.PositiveSmallIntegerField(_("工作表"), null=True, editable=False)
    source_row = models.PositiveIntegerField(_("行"), null=True, editable=False)

    class Meta:
        abstract = True


class StudentQuerySet(ScopedQuerySet):
    def visible_to(self, user, permission: str):
        """Children read through an open enrolment's school or the unit where they live.

        Deeds belong to one unit: that of the enrolment that counts, the residence where none is open.
        """
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        open_here = Enrolment.objects.open(today).filter(student=OuterRef("pk"), school__in=seen)
        return self.filter(Exists(open_here) | Q(residence__in=seen), merged_into=None)

    def living(self):
        """Not merged into another record of the same child."""
        return self.filter(merged_into=None)

    def known_by(self, index, *kinds):
        """The child to whom a number belongs now, by its blind index."""
        found = Identifier.objects.current().filter(student=OuterRef("pk"), value_index=index)
        return self.filter(Exists(found.filter(kind__in=kinds) if kinds else found))


class Student(Sourced):
    """A child. `version` grows with every write to the child or its parts, and is never set back."""

    name = models.CharField(_("姓名"), max_length=60)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=2, choices=Ethnicity.choices, blank=True)
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    residence = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="residents",
        verbose_name=_("居住地"),
    )
    registered_address = EncryptedField(
        _("户籍所在地"), purpose="student.registered_address", blank=True
    )
    registered_address_index = models.UUIDField(null=True, editable=False)
    home_address = EncryptedField(_("现住址"), purpose="student.home_address", blank=True)
    home_address_index = models.UUIDField(null=True, editable=False)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("并入")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = _("学生")
        verbose_name_plural = _("学生")
        indexes = [models.Index(fields=["name", "born_on"], name="student_name")]

    def __str__(self):
        return f"{_('学生')} {self.pk}"  # never a name: titles and logs use this

    def get_absolute_url(self):
        return reverse("registry:student-detail", args=[self.pk])


class IdentifierQuerySet(models.QuerySet):
    def current(self):
        return self.filter(valid_to=None)


class Identifier(Dated, Sourced):
    """A number by which a child is known, from a day to a day; a corrected one stays, ended."""

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="identifiers", verbose_name=_("学生")
    )
    kind = models.CharField(_("证件类型"), max_length=4, choices=IdKind.choices)
    value = EncryptedField(_("号码"), purpose=identity.NUMBER)
    value_index = models.UUIDField(editable=False)

    objects = IdentifierQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("证件")
        verbose_name_plural = _("证件")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["value_index", "kind"],
                condition=Q(valid_to=None),
                name="identifier_current_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


class Guardian(Sourced):
    """Somebody who answers for a child; the first one stands in the sheets."""

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="guardians", verbose_name=_("学生")
    )
    position = models.PositiveSmallIntegerField(_("第几监护人"), default=1)
    name = models.CharField(_("监护人"), max_length=60, blank=True)
    relation = models.CharField(
        _("与学生关系"), max_length=12, choices=Relation.choices, blank=True
    )
    phone = EncryptedField(_("监护人电话"), purpose=identity.PHONE, blank=True)
    phone_index = models.UUIDField(null=True, editable=False)
    id_number = EncryptedField(_("监护人身份证号"), purpose=identity.NUMBER, blank=True)
    id_number_index = models.UUIDField(null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("监护人")
        verbose_name_plural = _("监护人")
        constraints = [
            models.UniqueConstraint(fields=["student", "position"], name="guardian_position_once")
        ]

    def __str__(self):
        return f"{_('监护人')} {self.pk}"


class EnrolmentQuerySet(ScopedQuerySet):
    unit_lookup = "school"

    def open(self, on: date):
        """Enrolments in force on a day, and those that begin later and have no end."""
        return self.filter(in_force(on) | Q(valid_to=None))

    def in_force(self, on: date):
        return self.filter(in_force(on))


class Enrolment(Dated, Sourced):
    """A child goes to a school, in a grade and class, from a day to a day."""

    class End(models.TextChoices):
        MOVED_UP = "MOVED_UP", _("升级")
        GRADUATED = "GRADUATED", _("毕业")
        TRANSFERRED = "TRANSFERRED", _("转出")
        LEFT = "LEFT", _("离校")
        MERGED = "MERGED", _("学校撤并")
        NOT_LISTED = "NOT_LISTED", _("名册中已无此人")

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="enrolments", verbose_name=_("学生")
    )
    school = models.ForeignKey(
        Unit, models.PROTECT, related_name="enrolments", verbose_name=_("学校")
    )
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    boards = models.BooleanField(_("是否寄宿"), null=True, blank=True)
    entered_on = models.DateField(_("入学年月"), null=True, blank=True)
    end_reason = models.CharField(_("离开原因"), max_length=12, choices=End.choices, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("就读")
        verbose_name_plural = _("就读")
        constraints = [
            *Dated.Meta.constraints,
            # Two banners may each hold a child until a person decides; one school never twice.
            models.UniqueConstraint(
                fields=["student", "school"], condition=Q(valid_to=None), name="enrolled_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None, end_reason="")
                | Q(valid_to__isnull=False) & ~Q(end_reason=""),
                name="enrolment_ended_means_why",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "grade", "class_name"], name="enrolment_roll"),
        ]

    def __str__(self):
        return f"{_('就读')} {self.pk}"
