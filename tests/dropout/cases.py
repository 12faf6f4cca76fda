"""Cases brought about by the deeds themselves, so that every one is legal by construction."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from dropout.models import Cause, Kind, PlacementKind, Source, VisitResult, WatchAnswer, Way
from dropout.services import cases, closings, placements, visits
from registry.identity import number_index
from registry.models import Membership, OutsideList
from tests.children import id_number, make_child

FOUND = date(2025, 3, 3)


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 10, 0))


def after(days: int) -> date:
    return FOUND + timedelta(days=days)


def suspected(child, by, *, on: date = FOUND, **facts):
    facts = {"source": Source.DOOR_TO_DOOR, "found_on": on} | facts
    return cases.suspect(child, by=by, at=moment(on), **facts)


def confirmed(child, by, *, on: date = FOUND, cause=Cause.LEARNING, **facts):
    episode = suspected(child, by, on=on)
    facts = {"kind": Kind.DROPPED_OUT, "left_on": on - timedelta(days=40)} | facts
    return cases.confirm(episode, cause=cause, on=on, by=by, at=moment(on), **facts)


def visited(episode, by, *, on: date, **facts):
    facts = {"visitor": "巴图", "way": Way.HOME, "result": VisitResult.HESITATES} | facts
    return visits.record_visit(episode, on=on, by=by, at=moment(on), **facts)


def returned(episode, school, by, *, on: date, **facts):
    """Back in a class."""
    facts = {"kind": PlacementKind.SAME_CLASS, "grade": "13", "class_name": "1班"} | facts
    return placements.place(episode, school=school, began_on=on, by=by, at=moment(on), **facts)


def delayed(episode, by, *, on: date, until: date):
    return placements.place(
        episode,
        kind=PlacementKind.DELAY,
        began_on=on,
        authority="测试苏木人民政府",
        document_number="测〔2025〕1号",
        ends_on=until,
        by=by,
        at=moment(on),
    )


def at_home(episode, by, *, on: date, lessons_a_month: int = 4):
    placement = placements.place(
        episode, kind=PlacementKind.HOME, began_on=on, by=by, at=moment(on)
    )
    placements.plan_lessons(
        placement, lessons_a_month=lessons_a_month, minutes=80, by=by, at=moment(on)
    )
    return placement


def attended(placement, by, *, weeks: int = 2):
    day = placement.began_on + timedelta(weeks=weeks)
    return placements.confirm_attendance(placement, on=day, by=by, at=moment(day))


def watched_to_the_end(placement, by):
    for watch in placement.watches.order_by("days"):
        placements.answer_watch(watch, answer=WatchAnswer.PRESENT, by=by, at=moment(watch.due_on))


def closed(placement, asker, decider):
    """Everything that closing needs, then the second person."""
    attended(placement, asker)
    watched_to_the_end(placement, asker)
    on = placement.began_on + timedelta(days=95)
    episode = placement.episode
    closing = closings.ask_to_close(episode, proof="三次观察都在校", by=asker, at=moment(on))
    return closings.decide_closing(closing, accepted=True, by=decider, at=moment(on))


def one_of_each(unit, school, by, *, on: date) -> None:
    """What every figure counts: open for poverty and for learning, returned, taught at home."""
    poor = confirmed(make_child(residence=unit), by, on=on, cause=Cause.POVERTY)
    held = OutsideList.objects.create(department="RURAL", title="脱贫户", listed_on=on, unit=unit)
    Membership.objects.create(
        list=held,
        name="那仁",
        id_number=id_number(1),
        id_number_index=number_index(id_number(1)),
        category="POVERTY_EXIT",
        student=poor.case.student,
    )
    confirmed(make_child(residence=unit), by, on=on)
    returned(confirmed(make_child(residence=unit), by, on=on), school, by, on=on)
    placement = at_home(confirmed(make_child(residence=unit), by, on=on), by, on=on)
    placements.record_lesson(placement, on=on, teacher="其其格", minutes=80, by=by, at=moment(on))
