"""What a night does: approvals that ran out, looks that have fallen due, units that were merged."""

from collections import Counter
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from common import audit, inbox
from common.models import User
from dropout.models import SETTLED, Case, Episode, Placement, Watch
from dropout.services import touched
from dropout.services.cases import move_case
from dropout.services.deeds import grow, hold_case
from dropout.services.rules import in_force
from dropout.services.states import differing, refresh_state
from registry.models import Posting, Unit
from registry.roles import Role

RETURNED = "dropout.approval_ran_out"
REFRESHED = "dropout.state_refreshed"
MOVED = "dropout.case_moved_with_unit"


def keep_up(*, at: datetime, on: date) -> dict:
    """Everything that time has moved since the last night; a second run changes nothing."""
    return {
        "moved": follow_merged_units(at=at, on=on),
        "returned": bring_back(at=at, on=on),
        "refreshed": refresh_all(on=on),
        "told": tell_of_due_watches(at=at, on=on),
    }


def bring_back(*, at: datetime, on: date) -> int:
    """Children whose approved delay or suspension is over are out of school again."""
    ran_out = Placement.objects.run_out(on).filter(episode=OuterRef("pk"))
    back = Episode.objects.open().of_state(SETTLED).filter(Exists(ran_out))
    rules, count = in_force(), 0
    units: Counter = Counter()
    for pk in list(back.values_list("pk", flat=True)):
        with transaction.atomic():
            case = hold_case(Episode.objects.get(pk=pk).case_id)
            episode = Episode.objects.get(pk=pk)
            episode.case = case
            before = episode.state
            if not refresh_state(episode, on, rules):
                continue
            grow(case)
            since = episode.confirmed_on
            touched.touch(touched.OF_CASES, [case.unit_id], since=since, on=on)
            told = {"before": {"state": before}, "after": {"state": episode.state}}
            audit.record(RETURNED, case, by=None, **told)
            units[case.unit_id] += 1
            count += 1
    for unit, number in units.items():
        text = _("%(n)s 名学生的延缓入学或休学期满，个案回到名单上。") % {"n": number}
        _tell_officials(Unit.objects.get(pk=unit), text, at=at, on=on)
    return count


def refresh_all(*, on: date) -> int:
    """Open episodes whose stored state or date is not the derived one: a setting has changed."""
    rules, count = in_force(), 0
    for pk in [one.pk for one in differing(Episode.objects.open(), on)]:
        with transaction.atomic():
            hold_case(Episode.objects.get(pk=pk).case_id)
            count += refresh_state(Episode.objects.get(pk=pk), on, rules)
    if count:
        audit.record(REFRESHED, by=None, after={"episodes": count})
    return count


def follow_merged_units(*, at: datetime, on: date) -> int:
    """Cases of a unit that was merged go to the unit it went into; so do their school and township."""
    orphaned = Case.objects.living().filter(unit__successor__isnull=False, unit__valid_to__lt=on)
    moved = 0
    for pk in list(orphaned.values_list("pk", flat=True)):
        with transaction.atomic():
            case = hold_case(pk)
            to = _successor(case.unit, on)
            if to.pk != case.unit_id:
                move_case(case, to, by=None, at=at, verb=MOVED)
                moved += 1
    return moved + sum(_follow_place(place, at=at, on=on) for place in ("school", "township"))


def _follow_place(place: str, *, at: datetime, on: date) -> int:
    """Who reports for the new school tells of the child from then on, and answers its looks."""
    gone = {f"{place}__successor__isnull": False, f"{place}__valid_to__lt": on}
    moved = 0
    for pk in list(Case.objects.living().filter(**gone).values_list("pk", flat=True)):
        with transaction.atomic():
            case = hold_case(pk)
            before = getattr(case, place)
            to = _successor(before, on)
            if to.pk == before.pk:
                continue
            setattr(case, place, to)
            case.save(update_fields=[place])
            grow(case)
            words = {"before": {place: before.name}, "after": {place: to.name}}
            audit.record(MOVED, case, by=None, **words)
            moved += 1
    return moved


def _successor(unit: Unit, on: date) -> Unit:
    while unit.successor_id and unit.valid_to and unit.valid_to < on:
        unit = unit.successor
    return unit


def tell_of_due_watches(*, at: datetime, on: date) -> int:
    """A line to each school of how many children it has to look at; the unit's officials, where none."""
    due = Watch.objects.due_by(on).filter(due_on=on)
    schools = Counter(due.values_list("placement__school", flat=True))
    schools.pop(None, None)
    told = 0
    for school in Unit.objects.filter(pk__in=schools).for_list():
        text = _("有 %(n)s 名返校学生到了巩固观察的日子，请回答在不在校。") % {
            "n": schools[school.pk]
        }
        reporters = Posting.objects.in_force(on).filter(unit=school, role=Role.SCHOOL)
        people = User.objects.active().filter(pk__in=reporters.order_by().values("user"))
        if people.exists():
            told += inbox.send(people, text, by=None, at=at)
        else:
            told += _tell_officials(school, text, at=at, on=on)
    return told


def _tell_officials(unit: Unit, text: str, *, at: datetime, on: date) -> int:
    posted = Posting.objects.reporting_for(unit, on).order_by()
    return inbox.send(User.objects.filter(pk__in=posted.values("user")), text, by=None, at=at)
