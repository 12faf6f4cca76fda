"""What each child is to get in a term, from where it goes to school, how it is recognised, and the
standards of that term.

Two readings and one writing whatever the number of children. Only money that goes to the child is
expected child by child; what is waived, given in kind or paid to the school is not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from common import jobs, locks, options
from common.periods import Period
from registry.models import Closure, Enrolment, in_force
from subsidies.models import Award, Programme, Recognition, Standard, stage_of

LOCK = "subsidies.awards"
AT_ONCE = 2000
_WRITTEN = ("unit", "amount", "standard", "recognition", "why", "computed_at")


@dataclass(frozen=True)
class Expected:
    """What a run has changed. `boarding_unknown` are children whose amount hangs on whether they
    board, which nobody has told: nothing is expected for them until somebody does."""

    made: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    boarding_unknown: int = 0

    def __add__(self, other: "Expected") -> "Expected":
        sums = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)
        }
        return Expected(**sums)


@dataclass(frozen=True, slots=True)
class Child:
    """What standards ask of a child in a term."""

    student: int
    school: int
    grade: str
    boards: bool | None
    recognition: int | None
    level: str
    group: str


def expect(term: str, units: Iterable, at: datetime) -> Expected:
    """Work the awards of a term out anew for all schools under the units."""
    on = timezone.localdate(at)
    below = Closure.objects.filter(in_force(on), ancestor__in=[unit.pk for unit in units])
    schools = below.values("descendant")
    return _work_out(Period.parse(term), at, Q(school__in=schools), Q(unit__in=schools))


@transaction.atomic
def expect_for(students: Iterable[int], term: str, at: datetime) -> Expected:
    """The same for some children, after a deed about them."""
    students, done = sorted(set(students)), Expected()
    for start in range(0, len(students), AT_ONCE):
        some = students[start : start + AT_ONCE]
        these = Q(student__in=some)
        done += _work_out(Period.parse(term), at, these, these, some)
    return done


@transaction.atomic
def _work_out(term: Period, at: datetime, enrolled: Q, held: Q, students=None) -> Expected:
    locks.hold(LOCK)
    rates = Rates(term, on=timezone.localdate(at))
    enrolments = enrolments_that_count(term, timezone.localdate(at)).filter(enrolled)
    recognitions = _recognitions(term, enrolments, students)
    if not rates.for_everyone:
        enrolments = enrolments.filter(student__in=_filed(term).values("student"))
    wanted, unknown = {}, 0
    for child in _children(enrolments, recognitions):
        awards = list(rates.of(child))
        unknown += any(award is None for award in awards)
        for award in awards:
            if award is not None:
                award.computed_at = at
                wanted[award.student_id, award.programme_id] = award
    return _store(term, wanted, held | Q(student__in=enrolments.values("student")), unknown)


# Who counts --------------------------------------------------------------------------------------
def counted_from(term: Period, after: int | None = None) -> date:
    """A child who left before this day of the term has nothing to expect; `after` is the option, if it
    is known."""
    days = options.get("subsidies.counted_after") if after is None else after
    return term.start + timedelta(days=days)


def enrolments_that_count(term: Period, on: date, after: int | None = None):
    """One for each child: of those that hold once the term's roll settles, or begin later in it, the
    earliest, wherever it is; so a child of two schools is expected to be aided once."""
    last = min(on, term.end)
    settled = min(counted_from(term, after), max(last, term.start))
    window = Enrolment.objects.filter(valid_from__lte=last).filter(
        Q(valid_to=None) | Q(valid_to__gte=settled)
    )
    earlier = window.filter(student=OuterRef("student")).filter(
        Q(valid_from__lt=OuterRef("valid_from"))
        | Q(valid_from=OuterRef("valid_from"), pk__lt=OuterRef("pk"))
    )
    return window.filter(~Exists(earlier), student__merged_into=None)


def _filed(term: Period):
    return Recognition.objects.filed().of_term(term.code)


def _recognitions(term: Period, enrolments, students) -> dict[int, tuple]:
    filed = _filed(term)
    of = {"student__in": students if students is not None else enrolments.values("student")}
    rows = filed.filter(**of).values_list("student", "pk", "level", "group")
    return {student: rest for student, *rest in rows.iterator(chunk_size=AT_ONCE)}


def _children(enrolments, recognitions) -> Iterator[Child]:
    rows = enrolments.order_by().values_list("student", "school", "grade", "boards")
    for student, school, grade, boards in rows.iterator(chunk_size=AT_ONCE):
        recognition, level, group = recognitions.get(student, (None, "", ""))
        yield Child(student, school, grade, boards, recognition, level, group)


# What a child gets -------------------------------------------------------------------------------
@dataclass
class Rates:
    """The standards of a term, by what is asked first: programme and stage."""

    term: Period
    on: date
    by_stage: dict[str, dict[int, list[Standard]]] = field(default_factory=dict)
    schools: dict[int, set[int]] = field(default_factory=dict)  # of local programmes
    for_everyone: bool = False

    def __post_init__(self):
        P = Programme
        standards = (
            Standard.objects.in_force(self.term.start)
            .filter(programme__form=P.Form.MONEY, programme__paid_to=P.PaidTo.CHILD)
            .exclude(programme__entitles=P.Entitles.CHOSEN)
            .exclude(amount=None)
            .select_related("programme")
        )
        for one in standards:
            if one.amount_of(self.term) is None:
                continue
            self.by_stage.setdefault(one.stage, {}).setdefault(one.programme_id, []).append(one)
            self.for_everyone |= one.programme.entitles == P.Entitles.EVERYONE
            if one.programme.unit_id:
                self.schools.setdefault(one.programme_id, set())
        for some in self.by_stage.values():
            for standards in some.values():
                standards.sort(key=_how_narrow, reverse=True)
        self._find_local_schools()

    def _find_local_schools(self) -> None:
        pairs = Closure.objects.filter(
            in_force(self.on), ancestor__programmes__in=list(self.schools), counts=True
        )
        for programme, school in pairs.values_list("ancestor__programmes", "descendant"):
            if programme in self.schools:
                self.schools[programme].add(school)

    def of(self, child: Child) -> Iterator[Award | None]:
        """Its awards; None where one hangs on whether the child boards, and that is not known."""
        for programme, standards in self.by_stage.get(stage_of(child.grade), {}).items():
            if programme in self.schools and child.school not in self.schools[programme]:
                continue
            fitting = [one for one in standards if _fits(one, child)]
            if child.boards is None and any(one.boards is not None for one in fitting):
                yield None
                continue
            best = next((one for one in fitting if one.judges), None)
            if best is not None:
                yield self._award(child, best, _doubtful(fitting, best))

    def _award(self, child: Child, standard: Standard, doubtful: list[Standard]) -> Award:
        """`unsure` names standards that fit the child better and that nobody has confirmed."""
        why = {
            "grade": child.grade,
            "boards": child.boards,
            "level": child.level,
            "group": child.group,
        }
        if doubtful:
            why["unsure"] = [one.pk for one in doubtful]
        return Award(
            student_id=child.student,
            programme_id=standard.programme_id,
            term=self.term.code,
            unit_id=child.school,
            amount=standard.amount_of(self.term),
            standard=standard,
            recognition_id=child.recognition if _asks_recognition(standard) else None,
            why=why,
        )


def _asks_recognition(standard: Standard) -> bool:
    return standard.programme.entitles == Programme.Entitles.RECOGNISED


def _how_narrow(standard: Standard) -> tuple:
    """Of several standards that fit a child the narrowest is meant."""
    return (
        bool(standard.group),
        bool(standard.level),
        bool(standard.grades),
        standard.boards is not None,
    )


def _doubtful(fitting: list[Standard], best: Standard) -> list[Standard]:
    """Those that would be meant if somebody confirmed them."""
    return [one for one in fitting if not one.judges and _how_narrow(one) > _how_narrow(best)]


def _fits(standard: Standard, child: Child) -> bool:
    """As far as is known: where boarding is not, either kind fits."""
    if _asks_recognition(standard) and not child.recognition:
        return False
    return (
        (not standard.level or standard.level == child.level)
        and (not standard.group or standard.group == child.group)
        and (not standard.grades or child.grade in standard.grades)
        and (None in (standard.boards, child.boards) or standard.boards == child.boards)
    )


# Writing -----------------------------------------------------------------------------------------
def _store(term: Period, wanted: dict, held: Q, unknown: int) -> Expected:
    """Write what differs; an award whose ground is gone goes with it."""
    stored = Award.objects.of_term(term.code)
    have = {(one.student_id, one.programme_id): one for one in stored.filter(held)}
    changed = [one for key, one in wanted.items() if key in have and _differs(one, have[key])]
    fresh = [one for key, one in wanted.items() if key not in have]
    gone = [one.pk for key, one in have.items() if key not in wanted]
    Award.objects.bulk_create(
        [*fresh, *changed],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["student", "programme", "term"],
        update_fields=_WRITTEN,
    )
    for start in range(0, len(gone), AT_ONCE):
        Award.objects.filter(pk__in=gone[start : start + AT_ONCE]).delete()
    same = len(wanted) - len(fresh) - len(changed)
    if same < len(wanted) or gone:
        jobs.announce("subsidies.awards")
    return Expected(len(fresh), len(changed), len(gone), same, unknown)


def _differs(one: Award, other: Award) -> bool:
    return any(
        getattr(one, name) != getattr(other, name)
        for name in ("unit_id", "amount", "standard_id", "recognition_id", "why")
    )
