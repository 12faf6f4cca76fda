"""What the commands of the intake are asked with: person, kind, unit, period; and their exit codes."""

from datetime import date

from django.utils.translation import gettext as _

from common.models import User
from common.periods import NotAPeriod, Period
from intake import kinds
from intake.columns.base import Context
from intake.faults import BadCell, Fault
from intake.kinds import ReportKind
from registry.models import Unit, posted_at

GOOD, SOME_REJECTED, UNUSABLE = 0, 1, 2  # exit codes


class CannotUse(Exception):
    """Nothing can be done with this file or request: exit 2, the reason on standard error."""


def person(username: str | None) -> User:
    user = User.objects.active().filter(username=username or "").first()
    if user is None:
        raise CannotUse(_("没有这个账号，或已停用：%(name)s") % {"name": username or "--by"})
    return user


def kind_for(slug: str | None, user: User) -> ReportKind:
    declared = kinds.get(slug or "")
    if declared is None:
        known = ", ".join(kind.slug for kind in kinds.all_kinds())
        raise CannotUse(
            _("没有这个表种：%(kind)s。有：%(known)s") % {"kind": slug or "", "known": known}
        )
    if not user.has_perm(declared.permission):
        raise CannotUse(_("这个账号不能交“%(kind)s”。") % {"kind": declared.title})
    return declared


def unit_for(user: User, kind: ReportKind, name: str, *, on: date) -> Unit:
    """The unit that is named, else the one where the person is posted."""
    if not name:
        own = posted_at(user, kind.permission, on=on)
        found = list(Unit.objects.filter(pk__in=own).for_list()[:2])
    else:
        seen = Unit.objects.visible_to(user, kind.permission)
        found = list(seen.filter(key=name)) or list(seen.called(name)[:2])
    if len(found) != 1:
        raise CannotUse(_("请用 --unit 指明一个您管的单位（全称或平台内部键）。"))
    return found[0]


def period_for(code: str) -> str:
    """The period that is named; without one the sheet itself may say it."""
    if not code:
        return ""
    try:
        return Period.parse(code).code
    except NotAPeriod:
        raise CannotUse(_("%(code)s 不是期别，写如 2025Q3、2025-09。") % {"code": code}) from None


def facts_named(kind: ReportKind, given: dict[str, str]) -> dict[str, str]:
    """The facts as they were given, if the kind has all of them: none is passed over silently."""
    known = {fact.name: str(fact.column.header) for fact in kind.facts}
    strange = [name for name in given if name not in known and name not in known.values()]
    if strange:
        raise CannotUse(
            _("“%(kind)s”没有这项说明：%(name)s。有：%(known)s")
            % {
                "kind": kind.title,
                "name": strange[0],
                "known": ", ".join(f"{name} ({header})" for name, header in known.items()) or "—",
            }
        )
    return given


def facts_for(kind: ReportKind, given: dict[str, str], context: Context) -> dict:
    """The facts of a sheet as their columns read them; named by name or by header."""
    found = {}
    for fact in kind.facts:
        said = given.get(fact.name) or given.get(str(fact.column.header))
        if said:
            try:
                found[fact.name] = fact.column.reader(context)(said)
            except BadCell as bad:
                raise CannotUse(Fault(bad.code, params=bad.params).message) from None
    return found


def pairs(some: list[str], what: str) -> dict[str, str]:
    """KEY=VALUE arguments as a dict."""
    found = {}
    for text in some:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise CannotUse(_("%(what)s要写成 名=值：%(text)s") % {"what": what, "text": text})
        found[key.strip()] = value.strip()
    return found
