"""Who answers for a child's return, along the line of the government and that of education."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedField
from dropout.models.cases import Episode
from dropout.models.codes import Line
from dropout.models.ends import EpisodePartQuerySet


class ResponsibleRoleQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(is_active=True).for_list()

    def for_list(self):
        return self.order_by("line", "sort_no", "pk")


class ResponsibleRole(models.Model):
    """An office in the chain of responsibility. The bureau edits the list; none is removed."""

    name = models.CharField(_("名称"), max_length=40, unique=True)
    line = models.CharField(_("哪条线"), max_length=10, choices=Line.choices)
    sort_no = models.PositiveSmallIntegerField(_("排序号"), default=500)
    is_active = models.BooleanField(_("在用"), default=True)

    objects = ResponsibleRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任人职务")
        verbose_name_plural = _("责任人职务")

    def __str__(self):
        return self.name


class ResponsibleQuerySet(EpisodePartQuerySet):
    def standing(self):
        return self.filter(replaced_at=None)

    def for_page(self):
        return self.select_related("role").order_by("role__line", "role__sort_no", "pk")


class Responsible(models.Model):
    """A person named for one episode; who was replaced stays on record."""

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="responsible", verbose_name=_("失学期")
    )
    role = models.ForeignKey(
        ResponsibleRole, models.PROTECT, related_name="+", verbose_name=_("职务")
    )
    name = models.CharField(_("姓名"), max_length=60)
    phone = EncryptedField(_("电话"), purpose="dropout.responsible_phone", blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁指定的")
    )
    named_at = models.DateTimeField(_("指定时间"))
    replaced_at = models.DateTimeField(_("换下时间"), null=True, blank=True)

    objects = ResponsibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任人")
        verbose_name_plural = _("责任人")
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "role"],
                condition=Q(replaced_at=None),
                name="dropout_one_person_a_role",
            )
        ]

    def __str__(self):
        return f"{self.role} {self.pk}"
