"""Student aid on a dashboard, for who may read the payments of a unit: of how many, how much, how well.

One term; the money also by the months of its calendar year. Every number leads to the rows behind it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common.periods import Kind, NotAPeriod, Period
from common.templatetags.ax import num
from registry.models import SENSITIVE, Unit
from subsidies.models import Payment, Stage, stage_of
from subsidies.models.money import NOTHING, cents
from subsidies.services.counting import COVERED, ERRORS, IN_TIME, Counts
from subsidies.services.listed import THIRTEEN

VIEW = "subsidies.view_budget"
PAYMENTS = "subsidies.view_payment"
TERMS = 6  # that the switch offers
NAMED = 3  # programmes with a line of their own; the others together have one
OPEN_GROUPS = tuple(group for group in THIRTEEN if group not in SENSITIVE)


def asked_term(code: str | None, today: date) -> Period:
    """A term that has begun; else this term."""
    this = Period.of(Kind.TERM, today)
    try:
        term = Period.parse(code or "")
    except NotAPeriod:
        return this
    return term if term.kind == Kind.TERM and term.start <= today else this


def offered(term: Period, today: date) -> list[Period]:
    found, one = {term}, Period.of(Kind.TERM, today)
    for _step in range(TERMS):
        found.add(one)
        one = one.previous()
    return sorted(found, reverse=True)


@dataclass(frozen=True)
class Share:
    """A part of a whole, with the way to the rows behind it."""

    part: int
    whole: int
    url: str = ""

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.part * 100) / self.whole if self.whole else None

    @property
    def text(self) -> str:
        return f"{num(self.rate, 2)}%" if self.whole else _("无个案")

    @property
    def of(self) -> str:
        return f"{num(self.part)} / {num(self.whole)}" if self.whole else ""


@dataclass(frozen=True)
class Line:
    """One unit."""

    unit: Unit
    covered: Share
    in_time: Share
    errors: Share
    paid: Decimal
    payments: int

    @property
    def shares(self) -> list[Share]:
        return [self.covered, self.in_time, self.errors]


class AidBoard:
    """The numbers of the units that one viewer keeps, and of one of them what they are made of."""

    def __init__(self, user, *, unit: int | None, term: Period, today: date):
        self.user, self.term, self.today = user, term, today
        numbered = Unit.objects.with_numbers(min(term.end, today))
        self.units = list(numbered.filter(pk__in=Unit.objects.visible_to(user, VIEW).values("pk")))
        chosen = [one for one in self.units if one.pk == unit]
        self.unit = (chosen or self.units or [None])[0]
        self.counts = Counts(term, self.units)

    @cached_property
    def lines(self) -> list[Line]:
        counts = self.counts
        people = counts.sums(counts.entitled_and_covered())
        awards = counts.sums(counts.expected_and_in_time())
        records = counts.sums(counts.records_and_wrong())
        paid = counts.sums(counts.paid())
        return [
            Line(
                one,
                self._share(people, one, COVERED),
                self._share(awards, one, IN_TIME),
                self._share(records, one, ERRORS),
                *paid.get(one.pk, (NOTHING, 0)),
            )
            for one in self.units
        ]

    def _share(self, sums: dict[int, tuple[int, int]], unit: Unit, code: str) -> Share:
        whole, part = sums.get(unit.pk, (0, 0))
        query = urlencode({"figure": code, "period": self.term.code, "unit": unit.pk})
        return Share(part, whole, f"{reverse('subsidies:number')}?{query}" if part else "")

    @cached_property
    def line(self) -> Line:
        return next(line for line in self.lines if line.unit == self.unit)

    # What the unit's are made of -----------------------------------------------------------------
    @cached_property
    def stages(self) -> dict[str, Share]:
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for grade, whole, part in self.counts.by_grade(self.unit):
            sums = found[stage_of(grade)]
            sums[0] += part
            sums[1] += whole
        return {str(stage.label): Share(*found[stage]) for stage in Stage if stage in found}

    @cached_property
    def groups(self) -> dict[str, Share]:
        """A child on two lists counts in both. What tells of health or orphanhood is not shown."""
        told = {}
        for group in OPEN_GROUPS:
            whole, part = self.counts.in_category(self.unit, group)
            if whole:
                told[str(group.label)] = Share(part, whole)
        return told

    # Money ---------------------------------------------------------------------------------------
    @property
    def year(self) -> int:
        return min(self.term.end, self.today).year

    @cached_property
    def months(self) -> dict[str, list[Decimal | None]]:
        """{programme: money of each month}; a month that has not begun has none."""
        rows = (
            Payment.objects.visible_to(self.user, PAYMENTS)
            .within(self.unit, self.today)
            .approved()
            .arrived()
            .of_year(self.year)
            .order_by()
            .values_list("programme__name", "paid_on__month")
            .annotate(paid=cents())
        )
        money: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for programme, month, paid in rows:
            money[programme][month] += paid
        ranked = sorted(money, key=lambda name: (-sum(money[name].values()), name))
        lines = {name: money[name] for name in ranked[:NAMED]}
        if others := ranked[NAMED:]:
            lines[_("其他项目")] = {
                month: sum((money[name][month] for name in others), NOTHING)
                for month in range(1, 13)
            }
        return {name: self._by_month(sums) for name, sums in lines.items()}

    def _by_month(self, sums: dict[int, Decimal]) -> list[Decimal | None]:
        begun = 12 if self.year < self.today.year else self.today.month
        return [sums.get(n, NOTHING) if n <= begun else None for n in range(1, 13)]


def sentence(board: AidBoard) -> str:
    """The verdict of the page."""
    words = {"unit": board.unit.short, "term": board.term.label, "rate": board.line.covered.text}
    if not board.line.covered.whole:
        return _("%(unit)s %(term)s：还没有可算覆盖的部门名单") % words
    return _("%(unit)s %(term)s：应助尽助 %(rate)s") % words
