"""Accounts and the postings proposed for them, in bulk: a row is a posting of a person."""

from collections.abc import Iterable
from datetime import date
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import User
from intake.asked_postings import SLUG, days_of, given, judge_postings
from intake.columns import CLEAR, Choice, Day, PersonName, Text, UnitRef
from intake.faults import BadCell, declare
from intake.kinds import ReportKind
from intake.rules import FirstBeforeLast
from intake.stores.deeds import Deeds, Stored, fingerprint
from registry.models import Posting, Unit
from registry.roles import Role
from registry.services import staffing
from registry.services.postings import KINDS

WHERE_PEOPLE_WORK = tuple(sorted(set().union(*KINDS.values())))

declare(
    {
        "username_wrong": (
            _("“%(header)s”里有不能用的字符"),
            _("只用字母、数字、汉字和 @ . + - _。"),
        ),
        "account_differs": (
            _("“%(header)s”和这个用户名的账号不一样"),
            _("是另一个人，换个用户名；是同一个人，先在账号页上改。"),
        ),
        "account_said_twice": (
            _("同一个用户名，“%(header)s”前后写得不一样"),
            _("改成一样的；是两个人，各用一个用户名。"),
        ),
        "role_elsewhere": (
            _("这类单位没有“%(role)s”"),
            _("改角色，或改成合适的单位。"),
        ),
        "roles_clash": (
            _("三个管理员是三个人，也不兼任业务角色"),
            _("给这个角色另建账号。"),
        ),
        "own_posting": (
            _("这是您自己的账号，不能给自己提任职"),
            _("请另一位系统管理员来提。"),
        ),
        "posting_over": (
            _("“%(header)s”已经过了"),
            _("改日期，或删掉这一行。"),
        ),
        "posting_overlaps": (
            _("这个人这段时间已有同样的任职"),
            _("改起始日期，或删掉这一行。"),
        ),
        "posting_in_force": (
            _("任职已经确认，“%(header)s”不能再改"),
            _("留空，或写原来的日期。"),
        ),
        "posting_longer": (
            _("任职已经确认，只能提前结束，不能延长"),
            _("留空；要延长，另提一个从后一天起的任职。"),
        ),
    }
)


class Username(Text):
    """As it is typed to sign in: capitals count, blanks do not."""

    type_name = "username"
    ditto = False

    def bind(self, context):
        text, header = super().bind(context), str(self.header)
        validators = User._meta.get_field("username").validators

        def read(cell):
            name = "".join(normalize("NFKC", text(cell)).split())
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


# What is stored ----------------------------------------------------------------------------------
def load_postings(rows, context) -> dict:
    """Each row's posting: that of its token, else the one of its person, unit and role at that time."""
    names = {row.values.get("username") for row in rows}
    tokens = {row.token[0] for row in rows if row.token}
    postings = _postings(context).filter(Q(user__username__in=names) | Q(pk__in=tokens))
    found, like = {}, {}
    for posting in postings:
        found[posting.pk] = posting
        key = posting.user.username, posting.unit_id, posting.role
        like.setdefault(key, []).append(posting)
    stored = {}
    for row in rows:
        if row.token:
            key, posting = row.token[0], found.get(row.token[0])
        else:
            key = tuple(row.values.get(name) for name in Staff.key)
            posting = _at_the_time(like.get(key[:3], []), *days_of(row.values))
        if posting is not None:
            stored[key] = _stored(posting)
    return stored


def _postings(context):
    """Those that are or may become a right, not those of deputies."""
    held = Posting.objects.not_over(context.on).filter(deputy_for=None)
    return held.select_related("user", "unit").order_by("valid_from", "pk")


def _at_the_time(postings: list[Posting], first: date | None, last: date | None):
    """The one that begins that day, else one of that time; where no day is said, the earliest."""
    same = [one for one in postings if one.valid_from == first]
    return next(
        iter(same or [one for one in postings if first is None or _overlap(one, first, last)]), None
    )


def _overlap(posting: Posting, first: date, last: date | None) -> bool:
    return not (
        (posting.valid_to and posting.valid_to < first) or (last and posting.valid_from > last)
    )


def _stored(posting: Posting) -> Stored:
    values = {
        "name": posting.user.name,
        "username": posting.user.username,
        "unit": posting.unit_id,
        "role": posting.role,
        "phone": posting.user.phone,
        "first": posting.valid_from,
        "last": posting.end_proposed_on or posting.valid_to,
    }
    return Stored(
        pk=posting.pk,
        version=fingerprint((sorted(values.items()), posting.confirmed_at)),
        values=values,
        unit_pk=posting.unit_id,
        subject=posting.user.username,
    )


def all_postings(context) -> list[Stored]:
    """What a form lists; nobody puts forward postings for themselves."""
    return [_stored(posting) for posting in _postings(context).exclude(user=context.user)]


# Writing -----------------------------------------------------------------------------------------
def write_postings(inserts, updates, recorder, context) -> None:
    users = _users({row.values["username"] for row in inserts})
    units = Unit.objects.in_bulk({row.values["unit"] for row in inserts})
    for row in inserts:
        values, place = row.values, staffing.Place(row.sheet, row.row)
        if values["username"] not in users:
            users[values["username"]] = staffing.open_account(
                values["username"],
                by=context.user,
                name=values["name"],
                phone=given(values.get("phone"), ""),
                recorder=recorder,
                place=place,
            )
        first, last = days_of(values)
        staffing.put_forward(
            users[values["username"]],
            by=context.user,
            unit=units[values["unit"]],
            role=values["role"],
            days=(first or context.on, last),
            recorder=recorder,
            place=place,
        )
    _write_changes(updates, recorder, context)


def _users(names: Iterable[str]) -> dict[str, User]:
    return {user.username: user for user in User.objects.filter(username__in=names)}


def _write_changes(updates, recorder, context) -> None:
    postings = Posting.objects.in_bulk([one.stored.pk for one in updates])
    users = _users({one.stored.values["username"] for one in updates})
    for one in updates:
        place = staffing.Place(one.row.sheet, one.row.row)
        account = {n: one.changes[n] for n in ("name", "phone") if n in one.changes}
        account = {name: "" if value is CLEAR else value for name, value in account.items()}
        if account:
            user = users[one.stored.values["username"]]
            staffing.correct_account(user, account, recorder=recorder, place=place)
        days = {
            field: given(one.changes[name])
            for name, field in (("first", "valid_from"), ("last", "valid_to"))
            if name in one.changes
        }
        if days:
            posting = postings[one.stored.pk]
            staffing.change_days(posting, days, by=context.user, recorder=recorder, place=place)


class Staff(ReportKind):
    slug = SLUG
    title = _("账号与任职")
    about = _("成批建账号、提任职，一行一个任职；账号先不启用，由安全管理员逐个确认、发密码。")
    permission = "common.manage_accounts"
    key = ("username", "unit", "role", "first")

    name = PersonName("姓名", required=True, most=50)  # data
    username = Username("用户名", also=("账号", "登录名"), required=True, most=60)  # data
    unit = UnitRef(
        "单位",  # data
        also=("所在单位", "任职单位"),  # data
        kinds=WHERE_PEOPLE_WORK,
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
        fixed=("username", "unit", "role"),
        locks=("registry.accounts",),
        scoped=False,
    )
