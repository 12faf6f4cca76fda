"""Rights: proposed by one administrator, confirmed by another; deputies and handovers.

Drafts and duties belong to the unit, not to the person: whoever holds the posting finds them.
"""

from datetime import date, timedelta

from django.db import transaction

from common import audit, clock
from common.models import User
from common.services import accounts
from registry.models import Posting, Unit
from registry.roles import ADMINISTRATORS, Role

_LEADING = {Unit.Kind.LEAGUE, Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT}
# Where a role can be held.
KINDS: dict[str, set[str]] = {
    Role.BUREAU: {Unit.Kind.LEAGUE, Unit.Kind.OFFICE},
    Role.OFFICIAL: {
        Unit.Kind.LEAGUE,
        Unit.Kind.BANNER,
        Unit.Kind.ZONE,
        Unit.Kind.DIRECT,
        Unit.Kind.TOWNSHIP,
        Unit.Kind.OFFICE,
    },
    Role.SCHOOL: {Unit.Kind.SCHOOL},
    Role.SUPERVISOR: _LEADING,
    Role.SYSADMIN: {Unit.Kind.LEAGUE},
    Role.SECADMIN: {Unit.Kind.LEAGUE},
    Role.AUDITOR: {Unit.Kind.LEAGUE},
}
# Without one of each nobody could make an account, or put a right in force.
INDISPENSABLE = (Role.SYSADMIN, Role.SECADMIN)


class SamePerson(Exception):
    """Nobody confirms what they proposed, or gives themselves rights."""


class RolesClash(Exception):
    """The three administrators are three people, and do no business of their own."""


class AlreadyEnded(Exception):
    """The posting is over, or was decided before."""


class AlreadyHeld(Exception):
    """The person has this posting, or it is proposed for them."""


class WrongUnit(Exception):
    """A role that is not held at this kind of unit."""


class LastAdministrator(Exception):
    """The last system or security administrator cannot go."""


class NotAColleague(Exception):
    """A posting passes to people of the same unit only."""


def _facts(posting: Posting) -> dict:
    facts = {
        "user": posting.user.username,
        "role": str(posting.get_role_display()),
        "unit": posting.unit.name,
        "from": posting.valid_from.isoformat(),
        "to": posting.valid_to.isoformat() if posting.valid_to else None,
    }
    if posting.deputy_for:
        facts["deputy_for"] = posting.deputy_for.user.username
    if posting.takes_over:
        facts["takes_over"] = posting.takes_over.user.username
    return facts


def _locked(posting: Posting) -> Posting:
    """The row, held until the deed is done; AlreadyEnded if another deed took it away meanwhile."""
    try:
        return Posting.objects.select_for_update().get(pk=posting.pk)
    except Posting.DoesNotExist:
        raise AlreadyEnded(posting) from None


# What must hold ----------------------------------------------------------------------------------
def check_clash(user, role: str, first: date, last: date | None) -> None:
    """RolesClash if the person would be two administrators, or one and a business role."""
    others = Posting.objects.of(user).overlapping(first, last)
    held = set(others.values_list("role", flat=True)) - {role}
    if held and (role in ADMINISTRATORS or held & ADMINISTRATORS):
        raise RolesClash(role)


def check_stays(user, role: str, *, after: date) -> None:
    """LastAdministrator if nobody but this person would hold the role after a day."""
    if role not in INDISPENSABLE:
        return
    _hold(role)
    others = (
        Posting.objects.in_force(after + timedelta(days=1))
        .filter(role=role, user__is_active=True)
        .exclude(user=user)
    )
    if not others.exists():
        raise LastAdministrator(role)


def _hold(role: str) -> None:
    """Let no second deed about this role come between the count and the change."""
    if role in INDISPENSABLE:
        holders = Posting.objects.select_for_update().filter(role=role).order_by("pk")
        list(holders.values_list("pk"))


def colleagues(posting: Posting, *, on: date):
    """Who may stand in for or follow a posting: active people of the same unit."""
    return (
        Posting.objects.in_force(on)
        .filter(unit=posting.unit_id, user__is_active=True)
        .exclude(user=posting.user_id)
        .exclude(role__in=ADMINISTRATORS)
        .values("user")
    )


# Beginning ---------------------------------------------------------------------------------------
@transaction.atomic
def propose_posting(
    user,
    *,
    by,
    unit: Unit,
    role: Role,
    valid_from: date,
    valid_to: date | None = None,
    deputy_for: Posting | None = None,
    takes_over: Posting | None = None,
) -> Posting:
    """Ask for a posting; it gives nothing until somebody else confirms it."""
    if by and by.pk == user.pk:
        raise SamePerson(user)
    if unit.kind not in KINDS[role]:
        raise WrongUnit(role)
    User.objects.select_for_update().get(pk=user.pk)  # two proposals at once see each other
    check_clash(user, role, valid_from, valid_to)
    same = Posting.objects.of(user).filter(unit=unit, role=role, deputy_for=deputy_for)
    if same.overlapping(valid_from, valid_to).exists():
        raise AlreadyHeld(user)
    posting = Posting.objects.create(
        user=user,
        unit=unit,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=deputy_for,
        takes_over=takes_over,
        proposed_by=by,
    )
    audit.record("registry.posting_proposed", posting, by=by, after=_facts(posting))
    return posting


@transaction.atomic
def confirm_posting(posting: Posting, *, by) -> Posting:
    """Put a proposed posting in force. The one who proposed it or holds it may not.

    The first posting of an account switches the account on; a handover ends the posting it takes over.
    """
    posting = _locked(posting)
    if by.pk in (posting.proposed_by_id, posting.user_id):
        raise SamePerson(posting)
    if posting.confirmed_at is not None:
        return posting
    check_clash(posting.user, posting.role, posting.valid_from, posting.valid_to)
    first = not Posting.objects.of(posting.user).filter(confirmed_at__isnull=False).exists()
    if first and not posting.user.is_active:
        accounts.set_active(posting.user, by=by, active=True)
    posting.confirmed_by, posting.confirmed_at = by, clock.now()
    posting.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record("registry.posting_confirmed", posting, by=by, after=_facts(posting))
    old = posting.takes_over
    if old:
        last = max(posting.valid_from - timedelta(days=1), old.valid_from)
        if old.valid_to is None or old.valid_to > last:
            end_posting(old, by=by, on=last)
    return posting


@transaction.atomic
def refuse_posting(posting: Posting, *, by) -> None:
    """Turn a proposal down; the event keeps what was asked for."""
    _drop(posting, by=by, verb="registry.posting_refused")


@transaction.atomic
def withdraw_posting(posting: Posting, *, by) -> None:
    """Take one's own proposal back before it is decided."""
    if posting.proposed_by_id != by.pk:
        raise SamePerson(posting)
    _drop(posting, by=by, verb="registry.posting_withdrawn")


def _drop(posting, *, by, verb):
    posting = _locked(posting)
    if posting.confirmed_at is not None:
        raise AlreadyEnded(posting)
    audit.record(verb, posting, by=by, before=_facts(posting))
    posting.delete()


# Ending ------------------------------------------------------------------------------------------
@transaction.atomic
def propose_end(posting: Posting, *, by, on: date) -> Posting:
    """Ask for a posting to end; it goes on until the security administrator agrees."""
    posting = _locked(posting)
    if posting.confirmed_at is None or (posting.valid_to and posting.valid_to <= on):
        raise AlreadyEnded(posting)
    posting.end_proposed_on, posting.end_proposed_by = on, by
    posting.save(update_fields=["end_proposed_on", "end_proposed_by"])
    audit.record("registry.posting_end_proposed", posting, by=by, after={"to": on.isoformat()})
    return posting


@transaction.atomic
def refuse_end(posting: Posting, *, by) -> Posting:
    """The posting goes on as it is."""
    posting = _locked(posting)
    if posting.end_proposed_on is None:
        raise AlreadyEnded(posting)
    before = {"to": posting.end_proposed_on.isoformat()}
    posting.end_proposed_on, posting.end_proposed_by = None, None
    posting.save(update_fields=["end_proposed_on", "end_proposed_by"])
    audit.record("registry.posting_end_refused", posting, by=by, before=before)
    return posting


@transaction.atomic
def agree_end(posting: Posting, *, by) -> Posting:
    """End on the proposed day; AlreadyEnded where no end is proposed any more."""
    posting = _locked(posting)
    if posting.end_proposed_on is None:
        raise AlreadyEnded(posting)
    if by.pk == posting.end_proposed_by_id:
        raise SamePerson(posting)
    return end_posting(posting, by=by, on=posting.end_proposed_on)


@transaction.atomic
def end_posting(posting: Posting, *, by, on: date) -> Posting:
    """The posting's last day is `on`; its deputies end with it at the latest.

    One that would begin only later never begins.
    """
    _hold(posting.role)  # first of all, so that two deeds lock in the same order
    posting = _locked(posting)
    if posting.confirmed_at is None or (posting.valid_to is not None and posting.valid_to < on):
        raise AlreadyEnded(posting)
    check_stays(posting.user, posting.role, after=on)
    for one in [*posting.deputies.overlapping(on, None), posting]:
        _cut(one, by=by, on=on)
    return posting


def _cut(posting, *, by, on):
    if posting.valid_from > on:  # it never began, so nothing remains of it but the event
        audit.record("registry.posting_cancelled", posting, by=by, before=_facts(posting))
        posting.successors.update(takes_over=None)
        posting.delete()
        return
    before = {"to": posting.valid_to.isoformat() if posting.valid_to else None}
    posting.valid_to = min(posting.valid_to or on, on)
    posting.end_proposed_on, posting.end_proposed_by = None, None
    posting.save(update_fields=["valid_to", "end_proposed_on", "end_proposed_by"])
    audit.record("registry.posting_ended", posting, by=by, before=before, after=_facts(posting))


@transaction.atomic
def deactivate_account(user, *, by, on: date):
    """Switch an account off. Its postings stay, so that switching it on restores them."""
    if user.pk == by.pk:
        raise SamePerson(user)
    for role in set(Posting.objects.of(user).in_force(on).values_list("role", flat=True)):
        check_stays(user, role, after=on - timedelta(days=1))
    return accounts.set_active(user, by=by, active=False)


# Passing on --------------------------------------------------------------------------------------
def _check_colleague(posting, to, on):
    if not colleagues(posting, on=on).filter(user=to).exists():
        raise NotAColleague(to)


@transaction.atomic
def hand_over(posting: Posting, *, by, to, on: date, asked_on: date) -> Posting:
    """Propose that a colleague holds the posting from a day on.

    Confirmed, the old posting ends the day before; its duties and drafts stay with the unit.
    """
    _check_colleague(posting, to, asked_on)
    return propose_posting(
        to,
        by=by,
        unit=posting.unit,
        role=posting.role,
        valid_from=on,
        valid_to=posting.valid_to,
        takes_over=posting,
    )


@transaction.atomic
def deputise(
    posting: Posting, *, by, to, valid_from: date, valid_to: date, asked_on: date
) -> Posting:
    """Propose that a colleague does the work of a posting for some days."""
    if posting.valid_to and posting.valid_to < valid_to:
        raise AlreadyEnded(posting)
    _check_colleague(posting, to, asked_on)
    return propose_posting(
        to,
        by=by,
        unit=posting.unit,
        role=posting.role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=posting,
    )
