"""Accounts and the postings proposed for them, in bulk: a row is a posting of a person."""

from zlib import crc32

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import changes
from common.models import User
from common.services.accounts import create_account
from intake.columns import BLANK, CLEAR, Choice, Day, PersonName, Text, UnitRef
from intake.columns.spelling import written
from intake.faults import BadCell, declare
from intake.kinds import ReportKind
from intake.rules import FirstBeforeLast
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Stored
from registry.models import Posting, Unit
from registry.roles import ADMINISTRATORS, Role
from registry.services.postings import KINDS, propose_end, propose_posting

declare(
    {
        "username_wrong": (
            _("“%(header)s”里有不能用的字符"),
            _("只用字母、数字、汉字和 @ . + - _。"),
        ),
        "role_elsewhere": (
            _("%(role)s不能在这类单位任职"),
            _("改角色，或改成合适的单位。"),
        ),
        "roles_clash": (
            _("三个管理员是三个人，也不兼任业务角色"),
            _("给这个角色另建账号。"),
        ),
        "own_posting": (
            _("不能给自己提任职"),
            _("请另一位系统管理员来提。"),
        ),
        "name_of_another": (
            _("同一个用户名，这里写的姓名不一样"),
            _("改成同一个人的姓名，或换用户名。"),
        ),
        "posting_in_force": (
            _("任职已经确认，起始日期不能再改"),
            _("留空，或写原来的日期。"),
        ),
    }
)


class Username(Text):
    type_name = "username"

    def bind(self, context):
        header, validators = str(self.header), User._meta.get_field("username").validators

        def read(cell):
            name = User.normalize_username("".join(written(cell).split()))
            try:
                for validate in validators:
                    validate(name)
            except ValidationError:
                raise BadCell("username_wrong", header=header) from None
            return name

        return read


def _everybodys_units(context):
    """The system administrator sees no business row, but every unit where somebody can work."""
    return Unit.objects.with_people(context.on)


# Loading -----------------------------------------------------------------------------------------
def load_postings(rows, context) -> dict:
    names = {row.values.get("username") for row in rows}
    return _stored(_postings(context).filter(user__username__in=names))


def all_postings(context) -> list[Stored]:
    """What a form lists; nobody puts forward postings for themselves."""
    return [
        stored
        for key, stored in _stored(_postings(context).exclude(user=context.user)).items()
        if key == stored.pk
    ]


def _postings(context):
    return Posting.objects.not_over(context.on).filter(deputy_for=None)


def _stored(postings) -> dict:
    found = {}
    for posting in postings.select_related("user", "unit").order_by("pk"):
        values = {
            "name": posting.user.name,
            "username": posting.user.username,
            "unit": posting.unit_id,
            "role": posting.role,
            "phone": posting.user.phone,
            "first": posting.valid_from,
            "last": posting.end_proposed_on or posting.valid_to,
        }
        stored = Stored(
            pk=posting.pk,
            version=crc32(repr(sorted(values.items())).encode()) or 1,  # postings count none
            values=values,
            unit_pk=posting.unit_id,
            subject=posting.user.username,
        )
        found[posting.user.username, posting.unit_id, posting.role] = found[posting.pk] = stored
    return found


def judge_postings(rows, stored, context):
    """What only a look at the accounts can tell."""
    usernames = {row.values.get("username") for row in rows}
    users = {user.username: user for user in User.objects.filter(username__in=usernames)}
    units = Unit.objects.in_bulk({row.values["unit"] for row in rows if row.values.get("unit")})
    roles = _roles_of(rows, context)
    in_force = decided([one.pk for one in stored.values()])
    first_names: dict[str, str] = {}
    for row in rows:
        username, role = row.values.get("username"), row.values.get("role")
        if not username or not role:
            continue
        unit, name = units.get(row.values.get("unit")), row.values.get("name")
        if unit and unit.kind not in KINDS[role]:
            label = {"role": str(Role(role).label)}
            yield RowFault(row.sheet, row.row, "role", "role_elsewhere", label)
        others = roles[username] - {role}
        if others and (role in ADMINISTRATORS or others & ADMINISTRATORS):
            yield RowFault(row.sheet, row.row, "role", "roles_clash")
        if username in users and users[username].pk == context.user.pk:
            yield RowFault(row.sheet, row.row, "username", "own_posting")
        if name and first_names.setdefault(username, name) != name:
            yield RowFault(row.sheet, row.row, "name", "name_of_another")
        known = stored.get(tuple(row.values.get(key) for key in Staff.key))
        first = row.values.get("first")
        if known and first not in (BLANK, CLEAR, known.values["first"]) and known.pk in in_force:
            yield RowFault(row.sheet, row.row, "first", "posting_in_force")


def _roles_of(rows, context) -> dict[str, set[str]]:
    """The roles that each person holds, is to hold, or gets by the sheet."""
    roles: dict[str, set[str]] = {row.values.get("username"): set() for row in rows}
    held = Posting.objects.not_over(context.on).filter(user__username__in=list(roles))
    for username, role in held.values_list("user__username", "role"):
        roles[username].add(role)
    for row in rows:
        if row.values.get("role"):
            roles[row.values["username"]].add(row.values["role"])
    return roles


# Writing -----------------------------------------------------------------------------------------
def write_postings(inserts, updates, recorder, context) -> None:
    for row in inserts:
        _propose(row, recorder, context)
    postings = Posting.objects.select_related("user").in_bulk([one.stored.pk for one in updates])
    for one in updates:
        _change(postings[one.stored.pk], one, recorder, context)


def _given(value, otherwise=None):
    return otherwise if value in (BLANK, CLEAR) else value


def _propose(row, recorder, context) -> None:
    values = row.values
    user = User.objects.filter(username=values["username"]).first()
    is_new = user is None
    if is_new:
        # Its password is known to nobody: the security administrator hands one out.
        user, _password = create_account(
            values["username"],
            by=context.user,
            name=values["name"],
            phone=_given(values.get("phone"), ""),
        )
    posting = propose_posting(
        user,
        by=context.user,
        unit=Unit.objects.get(pk=values["unit"]),
        role=values["role"],
        valid_from=_given(values.get("first"), context.on),
        valid_to=_given(values.get("last")),
    )
    recorder.inserted(posting, sheet=row.sheet, row=row.row)
    if is_new:
        recorder.inserted(user, root=posting)
    else:
        _change_person(user, values, posting, recorder)


def _change_person(user, values: dict, posting, recorder) -> None:
    said = {"name": values.get("name"), "phone": values.get("phone")}
    changed = {k: "" if v is CLEAR else v for k, v in said.items() if v is not BLANK}
    recorder.update(user, root=posting, **changed)


def _change(posting: Posting, one, recorder, context) -> None:
    """A proposal is put right; of one in force the end is proposed, for another to agree."""
    _change_person(posting.user, one.changes, posting, recorder)
    days = {
        field: None if one.changes[name] is CLEAR else one.changes[name]
        for name, field in (("first", "valid_from"), ("last", "valid_to"))
        if name in one.changes
    }
    if posting.confirmed_at is None:
        recorder.update(posting, sheet=one.row.sheet, row=one.row.row, **days)
    elif days.get("valid_to"):
        before = {"end_proposed_on": None, "end_proposed_by_id": None}
        propose_end(posting, by=context.user, on=days["valid_to"])
        recorder.updated(posting, before, sheet=one.row.sheet, row=one.row.row)


def decided(pks) -> set[int]:
    """Postings that the security administrator has confirmed: an undo leaves them."""
    return set(
        Posting.objects.filter(pk__in=pks, confirmed_at__isnull=False).values_list("pk", flat=True)
    )


changes.frozen_by(Posting, decided)


class Staff(ReportKind):
    slug = "staff"
    title = _("账号与任职")
    about = _("成批建账号、提任职，一行一个任职；账号先不启用，由安全管理员逐个确认、发密码。")
    permission = "common.manage_accounts"
    key = ("username", "unit", "role")

    name = PersonName("姓名", required=True)  # data
    username = Username("用户名", also=("账号", "登录名"), required=True, most=60)  # data
    unit = UnitRef(
        "单位",  # data
        also=("所在单位", "任职单位"),  # data
        kinds=tuple(Unit.Kind.values),
        among=_everybodys_units,
        required=True,
        fills_down=True,
    )
    role = Choice("角色", Role, also=("任职角色", "岗位"), required=True)  # data
    phone = Text("联系电话", also=("电话", "办公电话", "手机"), most=30)  # data
    first = Day("起始日期", also=("任职起", "自"))  # data
    last = Day("截止日期", also=("任职止", "至"))  # data

    rules = (FirstBeforeLast(first, last),)
    store = Deeds(
        load=load_postings,
        write=write_postings,
        judge=judge_postings,
        everything=all_postings,
        locks=("registry.accounts",),
        scoped=False,
    )
