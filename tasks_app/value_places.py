"""Where the values of a sheet go: the drafts of what a person's own units owe for a period."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q

from common import figures
from common.figures import State
from intake.stores.deeds import Stored, fingerprint
from registry.models import Duty, Unit, posted_at
from tasks_app.models import Indicator, ProgressReport, WorkItem
from tasks_app.services import imported, numbers
from tasks_app.services.duties import indicators_of

FILL = "tasks_app.fill_progressreport"
APART = 1_000_000  # more indicators than there will ever be: two numbers as one


@dataclass
class Place:
    """A number that a unit owes: its indicator, the duty, the draft it stands in.

    `known` is what the portal computes of it: {"num" | "den": text}; that is not asked for.
    """

    indicator: Indicator
    duty: Duty
    report: ProgressReport | None
    known: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """By which a line of a pre-filled form is known again."""
        return self.duty.pk * APART + self.indicator.pk

    @property
    def texts(self) -> dict[str, str]:
        """What the draft says."""
        return imported.texts_in(self.report.draft if self.report else {}, self.indicator)

    @property
    def held(self) -> dict[str, str]:
        """The same as the columns of a sheet have it; a computed number stands there as computed."""
        texts = self.texts
        state = texts["state"] if texts["state"] != State.REPORTED else ""
        has_den = self.indicator.is_rate and not state
        said = {"num": state or plain(texts["num"]), "den": plain(texts["den"]) if has_den else ""}
        return said | self.known | {"why": texts["why"]}

    @property
    def fault(self) -> str:
        """Why the draft takes nothing."""
        if self.report is None or self.report.is_editable:
            return ""
        return "frozen" if self.report.is_decided else "under_way"

    def stored(self) -> Stored:
        held = self.held
        return Stored(
            pk=self.number,
            version=fingerprint(sorted(held.items())),
            values={"indicator": self.indicator.pk, "unit": self.duty.unit_id, **held},
            unit_pk=self.duty.unit_id,
            subject=self.indicator.code,
            fault=self.fault,
            is_new=not any(self.texts.values()),
        )

    def entry(self, texts: dict[str, str]) -> numbers.Entry:
        """The number as it would be with these texts in the draft."""
        draft = {
            numbers.field_name(self.indicator, part): text
            for part, text in (self.texts | texts).items()
        }
        if "num" in self.known:
            draft |= self._computed()
        elif "den" in self.known:
            draft[numbers.field_name(self.indicator, "den")] = self.known["den"]
        return numbers.read_entry(self.indicator, draft, {})

    def _computed(self) -> dict[str, str]:
        num = self.known["num"]
        parts = {"num": num, "den": self.known.get("den", ""), "state": ""}
        if num in State:
            parts = {"num": "", "den": "", "state": num}
        return {numbers.field_name(self.indicator, part): text for part, text in parts.items()}


def plain(text: str) -> str:
    """A number as sheets have it: without needless zeros. What is no number stays as it was typed."""
    try:
        return f"{numbers.parse_number(text, whole=False).normalize():f}" if text else ""
    except ValueError:
        return text


class Places:
    """Everything that this person's units owe for the period of a sheet, in a handful of queries."""

    def __init__(self, context):
        self.period = context.period
        duties = {}
        if context.period:
            duties = imported.duties_of(context.user, context.period, permission=FILL)
        self.duties = duties
        self.own = _own_units(context)
        latest = imported.latest_reports(duty.pk for duty in duties.values())
        items = {item.duty_code: item for item in WorkItem.objects.prefetch_related("indicators")}
        self.by_key: dict[tuple[int, int], Place] = {}
        for (code, unit), duty in duties.items():
            for indicator in indicators_of(duty, items[code]) if code in items else ():
                self.by_key[indicator.pk, unit] = Place(indicator, duty, latest.get(duty.pk))
        self._compute()

    def _compute(self) -> None:
        """Ask each figure once, for all units."""
        asked: dict[str, list[Place]] = {}
        for place in self.by_key.values():
            for code in (place.indicator.figure, place.indicator.denominator_figure):
                if code:
                    asked.setdefault(code, []).append(place)
        for code, some in asked.items():
            units = list({place.duty.unit_id: place.duty.unit for place in some}.values())
            found = figures.get(code).compute(period=self.period, units=units)
            for place in some:
                if (value := found.get(place.duty.unit_id)) is not None:
                    _know(place, code, value)

    @property
    def by_number(self) -> dict[int, Place]:
        return {place.number: place for place in self.by_key.values()}

    def unit_of(self, indicator: int, unit: int) -> int:
        """Whose number a row without a unit is: that of the sheet's, else of the one unit that owes it."""
        owing = [at for pk, at in self.by_key if pk == indicator]
        return owing[0] if unit not in owing and len(owing) == 1 else unit


def _own_units(context) -> set[int]:
    """Units whose numbers are this person's to fill in."""
    own = Q(pk__in=posted_at(context.user, FILL, on=context.on)) | Q(kind=Unit.Kind.OFFICE)
    seen = Unit.objects.visible_to(context.user, FILL)
    return set(seen.filter(own).values_list("pk", flat=True))


def _know(place: Place, code: str, value: figures.Value) -> None:
    if code == place.indicator.figure:
        if value.state in (State.NOT_REPORTED, State.NOT_APPLICABLE):
            place.known = {"num": str(value.state), "den": ""}
        else:
            place.known = {"num": _text(value.numerator), "den": _text(value.denominator)}
    elif "num" not in place.known:
        place.known["den"] = _text(value.numerator)


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"
