"""Children go up, and back again: a few statements for each school and grade, one change set in all."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from common import audit, changes, jobs, locks
from common.models import ChangeSet, Job, RowChange
from common.periods import Period
from registry.models import Enrolment, Promotion, Student, Unit
from registry.services import history, students
from registry.services.enrolled import touch_enrolled
from registry.services.promotion.plans import (
    PROMOTED,
    Move,
    Plan,
    SchoolPlan,
    changed_since,
    going_up,
    plan_promotion,
)

UNDONE = "registry.promotion_undone"
JOB, UNDO_JOB = "registry.promote", "registry.undo_promotion"
AT_ONCE = 1000  # children whom a request may move while somebody waits
BATCH = 900  # keys in one statement, as SQLite's oldest builds allow
End = Enrolment.End


class NothingToDo(Exception):
    """No school of the unit has children who could go up."""


def promote(
    unit: Unit,
    *,
    by,
    at: datetime,
    on: date,
    schools: list[int] | None = None,
    edited_too: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ChangeSet:
    """Let all children of the unit's schools go up that have not gone up for this school year.

    `schools` narrows it to those that were looked at. A school goes up once for a school year:
    whoever comes second finds NothingToDo.
    """
    with transaction.atomic():
        locks.hold(students.LOCK)
        plan = plan_promotion(unit, on=on, edited_too=edited_too)
        to_do = [one for one in plan.to_do if schools is None or one.school.pk in schools]
        if not to_do:
            raise NothingToDo(unit.pk)
        total, done = sum(one.moved + one.leaving for one in to_do), 0
        title = f"{unit.name} {plan.period.code}"
        with changes.record(PROMOTED, by=by, at=at, title=title, subject=unit) as recorder:
            for one in to_do:
                for move in one.moves:
                    done += _write_move(move, edited_too, recorder)
                    if progress:
                        progress(done, total)
                _keep(one, plan.period, recorder.change_set)
        touched = {m.to_school.pk for one in to_do for m in one.moves if m.to_school}
        touch_enrolled(touched | {one.school.pk for one in to_do}, since=plan.on, on=at.date())
        audit.record(
            PROMOTED,
            unit,
            by=by,
            after={
                "period": plan.period.code,
                "schools": len(to_do),
                "moved_up": sum(one.moved for one in to_do),
                "graduated": sum(one.leaving for one in to_do),
            },
        )
    return recorder.change_set


def ask_to_promote(
    plan: Plan, *, by, at: datetime, on: date, schools: list[int]
) -> ChangeSet | Job:
    """The deed itself, or a Job that does it where it takes longer than a person waits."""
    if plan.count <= AT_ONCE:
        return promote(plan.unit, by=by, at=at, on=on, schools=schools, edited_too=plan.edited_too)
    key = f"{JOB}:{plan.unit.pk}:{plan.period.code}"
    return jobs.enqueue(
        JOB,
        by=by,
        unique_key=key,
        unit=plan.unit.pk,
        day=on.isoformat(),
        schools=schools,
        edited_too=plan.edited_too,
    )


def _keep(one: SchoolPlan, period: Period, change_set: ChangeSet) -> None:
    if one.promotion or not any(move.goes_up for move in one.moves):
        return
    Promotion.objects.create(
        school=one.school,
        period=period.code,
        change_set=change_set,
        moved_up=one.moved,
        graduated=one.leaving,
    )


def _write_move(move: Move, edited_too: bool, recorder: changes.Recorder) -> int:
    """End the old enrolments of a school and grade; open the new ones."""
    old = list(_rows_of(move, edited_too).order_by("pk"))
    reason = End.GRADUATED if move.leaves else End.MERGED if move.merges else End.MOVED_UP
    for some in _batches([one.pk for one in old]):
        Enrolment.objects.filter(pk__in=some).update(
            valid_to=move.since - timedelta(days=1), end_reason=reason
        )
    new = {} if move.leaves else _open_new(move, old)
    kept = _keep_leavers(move, old) if move.leaves else {}
    for some in _batches([one.student_id for one in old]):
        Student.objects.filter(pk__in=some).update(version=F("version") + 1)
    recorder.add_rows(_recorded(old, new, kept))
    return len(old)


def _rows_of(move: Move, edited_too: bool):
    rows = Enrolment.objects.filter(school=move.school, grade=move.grade)
    if not move.goes_up:
        return rows.filter(valid_to=None, valid_from__lt=move.since, student__merged_into=None)
    rows = rows.filter(pk__in=going_up(move.since).values("pk"))
    return rows if edited_too else rows.filter(~changed_since(move.since))


def _open_new(move: Move, old: list[Enrolment]) -> dict[int, Enrolment]:
    """{student: the enrolment of the new year}; who is at that school already keeps that one."""
    there = set()
    if move.merges:
        for some in _batches([one.student_id for one in old]):
            open_ones = Enrolment.objects.filter(
                student__in=some, school=move.to_school, valid_to=None
            )
            there.update(open_ones.values_list("student_id", flat=True))
    new = [
        Enrolment(
            student_id=one.student_id,
            school=move.to_school,
            grade=move.to_grade,
            class_name=one.class_name,
            boards=one.boards,
            entered_on=None if move.merges else one.entered_on,
            valid_from=move.since,
        )
        for one in old
        if one.student_id not in there
    ]
    Enrolment.objects.bulk_create(new, batch_size=1000)
    return {one.student_id: one for one in new}


def _keep_leavers(move: Move, old: list[Enrolment]) -> dict[int, int | None]:
    """Who goes nowhere now stays with the school; returns {student: who kept it before}."""
    kept: dict[int, int | None] = {}
    for some in _batches([one.student_id for one in old]):
        leaving = Student.objects.filter(pk__in=some).filter(
            ~Exists(Enrolment.objects.filter(student=OuterRef("pk"), valid_to=None))
        )
        kept.update(leaving.values_list("pk", "kept_by"))
        leaving.update(kept_by=move.school)
    return kept


def _recorded(old: list[Enrolment], new: dict[int, Enrolment], kept: dict) -> Iterator[tuple]:
    root, table = Student._meta.db_table, Enrolment._meta.db_table
    before = {"valid_to": None, "end_reason": ""}
    for one in old:
        parts = [[table, one.pk, RowChange.Verb.UPDATED, before]]
        if one.student_id in new:
            parts.append([table, new[one.student_id].pk, RowChange.Verb.INSERTED])
        if one.student_id in kept:
            was = {"kept_by_id": kept[one.student_id]}
            parts.append([root, one.student_id, RowChange.Verb.UPDATED, was])
        yield root, one.student_id, RowChange.Verb.UPDATED, None, None, parts


def _batches(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), BATCH):
        yield pks[start : start + BATCH]


# Taking it back ------------------------------------------------------------------------------------------
def ask_to_undo(change_set: ChangeSet, *, by, at: datetime) -> changes.Undone | Job:
    """As `ask_to_promote`, the other way."""
    if change_set.rows.filter(undone_at=None).count() <= AT_ONCE:
        return undo_promotion(change_set, by=by, at=at)
    key = f"{UNDO_JOB}:{change_set.pk}"
    return jobs.enqueue(UNDO_JOB, by=by, unique_key=key, change_set=change_set.pk)


def undo_promotion(change_set: ChangeSet, *, by, at: datetime) -> changes.Undone:
    """Last year's enrolments stand again, but where somebody has worked on a child since."""
    with transaction.atomic():
        locks.hold(students.LOCK)
        schools = history.schools_of(change_set)
        undone = changes.undo(change_set, by=by, at=at)
        first = min((p.start for p in _periods(change_set)), default=at.date())
        if undone.undone:
            change_set.promotions.filter(undone_at=None).update(undone_at=at)
        touch_enrolled(schools, since=first, on=at.date())
        audit.record(
            UNDONE,
            Unit.objects.get(pk=change_set.subject_pk),
            by=by,
            after={"undone": undone.undone, "left": len(undone.left)},
        )
    return undone


def _periods(change_set: ChangeSet) -> list[Period]:
    codes = change_set.promotions.values_list("period", flat=True).distinct()
    return [Period.parse(code) for code in codes]
