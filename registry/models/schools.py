"""What the portal knows of a school beyond its place in the tree."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.children import Sourced
from registry.models.places import ScopedQuerySet, Unit


class School(Sourced):
    """The facts of a unit that is a school. The unit itself holds name, place and official code."""

    class Type(models.TextChoices):
        """Kinds as the school's identification code begins (11 kindergarten, 21 primary, …)."""

        KINDERGARTEN = "11", _("幼儿园")
        PRIMARY = "21", _("小学")
        TEACHING_POINT = "21P", _("教学点")
        JUNIOR = "31", _("初级中学")
        NINE_YEAR = "312", _("九年一贯制学校")
        TWELVE_YEAR = "345", _("十二年一贯制学校")
        COMPLETE = "341", _("完全中学")
        SENIOR = "34", _("高级中学")
        VOCATIONAL = "36", _("中等职业学校")
        SPECIAL = "51", _("特殊教育学校")

    class System(models.TextChoices):
        SIX_THREE = "63", _("六三制")
        FIVE_FOUR = "54", _("五四制")

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="school", verbose_name=_("学校"))
    type = models.CharField(_("学校类型"), max_length=3, choices=Type.choices)
    system = models.CharField(
        _("学制"), max_length=2, choices=System.choices, default=System.SIX_THREE
    )
    boards = models.BooleanField(_("是否寄宿制"), null=True, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("学校情况")
        verbose_name_plural = _("学校情况")

    def __str__(self):
        return str(self.unit)
