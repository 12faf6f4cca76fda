"""What a child is to get in a term: derived from enrolment, recognition and standards."""

from decimal import Decimal

from django.db import models
from django.db.models import Count, Prefetch, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.periods import Period
from registry.models import Identifier, ScopedQuerySet, Student, Unit
from subsidies.models.programmes import MONEY, Programme, Standard
from subsidies.models.recognitions import Recognition

NOTHING = Decimal("0.00")


class AwardQuerySet(ScopedQuerySet):
    def of_term(self, term: str):
        return self.filter(term=term)

    def of_terms(self, terms):
        return self.filter(term__in=terms)

    def of_student(self, student):
        return self.filter(student=student)

    def of_recognition(self, recognition):
        return self.filter(recognition=recognition)

    def by_standard(self, standard):
        return self.filter(standard=standard)

    def of_level(self, level: str):
        """As it was when the amount was worked out; blank: of those whom no level concerns."""
        return self.filter(why__level=level)

    def totals(self) -> dict:
        """People and person-times apart, and the money, in one statement."""
        return self.order_by().aggregate(
            people=Count("student", distinct=True),
            person_times=Count("pk"),
            amount=Coalesce(Sum("amount"), NOTHING),
        )

    def for_list(self):
        return self.select_related("student", "unit", "programme", "standard").order_by(
            "-term", "unit__sort_key", "programme__sort_no", "pk"
        )

    def with_papers(self):
        """And by which number each child is known, in one statement more."""
        papers = Identifier.objects.current().order_by("kind", "pk")
        return self.prefetch_related(
            Prefetch("student__identifiers", papers, to_attr="current_identifiers")
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
        return f"{_('应发资助')} {self.pk}"  # never a name: titles and logs use this

    def get_absolute_url(self):
        return reverse("subsidies:award-detail", args=[self.pk])

    @property
    def term_label(self) -> str:
        return Period.parse(self.term).label
