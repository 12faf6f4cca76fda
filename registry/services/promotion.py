"""September: a school's children go up a year, its last year leaves, merged schools hand theirs on.

One deed for a school or for all of a banner, looked at before it is done and taken back after it.
The children themselves are written by a few statements for each school and grade.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from common import audit, changes, locks
from common.models import ChangeSet, RowChange
from common.periods import Kind, Period
from registry.models import Enrolment, Grade, Promotion, School, Student, Unit, schools_counting
from registry.services import history, students
from registry.services.enrolled import touch_enrolled
from registry.services.grades import next_grade

PROMOTED = "registry.students_promoted"
UNDONE = "registry.promotion_undone"
BATCH = 900  # keys in one statement, as SQLite's oldest builds allow
End = Enrolment.End


class TooSoon(Exception):
    """The school year that children would go up to has not begun."""


class NothingToDo(Exception):
    """No school of the unit has children who could go up."""


# Looking at it -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Move:
    """The children of one grade of one school: where they go, or that they leave."""

    school: Unit
    grade: str
    count: int
    since: date  # the first day in the new grade or school
    to_school: Unit | None = None
    to_grade: str = ""
    goes_up: bool = True  # else only the school changes: it was merged after the year began

    @property
    def leaves(self) -> bool:
        return self.to_school is None

    @property
    def merges(self) -> bool:
        return self.to_school is not None and self.to_school != self.school

    @property
    def grade_label(self) -> str:
        return str(Grade(self.grade).label)

    @property
    def to_grade_label(self) -> str:
        return str(Grade(self.to_grade).label) if self.to_grade else ""


@dataclass
class SchoolPlan:
    """What happens to one school, or why nothing does."""

    school: Unit
    moves: list[Move] = field(default_factory=list)
    obstacle: str = ""  # "done", "no_facts"
    promotion: Promotion | None = None
    edited: int = 0  # children whom somebody changed since the year began: maybe up already
    unclear: int = 0  # in a grade that schools of this system do not have

    @property
    def moved(self) -> int:
        return sum(move.count for move in self.moves if not move.leaves)

    @property
    def leaving(self) -> int:
        return sum(move.count for move in self.moves if move.leaves)


@dataclass
class Plan:
    """All that a promotion of a unit to a school year would do."""

    unit: Unit
    period: Period
    schools: list[SchoolPlan]
    edited_too: bool = False  # children who were changed since the year began go up as well

    @property
    def on(self) -> date:
        return self.period.start

    @property
    def to_do(self) -> list[SchoolPlan]:
        return [one for one in self.schools if one.moves]

    @property
    def moved(self) -> int:
        return sum(one.moved for one in self.schools)

    @property
    def leaving(self) -> int:
        return sum(one.leaving for one in self.schools)

    @property
    def count(self) -> int:
        return self.moved + self.leaving

    @property
    def edited(self) -> int:
        return sum(one.edited for one in self.schools)


def plan_promotion(unit: Unit, *, on: date, edited_too: bool = False) -> Plan:
    """What a promotion of a unit's schools to the school year of a day would do; nothing is written."""
    period = Period.of(Kind.SCHOOL_YEAR, on)
    first = period.start
    schools = _schools_of(unit, first)
    standing = Promotion.objects.standing(period.code).filter(school__in=schools.values("pk"))
    done = {one.school_id: one for one in standing.select_related("change_set__by")}
    rows = _going_up(first).filter(school__in=schools.values("pk"))
    edited = rows.filter(_changed_since(first))
    waiting = _by_grade(rows if edited_too else rows.filter(~_changed_since(first)))
    left = {} if edited_too else dict(edited.order_by().values_list("school").annotate(Count("pk")))
    orphans = _by_grade(_in_merged_schools(schools, first, on))
    plans = []
    for school in schools:
        plan = SchoolPlan(school, promotion=done.get(school.pk), edited=left.get(school.pk, 0))
        _plan_going_up(plan, waiting.get(school.pk, {}), first)
        _plan_handing_on(plan, orphans.get(school.pk, {}))
        if plan.moves or plan.edited or plan.obstacle or plan.unclear:
            plans.append(plan)
    return Plan(unit, period, plans, edited_too)


def _schools_of(unit: Unit, first: date):
    """The schools that count in a unit when the year begins, and what was merged into them."""
    below = schools_counting(first).filter(ancestor=unit).values("descendant")
    return (
        Unit.objects.filter(Q(pk__in=below) | Q(successor__in=below), kind=Unit.Kind.SCHOOL)
        .select_related("school", "successor__successor", "successor__school")
        .order_by("sort_no", "sort_key", "pk")
    )


def _going_up(first: date):
    """Enrolments of last year that still stand: whoever came since is in the right grade."""
    return Enrolment.objects.filter(valid_to=None, valid_from__lt=first, student__merged_into=None)


def _changed_since(first: date):
    """Something was written to the child since the year began: by a new roster, or by hand."""
    return Exists(
        RowChange.objects.filter(
            root=Student._meta.db_table,
            root_pk=OuterRef("student"),
            undone_at=None,
            change_set__at__date__gte=first,
        ).exclude(change_set__code=PROMOTED)
    )


def _in_merged_schools(schools, first: date, on: date):
    """This year's enrolments at schools that were merged meanwhile."""
    merged = schools.filter(valid_to__lt=on, successor__isnull=False)
    return Enrolment.objects.filter(
        valid_to=None,
        valid_from__gte=first,
        valid_from__lte=F("school__valid_to"),
        school__in=merged.values("pk"),
        student__merged_into=None,
    )


def _by_grade(rows) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted = rows.order_by().values_list("school", "grade").annotate(Count("pk"))
    for school, grade, count in counted:
        found[school][grade] = count
    return found


def _plan_going_up(plan: SchoolPlan, waiting: dict[str, int], first: date) -> None:
    facts = _facts_of(plan.school)
    if plan.promotion:
        plan.obstacle = "done"
    elif facts is None and waiting:
        plan.obstacle = "no_facts"
    if plan.obstacle:
        return
    for grade, count in sorted(waiting.items()):
        try:
            up = next_grade(grade, facts.type, facts.system)
        except KeyError:
            plan.unclear += count
            continue
        to_school = _stays_or_merges(plan.school, first) if up else None
        plan.moves.append(Move(plan.school, grade, count, first, to_school, up or ""))


def _plan_handing_on(plan: SchoolPlan, orphans: dict[str, int]) -> None:
    for grade, count in sorted(orphans.items()):
        since = plan.school.valid_to + timedelta(days=1)
        into = _stays_or_merges(plan.school, since)
        plan.moves.append(Move(plan.school, grade, count, since, into, grade, goes_up=False))


def _facts_of(school: Unit) -> School | None:
    """What the portal knows of a school; of a merged one, else of the school it went into."""
    for unit in (school, school.successor):
        if unit is not None and hasattr(unit, "school"):
            return unit.school
    return None


def _stays_or_merges(school: Unit, first: date) -> Unit:
    if school.successor and school.valid_to and school.valid_to < first:
        return school.successor.successor or school.successor
    return school


# Doing it ----------------------------------------------------------------------------------------------
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
        if on < plan.on:
            raise TooSoon(plan.period.code)
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
    rows = rows.filter(pk__in=_going_up(move.since).values("pk"))
    return rows if edited_too else rows.filter(~_changed_since(move.since))


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
