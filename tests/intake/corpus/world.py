"""What the portal holds when the corpus comes in: units, schools, officials, a few children.

It is made once for a module, in a transaction that is rolled back at its end.
"""

from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from common import clock
from common.models import User
from registry.models import Posting, Unit
from registry.roles import Role
from registry.services.setup import load_calendar
from registry.services.units import load_units, rebuild_closure
from tasks_app.services.catalogue import load_plan
from tasks_app.services.duties import open_progress_duties
from tests.cast import NOW, TODAY
from tests.intake.corpus.books import SCHOOL
from tests.intake.rosters import child, children, make_school, take_in

PEOPLE = {
    "left": ("banner-zuoqi", Role.OFFICIAL),
    "ejina": ("banner-ejina", Role.OFFICIAL),
    "bureau": ("league", Role.BUREAU),
    "sysadmin": ("league", Role.SYSADMIN),
}
STORED = 3  # children 0, 1 and 2 in SCHOOL
ELSEWHERE = 50  # the child that the neighbour holds


@contextmanager
def rolled_back():
    """What is written inside goes at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_world() -> None:
    load_units(reporting=frozenset({"1", "demo"}))
    load_calendar()
    load_plan()
    open_progress_duties(since=date(2025, 4, 1), on=TODAY)
    units = {unit.key: unit for unit in Unit.objects.all()}
    people = {name: _person(name, units[key], role) for name, (key, role) in PEOPLE.items()}
    east, west = units["banner-zuoqi"], units["banner-ejina"]
    first = make_school(SCHOOL, east)
    Unit.objects.filter(pk=first.pk).update(short_name="一小")
    for name, banner in (("希望小学", east), ("吉兰泰小学", east), ("希望小学", west)):
        make_school(name, banner)
    far = make_school("额济纳旗中心小学", west)
    rebuild_closure()
    take_in(children(STORED, first), by=people["left"], unit=east)
    theirs = child(ELSEWHERE, far) | {"旗(区)": "额济纳旗"}
    take_in([theirs], by=people["ejina"], unit=west)


def _person(username: str, unit: Unit, role: str) -> User:
    user = User.objects.create_user(username, "Alxa-demo-2025", name=username)
    Posting.objects.create(
        user=user, unit=unit, role=role, valid_from=date(2020, 1, 1), confirmed_at=NOW
    )
    return user


def stop_the_clock(patch) -> None:
    moment = timezone.make_aware(datetime(TODAY.year, TODAY.month, TODAY.day, 10, 0))
    patch.setattr(clock, "today", lambda: TODAY)
    patch.setattr(clock, "now", lambda: moment)
