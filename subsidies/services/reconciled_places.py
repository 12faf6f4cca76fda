"""Expected against paid by school and programme, in one grouped statement however many children.

What a page of single children asks row by row (`reconciling.reconciled`) would ask each of sixty
thousand for its payments several times over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Max, Q

from subsidies.models import Payment, PaymentBatch
from subsidies.models.money import CENT, NOTHING, cents
from subsidies.services.reconciling import deadline_of

COUNTS = ("person_times", "full", "short", "over", "sent_back", "unpaid", "late")
SUMS = ("expected", "paid", "returned", "waiting", "short_by", "over_by")


@dataclass(frozen=True)
class Place:
    """A school and a programme, or a sum of such. Counts are person-times, sums are money."""

    unit_id: int | None = None
    programme_id: int | None = None
    person_times: int = 0
    full: int = 0
    short: int = 0
    over: int = 0
    sent_back: int = 0
    unpaid: int = 0
    late: int = 0
    expected: Decimal = NOTHING
    paid: Decimal = NOTHING
    returned: Decimal = NOTHING
    waiting: Decimal = NOTHING
    short_by: Decimal = NOTHING
    over_by: Decimal = NOTHING

    @property
    def missing(self) -> Decimal:
        """What is still owed: the short ones' part, and all of those who got nothing."""
        return self.expected - self.paid + self.over_by

    @property
    def full_share(self) -> Decimal | None:
        """Per cent of person-times paid in full."""
        if not self.person_times:
            return None
        return (Decimal(self.full) * 100 / self.person_times).quantize(CENT)


def summed(places: Iterable[Place], **keys) -> Place:
    """Several as one."""
    places = list(places)
    names = (*COUNTS, *SUMS)
    sums = {name: sum((getattr(one, name) for one in places), 0) for name in names}
    return Place(**keys, **{name: sums[name] or getattr(Place, name) for name in names})


def people_of(awards) -> int:
    """Children, each once."""
    return awards.order_by().aggregate(people=Count("student", distinct=True))["people"]


# The statement -----------------------------------------------------------------------------------
def by_place(awards, payments, terms: list[str], *, on: date, grace: int = 0) -> list[Place]:
    """Of what the reader may see; money that another banner paid is not told here."""
    columns = ("unit_id", "programme_id", "student_id", "term", "amount")
    try:
        expected, expected_params = _sql(awards.order_by().values(*columns))
    except EmptyResultSet:  # a filter that nothing can meet
        return []
    paid, paid_params = _sql(_paid(payments.of_terms(terms)))
    late, late_params = _late(terms, on=on, grace=grace)
    has = "ROUND(COALESCE(p.paid, 0), 2)"
    sent = "COALESCE(p.returned, 0) > 0"
    columns = {
        "person_times": "COUNT(*)",
        "full": _counted(f"{has} = a.amount"),
        "short": _counted(f"{has} > 0 AND {has} < a.amount"),
        "over": _counted(f"{has} > a.amount"),
        "sent_back": _counted(f"{has} <= 0 AND {sent}"),
        "unpaid": _counted(f"{has} <= 0 AND NOT ({sent})"),
        "late": _counted(late),
        "expected": "SUM(a.amount)",
        "paid": f"SUM({has})",
        "returned": "SUM(COALESCE(p.returned, 0))",
        "waiting": "SUM(COALESCE(p.waiting, 0))",
        "short_by": f"SUM(CASE WHEN {has} > 0 AND {has} < a.amount THEN a.amount - {has} ELSE 0 END)",
        "over_by": f"SUM(CASE WHEN {has} > a.amount THEN {has} - a.amount ELSE 0 END)",
    }
    statement = (
        f"SELECT a.unit_id, a.programme_id, {', '.join(columns.values())} FROM ({expected}) a "
        f"LEFT JOIN ({paid}) p ON p.student_id = a.student_id "
        "AND p.programme_id = a.programme_id AND p.term = a.term "
        "GROUP BY a.unit_id, a.programme_id ORDER BY a.unit_id, a.programme_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*late_params, *expected_params, *paid_params])
        rows = cursor.fetchall()
    return [
        _place(dict(zip(("unit_id", "programme_id", *columns), row, strict=True))) for row in rows
    ]


def _paid(payments):
    """Per child, programme and term; of a child whom nobody knows nothing was expected."""
    approved = Q(batch__state=PaymentBatch.State.APPROVED)
    returned = Q(result=Payment.Result.RETURNED)
    gone = Q(reversal__batch__state=PaymentBatch.State.APPROVED)
    stands = approved & ~returned & Q(reversal_of=None) & ~gone
    return (
        payments.exclude(student=None)
        .order_by()
        .values("student_id", "programme_id", "term")
        .annotate(
            paid=cents(filter=approved & ~returned),
            returned=cents(filter=approved & returned),
            waiting=cents(filter=~approved),
            last_paid_on=Max("paid_on", filter=stands),
        )
    )


def _late(terms: list[str], *, on: date, grace: int) -> tuple[str, list]:
    """Came after the last day, or has not come whole and the last day is over."""
    cases, params = [], []
    for term in terms:
        last = deadline_of(term, grace=grace)
        missing = " OR ROUND(COALESCE(p.paid, 0), 2) < a.amount" if on > last else ""
        cases.append(f"(a.term = %s AND (p.last_paid_on > %s{missing}))")
        params += [term, connection.ops.adapt_datefield_value(last)]
    return " OR ".join(cases) or "1 = 0", params


def _counted(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _sql(rows) -> tuple[str, tuple]:
    return rows.query.sql_with_params()


def _place(row: dict) -> Place:
    money = {name: Decimal(row[name]).quantize(CENT) for name in SUMS}
    return Place(**row | money)
