"""The main menu: each app declares its entries in `<app>/menu.py`, in the order of their number."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

_entries: list["Entry"] = []
_describe: list[Callable] = []


@dataclass(frozen=True)
class Entry:
    order: int
    title: str
    url_name: str
    permission: str | tuple[str, ...] | None  # of several, one is enough; None: everybody signed in
    prefix: str  # the addresses for which the entry is the current one


@dataclass(frozen=True)
class Shown:
    title: str
    url: str
    current: bool


def entry(order, title, url_name, *, permission=None, prefix):
    _entries.append(Entry(order, title, url_name, permission, prefix))


def describe_user(function):
    """Declare how the top bar names a person: (user) -> text. The registry knows their postings."""
    _describe.append(function)
    return function


def user_line(user) -> str:
    return _describe[0](user) if _describe else user.name


def _may_open(user, permission) -> bool:
    if permission is None:
        return True
    several = permission if isinstance(permission, tuple) else (permission,)
    return any(user.has_perm(one) for one in several)


def menu_for(user, path: str) -> list[Shown]:
    """The entries this user may open."""
    return [
        Shown(
            e.title,
            reverse(e.url_name),
            path == e.prefix if e.prefix == "/" else path.startswith(e.prefix),
        )
        for e in sorted(_entries, key=lambda e: e.order)
        if _may_open(user, e.permission)
    ]


entry(75, _("设置"), "common:option-list", permission="common.change_option", prefix="/settings/")
entry(85, _("日志"), "common:event-list", permission="common.view_event", prefix="/audit/")
entry(70, _("后台任务"), "common:job-list", permission="common.view_any_job", prefix="/jobs/")
entry(80, _("参考资料"), "admin:index", permission="common.open_admin", prefix="/admin/")
