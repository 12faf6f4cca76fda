"""Children: who they are, by which numbers they are known, where they go to school.

A child has no school of its own: enrolments do. Numbers, phones and addresses are encrypted;
beside each stands its blind index, for exact match and for comparing without decrypting.
"""

from datetime import date

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from registry import identity, roles
from registry.models.codes import Ethnicity, Grade, IdKind, Relation, Sex
from registry.models.places import (
    Closure,
    Dated,
    ScopedQuerySet,
    Unit,
    descendants_of,
    in_force,
    units_seen_by,
)
from registry.models.reading import further_ways


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
        """Children read through an open enrolment's school, the unit where they live, or a case's.

        Deeds belong to one unit, see `held_in`.
        """
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        if not roles.only_reads(permission):
            return self.held_in(seen, today)
        # Asked for now: with numbers instead of a sub-query the planner counts right, and 100,000
        # children of a banner are listed in a fifth of the time.
        units = dict(seen.values_list("descendant", "descendant__kind"))
        if Unit.Kind.LEAGUE in units.values():
            return self.living()
        return self.living().filter(pk__in=_read_in(units, today))

    def held_in(self, units, on: date):
        """Children whose one responsible unit is among the units.

        It is the school of the earliest open enrolment; where none is open, the unit where the
        child lives; where that is not known either, the school that had the child last.
        """
        return self.living().with_holder(on).filter(holder__in=units)

    def with_holder(self, on: date):
        """Annotates `holder`, the id of the one unit to which deeds on the child belong."""
        first = Enrolment.objects.open(on).of_outer_student().order_by("valid_from", "pk")
        return self.annotate(
            holder=Coalesce(
                Subquery(first.values(unit=_that_keeps("school", on))[:1]),
                F("residence"),
                _that_keeps("kept_by", on),
            )
        )

    def living(self):
        """Not merged into another record of the same child."""
        return self.filter(merged_into=None)

    # What lists can be narrowed by ---------------------------------------------------------------
    def with_enrolment(self, enrolments):
        """Children of whom one of these enrolments is."""
        return self.filter(Exists(enrolments.of_outer_student()))

    def by_class(self, on: date):
        """In the order of a school's rolls: grade, class, then as they were entered."""
        here = Enrolment.objects.in_force(on).of_outer_student().order_by("valid_from", "pk")
        return self.annotate(
            roll_grade=Subquery(here.values("grade")[:1]),
            roll_class=Subquery(here.values("class_name")[:1]),
        ).order_by("roll_grade", "roll_class", "pk")

    def not_enrolled(self, on: date):
        return self.filter(~Exists(Enrolment.objects.in_force(on).of_outer_student()))

    def living_or_kept_in(self, unit, on: date):
        """Of children who go nowhere: those whom a unit answers for; without a unit all of them."""
        if unit is None:
            return self
        below = descendants_of(unit, on=on)
        return self.filter(Q(residence__in=below) | Q(residence=None, kept_by__in=below))

    def enrolled_twice(self, on: date):
        """Two open enrolments: a person decides which of them ends."""
        earlier = Enrolment.objects.open(on).filter(
            student=OuterRef("student"), pk__lt=OuterRef("pk")
        )
        return self.with_enrolment(Enrolment.objects.open(on).filter(Exists(earlier)))

    def named(self, beginning: str):
        return self.filter(name__startswith=beginning)

    def numbered(self, index, phone_index):
        """Children whom a number leads to: their own now or once, a guardian's, a guardian's phone."""
        own = Identifier.objects.filter(value_index=index)
        guardians = Guardian.objects.filter(Q(id_number_index=index) | Q(phone_index=phone_index))
        return self.filter(Q(pk__in=own.values("student")) | Q(pk__in=guardians.values("student")))

    def for_list(self, on: date):
        """What a list shows of a day: where children go to school, by which number they are known."""
        enrolments = Enrolment.objects.open(on).select_related("school")
        return self.prefetch_related(
            Prefetch(
                "enrolments", enrolments.order_by("valid_from", "pk"), to_attr="open_enrolments"
            ),
            Prefetch(
                "identifiers",
                Identifier.objects.current().order_by("kind", "pk"),
                to_attr="current_identifiers",
            ),
        )


def _read_in(units, on: date):
    """Ids of the children who go to school, live, or are kept in one of the units.

    And of those whom other apps' rows bring to them: see `registry.models.reading`.
    """
    open_here = Enrolment.objects.open(on).filter(school__in=units)
    living_here = Student.objects.filter(residence__in=units)
    nowhere = ~Exists(Enrolment.objects.open(on).of_outer_student())
    kept_here = Student.objects.filter(nowhere, residence=None, kept_by__in=units)
    return open_here.values("student").union(
        living_here.values("pk"), kept_here.values("pk"), *further_ways(units), all=True
    )


def _that_keeps(school: str, on: date):
    """The unit that answers for a school's children: of a merged school, the one it went into."""
    into = Coalesce(F(f"{school}__successor__successor"), F(f"{school}__successor"))
    merged = Q(**{f"{school}__valid_to__lt": on, f"{school}__successor__isnull": False})
    return Case(When(merged, then=into), default=F(school))


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
    # Set when the last open enrolment ends; counts only where nothing better is known.
    kept_by = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("最后就读的学校"),
    )
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("并入")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = _("学生")
        verbose_name_plural = _("学生")
        indexes = [
            models.Index(fields=["name", "born_on"], name="student_name"),
            # PostgreSQL finds a beginning by this order of characters only.
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="student_name_begins"
            ),
            models.Index(fields=["born_on"], name="student_born"),
        ]

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


class GuardianQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        return self.filter(student__in=Student.objects.visible_to(user, permission))


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

    objects = GuardianQuerySet.as_manager()

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

    def changeable_by(self, user, permission: str):
        """A school corrects and ends its own; who holds the child does so for all of the child's."""
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        held = Student.objects.held_in(seen, today).filter(pk=OuterRef("student"))
        return self.filter(Q(school__in=seen) | Exists(held))

    def standing(self):
        """Without an end."""
        return self.filter(valid_to=None)

    def of_student(self, student):
        return self.filter(student=student)

    def of_outer_student(self):
        """For a sub-query about the child of the query around it."""
        return self.filter(student=OuterRef("pk"))

    def counted_in(self, units, on: date):
        """Enrolments that count in one of the units on a day, as figures and lists of them agree."""
        below = schools_counting(on).filter(ancestor__in=units)
        return self.filter(school__in=below.values("descendant"))


def schools_counting(on: date):
    """What counts where on a day; what was merged before counts where it did on its last day.

    Its children go on to be counted until they are moved to the school it went into.
    """
    day = Least(
        Value(on, models.DateField()),
        Coalesce("descendant__valid_to", Value(on)),
        output_field=models.DateField(),
    )
    still = Q(valid_to=None) | Q(valid_to__gte=F("day"))
    return Closure.objects.alias(day=day).filter(still, counts=True, valid_from__lte=F("day"))


class Enrolment(Dated, Sourced):
    """A child goes to a school, in a grade and class, from a day to a day."""

    class End(models.TextChoices):
        MOVED_UP = "MOVED_UP", _("升级")
        GRADUATED = "GRADUATED", _("毕业")
        TRANSFERRED = "TRANSFERRED", _("转出")
        LEFT = "LEFT", _("离校")
        MERGED = "MERGED", _("学校撤并")
        NOT_LISTED = "NOT_LISTED", _("名册中已无此人")
        DOUBLE = "DOUBLE", _("重复登记")

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
