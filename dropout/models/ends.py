"""How an episode is settled by two people, and how a case goes to another unit."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from dropout.models.cases import Case, CaseScopedQuerySet, Episode
from dropout.models.codes import SENSITIVE_REASONS, NotDropout
from registry import roles
from registry.models import Unit, units_seen_by


class EpisodePartQuerySet(CaseScopedQuerySet):
    """Rows that belong to an episode."""

    case_lookup = "episode__case__"

    def of_episode(self, episode):
        return self.filter(episode=episode)


class RulingOut(models.Model):
    """A suspicion was none: why, and what proves it."""

    episode = models.OneToOneField(
        Episode, models.PROTECT, related_name="ruling_out", verbose_name=_("失学期")
    )
    on = models.DateField(_("排除日期"))
    reason = models.CharField(_("排除原因"), max_length=16, choices=NotDropout.choices)
    proof = EncryptedField(_("佐证"), purpose="dropout.proof")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁排除的")
    )
    at = models.DateTimeField(_("登记时间"))

    objects = EpisodePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("排除")
        verbose_name_plural = _("排除")

    def __str__(self):
        return f"{_('排除')} {self.pk}"

    def reason_told(self, *, sensitive: bool) -> str:
        """The reason in words; one about health only to who may see what is sensitive."""
        if self.reason in SENSITIVE_REASONS and not sensitive:
            return str(_("另行记载"))
        return self.get_reason_display()


class ClosingQuerySet(EpisodePartQuerySet):
    def waiting(self):
        """Asked for, and neither decided nor taken back."""
        return self.filter(decided_at=None, withdrawn_at=None)

    def to_decide(self, user):
        """Those that wait for somebody else than who asked."""
        return self.waiting().exclude(asked_by=user)

    def for_list(self):
        return self.select_related("episode__case__student", "episode__case__unit", "asked_by")


class Closing(models.Model):
    """Asked for by one person with the proof, decided by another."""

    episode = models.ForeignKey(
        Episode, models.PROTECT, related_name="closings", verbose_name=_("失学期")
    )
    proof = EncryptedField(_("销号依据"), purpose="dropout.proof")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("决定人"),
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    accepted = models.BooleanField(_("同意销号"), null=True, blank=True)
    note = models.CharField(_("意见"), max_length=300, blank=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("销号")
        verbose_name_plural = _("销号")
        constraints = [
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(decided_at=None, withdrawn_at=None),
                name="dropout_closing_asked_once",
            ),
            models.UniqueConstraint(
                fields=["episode"], condition=Q(accepted=True), name="dropout_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="dropout_closing_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    accepted__isnull=False,
                    withdrawn_at=None,
                ),
                name="dropout_closing_decided_means_by_whom",
            ),
        ]

    def __str__(self):
        return f"{_('销号')} {self.pk}"


class CaseTransferQuerySet(models.QuerySet):
    def visible_to(self, user, permission: str):
        """Those that come to, or go from, one's units."""
        seen = units_seen_by(user, permission, on=clock.today())
        found = Q(from_unit__in=seen) | Q(to_unit__in=seen)
        if roles.only_reads(permission):
            found |= Q(case__school__in=seen)
        return self.filter(found)

    def open(self):
        return self.filter(decided_at=None, withdrawn_at=None)

    def to_units_of(self, user, permission: str):
        """Those offered to one's units, decided or not."""
        return self.filter(to_unit__in=units_seen_by(user, permission, on=clock.today()))

    def from_units_of(self, user, permission: str):
        """Those of one's own units."""
        return self.filter(from_unit__in=units_seen_by(user, permission, on=clock.today()))

    def to_decide(self, user, permission: str):
        return self.open().to_units_of(user, permission)

    def asked_by(self, user, permission: str):
        """Those that one's units may take back."""
        return self.open().from_units_of(user, permission)

    def for_list(self):
        return self.select_related(
            "case__student", "from_unit", "to_unit", "offered_by", "decided_by"
        ).order_by(F("decided_at").desc(nulls_first=True), "-offered_at", "-pk")


class CaseTransfer(models.Model):
    """A case is offered to another unit; until that accepts, the giver keeps it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="transfers", verbose_name=_("个案"))
    from_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("移出单位")
    )
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("接收单位"))
    reason = models.CharField(_("移交原因"), max_length=300)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    offered_at = models.DateTimeField(_("提出时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("决定人"),
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    accepted = models.BooleanField(_("接收"), null=True, blank=True)
    answer = models.CharField(_("答复"), max_length=300, blank=True)

    objects = CaseTransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("个案移交")
        verbose_name_plural = _("个案移交")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(decided_at=None, withdrawn_at=None),
                name="dropout_case_offered_once",
            ),
            models.CheckConstraint(
                condition=~Q(from_unit=F("to_unit")), name="dropout_transfer_leads_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    accepted__isnull=False,
                    withdrawn_at=None,
                ),
                name="dropout_transfer_decided_means_by_whom",
            ),
        ]

    def __str__(self):
        return f"{_('个案移交')} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.decided_at is None and self.withdrawn_at is None
