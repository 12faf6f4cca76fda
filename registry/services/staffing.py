"""Accounts and postings in bulk: what a sheet asks for, each a deed of its own in the log.

An account and each of its postings are records by themselves, so that an undo takes back what was
only proposed and leaves what has been decided on.
"""

from dataclasses import dataclass
from datetime import date

from common import changes
from common.models import RowChange, User
from common.services.accounts import create_account
from registry.models import Posting, Unit
from registry.services.postings import propose_end, propose_posting

INSERTED = RowChange.Verb.INSERTED
DAYS = frozenset({"valid_from", "valid_to"})


@dataclass(frozen=True)
class Place:
    """The line of a sheet that asks for a deed."""

    sheet: int
    row: int


def open_account(
    username: str, *, by, name: str, phone: str, recorder: changes.Recorder, place: Place
) -> User:
    """An account that nobody can use yet: it has no password, and is off until it is confirmed."""
    user, _password = create_account(username, by=by, name=name, phone=phone, has_password=False)
    recorder.inserted(user, sheet=place.sheet, row=place.row)
    return user


def put_forward(
    user: User,
    *,
    by,
    unit: Unit,
    role: str,
    days: tuple[date, date | None],
    recorder: changes.Recorder,
    place: Place,
) -> Posting:
    """Propose a posting; it gives nothing until another person confirms it."""
    first, last = days
    posting = propose_posting(user, by=by, unit=unit, role=role, valid_from=first, valid_to=last)
    recorder.inserted(posting, sheet=place.sheet, row=place.row)
    return posting


def correct_account(user: User, said: dict, *, recorder: changes.Recorder, place: Place) -> None:
    """Name and telephone, as the sheet has them."""
    recorder.update(user, sheet=place.sheet, row=place.row, **said)


def change_days(
    posting: Posting, days: dict, *, by, recorder: changes.Recorder, place: Place
) -> None:
    """A proposal is put right; of a posting in force the end is proposed, for another to agree."""
    if posting.confirmed_at is None:
        recorder.update(posting, sheet=place.sheet, row=place.row, **days)
        return
    before = {
        "end_proposed_on": posting.end_proposed_on and posting.end_proposed_on.isoformat(),
        "end_proposed_by_id": posting.end_proposed_by_id,
    }
    changed = propose_end(posting, by=by, on=days["valid_to"])
    recorder.updated(changed, before, sheet=place.sheet, row=place.row)


def decided(found: dict[int, str]) -> set[int]:
    """Postings that an undo leaves: confirmed since they, or their days, were put forward, and those
    whose end was agreed or refused."""
    confirmed = Posting.objects.filter(pk__in=list(found), confirmed_at__isnull=False)
    changed = _with_changed_days(confirmed)
    return {
        posting.pk
        for posting in confirmed
        if found[posting.pk] == INSERTED or posting.pk in changed or posting.end_proposed_on is None
    }


def _with_changed_days(postings) -> set[int]:
    """Those whose days the last deed that stands has changed."""
    rows = RowChange.objects.filter(
        root=Posting._meta.db_table, root_pk__in=postings.values("pk"), undone_at=None
    )
    last = dict(rows.order_by("pk").values_list("root_pk", "parts"))
    return {
        pk
        for pk, parts in last.items()
        if any(DAYS & before.keys() for _table, _pk, _verb, *befores in parts for before in befores)
    }


changes.frozen_by(Posting, decided)
