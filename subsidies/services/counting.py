"""What the figures of aid count, as querysets: a number and the list behind it cannot disagree.

A figure is asked for a term; for another period it tells the term in which that period ends. People
are counted once each, by the school at which they count in the term; person-times are awards.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, models
from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from common import options
from common.periods import Kind, Period
from registry.models import Department, Finding, OutsideList, Unit, schools_counting
from subsidies.models import Award, Payment
from subsidies.services import screening_need
from subsidies.services.reconciling import deadline_of
from subsidies.services.screening_money import standing
from subsidies.services.screening_rules import ACCOUNT, GROUND, IDENTITY, TWICE

COVERED, IN_TIME = "subsidies.covered", "subsidies.in_time"
COMPARED, ERRORS = "subsidies.compared", "subsidies.errors"
CODES = (COVERED, IN_TIME, COMPARED, ERRORS)
DEPARTMENTS = (Department.CIVIL_AFFAIRS, Department.DISABLED, Department.RURAL)
OF_ERRORS = (IDENTITY, GROUND, ACCOUNT, TWICE)

# Awards with what was paid of them, and the last day of that. What was reversed is no money out.
_MONEY = """
FROM subsidies_award a
LEFT JOIN (
  SELECT p.student_id, p.programme_id, SUM(p.amount) AS total, MAX(p.paid_on) AS last_on
  FROM subsidies_payment p
  JOIN subsidies_paymentbatch b ON b.id = p.batch_id
  LEFT JOIN (
    SELECT r.reversal_of_id FROM subsidies_payment r
    JOIN subsidies_paymentbatch c ON c.id = r.batch_id
    WHERE c.state = 'APPROVED' AND r.reversal_of_id IS NOT NULL
  ) gone ON gone.reversal_of_id = p.id
  WHERE p.term = %s AND b.state = 'APPROVED' AND p.result = 'PAID'
    AND p.reversal_of_id IS NULL AND gone.reversal_of_id IS NULL
  GROUP BY p.student_id, p.programme_id
) paid ON paid.student_id = a.student_id AND paid.programme_id = a.programme_id
"""
_IN_TIME = "ROUND(paid.total - a.amount, 2) = 0 AND paid.last_on <= %s"


@dataclass(frozen=True)
class Compared:
    """(reporting unit, department) of the comparisons that are done, and how many are owed."""

    done: list[tuple[int, str]]
    owed: int


def term_of(period: Period) -> Period:
    return period if period.kind is Kind.TERM else Period.of(Kind.TERM, period.end)


def deadline(term: Period) -> date:
    return deadline_of(term.code, grace=options.get("subsidies.late_grace"))


# People on lists, and those of them who were paid ----------------------------------------------------
def covered(term: Period):
    """Enrolments of children whom the lists of a term name, at stages where need is aided, and who
    got money of a programme for children in need."""
    return _entitled(term).filter(got=True)


def entitled_and_covered(term: Period) -> dict[int, tuple[int, int]]:
    """{school: (on a list, paid)} in one statement."""
    rows = _entitled(term).order_by().values_list("school")
    told = rows.annotate(whole=Count("pk"), part=Count("pk", filter=Q(got=True)))
    return {school: (whole, part) for school, whole, part in told}


def _entitled(term: Period):
    """With `got`: whether the child was paid."""
    stages = screening_need.judging_stages(term)
    paid = standing(term.code).filter(student=OuterRef("student"), programme__in=list(stages))
    rows = screening_need.listed_and_eligible(term, term.end, stages)
    return rows.annotate(got=Exists(paid))


# Person-times ----------------------------------------------------------------------------------------
def in_time(term: Period):
    """Awards that were paid to the cent by the deadline."""
    told = f"SELECT a.id {_MONEY} WHERE a.term = %s AND {_IN_TIME}"
    values = (term.code, term.code, deadline(term))
    pks = RawSQL(told, values, output_field=models.BigIntegerField())  # noqa: S611  no value of a user
    return Award.objects.filter(pk__in=pks)


def expected_and_in_time(term: Period) -> dict[int, tuple[int, int]]:
    """{school: (expected, paid whole and in time)} in one grouped statement."""
    told = (
        f"SELECT a.unit_id, COUNT(*), SUM(CASE WHEN {_IN_TIME} THEN 1 ELSE 0 END) "
        f"{_MONEY} WHERE a.term = %s GROUP BY a.unit_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(told, (deadline(term), term.code, term.code))
        return {unit: (whole, part) for unit, whole, part in cursor.fetchall()}


# Comparisons with other departments ------------------------------------------------------------------
def compared_by(units: Iterable[Unit], term: Period) -> dict[int, Compared]:
    """What each unit has compared and owes: every reporting unit in it with every department. A list
    of a unit above, as the league's, is one of all below it."""
    told = _lists(term)
    ways = (
        schools_counting(term.end)
        .filter(Q(descendant__valid_to=None) | Q(descendant__valid_to__gte=term.end))
        .filter(descendant__reports_education=True)
        .order_by("descendant__sort_no", "descendant__sort_key", "descendant")
    )
    above: dict[int, set[int]] = defaultdict(set)
    for ancestor, descendant in ways.values_list("ancestor", "descendant"):
        above[descendant].add(ancestor)
    done = {
        pk: [(pk, one) for one in DEPARTMENTS if any((unit, one) in told for unit in above[pk])]
        for pk in above
    }
    found = {}
    for unit in units:
        mine = [pk for pk, ancestors in above.items() if unit.pk in ancestors]
        if mine:
            pairs = [pair for pk in mine for pair in done[pk]]
            found[unit.pk] = Compared(pairs, len(mine) * len(DEPARTMENTS))
    return found


def _lists(term: Period) -> set[tuple[int, str]]:
    """(unit that handed it in, department) of the lists of a term."""
    lists = OutsideList.objects.filter(
        department__in=DEPARTMENTS, listed_on__range=(term.start, term.end)
    )
    return set(lists.order_by().values_list("unit", "department").distinct())


# Payments that were said to be wrong -------------------------------------------------------------------
def wrong(term: Period):
    """Payments whose number, enrolment, card or doubling was looked into and said to be so."""
    of_rules = Q(pk__in=[])
    for rule in OF_ERRORS:
        of_rules |= Q(rule=rule) | Q(rule__startswith=f"{rule}.")
    said = Finding.objects.filter(
        of_rules,
        subject_code=Payment._meta.label_lower,
        period=term.code,
        answer__in=(Finding.Answer.TRUE, Finding.Answer.FIXED),
    )
    numbers = said.annotate(number=Cast("subject_pk", BigIntegerField())).values("number")
    return records(term).filter(pk__in=numbers)


def records(term: Period):
    """All payments that went out for a term; a reversal is no record of its own."""
    return Payment.objects.approved().filter(term=term.code, reversal_of=None)


def records_and_wrong(term: Period) -> dict[int, tuple[int, int]]:
    """{school: (payments, those said to be wrong)} in one statement."""
    bad = Count("pk", filter=Q(pk__in=wrong(term).values("pk")))
    rows = records(term).order_by().values_list("school").annotate(whole=Count("pk"), part=bad)
    return {school: (whole, part) for school, whole, part in rows}


# Up to the units -----------------------------------------------------------------------------------
def ways_up(units: Iterable[Unit], on: date) -> list[tuple[int, int]]:
    """(unit, what lies under it and counts in it) on a day."""
    ways = schools_counting(on).filter(ancestor__in=[unit.pk for unit in units])
    return list(set(ways.values_list("ancestor", "descendant")))


def sums(ways: Iterable[tuple[int, int]], of_schools: dict[int, int]) -> Counter:
    found: Counter = Counter()
    for ancestor, school in ways:
        found[ancestor] += of_schools.get(school, 0)
    return found
