"""Visits to children who are out of school: a row is one visit."""

import json
from collections.abc import Iterable

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from common.changes.sql import stored_raw
from dropout.models import Case, Episode, Visit, VisitResult, Way
from dropout.report_kinds import columns
from dropout.report_kinds.children import (
    Children,
    cases_of_sheet,
    cases_told_of,
    numbers_of,
    said,
    source_of,
)
from dropout.report_kinds.rules import NotToCome
from dropout.services import undoing, visits
from intake.columns import BLANK, CLEAR, Choice, Day, PersonName, Text
from intake.kinds import ReportKind, Rule
from intake.rules import FirstBeforeLast
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored

PLAN = [Episode._meta.get_field("planned_on").column]
SAID = ("on", "visitor", "position", "way", "result", "next_on", "note")


class WayOrOther(Rule):
    """WayOrOther(way): who does not say how, has met in some other way."""

    title = _("没写“方式”的按“其他”")

    def __init__(self, way):
        self.way = way

    def check(self, chunk):
        name = self.way.name
        chunk.values[name] = [
            Way.OTHER.value if one is BLANK or one is CLEAR else one for one in chunk.values[name]
        ]
        return ()


def episode_on(case: Case | None, day) -> Episode | None:
    """The spell out of school that a day lies in."""
    if case is None or day is BLANK:
        return None
    for episode in case.episodes.order_by("-number"):
        if episode.found_on <= day and (episode.ended_on is None or day <= episode.ended_on):
            return episode
    return None


# What is stored ----------------------------------------------------------------------------------
def stored_visit(visit: Visit, number: str, unit: int | None = None) -> Stored:
    child = visit.episode.case.student
    values = {name: getattr(visit, name) for name in SAID}
    values |= {"name": child.name, "id_number": number}
    return Stored(
        visit.pk,
        visit.version,
        {name: None if value == "" else value for name, value in values.items()},
        unit_pk=unit,
        subject=str(visit),
        fault="recorded_before",
    )


def load_visits(rows, context) -> dict:
    """By the row's child, day, person and way; a line of a filled form, whose number is masked, by
    the visit that it was made for."""
    children, found = Children(rows, context), {}
    standing = Visit.objects.filter(withdrawn_at=None).select_related("episode__case__student")
    numbers = {case.pk: number for number, case in children.by_number.items()}
    for visit in standing.filter(episode__case__in=numbers):
        number = numbers[visit.episode.case_id]
        one = stored_visit(visit, number)
        found[number, visit.on, visit.visitor, visit.way] = one
    listed = standing.filter(
        pk__in=[row.token[0] for row in rows if row.token],
        episode__case__in=cases_told_of(context),
    )
    held = numbers_of(listed.values("episode__case__student"))
    for visit in listed:
        found[visit.pk] = stored_visit(visit, held.get(visit.episode.case.student_id, ""))
    return found


def all_visits(context) -> list[Stored]:
    cases = cases_of_sheet(context)
    numbers = numbers_of(cases.values("student"))
    standing = Visit.objects.filter(withdrawn_at=None, episode__case__in=cases)
    return [
        stored_visit(visit, numbers[visit.episode.case.student_id], context.unit.pk)
        for visit in standing.select_related("episode__case__student").order_by("on", "pk")
        if visit.episode.case.student_id in numbers
    ]


def judge_visits(rows, _stored, context) -> Iterable[RowFault]:
    children, kind = Children(rows, context), PersuasionRecords.columns
    for row in rows:
        wrong = list(children.faults(row, kind))
        yield from wrong
        case, day = children.case_of(row), row.values.get("on")
        if not wrong and case and day is not BLANK and episode_on(case, day) is None:
            yield RowFault(
                row.sheet, row.row, "on", "no_case_then", {"header": str(kind["on"].header)}
            )


# Writing -----------------------------------------------------------------------------------------
def write_visits(inserts: list[Row], _updates, recorder, context) -> None:
    """In the order of their days, so that the latest says when again; the date that one of them
    replaces is kept with it, for an undo."""
    children = Children(inserts, context)
    for row in sorted(inserts, key=lambda one: one.values["on"]):
        episode = episode_on(children.case_of(row), row.values["on"])
        before = json.loads(stored_raw(episode, PLAN))
        visit = visits.record_visit(
            episode,
            on=row.values["on"],
            visitor=row.values["visitor"],
            way=row.values["way"],
            result=row.values["result"],
            position=said(row, "position") or "",
            note=said(row, "note") or "",
            next_on=said(row, "next_on"),
            by=context.user,
            at=recorder.change_set.at,
            **source_of(recorder, row),
        )
        recorder.inserted(visit, sheet=row.sheet, row=row.row)
        if json.loads(stored_raw(episode, PLAN)) != before:
            recorder.updated(episode, before, root=visit, sheet=row.sheet, row=row.row)


class PersuasionRecords(ReportKind):
    slug = "persuasion-records"
    title = _("劝返记录")
    about = _("对失学辍学学生的劝返，一行是一次；按身份证号记到个案里。")
    permission = "dropout.record_visit"
    key = ("id_number", "on", "visitor", "way")

    name = columns.name_column()
    id_number = columns.id_column()
    on = Day("日期", also=("劝返日期", "劝返时间"), required=True, example="2025-09-10")  # data
    visitor = PersonName("劝返人", also=("劝返人员", "劝返责任人"), required=True)  # data
    position = Text("职务", also=("劝返人职务",), most=40)  # data
    way = Choice("方式", Way, also=("劝返方式",))  # data
    result = Choice("结果", VisitResult, also=("劝返结果",), required=True)  # data
    next_on = Day("下次日期", also=("下次劝返日期",))  # data
    note = Text("备注", also=("说明", "经过"), most=500)  # data

    rules = (WayOrOther(way), NotToCome(on), FirstBeforeLast(on, next_on))
    store = Deeds(
        load=load_visits,
        write=write_visits,
        judge=judge_visits,
        everything=all_visits,
        locks=("dropout.cases",),
        scoped=False,
    )

    def settle(self, change_set, context, at):
        """Visits that an undo takes back count no more: what the cases derive from them follows."""
        cases = cases_of_sheet(context)
        undoing.derive_anew(Episode.objects.open().filter(case__in=cases), localdate(at))
