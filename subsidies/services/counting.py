"""What the figures of aid count, as querysets: a number and the list behind it cannot disagree.

A figure is asked for a term; for another period it tells the term in which that period ends. People
are counted once each, by the school at which they count in the term; person-times are awards.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, Exists, F, OuterRef, Q, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils.functional import cached_property

from common import options
from common.periods import Kind, Period
from registry.models import Department, Finding, Unit, schools_counting
from subsidies.models import Award, Payment
from subsidies.models.money import cents
from subsidies.services import screening_need
from subsidies.services.listed import Lists
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
_OPTIONS = ("subsidies.late_grace", "subsidies.list_days", "subsidies.counted_after")
OfSchools = dict[int, tuple[int, int]]  # {school: (whole, part)}
_IN_TIME = "ROUND(paid.total - a.amount, 2) = 0 AND paid.last_on <= %s"


@dataclass(frozen=True)
class Compared:
    """(reporting unit, department) of the comparisons that are done, and how many are owed."""

    done: list[tuple[int, str]]
    owed: int


def term_of(period: Period) -> Period:
    return period if period.kind is Kind.TERM else Period.of(Kind.TERM, period.end)


class Counts:
    """Everything of one term, in six statements however many units."""

    def __init__(self, period: Period, units: Iterable[Unit]):
        self.term = term_of(period)
        self.units = list(units)
        settings = options.get_many(*_OPTIONS)
        grace, self.list_days, self.after = (settings[name] for name in _OPTIONS)
        self.deadline = deadline_of(self.term.code, grace=grace)
        self.lists = Lists.read(self.term.end, days=self.list_days, from_day=self.term.start)

    # People on lists, and those of them who were paid ------------------------------------------------
    def entitled(self, category: str = ""):
        """Enrolments of children whom the lists name (those of one category, if it is given), at
        stages where need is aided; with `got`: whether the child got money of a programme for
        children in need."""
        members = self.lists.members()
        if category:
            members = members.filter(category=category)
        paid = standing(self.term.code).filter(
            student=OuterRef("student"),
            programme__in=screening_need.programmes_for_need(self.term),
        )
        rows = screening_need.listed_and_eligible(self.term, self.term.end, members, self.after)
        return rows.annotate(got=Exists(paid))

    def covered(self):
        return self.entitled().filter(got=True)

    def entitled_and_covered(self) -> OfSchools:
        rows = self.entitled().order_by().values_list("school")
        told = rows.annotate(whole=Count("pk"), part=Count("pk", filter=Q(got=True)))
        return {school: (whole, part) for school, whole, part in told}

    def by_grade(self, unit: Unit) -> list[tuple[str, int, int]]:
        """(grade, entitled, covered) of the children who count in a unit."""
        rows = self.entitled().filter(school__in=self.schools_of(unit)).order_by()
        told = rows.values_list("grade").annotate(
            whole=Count("pk"), part=Count("pk", filter=Q(got=True))
        )
        return list(told)

    def in_category(self, unit: Unit, category: str) -> tuple[int, int]:
        """(entitled, covered) of the children whom lists of one category name."""
        rows = self.entitled(category).filter(school__in=self.schools_of(unit))
        told = rows.aggregate(whole=Count("pk"), part=Count("pk", filter=Q(got=True)))
        return told["whole"], told["part"]

    # Person-times ------------------------------------------------------------------------------------
    def in_time(self):
        """Awards that were paid to the cent by the deadline."""
        told = f"SELECT a.id {_MONEY} WHERE a.term = %s AND {_IN_TIME}"
        values = (self.term.code, self.term.code, self.deadline)
        pks = RawSQL(told, values, output_field=BigIntegerField())  # noqa: S611  no user's value
        return Award.objects.filter(pk__in=pks)

    def expected_and_in_time(self) -> OfSchools:
        told = (
            f"SELECT a.unit_id, COUNT(*), SUM(CASE WHEN {_IN_TIME} THEN 1 ELSE 0 END) "
            f"{_MONEY} WHERE a.term = %s GROUP BY a.unit_id"
        )
        with connection.cursor() as cursor:
            cursor.execute(told, (self.deadline, self.term.code, self.term.code))
            return {unit: (whole, part) for unit, whole, part in cursor.fetchall()}

    # Payments that were said to be wrong -------------------------------------------------------------
    def records(self):
        """All payments that went out for the term; a reversal is no record of its own."""
        return Payment.objects.approved().filter(term=self.term.code, reversal_of=None)

    def wrong(self):
        """Those whose number, enrolment, card or doubling was looked into and said to be so."""
        of_rules = Q(pk__in=[])
        for rule in OF_ERRORS:
            of_rules |= Q(rule=rule) | Q(rule__startswith=f"{rule}.")
        said = Finding.objects.filter(
            of_rules,
            subject_code=Payment._meta.label_lower,
            period=self.term.code,
            answer__in=(Finding.Answer.TRUE, Finding.Answer.FIXED),
        )
        numbers = said.annotate(number=Cast("subject_pk", BigIntegerField())).values("number")
        return self.records().filter(pk__in=numbers)

    def records_and_wrong(self) -> OfSchools:
        bad = Count("pk", filter=Q(pk__in=self.wrong().values("pk")))
        rows = self.records().order_by().values_list("school")
        told = rows.annotate(whole=Count("pk"), part=bad)
        return {school: (whole, part) for school, whole, part in told}

    # Up to the units ---------------------------------------------------------------------------------
    @cached_property
    def ways(self) -> list[tuple]:
        """(unit, what counts in it, whether that reports): for the units asked, and for all that lies
        above a reporting unit."""
        end = self.term.end
        ways = schools_counting(end).annotate(
            reports=Case(
                When(
                    Q(descendant__valid_to=None) | Q(descendant__valid_to__gte=end),
                    then=F("descendant__reports_education"),
                ),
                default=False,
            )
        )
        ways = ways.filter(
            Q(ancestor__in=[unit.pk for unit in self.units]) | Q(descendant__reports_education=True)
        ).order_by("descendant__sort_no", "descendant__sort_key", "descendant")
        return list(ways.values_list("ancestor", "descendant", "reports"))

    def schools_of(self, unit: Unit) -> list[int]:
        return [school for above, school, _reports in self.ways if above == unit.pk]

    def paid(self) -> dict[int, tuple[Decimal, int]]:
        """{school: (money that is out for the term, its payments)}."""
        rows = standing(self.term.code).order_by().values_list("school")
        return {
            school: (total, count)
            for school, total, count in rows.annotate(total=cents(), times=Count("pk"))
        }

    def sums(self, of_schools: OfSchools) -> dict[int, tuple[int, int]]:
        """{unit: (whole, part)} of the units that have anything."""
        asked = {unit.pk for unit in self.units}
        found: dict[int, list[int]] = {}
        pairs = {(unit, school) for unit, school, _reports in self.ways if school in of_schools}
        for unit, school in pairs:
            if unit in asked:
                sums = found.setdefault(unit, [0, 0])
                for at, number in enumerate(of_schools[school]):
                    sums[at] += number
        return {unit: (whole, part) for unit, (whole, part) in found.items()}

    # Comparisons with other departments --------------------------------------------------------------
    def compared(self) -> dict[int, "Compared"]:
        """What each unit has compared and owes: every reporting unit in it with every department. A
        list of a unit above, as the league's, is one of all below it."""
        told = self.lists.handed_in(DEPARTMENTS, self.term.start, self.term.end)
        above: dict[int, set[int]] = defaultdict(set)
        for ancestor, descendant, reports in self.ways:
            if reports:
                above[descendant].add(ancestor)
        found = {}
        for unit in self.units:
            mine = [pk for pk, ancestors in above.items() if unit.pk in ancestors]
            done = [
                (pk, one)
                for pk in mine
                for one in DEPARTMENTS
                if any((other, one) in told for other in above[pk])
            ]
            if mine:
                found[unit.pk] = Compared(done, len(mine) * len(DEPARTMENTS))
        return found
