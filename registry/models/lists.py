"""Dated lists of other departments, and who is on them: children, and guardians of children."""

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from registry import identity
from registry.models.children import Enrolment, Guardian, Sourced, Student
from registry.models.places import ScopedQuerySet, Unit, units_seen_by


class Department(models.TextChoices):
    """Who hands a list to the education bureau."""

    CIVIL_AFFAIRS = "CIVIL_AFFAIRS", _("民政")
    DISABLED = "DISABLED", _("残联")
    RURAL = "RURAL", _("乡村振兴（农牧）")
    UNION = "UNION", _("工会")
    VETERANS = "VETERANS", _("退役军人事务")
    JUSTICE = "JUSTICE", _("政法")
    EDUCATION = "EDUCATION", _("教育")
    OTHER = "OTHER", _("其他部门")


class Category(models.TextChoices):
    """Why somebody is on a list: the thirteen groups of the national matching, and key groups."""

    SUBSISTENCE = "SUBSISTENCE", _("最低生活保障家庭")
    EXTREME_POVERTY = "EXTREME_POVERTY", _("特困供养")
    NEAR_SUBSISTENCE = "NEAR_SUBSISTENCE", _("低保边缘家庭")
    RIGID_EXPENSE = "RIGID_EXPENSE", _("刚性支出困难家庭")
    LOW_INCOME = "LOW_INCOME", _("其他低收入家庭")
    ORPHAN = "ORPHAN", _("孤儿")
    UNATTENDED = "UNATTENDED", _("事实无人抚养儿童")
    POVERTY_EXIT = "POVERTY_EXIT", _("脱贫户")
    MONITORED_UNSTABLE = "MONITORED_UNSTABLE", _("脱贫不稳定户")
    MONITORED_EDGE = "MONITORED_EDGE", _("边缘易致贫户")
    MONITORED_SUDDEN = "MONITORED_SUDDEN", _("突发严重困难户")
    DISABLED_CHILD = "DISABLED_CHILD", _("残疾学生")
    DISABLED_GUARDIAN = "DISABLED_GUARDIAN", _("残疾人子女")
    MARTYR = "MARTYR", _("烈士子女")
    WORKER_HARDSHIP = "WORKER_HARDSHIP", _("困难职工家庭")
    LEFT_BEHIND = "LEFT_BEHIND", _("留守儿童")
    HARDSHIP = "HARDSHIP", _("困境儿童")
    MIGRANT = "MIGRANT", _("随迁子女")
    INVOLVED = "INVOLVED", _("涉案未成年人")


# Health, orphanhood and the law: shown only to who may see a child's data whole.
SENSITIVE = frozenset(
    {
        Category.ORPHAN,
        Category.UNATTENDED,
        Category.DISABLED_CHILD,
        Category.DISABLED_GUARDIAN,
        Category.HARDSHIP,
        Category.INVOLVED,
    }
)


class OutsideListQuerySet(ScopedQuerySet):
    def visible_to(self, user, permission: str):
        """Lists of one's own units, and those of units above that name somebody there."""
        members = Membership.objects.visible_to(user, permission).filter(list=OuterRef("pk"))
        seen = units_seen_by(user, permission, on=clock.today())
        return self.filter(Q(unit__in=seen) | Exists(members))

    def kept_by(self, user, permission: str):
        """Lists of one's own units: who only reads a member of it does not keep it."""
        return self.filter(unit__in=units_seen_by(user, permission, on=clock.today()))

    def for_list(self, members):
        """With how many members one may see, and how many of them are told to be children of ours."""
        counted = members.filter(list=OuterRef("pk")).order_by().values("list")
        return (
            self.select_related("unit")
            .annotate(
                members_seen=Coalesce(Subquery(counted.values(n=Count("pk"))), 0),
                matched=Coalesce(Subquery(counted.values(n=Count("student"))), 0),
            )
            .order_by("-listed_on", "department", "pk")
        )


def children_on(category: str, on) -> Q:
    """Children on a list of this category that holds on a day, themselves or through a guardian."""
    members = Membership.objects.valid(on).filter(category=category)
    unnamed = members.filter(child_id_number_index=None).values("id_number_index")
    guardians = Guardian.objects.filter(id_number_index__in=unnamed)
    return Q(pk__in=members.filter(student__isnull=False).values("student")) | Q(
        pk__in=guardians.values("student")
    )


class OutsideList(models.Model):
    """One list as a department handed it over, with its date."""

    department = models.CharField(_("部门"), max_length=14, choices=Department.choices)
    title = models.CharField(_("名单名称"), max_length=120)
    listed_on = models.DateField(_("名单日期"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="outside_lists", verbose_name=_("单位")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OutsideListQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门名单")
        verbose_name_plural = _("部门名单")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "title", "listed_on", "unit"], name="outside_list_once"
            )
        ]

    def __str__(self):
        return f"{self.get_department_display()} {self.title}"

    def get_absolute_url(self):
        return reverse("registry:list-detail", args=[self.pk])


class MembershipQuerySet(ScopedQuerySet):
    unit_lookup = "list__unit"

    def visible_to(self, user, permission: str):
        """Who is on the lists of one's units; of other lists, who lives or goes to school there."""
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        goes_here = Enrolment.objects.open(today).filter(
            student=OuterRef("student"), school__in=seen
        )
        return self.filter(
            Q(list__unit__in=seen)
            | Q(banner__in=seen)
            | Q(township__in=seen)
            | Q(student__residence__in=seen)
            | Exists(goes_here)
        )

    def of_list(self, one):
        return self.filter(list=one)

    def for_page(self):
        return self.select_related("student", "banner", "township").order_by("name", "pk")

    def about(self, student):
        """Those of a child: linked to it, or of one of its guardians without naming another child."""
        numbers = student.guardians.exclude(id_number_index=None).values("id_number_index")
        guardians = Q(id_number_index__in=numbers, child_id_number_index=None)
        return self.filter(Q(student=student) | guardians)

    def valid(self, on):
        """Those that hold on a day: recognised by then, and not past their end."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on)).filter(
            Q(valid_to=None) | Q(valid_to__gte=on)
        )


class Membership(Sourced):
    """A person on an outside list: a child, or a guardian of the child named beside."""

    list = models.ForeignKey(
        OutsideList, models.PROTECT, related_name="members", verbose_name=_("名单")
    )
    name = models.CharField(_("姓名"), max_length=60)
    id_number = EncryptedField(_("身份证号"), purpose=identity.NUMBER)
    id_number_index = models.UUIDField(editable=False, db_index=True)
    category = models.CharField(_("类别"), max_length=20, choices=Category.choices)
    relation = models.CharField(_("与学生关系"), max_length=20, blank=True)
    child_name = models.CharField(_("学生姓名"), max_length=60, blank=True)
    child_id_number = EncryptedField(_("学生身份证号"), purpose=identity.NUMBER, blank=True)
    child_id_number_index = models.UUIDField(null=True, editable=False, db_index=True)
    student = models.ForeignKey(
        Student,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("学生"),
    )
    banner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("旗（区）")
    )
    township = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("苏木镇")
    )
    valid_from = models.DateField(_("认定日期"), null=True, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("名单中的人")
        verbose_name_plural = _("名单中的人")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "id_number_index", "category"], name="listed_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="membership_from_before_to",
            ),
        ]

    def __str__(self):
        return f"{_('名单中的人')} {self.pk}"
