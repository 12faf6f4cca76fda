"""What a promotion would do, school by school and grade by grade. Nothing is written here."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from common.models import RowChange
from common.periods import Kind, Period
from registry.models import Enrolment, Promotion, School, Student, Unit, schools_counting
from registry.services.grades import label_of, next_grade

PROMOTED = "registry.students_promoted"
DONE, NO_FACTS = "done", "no_facts"  # why nothing happens to a school


@dataclass(frozen=True)
class Move:
    """The children of one grade of one school: where they go, or that they leave."""

    school: Unit
    grade: str
    count: int
    since: date  # the first day in the new grade or school
    to_school: Unit | None = None
    to_grade: str = ""
    system: str = School.System.SIX_THREE
    goes_up: bool = True  # else only the school changes: it was merged after the year began

    @property
    def leaves(self) -> bool:
        return self.to_school is None

    @property
    def merges(self) -> bool:
        return self.to_school is not None and self.to_school != self.school

    @property
    def grade_label(self) -> str:
        return label_of(self.grade, self.system)

    @property
    def to_grade_label(self) -> str:
        return label_of(self.to_grade, self.system) if self.to_grade else ""


@dataclass
class SchoolPlan:
    """What happens to one school, or why nothing does."""

    school: Unit
    moves: list[Move] = field(default_factory=list)
    obstacle: str = ""  # one of the two above
    promotion: Promotion | None = None
    edited: int = 0  # children whom somebody changed since the year began: maybe up already
    unclear: int = 0  # in a grade that schools of this system do not have
    entered: int = 0  # came since the year began: in the right grade already
    waiting: int = 0  # would go up, were it not for the obstacle

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
    def last(self) -> date:
        """The old year's last day."""
        return self.on - timedelta(days=1)

    @property
    def unclear(self) -> int:
        return sum(one.unclear for one in self.schools)

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

    @property
    def entered(self) -> int:
        return sum(one.entered for one in self.schools)

    @property
    def done(self) -> list[SchoolPlan]:
        return [one for one in self.schools if one.obstacle == DONE]

    @property
    def without_facts(self) -> list[SchoolPlan]:
        return [one for one in self.schools if one.obstacle == NO_FACTS]


def plan_promotion(unit: Unit, *, on: date, edited_too: bool = False) -> Plan:
    """What a promotion of a unit's schools to the school year of a day would do; nothing is written."""
    period = Period.of(Kind.SCHOOL_YEAR, on)
    first = period.start
    schools = _schools_of(unit, first)
    standing = Promotion.objects.standing(period.code).filter(school__in=schools.values("pk"))
    done = {one.school_id: one for one in standing.select_related("change_set__by")}
    rows = going_up(first).filter(school__in=schools.values("pk"))
    edited = rows.filter(changed_since(first))
    waiting = _by_grade(rows if edited_too else rows.filter(~changed_since(first)))
    left = {} if edited_too else dict(edited.order_by().values_list("school").annotate(Count("pk")))
    orphans = _by_grade(_in_merged_schools(schools, first, on))
    entered = _by_grade(_come_since(schools, first))
    plans = []
    for school in schools:
        plan = SchoolPlan(school, promotion=done.get(school.pk), edited=left.get(school.pk, 0))
        _plangoing_up(plan, waiting.get(school.pk, {}), first)
        _plan_handing_on(plan, orphans.get(school.pk, {}))
        if not plan.promotion:
            plan.entered = sum(entered.get(school.pk, {}).values())
        if plan.moves or plan.edited or plan.obstacle or plan.unclear or plan.entered:
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


def going_up(first: date):
    """Enrolments of last year that still stand: whoever came since is in the right grade."""
    return Enrolment.objects.filter(valid_to=None, valid_from__lt=first, student__merged_into=None)


def _come_since(schools, first: date):
    """Enrolments that began in the new year: nobody asks them to go up."""
    return Enrolment.objects.filter(
        valid_to=None,
        valid_from__gte=first,
        school__in=schools.values("pk"),
        student__merged_into=None,
    )


def changed_since(first: date):
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


def _plangoing_up(plan: SchoolPlan, waiting: dict[str, int], first: date) -> None:
    facts = _facts_of(plan.school)
    if plan.promotion:
        plan.obstacle = DONE
    elif facts is None and waiting:
        plan.obstacle = NO_FACTS
    if plan.obstacle:
        plan.waiting = sum(waiting.values())
        return
    for grade, count in sorted(waiting.items()):
        try:
            up = next_grade(grade, facts.type, facts.system)
        except KeyError:
            plan.unclear += count
            continue
        to_school = _stays_or_merges(plan.school, first) if up else None
        plan.moves.append(Move(plan.school, grade, count, first, to_school, up or "", facts.system))


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
