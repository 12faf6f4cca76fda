"""The look after payment: a draw by school, its results, and the error rate that they project.

Within each school payments are drawn at random without putting back, so each school's share of errors
is weighted by its payments (Cochran, Sampling Techniques, 3rd ed., 5.3 and 5.6: stratified
proportions with the finite population correction). The interval is Wilson's of 95 %, on the effective
sample size that this variance means (after Korn and Graubard, Survey Methodology 24, 1998), so that
it stays between 0 and 1 and has a width where no error was met.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import sqrt
from random import Random

from django.db import transaction
from django.utils import timezone

from common import audit
from common.periods import Kind, NotAPeriod, Period
from common.refusals import Stale
from registry.models import Unit
from subsidies.models import Payment, Programme, SampleCheck, SampleItem
from subsidies.services.refusals import Refused
from subsidies.services.screening_money import standing

Z = 1.959964  # of the normal distribution, 95 % on both sides
MOST_EACH = 100
Result = SampleItem.Result


# Drawing -------------------------------------------------------------------------------------------
@transaction.atomic
def draw_sample(
    unit: Unit,
    *,
    term: str,
    per_school: int,
    seed: int,
    by,
    at: datetime,
    programme: Programme | None = None,
) -> SampleCheck:
    """So many payments in each school under a unit, by chance; in a small school all of them."""
    _refuse_term(term)
    if not 1 <= per_school <= MOST_EACH:
        raise Refused("out_of_range", "per_school")
    payments = payments_to_draw(unit, term, programme, timezone.localdate(at))
    chosen = drawn(payments, per_school, seed)
    if not chosen:
        raise Refused("nothing_paid", "term")
    check = SampleCheck.objects.create(
        unit=unit,
        term=term,
        programme=programme,
        per_school=per_school,
        seed=seed,
        drawn_from={str(school): len(pks) for school, pks in payments.items()},
        made_by=by,
        made_at=at,
    )
    SampleItem.objects.bulk_create(
        (
            SampleItem(check_of=check, number=number, payment_id=pk)
            for number, pk in enumerate(chosen, start=1)
        ),
        batch_size=1000,
    )
    after = {"term": term, "count": len(chosen), "seed": seed}
    audit.record("subsidies.sample_drawn", check, by=by, after=after)
    return check


def payments_to_draw(unit, term: str, programme, on: date) -> dict[int, list[int]]:
    """{school: its payments that are out}, for the schools under a unit."""
    rows = standing(term).filter(school__in=Unit.objects.within(unit, on).values("pk"))
    if programme is not None:
        rows = rows.filter(programme=programme)
    found: dict[int, list[int]] = defaultdict(list)
    for school, pk in rows.order_by("school", "pk").values_list("school", "pk"):
        found[school].append(pk)
    return dict(found)


def drawn(payments: dict[int, list[int]], per_school: int, seed: int) -> list[int]:
    """The same payments and the same seed give the same draw."""
    chance, chosen = Random(seed), []
    for school in sorted(payments):
        pks = payments[school]
        chosen += sorted(chance.sample(pks, min(per_school, len(pks))))
    return chosen


# Results -------------------------------------------------------------------------------------------
@transaction.atomic
def record_result(
    item: SampleItem,
    *,
    result: str,
    how: str,
    on: date,
    by,
    at: datetime,
    received: Decimal | None = None,
    note: str = "",
    seen: int | None = None,
) -> SampleItem:
    """What the family said. Whoever made the payments asks nobody about them."""
    item = SampleItem.objects.select_for_update().get(pk=item.pk)
    if seen is not None and seen != item.version:
        raise Stale(item.pk)
    made_by = Payment.objects.values_list("batch__made_by", flat=True).get(pk=item.payment_id)
    if made_by == by.pk:
        raise Refused("own_payment")
    if on > timezone.localdate(at):
        raise Refused("in_future", "on")
    if result == Result.OTHER_AMOUNT and received is None:
        raise Refused("required", "received")
    before = {"result": item.result}
    item.result, item.how, item.done_on, item.done_by = result, how, on, by
    item.received = received if result == Result.OTHER_AMOUNT else None
    item.note = note.strip()
    item.version += 1
    item.save()
    audit.record("subsidies.sample_answered", item, by=by, before=before, after={"result": result})
    return item


def _refuse_term(term: str) -> None:
    try:
        kind = Period.parse(term).kind
    except NotAPeriod:
        raise Refused("not_a_term", "term") from None
    if kind is not Kind.TERM:
        raise Refused("not_a_term", "term")


# What they project ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Projection:
    """Shares of 1. `judged` counts those who were reached, `schools` those with one of them at least;
    without any there is no rate."""

    judged: int
    wrong: int
    schools: int
    schools_drawn: int
    rate: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def percent(self) -> tuple[float, ...]:
        """Rate, lower and upper end, in per cent."""
        return tuple(100 * share for share in (self.rate, self.low, self.high))


def project(check: SampleCheck) -> Projection:
    """The error rate of all payments drawn from, as far as schools have answers."""
    answers: dict[int, list[bool]] = defaultdict(list)
    schools = set()
    for school, result in check.items.values_list("payment__school", "result"):
        schools.add(school)
        if result and result != Result.NOT_REACHED:
            answers[school].append(result in SampleItem.WRONG)
    strata = [
        (check.drawn_from[str(school)], len(told), sum(told)) for school, told in answers.items()
    ]
    judged, wrong = sum(n for _whole, n, _bad in strata), sum(bad for *_rest, bad in strata)
    if not judged:
        return Projection(0, 0, 0, len(schools))
    rate, variance = _stratified(strata)
    low, high = _wilson(rate, _effective(rate, variance, judged))
    if variance == 0 and all(n == whole for whole, n, _bad in strata):
        low = high = rate  # everybody was asked
    return Projection(judged, wrong, len(answers), len(schools), rate, low, high)


def _stratified(strata: list[tuple[int, int, int]]) -> tuple[float, float]:
    """The weighted share of errors and its variance; a school with one answer takes the variance of
    the whole."""
    whole = sum(size for size, _n, _bad in strata)
    rate = sum(size / whole * bad / n for size, n, bad in strata)
    variance = 0.0
    for size, n, bad in strata:
        share = bad / n
        spread = share * (1 - share) / (n - 1) if n > 1 else rate * (1 - rate)
        variance += (size / whole) ** 2 * (1 - n / size) * spread
    return rate, variance


def _effective(rate: float, variance: float, judged: int) -> float:
    """How many of a simple draw would tell as much; never more than were asked."""
    return min(judged, rate * (1 - rate) / variance) if variance else judged


def _wilson(rate: float, n: float) -> tuple[float, float]:
    """Wilson's score interval (1927)."""
    middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
