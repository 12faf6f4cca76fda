import sys
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, clock, readiness
from common.models import User
from common.periods import Kind, Period
from common.services.accounts import create_account
from registry.models import Unit
from registry.roles import Role
from registry.services.setup import found_administrator, load_calendar
from registry.services.units import load_units, set_reporting
from subsidies.services.standards import load_standards
from tasks_app.services.catalogue import load_plan
from tasks_app.services.duties import begin_duties

OPTIONAL = (Unit.Kind.ZONE, Unit.Kind.DIRECT)  # besides the banners, the bureau ticks who reports


class Command(BaseCommand):
    help = (
        "The first real start: units, working days, the plan, the first system administrator and "
        "the first security administrator with one-time passwords. Runs once, on an empty portal."
    )

    def add_arguments(self, parser):
        parser.add_argument("--sysadmin", metavar="NAME", help="sign-in name; asked if left out")
        parser.add_argument("--secadmin", metavar="NAME", help="sign-in name of another person")
        parser.add_argument(
            "--zones", help="zones that report, by name, with commas; '' for none; else asked"
        )
        parser.add_argument(
            "--duties-since",
            metavar="YYYY-MM-DD",
            help="from when units owe reports; default: the present quarter's first day",
        )

    def handle(self, *args, sysadmin, secadmin, zones, duties_since, **options):
        refuse_unless_empty()
        on = clock.today()
        since = _day(duties_since) if duties_since else Period.of(Kind.QUARTER, on).start
        names = {
            Role.SYSADMIN: _username(sysadmin or _ask(_("系统管理员的用户名"), "--sysadmin")),
            Role.SECADMIN: _username(secadmin or _ask(_("安全管理员的用户名"), "--secadmin")),
        }
        if len(set(names.values())) < 2:
            raise CommandError(_("系统管理员和安全管理员要由两个人担任，用户名不能相同。"))
        with transaction.atomic():
            load_units()
            wanted = zones if zones is not None else _ask_zones()
            ticked = _zones(wanted)
            load_calendar()
            plan, _changed = load_plan()
            load_standards()
            passwords = {role: _administrator(name, role, on) for role, name in names.items()}
            by = User.objects.get(username=names[Role.SYSADMIN])
            for unit in ticked:
                set_reporting(unit, by=by, reports=True)
            duties = begin_duties(by=by, since=since, on=on)
            reporting = [unit.short for unit in Unit.objects.reporting(on)]
            audit.record(
                "dashboard.bureau_set_up",
                by=None,
                after={"units": reporting, "from": since.isoformat(), "plan": plan.code},
            )
        say = self.stdout.write
        say(_("方案 %(code)s 已载入，%(n)s 项重点任务。") % {"code": plan.code, "n": _tasks(plan)})
        say(_("报送单位：%(names)s。") % {"names": "、".join(reporting)})
        say(
            _("自 %(since)s 起填报，已开出填报任务 %(n)s 项。")
            % {"since": since.isoformat(), "n": duties}
        )
        say(_("首次登录的密码只显示这一次，登录后须改："))
        for role, name in names.items():
            say(f"  {role.label}  {name}  {passwords[role]}")


def refuse_unless_empty() -> None:
    """Set-up is for an empty portal; else it says what is there."""
    if settings.DEMO:
        raise CommandError(_("演示环境不能正式启用：请先取消 PORTAL_DEMO，另用一个空的数据库。"))
    try:
        readiness.check_database()
    except readiness.NotReady as fault:
        raise CommandError(str(fault)) from None
    people = list(User.objects.order_by("pk").values_list("username", flat=True)[:5])
    if people:
        raise CommandError(
            _("平台已经启用过：现有账号 %(n)s 个（%(names)s……），单位 %(units)s 个。什么也没有改。")
            % {
                "n": User.objects.count(),
                "names": "、".join(people),
                "units": Unit.objects.count(),
            }
        )


def _tasks(plan) -> int:
    return plan.work_items.count()


def _administrator(username: str, role: Role, on: date) -> str:
    user, password = create_account(username, by=None, name=str(role.label), active=True)
    found_administrator(user, role=role, on=on)
    return password


# What a person says ------------------------------------------------------------------------------
def _ask(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError(_("没有终端可问，请用 %(option)s 写明。") % {"option": option})
    return input(f"{question}: ").strip()


def _ask_zones() -> str:
    """At a terminal each zone is asked about; elsewhere only the banners report at first."""
    if not sys.stdin.isatty():
        return ""
    print(_("三个旗都报送。下面的单位要不要单独报送？(y/N)"))
    asked = Unit.objects.filter(kind__in=OPTIONAL).for_list()
    return ",".join(u.key for u in asked if input(f"  {u.name}: ").strip().lower() in ("y", "yes"))


def _zones(text: str) -> list[Unit]:
    choices = list(Unit.objects.filter(kind__in=OPTIONAL).prefetch_related("aliases").for_list())
    known = {}
    for unit in reversed(choices):
        for name in (
            *(alias.name for alias in unit.aliases.all()),
            unit.short,
            unit.name,
            unit.key,
        ):
            known[name] = unit
    found = []
    for name in text.replace("，", ",").replace("、", ",").split(","):  # data
        name = name.strip()
        if not name:
            continue
        if name not in known:
            raise CommandError(
                _("没有叫“%(name)s”的开发区。可选：%(names)s。")
                % {"name": name, "names": "、".join(unit.short for unit in choices)}
            )
        if known[name] not in found:
            found.append(known[name])
    return found


def _username(text: str) -> str:
    field = User._meta.get_field("username")
    try:
        return field.clean(User.normalize_username(text.strip()), None)
    except ValidationError as fault:
        raise CommandError(
            _("用户名“%(name)s”不合规：%(why)s") % {"name": text, "why": " ".join(fault.messages)}
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            _("--duties-since 要写成 2025-10-01 这样的日期，写的是 %(text)s。") % {"text": text}
        ) from None
