"""Lists that cases are found from: the household registry's and the nation's.

The school-age list is the register of who should be at school; the export of the national ledger is
kept to be compared with our own.
"""

from datetime import date

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from dropout.models.cases import Episode
from dropout.models.codes import End, Kind, PlacementKind
from dropout.models.placements import Placement
from registry import identity
from registry.models import (
    Enrolment,
    Ethnicity,
    Grade,
    School,
    ScopedQuerySet,
    Sex,
    Student,
    Unit,
    units_seen_by,
)
from registry.models.children import Sourced


class Schooling(models.TextChoices):
    """What a school-age list says of a child."""

    ENROLLED = "ENROLLED", _("在校就读")
    ENROLLED_OUTSIDE = "ENROLLED_OUTSIDE", _("在外地就读")
    SPECIAL_SCHOOL = "SPECIAL_SCHOOL", _("特教学校就读")
    HOME_TEACHING = "HOME_TEACHING", _("送教上门")
    DELAYED = "DELAYED", _("延缓入学")
    NOT_ENROLLED = "NOT_ENROLLED", _("未入学")
    DROPPED_OUT = "DROPPED_OUT", _("辍学")
    UNKNOWN = "UNKNOWN", _("不清楚")


class LedgerKind(models.TextChoices):
    """What the national ledger says that a child is."""

    NEVER_ENROLLED = "NEVER_ENROLLED", _("失学")
    DROPPED_OUT = "DROPPED_OUT", _("辍学")
    SUSPECTED = "SUSPECTED", _("疑似")


# The school-age list -----------------------------------------------------------------------------
class SchoolAgeListQuerySet(ScopedQuerySet):
    def newest(self):
        """Of each unit the latest; where two offices handed one in for the same day, both."""
        later = SchoolAgeList.objects.filter(
            unit=OuterRef("unit"), listed_on__gt=OuterRef("listed_on")
        )
        return self.filter(~Exists(later))

    def for_list(self):
        return self.select_related("unit").order_by("-listed_on", "unit__sort_no", "pk")


class SchoolAgeList(models.Model):
    """One list as an office handed it over, with its day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    office = models.CharField(_("提供部门"), max_length=60)
    listed_on = models.DateField(_("名单日期"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SchoolAgeListQuerySet.as_manager()

    class Meta:
        verbose_name = _("适龄儿童名单")
        verbose_name_plural = _("适龄儿童名单")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "office", "listed_on"], name="dropout_school_age_list_once"
            )
        ]

    def __str__(self):
        return f"{self.office} {self.listed_on}"


class EntryQuerySet(ScopedQuerySet):
    """Rows of a dated list: of its unit, and of the places that a row names."""

    unit_lookup = "list__unit"

    def visible_to(self, user, permission: str):
        seen = units_seen_by(user, permission, on=clock.today())
        return self.filter(Q(list__unit__in=seen) | Q(banner__in=seen) | Q(township__in=seen))

    def of_list(self, one):
        return self.filter(list=one)

    def unlinked(self):
        """Those of whom no child of ours has the number."""
        return self.filter(student=None)

    # Who is looked for, in the words of `registry.services.searches.narrow`
    def named(self, beginning: str):
        return self.filter(name__startswith=beginning)

    def numbered(self, index, phone_index):
        return self.filter(Q(id_number_index=index) | Q(guardian_phone_index=phone_index))

    def for_list(self):
        return self.select_related("list", "banner", "township").order_by("name", "pk")


class Entry(Sourced):
    """What every row of a dated list of children holds."""

    banner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("旗（区）")
    )
    township = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("苏木镇")
    )
    village = models.CharField(_("嘎查村（社区）"), max_length=60, blank=True)
    name = models.CharField(_("姓名"), max_length=60)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=2, choices=Ethnicity.choices, blank=True)
    id_number = EncryptedField(_("身份证号"), purpose=identity.NUMBER)
    id_number_index = models.UUIDField(editable=False, db_index=True)
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    guardian = models.CharField(_("监护人"), max_length=60, blank=True)
    guardian_phone = EncryptedField(_("监护人电话"), purpose=identity.PHONE, blank=True)
    guardian_phone_index = models.UUIDField(null=True, editable=False)
    student = models.ForeignKey(
        Student, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("学生")
    )
    school_name = models.CharField(_("学校"), max_length=100, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True


class SchoolAgeEntryQuerySet(EntryQuerySet):
    def of_newest_lists(self):
        return self.filter(list__in=SchoolAgeList.objects.newest())

    def with_schooling(self, on: date):
        """Annotates `schooling_now` and `school_now`: what cases and rolls say of a child on a day.

        A case goes before the roll, the roll before what the list has said when it came in.
        """
        here = _enrolments_of_outer_entry(on)
        out = Episode.objects.open().of_living_cases().out_of_school()
        out = out.filter(case__student=OuterRef("student"))
        placed = Placement.objects.holding(on).filter(
            episode__end__in=("", End.CLOSED),
            episode__case__merged_into=None,
            episode__case__student=OuterRef("student"),
        )
        said = Case(When(schooling="", then=Value(Schooling.UNKNOWN)), default=F("schooling"))
        special = here.filter(school__school__type=School.Type.SPECIAL)
        return self.annotate(
            school_now=Subquery(here.values("school__name")[:1]),
            schooling_now=Case(
                When(
                    Exists(out.filter(kind=Kind.NEVER_ENROLLED)), then=Value(Schooling.NOT_ENROLLED)
                ),
                When(Exists(out), then=Value(Schooling.DROPPED_OUT)),
                When(
                    Exists(placed.filter(kind=PlacementKind.HOME)),
                    then=Value(Schooling.HOME_TEACHING),
                ),
                When(
                    Exists(placed.filter(kind=PlacementKind.DELAY)), then=Value(Schooling.DELAYED)
                ),
                When(Exists(special), then=Value(Schooling.SPECIAL_SCHOOL)),
                When(Exists(here), then=Value(Schooling.ENROLLED)),
                default=said,
            ),
        )

    def with_case(self, cases):
        """Annotates `case_now` and `state_now`: the child's case among these, and where it stands."""
        mine = cases.filter(student=OuterRef("student"))
        return self.annotate(
            case_now=Subquery(mine.values("pk")[:1]),
            state_now=Subquery(
                mine.order_by("-episodes__number").values("episodes__state")[:1],
            ),
        )

    def at_stage(self, grades, on: date):
        """Children who are in one of these grades on a day."""
        return self.filter(Exists(_enrolments_of_outer_entry(on).filter(grade__in=grades)))


def _enrolments_of_outer_entry(on: date):
    found = Enrolment.objects.in_force(on).filter(student=OuterRef("student"))
    return found.order_by("valid_from", "pk")


class SchoolAgeEntry(Entry):
    """A child who should be at school, as the household registry knows it."""

    list = models.ForeignKey(
        SchoolAgeList, models.PROTECT, related_name="entries", verbose_name=_("名单")
    )
    guardian_id_number = EncryptedField(_("监护人身份证号"), purpose=identity.NUMBER, blank=True)
    guardian_id_number_index = models.UUIDField(null=True, editable=False, db_index=True)
    schooling = models.CharField(
        _("就学情况"), max_length=16, choices=Schooling.choices, blank=True
    )

    objects = SchoolAgeEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("适龄儿童")
        verbose_name_plural = _("适龄儿童")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "id_number_index"], name="dropout_school_age_once"
            )
        ]

    def __str__(self):
        return f"{_('适龄儿童')} {self.pk}"


# The national ledger -----------------------------------------------------------------------------
class NationalList(models.Model):
    """One export of the national ledger, of a unit and a day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    listed_on = models.DateField(_("导出日期"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("国家台账")
        verbose_name_plural = _("国家台账")
        constraints = [
            models.UniqueConstraint(fields=["unit", "listed_on"], name="dropout_national_list_once")
        ]

    def __str__(self):
        return f"{_('国家台账')} {self.listed_on}"


class NationalEntry(Entry):
    """A child as the national ledger has it: kept to be compared, never a case by itself.

    Cause, addresses and visits of the export are not kept: no comparison asks for them.
    """

    list = models.ForeignKey(
        NationalList, models.PROTECT, related_name="entries", verbose_name=_("台账")
    )
    roll_number = EncryptedField(_("学籍号"), purpose=identity.NUMBER, blank=True)
    roll_number_index = models.UUIDField(null=True, editable=False)
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices, blank=True)
    class_name = models.CharField(_("班级"), max_length=40, blank=True)
    kind = models.CharField(_("类型"), max_length=16, choices=LedgerKind.choices)
    left_on = models.DateField(_("辍学时间"))
    returned_on = models.DateField(_("复学时间"), null=True, blank=True)
    closed = models.BooleanField(_("是否销号"), null=True, blank=True)
    closed_on = models.DateField(_("销号时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("国家台账中的学生")
        verbose_name_plural = _("国家台账中的学生")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "id_number_index"], name="dropout_national_once"
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=F("left_on")),
                name="dropout_national_returned_after_left",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("left_on")),
                name="dropout_national_closed_after_left",
            ),
        ]

    def __str__(self):
        return f"{_('国家台账中的学生')} {self.pk}"
