"""A case is offered to another unit; until that accepts, the giver keeps it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, inbox
from common.models import User
from dropout.models import Case, CaseTransfer, Episode
from dropout.services.cases import move_case
from dropout.services.deeds import day_of, given, grow, hold_case
from dropout.services.places import reporting_unit
from dropout.services.refusals import Refused
from registry.models import Posting, Unit


@transaction.atomic
def offer_case(
    case: Case, *, to_unit: Unit, reason: str, by, at: datetime, seen: int | None = None
) -> CaseTransfer:
    """Ask another unit to take the case over."""
    case = hold_case(case.pk, seen)
    if not case.episodes.open().exists():
        raise Refused("ended")
    if given(to_unit, "to_unit").pk == case.unit_id:
        raise Refused("same_unit", "to_unit")
    if reporting_unit(to_unit.pk, day_of(at)) != to_unit:
        raise Refused("not_reporting", "to_unit")
    if case.transfers.open().exists():
        raise Refused("already_offered", "to_unit")
    transfer = CaseTransfer.objects.create(
        case=case,
        from_unit=case.unit,
        to_unit=to_unit,
        reason=given(reason, "reason"),
        offered_by=by,
        offered_at=at,
    )
    grow(case)
    audit.record("dropout.case_offered", case, by=by, after={"unit": to_unit.name})
    _tell(to_unit, _("有一个控辍保学个案移交过来，等答复。"), transfer, by=by, at=at)
    return transfer


@transaction.atomic
def accept_case(
    transfer: CaseTransfer, *, by, at: datetime, answer: str = "", seen: int | None = None
) -> Case:
    """The case belongs to the unit that takes it; who kept it before does so no more."""
    transfer, case = _waiting(transfer, seen)
    _decide(transfer, by=by, at=at, accepted=True, answer=answer)
    Episode.objects.open().of_case(case).update(officer=None)
    move_case(case, transfer.to_unit, by=by, at=at, verb="dropout.case_accepted")
    _answer(transfer, _("移交的个案已被接收。"), by=by, at=at)
    return case


@transaction.atomic
def refuse_case(
    transfer: CaseTransfer, *, answer: str, by, at: datetime, seen: int | None = None
) -> CaseTransfer:
    """The case stays where it is, and the giver reads why."""
    transfer, case = _waiting(transfer, seen)
    _decide(transfer, by=by, at=at, accepted=False, answer=given(answer, "answer"))
    grow(case)
    audit.record("dropout.case_refused", case, by=by, after={"unit": transfer.to_unit.name})
    _answer(transfer, _("移交的个案没有被接收，理由在移交记录里。"), by=by, at=at)
    return transfer


@transaction.atomic
def withdraw_offer(
    transfer: CaseTransfer, *, by, at: datetime, seen: int | None = None
) -> CaseTransfer:
    """The giver takes the question back."""
    transfer, case = _waiting(transfer, seen)
    transfer.withdrawn_at = at
    transfer.save(update_fields=["withdrawn_at"])
    grow(case)
    audit.record("dropout.offer_withdrawn", case, by=by, after={"unit": transfer.to_unit.name})
    return transfer


def _waiting(transfer: CaseTransfer, seen: int | None) -> tuple[CaseTransfer, Case]:
    case = hold_case(transfer.case_id, seen)
    found = CaseTransfer.objects.select_related("to_unit", "offered_by").get(pk=transfer.pk)
    if not found.is_open:
        raise Refused("decided")
    return found, case


def _decide(transfer: CaseTransfer, *, by, at: datetime, accepted: bool, answer: str) -> None:
    transfer.decided_by, transfer.decided_at = by, at
    transfer.accepted, transfer.answer = accepted, answer.strip()
    transfer.save(update_fields=["decided_by", "decided_at", "accepted", "answer"])


def _tell(unit: Unit, text: str, transfer: CaseTransfer, *, by, at: datetime) -> None:
    posted = Posting.objects.reporting_for(unit, day_of(at)).order_by()
    people = User.objects.filter(pk__in=posted.values("user"))
    inbox.send(people, text, transfer, by=by, at=at)


def _answer(transfer: CaseTransfer, text: str, *, by, at: datetime) -> None:
    if transfer.offered_by_id != by.pk:
        inbox.send([transfer.offered_by], text, transfer, by=by, at=at)
