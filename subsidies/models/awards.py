"""What a child is to get in a term: derived from enrolment, recognition and standards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.models import ScopedQuerySet, Student, Unit
from subsidies.models.programmes import MONEY, Programme, Standard
from subsidies.models.recognitions import Recognition


class AwardQuerySet(ScopedQuerySet):
    def of_term(self, term: str):
        return self.filter(term=term)

    def of_student(self, student):
        return self.filter(student=student)

    def by_standard(self, standard):
        return self.filter(standard=standard)

    def for_list(self):
        return self.select_related("student", "unit", "programme", "standard").order_by(
            "-term", "unit__sort_key", "programme", "pk"
        )


class Award(models.Model):
    """One programme's money for one child and term, as `services.awards.expect` works it out.

    `unit` is the child's school in that term; `why` holds the codes that led to the amount. Whether
    it is paid is asked of the payments.
    """

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="awards", verbose_name=_("学生")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="awards", verbose_name=_("资助项目")
    )
    term = models.CharField(_("学年学期"), max_length=10)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="awards", verbose_name=_("学校"))
    amount = models.DecimalField(_("应发金额"), **MONEY)
    standard = models.ForeignKey(
        Standard,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="awards",
        verbose_name=_("标准"),
    )
    # Emptied when an undo takes the recognition back: the awards are worked out anew right after.
    recognition = models.ForeignKey(
        Recognition,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="awards",
        verbose_name=_("认定"),
    )
    why = models.JSONField(_("依据"), default=dict, blank=True)
    computed_at = models.DateTimeField(_("计算时间"), null=True, editable=False)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("应发资助")
        verbose_name_plural = _("应发资助")
        constraints = [
            models.UniqueConstraint(fields=["student", "programme", "term"], name="awarded_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="award_is_money"),
        ]
        indexes = [models.Index(fields=["term", "unit", "programme"], name="award_by_school")]

    def __str__(self):
        return f"{_('应发资助')} {self.pk}"
