"""What the card of one standing shows, and how much of it to whom."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from common import figures
from common.periods import Period
from dashboard.queries.board import Place
from registry.models import Unit
from tasks_app import opened
from tasks_app.models import Indicator, Observation, Standing
from tasks_app.services.series import Book, Number, Viewer

SHOWN = 20


@dataclass(frozen=True)
class Rows:
    """The scoped list behind a number; `differ` rows of today's are not those of the frozen number."""

    address: str
    label: str
    source: str
    is_frozen: bool
    differ: Decimal | None


@dataclass
class Card:
    standing: Standing
    number: Number  # of the period, as this viewer may see it
    so_far: Number | None  # of a flow: what the year has come to
    covered: bool
    parts: list[Place] = field(default_factory=list)  # of the league's number
    observation: Observation | None = None
    origin: opened.Origin | None = None
    rows: Rows | None = None
    past: list[Standing] = field(default_factory=list)  # what it was computed to before

    @property
    def indicator(self) -> Indicator:
        return self.standing.indicator

    @property
    def unit(self) -> Unit:
        return self.standing.unit

    @property
    def period(self) -> Period:
        return self.standing.span

    @property
    def judged(self) -> Number:
        return self.so_far or self.number

    @property
    def is_whole(self) -> bool:
        return self.unit.kind == Unit.Kind.LEAGUE


def open_card(standing: Standing, user, *, on: date) -> Card | None:
    """None where the viewer may not know of it: what nobody has approved is for those who work on it."""
    moment = standing.computed_at if standing.superseded_at else None
    viewer = Viewer.of(user, on=on, moment=moment)
    if standing.is_live and not viewer.covers(standing.unit):
        return None
    indicator, period = standing.indicator, standing.span
    book = Book({indicator: [period]}, viewer, opened=True)
    line = book.line(indicator, period)
    number = line.total if standing.unit_id == viewer.league.pk else line.numbers[standing.unit_id]
    card = Card(standing, number, None, number.covered)
    if indicator.adds_up_over_time:
        so_far = book.line_so_far(indicator, period)
        whole = standing.unit_id == viewer.league.pk
        card.so_far = so_far.total if whole else so_far.numbers[standing.unit_id]
    if card.is_whole:
        card.parts = [Place(indicator, n.unit, n) for n in line.numbers.values()]
    card.observation = number.observation
    if card.covered:
        if card.observation:
            card.origin = opened.origin_of(card.observation, user)
        card.rows = _rows(standing, number)
    if card.covered or not indicator.counts_people:
        card.past = list(_past(standing, card.covered))
    return card


def _past(standing: Standing, covered: bool):
    """What it was computed to before; what nobody had approved then is for the scope."""
    earlier = Standing.objects.filter(
        indicator=standing.indicator_id,
        unit=standing.unit_id,
        period=standing.period,
        computed_at__lte=standing.computed_at,
        pk__lt=standing.pk,
    )
    if not covered:
        earlier = earlier.filter(is_live=False)
    return earlier.order_by("-pk")[:SHOWN]


def _rows(standing: Standing, number: Number) -> Rows | None:
    """The list of the figure behind the number; of a frozen one it is told how far it has moved on."""
    code = standing.indicator.figure
    if not code or code not in dict(figures.choices()) or standing.fault:
        return None
    figure = figures.get(code)
    period = standing.span
    is_frozen = not standing.is_live
    differ = None
    if is_frozen and number.numerator is not None:
        today = figure.compute(period=period, units=[standing.unit]).get(standing.unit_id)
        if today is not None and today.numerator is not None:
            differ = today.numerator - number.numerator
    address = figure.rows(period=period, unit=standing.unit)
    return Rows(address, str(figure.label), str(figure.source), is_frozen, differ)
