"""What is counted, as querysets: a figure's number and the list behind it cannot disagree.

A child counts once: of several episodes of one case in a period it is the last that tells.
"""

from collections import Counter
from datetime import date
from statistics import median

from django.db.models import Count, Exists, OuterRef, Q

from common.periods import Kind as PeriodKind
from common.periods import Period, between
from dropout.models import (
    AttendanceReturn,
    Case,
    Cause,
    End,
    Episode,
    HomeLesson,
    HomePlan,
    Placement,
    Step,
    StepKind,
    Visit,
)
from dropout.services import touched
from registry.models import Category, Student, children_on, schools_counting

CONFIRMED = "dropout.confirmed"  # no figure of its own: of whom the returned are a share
CAUSED = {touched.OPEN_POVERTY: Cause.POVERTY, touched.OPEN_LEARNING: Cause.LEARNING}


# Episodes of a period ------------------------------------------------------------------------------
def standing_on(on: date):
    """Confirmed by a day and not ended then: closed by two people, ruled out, or left again."""
    living = Episode.objects.filter(case__merged_into=None)
    return living.confirmed_by(on).not_ended_on(on)


def confirmed_in(period: Period):
    """Confirmed in a period and not ruled out since, one for each child: the last."""
    first, last = period.start, period.end
    found = Episode.objects.confirmed_in(first, last).exclude(end=End.RULED_OUT)
    later = found.filter(case=OuterRef("case"), number__gt=OuterRef("number"))
    return found.filter(~Exists(later), case__merged_into=None)


def placed_by(on: date) -> Q:
    """Brought back by a day and not away again, nor an approval run out by then."""
    held = (
        Placement.objects.standing()
        .filter(Q(ended_on=None) | Q(ended_on__gt=on), episode=OuterRef("pk"), began_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
    )
    left = Q(end=End.LEFT_AGAIN, ended_on__lte=on)
    return Q(Exists(held)) & ~left


def behind(code: str, period: Period):
    """The episodes that a figure of cases counts."""
    if code == touched.RETURNED:
        return confirmed_in(period).filter(placed_by(period.end))
    found = standing_on(period.end)
    if code in CAUSED:
        found = found.caused_by(CAUSED[code])
    if code == touched.OPEN_POVERTY:
        poor = Student.objects.filter(children_on(Category.POVERTY_EXIT, period.end))
        found = found.filter(case__student__in=poor)
    return found


def behind_in(code: str, period: Period, unit):
    """Those of one unit."""
    below = schools_counting(period.end).filter(ancestor=unit).values("descendant")
    return behind(code, period).filter(case__unit__in=below)


# By unit -------------------------------------------------------------------------------------------
EPISODES = "descendant__dropout_cases__episodes"


def by_unit(wanted: dict, units, on: date) -> dict[str, Counter]:
    """{code: how many of its episodes count in each unit on a day}, for {code: episodes}.

    All of them in one question: the ways from a unit down to its episodes are walked once, and each
    code counts its own on the way.
    """
    columns = {
        f"n{number}": code for number, code in enumerate(wanted)
    }  # no dot in a column's name
    rows = (
        schools_counting(on)
        .filter(ancestor__in=[unit.pk for unit in units], **{f"{EPISODES}__isnull": False})
        .order_by()
        .values("ancestor")
        .annotate(
            **{
                column: Count(
                    EPISODES, distinct=True, filter=Q(**{f"{EPISODES}__in": wanted[code]})
                )
                for column, code in columns.items()
            }
        )
    )
    counted: dict[str, Counter] = {code: Counter() for code in wanted}
    for row in rows:
        for column, code in columns.items():
            counted[code][row["ancestor"]] = row[column]
    return counted


def of_cases(period: Period, units) -> dict[str, Counter]:
    """Each figure's own episodes by unit, and who was confirmed at all."""
    wanted = {code: behind(code, period) for code in touched.OF_CASES}
    return by_unit(wanted | {CONFIRMED: confirmed_in(period)}, units, period.end)


def units_that_work(units, period: Period) -> set[int]:
    """Units of which the portal knows anything: a case, or a school's return of a month of the period.

    Of the others it knows nothing, and does not say that there is nobody: blank is not zero.
    """
    below = schools_counting(period.end).filter(ancestor__in=[unit.pk for unit in units])
    months = [month.code for month in between(PeriodKind.MONTH, period.start, period.end)]
    returns = AttendanceReturn.objects.filter(month__in=months)
    known = Case.objects.living().values("unit").union(returns.values("school"))
    return set(below.filter(descendant__in=known).values_list("ancestor", flat=True).distinct())


# Lessons at home -----------------------------------------------------------------------------------
def lessons_in(period: Period):
    living = HomeLesson.objects.standing().filter(placement__withdrawn_at=None)
    return living.between(period.start, period.end)


def lessons_by_unit(period: Period, units) -> tuple[Counter, Counter]:
    """The lessons given in each unit, and those that the plans there ask for."""
    case_unit = "placement__episode__case__unit"
    held = dict(lessons_in(period).order_by().values_list(case_unit).annotate(n=Count("pk")))
    planned = _planned(period)
    above = schools_counting(period.end).filter(
        ancestor__in=[unit.pk for unit in units], descendant__in=[*held, *planned]
    )
    given, asked = Counter(), Counter()
    for ancestor, unit in set(above.values_list("ancestor", "descendant")):
        given[ancestor] += held.get(unit, 0)
        asked[ancestor] += planned[unit]
    return given, asked


def _planned(period: Period) -> Counter:
    """By the case's unit: a month counts by the plan that is in force on its last day."""
    months = between(PeriodKind.MONTH, period.start, period.end)
    plans = HomePlan.objects.filter(
        placement__withdrawn_at=None, valid_from__lte=period.end
    ).filter(Q(valid_to=None) | Q(valid_to__gte=period.start))
    planned: Counter = Counter()
    rows = plans.values_list(
        "placement__episode__case__unit",
        "lessons_a_month",
        "valid_from",
        "valid_to",
        "placement__episode__ended_on",
    )
    for unit, lessons, first, last, ended in rows:
        ends = [day for day in (last, ended) if day]
        until = min(ends) if ends else date.max
        planned[unit] += lessons * sum(first <= month.end <= until for month in months)
    return planned


def lessons_behind(period: Period, unit):
    """The lessons of one unit that T06-02 counts."""
    return lessons_in(period).counted_in([unit], period.end)


# For dashboards ------------------------------------------------------------------------------------
def movement(period: Period, unit) -> dict[str, int]:
    """Of a unit: open at the end, and in the period new, relapsed, returned, closed, ruled out.

    Counts of children: whoever shows them hides the small ones from who has no scope.
    """
    below = schools_counting(period.end).filter(ancestor=unit).values("descendant")
    mine = Episode.objects.filter(case__merged_into=None, case__unit__in=below)
    first, last = period.start, period.end
    confirmed = mine.confirmed_in(first, last).exclude(end=End.RULED_OUT)
    ended = mine.filter(ended_on__range=(first, last))
    began = Placement.objects.standing().filter(began_on__range=(first, last))
    return {
        "open": mine.confirmed_by(last).not_ended_on(last).count(),
        "new": confirmed.filter(relapse_of=None).count(),
        "relapsed": confirmed.relapses().count(),
        "returned": mine.filter(Exists(began.filter(episode=OuterRef("pk")))).count(),
        "closed": ended.filter(end=End.CLOSED).count(),
        "ruled_out": ended.filter(end=End.RULED_OUT).count(),
    }


def by_cause(period: Period, unit) -> list[tuple[str, int]]:
    """Open at the period's end, by the open cause: sensitive ones stand together as "guarded"."""
    found = behind_in(touched.OPEN, period, unit).order_by()
    return list(found.values_list("cause").annotate(n=Count("pk")).order_by("-n", "cause"))


def by_group(period: Period, unit, categories) -> list[tuple[str, int]]:
    """Open at the period's end, by outside list; a child on two lists stands in both."""
    found = behind_in(touched.OPEN, period, unit)
    counted = {
        category: found.filter(
            case__student__in=Student.objects.filter(children_on(category, period.end))
        ).count()
        for category in categories
    }
    return [(category, n) for category, n in counted.items() if n]


def days_to_return(period: Period, unit) -> float | None:
    """The median of the days from finding to the first placement, of those placed in the period."""
    below = schools_counting(period.end).filter(ancestor=unit).values("descendant")
    began = (
        Placement.objects.standing()
        .filter(episode__case__unit__in=below)
        .order_by("episode", "began_on")
        .values_list("episode", "began_on", "episode__found_on")
    )
    first: dict[int, tuple[date, date]] = {}
    for episode, day, found in began:
        first.setdefault(episode, (day, found))
    days = [(day - found).days for day, found in first.values() if period.contains(day)]
    return median(days) if days else None


def visits_a_case(period: Period, unit) -> float | None:
    """Visits of the period for each episode that was visited at all."""
    below = schools_counting(period.end).filter(ancestor=unit).values("descendant")
    made = Visit.objects.standing().between(period.start, period.end)
    counted = made.filter(episode__case__unit__in=below).aggregate(
        visits=Count("pk"), episodes=Count("episode", distinct=True)
    )
    return counted["visits"] / counted["episodes"] if counted["episodes"] else None


def by_step(period: Period, unit) -> list[tuple[str, int, int]]:
    """Of each of the four steps: how often it was taken, and how many children came back after it.

    A child came back by the last step that was taken before its placement began.
    """
    below = schools_counting(period.end).filter(ancestor=unit).values("descendant")
    mine = Step.objects.taken().filter(episode__case__unit__in=below)
    taken = Counter(
        mine.filter(taken_on__range=(period.start, period.end)).values_list("kind", flat=True)
    )
    order = {kind: n for n, kind in enumerate(StepKind.values)}
    last: dict[int, str] = {}
    placed = Placement.objects.standing().filter(
        began_on__range=(period.start, period.end), episode__case__unit__in=below
    )
    starts: dict[int, date] = {}
    for episode, began in placed.order_by("began_on").values_list("episode", "began_on"):
        starts.setdefault(episode, began)
    steps = mine.filter(episode__in=list(starts)).values_list("episode", "kind", "taken_on")
    for episode, kind, day in sorted(steps, key=lambda row: (row[2], order[row[1]])):
        if day <= starts[episode]:
            last[episode] = kind
    came = Counter(last.values())
    return [(kind, taken[kind], came[kind]) for kind in StepKind.values]
