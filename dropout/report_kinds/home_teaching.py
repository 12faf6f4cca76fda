"""Lessons at a child's home: a row is one visit of a teacher."""

from collections.abc import Iterable

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from dropout.models import Case, Episode, HomeLesson, Placement, PlacementKind
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
from dropout.services import placements, touched, undoing
from intake.columns import BLANK, CLEAR, Count, Day, PersonName, Text, YesNo
from intake.faults import declare
from intake.kinds import ReportKind, Rule
from intake.stores.base import RowFault
from intake.stores.deeds import Deeds, Row, Stored

declare(
    {
        "took_no_time": (
            _("“%(header)s”不能是 0"),
            _("填实际的时长；没有送成的，删掉这一行。"),
        )
    }
)

SAID = ("on", "teacher", "minutes", "content", "guardian_signed", "note")
MINUTES = 40  # of one lesson, where a sheet counts lessons; a proposal, told in the form
LONGEST = 600


class MinutesOfLessons(Rule):
    """MinutesOfLessons(minutes, lessons): one of the two says how long it was."""

    title = _("“分钟”或“课时”填一个；只写课时的，一课时按 40 分钟")

    def __init__(self, minutes, lessons):
        self.minutes, self.lessons = minutes, lessons

    def check(self, chunk):
        name, params = self.minutes.name, {"header": str(self.minutes.header)}
        filled = list(chunk.values[name])
        for at, lessons in enumerate(chunk.values[self.lessons.name]):
            if filled[at] in (BLANK, CLEAR) and lessons not in (BLANK, CLEAR):
                filled[at] = lessons * MINUTES
            if filled[at] in (BLANK, CLEAR):
                yield at, name, "required", params
            elif filled[at] < 1:
                yield at, name, "took_no_time", params
        chunk.values[name] = filled


def placement_on(case: Case | None, day) -> Placement | None:
    """The home teaching of a case that a day lies in."""
    if case is None or day is BLANK:
        return None
    found = Placement.objects.filter(
        episode__case=case, kind=PlacementKind.HOME, withdrawn_at=None, began_on__lte=day
    ).select_related("episode")
    for placement in found.order_by("-began_on", "-pk"):
        last = placement.ended_on or placement.episode.ended_on
        if last is None or day <= last:
            return placement
    return None


# What is stored ----------------------------------------------------------------------------------
def standing_lessons():
    return HomeLesson.objects.filter(withdrawn_at=None).select_related(
        "placement__episode__case__student"
    )


def case_of(lesson: HomeLesson) -> Case:
    return lesson.placement.episode.case


def stored_lesson(lesson: HomeLesson, number: str, unit: int | None = None) -> Stored:
    values = {name: getattr(lesson, name) for name in SAID}
    values |= {"name": case_of(lesson).student.name, "id_number": number}
    return Stored(
        lesson.pk,
        lesson.version,
        {name: None if value == "" else value for name, value in values.items()},
        unit_pk=unit,
        subject=str(lesson),
        fault="recorded_before",
    )


def load_lessons(rows, context) -> dict:
    """By the row's child, day and teacher; a line of a filled form by what it was made for."""
    children, found = Children(rows, context), {}
    numbers = {case.pk: number for number, case in children.by_number.items()}
    for lesson in standing_lessons().filter(placement__episode__case__in=numbers):
        number = numbers[lesson.placement.episode.case_id]
        found[number, lesson.on, lesson.teacher] = stored_lesson(lesson, number)
    listed = standing_lessons().filter(
        pk__in=[row.token[0] for row in rows if row.token],
        placement__episode__case__in=cases_told_of(context),
    )
    held = numbers_of(listed.values("placement__episode__case__student"))
    for lesson in listed:
        found[lesson.pk] = stored_lesson(lesson, held.get(case_of(lesson).student_id, ""))
    return found


def all_lessons(context) -> list[Stored]:
    cases = cases_of_sheet(context)
    numbers = numbers_of(cases.values("student"))
    listed = standing_lessons().filter(placement__episode__case__in=cases)
    return [
        stored_lesson(lesson, numbers[case_of(lesson).student_id], context.unit.pk)
        for lesson in listed.order_by("on", "pk")
        if case_of(lesson).student_id in numbers
    ]


def judge_lessons(rows, _stored, context) -> Iterable[RowFault]:
    children, kind = Children(rows, context), HomeTeaching.columns
    params = {"header": str(kind["on"].header)}
    for row in rows:
        wrong = list(children.faults(row, kind))
        yield from wrong
        case, day = children.case_of(row), row.values.get("on")
        if not wrong and case and day is not BLANK and placement_on(case, day) is None:
            yield RowFault(row.sheet, row.row, "on", "no_case_then", params)


# Writing -----------------------------------------------------------------------------------------
def write_lessons(inserts: list[Row], _updates, recorder, context) -> None:
    children = Children(inserts, context)
    for row in inserts:
        lesson = placements.record_lesson(
            placement_on(children.case_of(row), row.values["on"]),
            on=row.values["on"],
            teacher=row.values["teacher"],
            minutes=row.values["minutes"],
            content=said(row, "content") or "",
            guardian_signed=said(row, "guardian_signed"),
            note=said(row, "note") or "",
            by=context.user,
            at=recorder.change_set.at,
            **source_of(recorder, row),
        )
        recorder.inserted(lesson, sheet=row.sheet, row=row.row)


class HomeTeaching(ReportKind):
    slug = "home-teaching"
    title = _("送教上门记录")
    about = _("送教上门的学生，一行是一次送教；按身份证号记到个案的安置里。")
    permission = "dropout.record_visit"
    key = ("id_number", "on", "teacher")
    either = (("minutes", "lessons"),)

    name = columns.name_column()
    id_number = columns.id_column()
    on = Day("日期", also=("送教日期", "送教时间"), required=True, example="2025-09-10")  # data
    teacher = PersonName("教师", also=("送教教师", "教师姓名"), required=True)  # data
    minutes = Count(
        "分钟",  # data
        also=("送教分钟", "时长(分钟)"),  # data
        units=("分钟", "分"),  # data
        most=LONGEST,
    )
    lessons = Count(
        "课时",  # data
        also=("送教课时",),  # data
        units=("课时", "节"),  # data
        most=LONGEST // MINUTES,
        note=_("写了分钟的不用填；一课时按 40 分钟。"),
    )
    content = Text("内容", also=("送教内容",), most=300)  # data
    guardian_signed = YesNo("监护人签字", also=("家长签字",), yes=("已签",), no=("未签",))  # data
    note = Text("备注", also=("说明",))  # data

    rules = (MinutesOfLessons(minutes, lessons), NotToCome(on))
    store = Deeds(
        load=load_lessons,
        write=write_lessons,
        judge=judge_lessons,
        everything=all_lessons,
        locks=("dropout.cases",),
        scoped=False,
    )

    def settle(self, change_set, context, at):
        """Lessons that an undo takes back count no more, in states and in figures."""
        cases, today = cases_of_sheet(context), localdate(at)
        undoing.derive_anew(Episode.objects.open().filter(case__in=cases), today)
        taught = cases.filter(episodes__placements__kind=PlacementKind.HOME)
        if units := set(taught.values_list("unit", flat=True)):
            first = Placement.objects.filter(episode__case__in=taught, kind=PlacementKind.HOME)
            since = min(first.values_list("began_on", flat=True))
            touched.touch([touched.LESSONS], list(units), since=since, on=today)
