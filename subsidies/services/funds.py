"""Budget lines, what arrived of them, what was paid and what is left; and money that sits."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from common import audit
from common.refusals import Stale
from registry.models import Closure, in_force
from subsidies.models import Arrival, BudgetLine
from subsidies.models.money import CENT, NOTHING, cents
from subsidies.services.batches import refuse_no_money
from subsidies.services.refusals import Refused


@dataclass(frozen=True)
class Fund:
    """The money of one unit for one programme in one calendar year."""

    unit_id: int
    programme_id: int
    granted: Decimal
    arrived: Decimal
    paid: Decimal
    sits: bool

    @property
    def left(self) -> Decimal:
        """What has arrived and is not paid; negative where more was paid than arrived."""
        return self.arrived - self.paid

    @property
    def paid_share(self) -> Decimal | None:
        """Per cent of what arrived, with one decimal."""
        if not self.arrived:
            return None
        return (self.paid * 100 / self.arrived).quantize(Decimal("0.1"))


# The view ----------------------------------------------------------------------------------------
def funds(lines, payments, *, year: int, on: date, days: int, share: int) -> list[Fund]:
    """By unit and programme. `lines` and `payments` are what the reader may see.

    Money sits where some arrived more than `days` ago and more than `share` per cent of what had
    arrived by then is unpaid.
    """
    granted = _keyed(
        lines.of_year(year).order_by().values_list("unit", "programme").annotate(total=cents())
    )
    arrivals = Arrival.objects.filter(line__in=lines.of_year(year)).by(on)
    arrived = _arrived(arrivals)
    early = _arrived(arrivals.by(on - timedelta(days=days)))
    paid = _paid(payments, granted, year=year, on=on)
    return [
        Fund(
            unit,
            programme,
            amount,
            arrived.get((unit, programme), NOTHING),
            paid.get((unit, programme), NOTHING),
            _sits(
                early.get((unit, programme), NOTHING), paid.get((unit, programme), NOTHING), share
            ),
        )
        for (unit, programme), amount in sorted(granted.items())
    ]


def _sits(early: Decimal, paid: Decimal, share: int) -> bool:
    return early > 0 and (early - paid) * 100 > early * share


def _keyed(rows) -> dict[tuple[int, int], Decimal]:
    return {(unit, programme): amount.quantize(CENT) for unit, programme, amount in rows}


def _arrived(arrivals) -> dict[tuple[int, int], Decimal]:
    found = arrivals.order_by().values_list("line__unit", "line__programme")
    return _keyed(found.annotate(total=cents()))


def _paid(payments, granted: Iterable, *, year: int, on: date) -> dict[tuple[int, int], Decimal]:
    """Money that went out in the year, at the nearest unit above the payer that has a line for it."""
    rows = (
        payments.approved()
        .arrived()
        .filter(paid_on__year=year, paid_on__lte=on)
        .order_by()
        .values_list("batch__unit", "programme")
        .annotate(total=cents())
    )
    rows, found = list(rows), defaultdict(lambda: NOTHING)
    above = _above({unit for unit, _programme, _total in rows}, on)
    for unit, programme, total in rows:
        holder = next((one for one in above[unit] if (one, programme) in granted), None)
        if holder is not None:
            found[holder, programme] += total
    return found


def _above(units: set[int], on: date) -> dict[int, list[int]]:
    """The units over each, itself first, nearest first: who has fewer below it is nearer."""
    pairs = Closure.objects.filter(in_force(on), descendant__in=units, counts=True)
    pairs = list(pairs.values_list("descendant", "ancestor"))
    higher = Closure.objects.filter(in_force(on), counts=True)
    higher = higher.filter(descendant__in={ancestor for _unit, ancestor in pairs})
    depth: dict[int, int] = defaultdict(int)
    for unit in higher.values_list("descendant", flat=True):
        depth[unit] += 1
    found: dict[int, list[int]] = defaultdict(list)
    for unit, ancestor in pairs:
        found[unit].append(ancestor)
    return defaultdict(
        list,
        {unit: sorted(set(some), key=lambda one: -depth[one]) for unit, some in found.items()},
    )


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic
def save_line(line: BudgetLine, *, by, seen: int | None = None) -> BudgetLine:
    """Write a line down, or correct one; below what has arrived of it nobody corrects it."""
    refuse_no_money(line.amount)
    if line.pk:
        stored = BudgetLine.objects.select_for_update().get(pk=line.pk)
        if seen is not None and seen != stored.version:
            raise Stale(line.pk)
        if line.amount < _arrived_of(line):
            raise Refused("below_arrived", "amount")
        line.version = stored.version + 1
    line.save()
    audit.record("subsidies.budget_line_saved", line, by=by, after={"amount": str(line.amount)})
    return line


@transaction.atomic
def record_arrival(
    line: BudgetLine, *, amount: Decimal, on: date, by, at: datetime, note: str = ""
) -> Arrival:
    """Money of a line has reached the account; never more than the line grants."""
    refuse_no_money(amount)
    line = BudgetLine.objects.select_for_update().get(pk=line.pk)
    if on > timezone.localdate(at):
        raise Refused("in_future", "on")
    if _arrived_of(line) + amount > line.amount:
        raise Refused("over_granted", "amount")
    arrival = Arrival.objects.create(line=line, arrived_on=on, amount=amount, note=note.strip())
    audit.record("subsidies.money_arrived", line, by=by, after={"amount": str(amount)})
    return arrival


def _arrived_of(line: BudgetLine) -> Decimal:
    return line.arrivals.aggregate(total=cents())["total"]
