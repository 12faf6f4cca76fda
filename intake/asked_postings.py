"""The postings that a sheet asks for, beside the accounts and the postings that there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from common.models import User
from intake import kinds
from intake.columns import BLANK, CLEAR
from intake.stores.base import RowFault
from intake.stores.deeds import Row, Stored
from registry.models import Posting, Unit
from registry.roles import ADMINISTRATORS, Role
from registry.services.postings import KINDS

SLUG = "staff"


def _columns() -> dict:
    return kinds.get(SLUG).columns


def given(value, otherwise=None):
    """What a cell says, where it says something."""
    return otherwise if value in (BLANK, CLEAR) else value


def days_of(values: dict) -> tuple[date | None, date | None]:
    return given(values.get("first")), given(values.get("last"))


@dataclass
class Asked:
    """A row beside the account and the posting that it means, and its days as they would be."""

    row: Row
    user: User | None
    stored: Stored | None
    first: date
    last: date | None

    @property
    def role(self) -> str:
        return self.row.values["role"]

    @property
    def username(self) -> str:
        return self.row.values["username"]

    @property
    def is_asking(self) -> bool:
        """It asks for a posting, or for other days of one."""
        if self.stored is None or self.row.values.get("first") is CLEAR:
            return True
        known = self.stored.values
        return (self.first, self.last) != (known["first"], known["last"])

    def fault(self, name: str, code: str, **params) -> RowFault:
        header = {"header": str(_columns()[name].header)}
        return RowFault(self.row.sheet, self.row.row, name, code, header | params)

    def meets(self, first: date, last: date | None) -> bool:
        return not ((self.last and self.last < first) or (last and last < self.first))


def judge_postings(rows, stored, context) -> Iterator[RowFault]:
    names = {row.values.get("username") for row in rows}
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    asked = [
        _asked(row, users, stored, context.on)
        for row in rows
        if row.values.get("username") and row.values.get("role")
    ]
    confirmed = Posting.objects.filter(confirmed_at__isnull=False)
    confirmed = confirmed.in_bulk([one.pk for one in stored.values()])
    held: dict[int, list[Posting]] = {}
    for posting in Posting.objects.filter(user__in=users.values()):
        held.setdefault(posting.user_id, []).append(posting)
    units = Unit.objects.in_bulk({row.values["unit"] for row in rows if row.values.get("unit")})
    yield from _judge_accounts(asked, context)
    yield from _judge_roles(asked, units, held)
    for one in filter(lambda one: one.is_asking, asked):
        yield from _judge_days(one, confirmed.get(one.stored.pk) if one.stored else None, context)
    yield from _judge_overlaps(asked, held)


def _asked(row: Row, users: dict, stored: dict, on: date) -> Asked:
    key = row.token[0] if row.token else tuple(row.values.get(name) for name in kinds.get(SLUG).key)
    known = stored.get(key)
    before = known.values if known else {"first": on, "last": None}
    first = given(row.values.get("first"), before["first"])
    last = row.values.get("last")
    last = None if last is CLEAR else before["last"] if last is BLANK else last
    return Asked(row, users.get(row.values["username"]), known, first, last)


def _judge_accounts(asked: list[Asked], context) -> Iterator[RowFault]:
    """A new posting changes nothing of an account, and no two rows say two things of one person."""
    said: dict[tuple, object] = {}
    for one in asked:
        if one.user and one.user.pk == context.user.pk:
            yield one.fault("username", "own_posting")
        for name in ("name", "phone"):
            value = one.row.values.get(name)
            held = getattr(one.user, name) if one.user else None
            if value in (BLANK, held) or (value is CLEAR and not held):
                continue
            if one.user and not one.stored:
                yield one.fault(name, "account_differs")
            elif said.setdefault((one.username, name), value) != value:
                yield one.fault(name, "account_said_twice")


def _judge_roles(asked: list[Asked], units: dict, held: dict) -> Iterator[RowFault]:
    by_name: dict[str, list[Asked]] = {}
    for one in asked:
        by_name.setdefault(one.username, []).append(one)
    for one in filter(lambda one: one.is_asking, asked):
        unit = units.get(one.row.values.get("unit"))
        if unit and unit.kind not in KINDS[one.role]:
            yield one.fault("role", "role_elsewhere", role=str(Role(one.role).label))
        others = {
            posting.role
            for posting in (held.get(one.user.pk, ()) if one.user else ())
            if one.meets(posting.valid_from, posting.valid_to)
        }
        others |= {
            other.role for other in by_name[one.username] if one.meets(other.first, other.last)
        }
        others -= {one.role}
        if others and (one.role in ADMINISTRATORS or others & ADMINISTRATORS):
            yield one.fault("role", "roles_clash")


def _judge_days(one: Asked, confirmed: Posting | None, context) -> Iterator[RowFault]:
    """Of a posting in force nothing is asked but that it ends earlier."""
    first, last = days_of(one.row.values)
    if one.row.values.get("first") is CLEAR:
        yield one.fault("first", "clear_required")
    if one.last and one.last < one.first:
        if not (first and last):  # else the rule has said so
            yield one.fault("last", "before_first", other=str(_columns()["first"].header))
    elif confirmed is None and one.last and one.last < context.on:
        yield one.fault("last", "posting_over")
    if confirmed is None:
        return
    if one.first != confirmed.valid_from:
        yield one.fault("first", "posting_in_force")
    ends = one.stored.values["last"], confirmed.valid_to
    if one.last not in ends[:1] and (one.last is None or ends[1] and one.last >= ends[1]):
        yield one.fault("last", "posting_longer")


def _judge_overlaps(asked: list[Asked], held: dict) -> Iterator[RowFault]:
    """The same posting twice at one time: in the portal, or in the sheet."""
    first: dict[tuple, list[Asked]] = {}
    for one in asked:
        key = one.username, one.row.values.get("unit"), one.role
        for posting in held.get(one.user.pk, ()) if one.user else ():
            is_like = (posting.unit_id, posting.role) == key[1:] and posting.deputy_for_id is None
            is_it = one.stored and posting.pk == one.stored.pk
            if (
                one.is_asking
                and is_like
                and not is_it
                and one.meets(posting.valid_from, posting.valid_to)
            ):
                yield one.fault("first", "posting_overlaps")
                break
        for other in first.setdefault(key, []):
            is_twin = one.stored and other.stored and one.stored.pk == other.stored.pk
            if not is_twin and one.meets(other.first, other.last):
                place = {"sheet": other.row.sheet, "row": other.row.row}
                yield one.fault("username", "key_twice", **place)
                break
        first[key].append(one)
