"""Working days, and what each unit owes for a period."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.periods import Period
from registry.duty_kinds import PERMISSION, DutyKind, kind_of, read_by_their_own
from registry.models.places import ScopedQuerySet, Unit, posted_at


class CalendarDayQuerySet(models.QuerySet):
    def of_year(self, year: int):
        return self.filter(on__year=year).order_by("on")


class CalendarDay(models.Model):
    """A day that is not what its weekday says: a holiday, or a weekend day worked for one."""

    on = models.DateField(_("日期"), unique=True)
    is_workday = models.BooleanField(_("上班"))
    note = models.CharField(_("说明"), max_length=60, blank=True)
    source = models.CharField(_("依据"), max_length=120, blank=True)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")

    def __str__(self):
        return f"{self.on:%Y-%m-%d}"


class DutyQuerySet(ScopedQuerySet):
    def open(self):
        return self.filter(met_at=None, waived_at=None)

    def due_by(self, on: date):
        return self.filter(due_on__lte=on)

    def overdue(self, on: date):
        return self.open().filter(due_on__lt=on)

    def ended(self, on: date):
        """Duties of periods that are over: what can be filled in now."""
        return self.filter(period_end__lt=on)

    def of_code(self, prefix: str):
        return self.filter(code__startswith=prefix)

    def readable_by(self, user):
        """Duties in scope: of every kind, or of those that a person reads for their own work."""
        found = self.visible_to(user, PERMISSION)
        for code, permission in read_by_their_own():
            found |= self.of_code(code).visible_to(user, permission)
        return found

    def owed_by(self, user, permission: str):
        """What this person's own units owe: the unit of the posting itself, and offices below it.

        Who covers a banner from the league reviews its duties and does not fill them in.
        """
        own = Q(unit__in=posted_at(user, permission, on=clock.today()))
        return self.visible_to(user, permission).filter(own | Q(unit__kind=Unit.Kind.OFFICE))

    def for_list(self):
        return self.select_related("unit").order_by("due_on", "code", "unit__sort_no", "pk")


class Duty(models.Model):
    """What a unit owes for a period. It exists before the period ends and is overdue by itself."""

    code = models.CharField(_("代号"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name=_("单位"))
    period = models.CharField(_("期别"), max_length=10)
    period_kind = models.CharField(_("期别种类"), max_length=12)
    period_end = models.DateField(_("期末"))
    due_on = models.DateField(_("截止"), db_index=True)
    met_at = models.DateTimeField(_("报齐时间"), null=True, blank=True)
    waived_at = models.DateTimeField(_("免报时间"), null=True, blank=True)
    waived_reason = models.CharField(_("免报原因"), max_length=200, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报任务")
        verbose_name_plural = _("填报任务")
        constraints = [
            models.UniqueConstraint(fields=["code", "unit", "period"], name="duty_once"),
            models.CheckConstraint(
                condition=Q(waived_at=None, waived_reason="")
                | Q(waived_at__isnull=False) & ~Q(waived_reason=""),
                name="duty_waived_means_why",
            ),
        ]
        indexes = [models.Index(fields=["unit", "period", "code"], name="duty_of")]

    def __str__(self):
        return f"{self.code} {self.unit} {self.period}"

    def get_absolute_url(self):
        return self.kind.address(self)

    @property
    def kind(self) -> DutyKind:
        """What the app that the duty is of says of it."""
        return kind_of(self.code)

    @property
    def span(self) -> Period:
        return Period.parse(self.period)
