"""Rights: proposed by one administrator, confirmed by another; deputies and handovers.

Drafts and duties belong to the unit, not to the person: whoever holds the posting finds them.
"""

from datetime import date, timedelta

from django.db import transaction

from common import audit, clock
from registry.models import Posting, Unit
from registry.roles import ADMINISTRATORS, Role


class SamePerson(Exception):
    """Nobody confirms what they proposed, or gives themselves rights."""


class RolesClash(Exception):
    """The three administrators are three people, and do no business of their own."""


class AlreadyEnded(Exception):
    """The posting is over."""


def _facts(posting: Posting) -> dict:
    return {
        "role": posting.role,
        "unit": posting.unit.name,
        "from": posting.valid_from.isoformat(),
        "to": posting.valid_to.isoformat() if posting.valid_to else None,
    }


def check_clash(user, role: str, first: date, last: date | None) -> None:
    """RolesClash if the person would be two administrators, or one and a business role."""
    others = Posting.objects.filter(user=user).exclude(valid_to__lt=first)
    if last:
        others = others.exclude(valid_from__gt=last)
    held = set(others.values_list("role", flat=True)) - {role}
    if held and (role in ADMINISTRATORS or held & ADMINISTRATORS):
        raise RolesClash(role)


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
) -> Posting:
    """Ask for a posting; it gives nothing until somebody else confirms it."""
    check_clash(user, role, valid_from, valid_to)
    posting = Posting.objects.create(
        user=user,
        unit=unit,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=deputy_for,
        proposed_by=by,
    )
    audit.record("registry.posting_proposed", posting, by=by, after=_facts(posting))
    return posting


@transaction.atomic
def confirm_posting(posting: Posting, *, by) -> Posting:
    """Put a proposed posting in force. The one who proposed it or holds it may not."""
    posting = Posting.objects.select_for_update().get(pk=posting.pk)
    if by.pk in (posting.proposed_by_id, posting.user_id):
        raise SamePerson(posting)
    if posting.confirmed_at is None:
        posting.confirmed_by, posting.confirmed_at = by, clock.now()
        posting.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.record("registry.posting_confirmed", posting, by=by, after=_facts(posting))
    return posting


@transaction.atomic
def refuse_posting(posting: Posting, *, by) -> None:
    """Turn a proposal down; the event keeps what was asked for."""
    posting = Posting.objects.select_for_update().get(pk=posting.pk)
    if posting.confirmed_at is not None:
        raise AlreadyEnded(posting)
    audit.record("registry.posting_refused", posting, by=by, before=_facts(posting))
    posting.delete()


@transaction.atomic
def end_posting(posting: Posting, *, by, on: date) -> Posting:
    """The posting's last day is `on`; deputies of it end with it."""
    posting = Posting.objects.select_for_update().get(pk=posting.pk)
    if posting.valid_to is not None and posting.valid_to < on:
        raise AlreadyEnded(posting)
    last = max(on, posting.valid_from)
    for ended in [posting, *posting.deputies.filter(valid_to=None)]:
        ended.valid_to = max(last, ended.valid_from)
        ended.save(update_fields=["valid_to"])
        audit.record("registry.posting_ended", ended, by=by, after=_facts(ended))
    return posting


@transaction.atomic
def hand_over(posting: Posting, *, by, to, on: date) -> Posting:
    """From a day on another person holds the posting; its duties and drafts stay with the unit."""
    successor = propose_posting(to, by=by, unit=posting.unit, role=posting.role, valid_from=on)
    end_posting(posting, by=by, on=on - timedelta(days=1))
    return successor


@transaction.atomic
def deputise(posting: Posting, *, by, to, valid_from: date, valid_to: date) -> Posting:
    """Another person does the work of a posting for some days."""
    return propose_posting(
        to,
        by=by,
        unit=posting.unit,
        role=posting.role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=posting,
    )
