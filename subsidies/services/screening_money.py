"""Expected against paid, group by group, in one statement over each table: what does not agree.

The statement is the same on both engines. It returns only what is wrong or may be; the payments of
those few are read afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef

from subsidies.models import Payment, Programme
from subsidies.services.reconciling import deadline_of

CENT = Decimal("0.01")
AT_ONCE = 2000

# Money out by child and programme. What was reversed counts away; what the bank sent back is not out.
_PAID = """
WITH paid AS (
  SELECT p.student_id, p.programme_id, SUM(p.amount) AS total,
    SUM(CASE WHEN p.reversal_of_id IS NULL THEN 1 ELSE -1 END) AS times,
    MIN(CASE WHEN p.reversal_of_id IS NULL THEN p.paid_on END) AS first_on,
    MIN(b.unit_id) AS one_payer, MAX(b.unit_id) AS other_payer
  FROM subsidies_payment p JOIN subsidies_paymentbatch b ON b.id = p.batch_id
  WHERE p.term = %(term)s AND b.state = 'APPROVED' AND p.result = 'PAID'
    AND p.student_id IS NOT NULL
  GROUP BY p.student_id, p.programme_id
)
"""

# A school's roster has run once half of its children are paid; after the deadline one is enough.
_DIFFERENT = (
    _PAID
    + """
, matched AS (
  SELECT a.id, a.student_id, a.programme_id, a.unit_id, a.amount,
    COALESCE(ROUND(paid.total, 2), 0) AS total, COALESCE(paid.times, 0) AS times,
    CASE WHEN paid.one_payer <> paid.other_payer THEN 1 ELSE 0 END AS several,
    CASE WHEN paid.first_on < said.since THEN 1 ELSE 0 END AS early,
    COUNT(*) OVER school AS expected,
    SUM(CASE WHEN paid.total > 0 THEN 1 ELSE 0 END) OVER school AS done
  FROM subsidies_award a
  LEFT JOIN paid ON paid.student_id = a.student_id AND paid.programme_id = a.programme_id
  LEFT JOIN (
    SELECT student_id, MIN(recognised_on) AS since FROM subsidies_recognition
    WHERE term = %(term)s AND state IN ('FILED', 'ADJUSTED', 'ENDED') GROUP BY student_id
  ) said ON said.student_id = a.student_id AND a.recognition_id IS NOT NULL
  WHERE a.term = %(term)s
  WINDOW school AS (PARTITION BY a.unit_id, a.programme_id)
)
SELECT id, student_id, programme_id, unit_id, amount, total, times, several, early
FROM matched
WHERE early = 1
  OR (total > 0 AND ROUND(total - amount, 2) <> 0)
  OR (total <= 0 AND done > 0 AND (done * 2 >= expected OR %(over)s = 1))
UNION ALL
SELECT NULL, paid.student_id, paid.programme_id, NULL, NULL, ROUND(paid.total, 2), paid.times,
  CASE WHEN paid.one_payer <> paid.other_payer THEN 1 ELSE 0 END, 0
FROM paid
LEFT JOIN subsidies_award a ON a.student_id = paid.student_id
  AND a.programme_id = paid.programme_id AND a.term = %(term)s
LEFT JOIN subsidies_recognition r ON r.student_id = paid.student_id AND r.term = %(term)s
  AND r.state = 'FILED'
WHERE a.id IS NULL AND ROUND(paid.total, 2) > 0
  AND (r.id IS NULL OR paid.one_payer <> paid.other_payer OR paid.programme_id IN ({judged}))
"""
)

# Schools none of whose children has been paid.
_SILENT = (
    _PAID
    + """
SELECT a.unit_id, a.programme_id, COUNT(*)
FROM subsidies_award a
LEFT JOIN paid ON paid.student_id = a.student_id AND paid.programme_id = a.programme_id
WHERE a.term = %(term)s
GROUP BY a.unit_id, a.programme_id
HAVING SUM(CASE WHEN paid.total > 0 THEN 1 ELSE 0 END) = 0
"""
)


@dataclass(frozen=True, slots=True)
class Group:
    """One child, programme and term whose money is not as expected. Without `award` none was."""

    award: int | None
    student: int
    programme: int
    unit: int | None
    amount: Decimal | None
    total: Decimal
    times: int
    several: bool  # more than one unit paid
    early: bool  # paid before the child was recognised

    @property
    def place(self) -> tuple[int, int]:
        return self.student, self.programme


def different(term: str, judged: Iterable[int], on: date, grace: int) -> list[Group]:
    """`judged` are the programmes of which a standard tells who gets how much."""
    judged = list(judged)
    over = int(on > deadline_of(term, grace=grace))
    marks = ", ".join(str(int(pk)) for pk in judged) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT.format(judged=marks), {"term": term, "over": over})
        return [
            Group(*row[:4], _money(row[4]), _money(row[5]), row[6], bool(row[7]), bool(row[8]))
            for row in cursor.fetchall()
        ]


def silent_schools(term: str) -> list[tuple[int, int, int]]:
    """(school, programme, children) of whom nobody has been paid."""
    with connection.cursor() as cursor:
        cursor.execute(_SILENT, {"term": term})
        return cursor.fetchall()


def _money(value) -> Decimal | None:
    """SQLite answers with a float for a decimal; half a cent never stands in one."""
    return None if value is None else Decimal(str(value)).quantize(CENT)


# The payments behind groups ------------------------------------------------------------------------
def standing(term: str):
    """Payments that are out and were not reversed."""
    reversed_since = Payment.objects.approved().filter(reversal_of=OuterRef("pk"))
    out = Payment.objects.approved().arrived().filter(term=term, reversal_of=None)
    return out.filter(~Exists(reversed_since)).select_related("batch")


def payments_of(term: str, groups: Iterable[Group]) -> dict[tuple[int, int], list[Payment]]:
    """{(child, programme): its payments, the first one first}."""
    wanted = {one.place for one in groups if one.times > 0}
    found: dict[tuple[int, int], list[Payment]] = defaultdict(list)
    for some in _batches(sorted({student for student, _programme in wanted})):
        rows = standing(term).filter(student__in=some).defer("id_number", "card")
        for one in rows.order_by("paid_on", "pk"):
            if (one.student_id, one.programme_id) in wanted:
                found[one.student_id, one.programme_id].append(one)
    return found


def paid_in(term: str, students: Iterable[int]) -> set[tuple[int, int]]:
    """(child, programme) of those who got money in a term."""
    return _places(standing(term), students)


def waiting_in(term: str, students: Iterable[int]) -> set[tuple[int, int]]:
    """(child, programme) of those in a batch that nobody has approved yet."""
    return _places(Payment.objects.waiting().filter(term=term, reversal_of=None), students)


def _places(payments, students: Iterable[int]) -> set[tuple[int, int]]:
    found = set()
    for some in _batches(sorted(set(students))):
        rows = payments.filter(student__in=some).order_by()
        found.update(rows.values_list("student", "programme"))
    return found


def late_by_school(term: str, deadline: date) -> list[tuple[int, int, int, date]]:
    """(school, programme, payments, the last day) of money that went out after the deadline; what
    was paid anew because the first did not arrive is not late."""
    late = standing(term).filter(paid_on__gt=deadline, instead_of=None)
    late = late.exclude(programme__entitles=Programme.Entitles.CHOSEN)
    rows = late.order_by().values_list("school", "programme")
    return list(rows.annotate(n=Count("pk"), last=Max("paid_on")))


def _batches(keys: list) -> Iterator[list]:
    return (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE))
