"""What is counted, as querysets: a figure's number and the list behind it cannot disagree.

A child counts once: of several episodes of one case in a period it is the last that tells.
"""

from collections import Counter
from datetime import date

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
