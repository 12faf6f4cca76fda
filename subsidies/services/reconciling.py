"""What was expected against what was paid, to the cent, per child, programme and term.

Two statements whatever the number of children: expected awards with their payments beside them, and
payments that no award expected. People and person-times are counted apart and never added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.periods import Kind, Period
from subsidies.models import Award, Payment, PaymentBatch
from subsidies.models.money import NOTHING, SUM_FIELD, cents

OF_ONE = ("student", "programme", "term")  # what an award and its payments share


class Standing(models.TextChoices):
    """How the money stands."""

    FULL = "FULL", _("足额发放")
    SHORT = "SHORT", _("少发")
    OVER = "OVER", _("多发")
    RETURNED = "RETURNED", _("银行退回未重发")
    UNPAID = "UNPAID", _("未发放")
    UNEXPECTED = "UNEXPECTED", _("没有应发记录")


@dataclass(frozen=True)
class Totals:
    """Of what a list shows. `people` are children; `person_times` are children times programmes and
    terms."""

    people: int
    person_times: int
    expected: Decimal
    paid: Decimal
    returned: Decimal
    waiting: Decimal
    short: Decimal
    over: Decimal


# Which terms a page speaks of --------------------------------------------------------------------
def terms_of(period: Period) -> list[str]:
    """The terms of a school year; of a calendar year those that end in it."""
    if period.kind is Kind.TERM:
        return [period.code]
    first = period.year if period.kind is Kind.SCHOOL_YEAR else period.year - 1
    return [Period(Kind.TERM, first, part).code for part in (1, 2)]


def deadline_of(term: str, *, grace: int = 0) -> date:
    """The last day on which money of a term is in time."""
    return Period.parse(term).end + timedelta(days=grace)


# Expected against paid ---------------------------------------------------------------------------
def reconciled(awards, payments, *, on: date, grace: int = 0):
    """The awards with `paid`, `returned`, `waiting`, `last_paid_on`, `standing` and `is_late`.

    Both are what the reader may see: money that another banner paid is not told here.
    """
    awards = awards.annotate(
        paid=_sum(payments.approved().arrived()),
        returned=_sum(_sent_back(payments)),
        waiting=_sum(payments.waiting()),
        last_paid_on=_last_day(payments),
    )
    return awards.annotate(
        standing=Case(
            When(paid=F("amount"), then=Value(Standing.FULL)),
            When(paid__gt=F("amount"), then=Value(Standing.OVER)),
            When(paid__gt=0, then=Value(Standing.SHORT)),
            When(returned__gt=0, then=Value(Standing.RETURNED)),
            default=Value(Standing.UNPAID),
            output_field=models.CharField(),
        ),
    ).annotate(is_late=_late(awards, on, grace))


def _sum(payments) -> Coalesce:
    found = Subquery(_of_award(payments).values(sum=cents()), output_field=SUM_FIELD)
    return Coalesce(found, NOTHING, output_field=SUM_FIELD)


def _last_day(payments) -> Subquery:
    """The day on which the last money arrived that still stands."""
    standing = payments.approved().arrived().filter(reversal_of=None)
    gone = Payment.objects.approved().filter(reversal_of=OuterRef("pk"))
    found = _of_award(standing.exclude(Exists(gone)))
    return Subquery(found.values(day=Max("paid_on")), output_field=models.DateField())


def _of_award(payments):
    """The payments of the award of the query around it, as one group."""
    same = {name: OuterRef(name) for name in OF_ONE}
    return payments.filter(**same).order_by().values("student")


def _sent_back(payments):
    return payments.approved().filter(result=Payment.Result.RETURNED)


def _late(awards, on: date, grace: int) -> Case:
    """Money that came after the deadline, or has not come whole and the deadline is over."""
    terms = awards.order_by().values_list("term", flat=True).distinct()
    late = Q(pk__in=[])
    for term in terms:
        last = deadline_of(term, grace=grace)
        after = Q(last_paid_on__gt=last)
        if on > last:
            after |= Q(paid__lt=F("amount"))
        late |= Q(term=term) & after
    return Case(When(late, then=True), default=False, output_field=models.BooleanField())


def without_award(payments, awards):
    """Payments for which nothing was expected."""
    known = awards.filter(**{name: OuterRef(name) for name in OF_ONE})
    return payments.exclude(Exists(known))


def unexpected(payments, awards) -> models.QuerySet:
    """Money out for which no award stands, summed per child, programme and term.

    Of children whom nobody knows by their number each number stands for one.
    """
    return (
        without_award(payments, awards)
        .approved()
        .arrived()
        .order_by()
        .values("student", "id_number_index", "programme", "term", "school")
        .annotate(paid=cents())
        .exclude(paid=0)
    )


# Totals ------------------------------------------------------------------------------------------
def totals(rows) -> Totals:
    """Of reconciled awards, in one statement."""
    gap = F("amount") - F("paid")
    found = rows.aggregate(
        people=Count("student", distinct=True),
        person_times=Count("pk"),
        expected_sum=cents("amount"),
        paid_sum=cents("paid"),
        returned_sum=cents("returned"),
        waiting_sum=cents("waiting"),
        short_sum=cents(gap, filter=Q(paid__lt=F("amount"))),
        over_sum=cents(-gap, filter=Q(paid__gt=F("amount"))),
    )
    return Totals(**{name.removesuffix("_sum"): value for name, value in found.items()})


def by_holder(payments) -> list[dict]:
    """Whose cards the money went to: relation, payments and money; no relation is one of them."""
    return list(
        payments.approved()
        .arrived()
        .order_by()
        .values("relation")
        .annotate(count=Count("pk", filter=Q(reversal_of=None)), paid=cents())
        .order_by("relation")
    )


def months_of(payments, year: int) -> Iterator[tuple[int, Decimal]]:
    """The money of a calendar year by the month in which it went out."""
    found = dict(
        payments.approved()
        .arrived()
        .filter(paid_on__year=year)
        .order_by()
        .values_list("paid_on__month")
        .annotate(paid=cents())
    )
    return ((month, found.get(month, NOTHING)) for month in range(1, 13))


# One child ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """An award of a child with its payments, newest first."""

    award: Award
    payments: list[Payment]

    @property
    def standing(self) -> Standing:
        return Standing(self.award.standing)


def history_of(student, awards, payments, *, on: date, grace: int = 0) -> list[Told]:
    """What a child was to get and got, as far as the reader sees it, in two statements."""
    rows = reconciled(awards.filter(student=student), payments, on=on, grace=grace)
    rows = rows.select_related("programme").order_by("-term", "programme")
    paid: dict[tuple, list[Payment]] = {}
    for one in payments.of_student(student).for_list().order_by("-paid_on", "-pk"):
        if one.batch.state != PaymentBatch.State.WITHDRAWN:
            paid.setdefault((one.programme_id, one.term), []).append(one)
    return [Told(row, paid.get((row.programme_id, row.term), [])) for row in rows]
