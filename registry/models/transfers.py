"""A child that one unit holds and another names: proposed, and decided by who holds it."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from registry.models.children import Enrolment, Sourced, Student
from registry.models.codes import Grade
from registry.models.places import Unit, units_seen_by


class TransferQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        """Proposals to and from one's units, and about children whom one's units hold.

        Who may answer is told by `to_decide`.
        """
        seen, held = _seen_and_held(user, permission)
        return self.filter(Q(to_school__in=seen) | Q(from_school__in=seen) | Exists(held))

    def open(self):
        return self.filter(decided_at=None)

    def decided(self):
        return self.exclude(decided_at=None)

    def to_decide(self, user, permission: str):
        """Those that wait for this person: one's units hold the child, or nobody does and one asked."""
        seen, held = _seen_and_held(user, permission)
        goes = Enrolment.objects.open(clock.today()).filter(student=OuterRef("student"))
        nowhere = ~Exists(goes)
        return self.open().filter(Exists(held) | Q(to_school__in=seen) & nowhere)

    def from_units(self, user, permission: str):
        """Children who are to leave one's units, or have left them this way."""
        seen, held = _seen_and_held(user, permission)
        return self.filter(Q(from_school__in=seen) | Q(Exists(held), decided_at=None))

    def to_units(self, user, permission: str):
        """Children for whom one's units have asked."""
        return self.filter(to_school__in=units_seen_by(user, permission, on=clock.today()))

    def to_take_back(self, user, permission: str):
        """Accepted ones that this person may undo: one gave the child away, or holds it now."""
        seen, held = _seen_and_held(user, permission)
        return self.filter(Q(from_school__in=seen) | Exists(held), accepted=True)

    def asked_by(self, user, permission: str):
        """Those of one's own units, which may take them back."""
        return self.open().filter(to_school__in=units_seen_by(user, permission, on=clock.today()))

    def for_list(self):
        """What waits for an answer comes first."""
        return self.select_related(
            "student", "from_school", "to_school", "proposed_by", "decided_by"
        ).order_by(F("decided_at").desc(nulls_first=True), "-proposed_at", "-pk")


def _seen_and_held(user, permission: str):
    """One's units, and the child of an outer transfer if one of them holds it; as sub-queries."""
    today = clock.today()
    seen = units_seen_by(user, permission, on=today)
    return seen, Student.objects.held_in(seen, today).filter(pk=OuterRef("student"))


class Transfer(Sourced):
    """A sheet names a child whom another unit holds: proposed to that unit, done when it accepts."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="transfers")
    from_school = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    to_school = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    accepted = models.BooleanField(_("同意"), null=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("转学申请")
        verbose_name_plural = _("转学申请")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "to_school"],
                condition=Q(decided_at=None),
                name="transfer_proposed_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, accepted__isnull=False),
                name="transfer_decided_means_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(from_school=None) | ~Q(from_school=F("to_school")),
                name="transfer_leads_elsewhere",
            ),
        ]

    def __str__(self):
        return f"{_('转学申请')} {self.pk}"
