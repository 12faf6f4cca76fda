"""Who on an outside list may be a child of ours, or a guardian of one, though the number is not the
same: how the two were brought together, and under which keys people decide."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from registry.matching import Ground, Note, Part
from registry.models import Guardian, MatchDecision, Membership, Student, Verdict


class MemberPairQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        """Pairs of members whom one may see; whether the child may be seen is asked beside."""
        return self.filter(member__in=Membership.objects.visible_to(user, permission))

    def decided(self, verdict: Verdict):
        """Those of whom people have said so, in this run or an earlier one."""
        said = MatchDecision.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
        return self.filter(Exists(said.filter(verdict=verdict)))

    def to_decide(self):
        """Nobody has said anything of them, or it was taken back; the likeliest first."""
        said = MatchDecision.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
        return (
            self.exclude(Q(first=None) | Q(member=None) | Q(student=None))
            .filter(~Exists(said.exclude(verdict=Verdict.OPEN)))
            .order_by("-strength", "pk")
        )

    def for_page(self):
        return self.select_related(
            "member__list__unit", "member__township", "student__residence", "guardian"
        )


class MemberPair(models.Model):
    """A member of a list beside a child, or beside the guardian through whom the child is meant.

    Written anew by each run; what people decide outlives it.
    """

    member = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    student = models.ForeignKey(Student, models.SET_NULL, null=True, related_name="+")
    guardian = models.ForeignKey(Guardian, models.SET_NULL, null=True, related_name="+")
    ground = models.CharField(_("依据"), max_length=20, choices=Ground.choices)
    parts = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    strength = models.SmallIntegerField(default=0)
    first = models.UUIDField(null=True, editable=False)
    second = models.UUIDField(null=True, editable=False)

    objects = MemberPairQuerySet.as_manager()

    class Meta:
        verbose_name = _("名单比对")
        verbose_name_plural = _("名单比对")
        constraints = [
            models.CheckConstraint(
                condition=Q(first=None, second=None) | Q(first__isnull=False, second__isnull=False),
                name="member_pair_has_both_keys",
            ),
        ]
        indexes = [models.Index(fields=["first", "second"], name="member_pair_decided")]

    def __str__(self):
        return f"{_('名单比对')} {self.pk}"

    @property
    def notes_told(self) -> list[str]:
        return [str(Note(note).label) for note in self.notes]

    @property
    def parts_told(self) -> list[str]:
        return [str(Part(part).label) for part, _how in self.parts]
