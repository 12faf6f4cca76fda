"""What is asked when a sheet is handed in or a form out: for whom, for which period, its facts."""

from dataclasses import dataclass, replace

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.periods import KIND_LABELS, Kind, Period
from intake.columns.base import Context, Doubt
from intake.faults import BadCell, Fault
from intake.kinds import Fact, ReportKind
from registry.models import Unit, posted_at

# Who hands sheets in. Townships and villages do not; what they know comes through their banner.
HAND_IN = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT, Unit.Kind.SCHOOL)
PERIODS_OFFERED = {
    Kind.QUARTER: 6,
    Kind.TERM: 4,
    Kind.MONTH: 12,
    Kind.YEAR: 5,
    Kind.SCHOOL_YEAR: 5,
}
FACT = "fact-"


@dataclass(frozen=True)
class Units:
    """The units for which a person may hand in sheets of a permission; the own ones first."""

    own: list[Unit]
    others: list[Unit]

    @property
    def first(self) -> Unit | None:
        return next(iter(self.own + self.others), None)

    def __len__(self):
        return len(self.own) + len(self.others)

    def get(self, pk: str) -> Unit | None:
        return next((unit for unit in self.own + self.others if str(unit.pk) == pk), None)

    def choices(self) -> list:
        groups = [(_("本单位"), self.own)]
        for kind in HAND_IN:
            groups.append((kind.label, [unit for unit in self.others if unit.kind == kind]))
        return [(label, [(u.pk, u.name) for u in units]) for label, units in groups if units]


def units_for(user, permission: str, *, on) -> Units:
    """One query: all that lies in scope and can hand sheets in, and where the person is posted."""
    at_hand = posted_at(user, permission, on=on)
    own = set(Unit.objects.filter(pk__in=at_hand).values_list("pk", flat=True))
    hand_in = Q(kind__in=HAND_IN) | Q(pk__in=own)
    seen = Unit.objects.visible_to(user, permission).existing(on).filter(hand_in).for_list()
    return Units(
        [unit for unit in seen if unit.pk in own], [unit for unit in seen if unit.pk not in own]
    )


def periods_offered(on) -> list[tuple[str, list[tuple[str, str]]]]:
    """The periods for which a sheet may be due now: of each calendar the latest, newest first."""
    groups = []
    for kind, count in PERIODS_OFFERED.items():
        period, choices = Period.of(kind, on), []
        for _number in range(count):
            choices.append((period.code, period.label))
            period = period.previous()
        groups.append((KIND_LABELS[kind], choices))
    return groups


class SheetForm(forms.Form):
    """Of which unit and period a sheet is, and its facts; what leaves no choice is not asked."""

    def __init__(self, data=None, *, kind: ReportKind, user, on, units: Units, ids=""):
        # Several forms, for different kinds, stand on one page.
        super().__init__(data, auto_id=f"{ids}{kind.slug}-%s")
        self.kind, self.units = kind, units
        self.context = Context(user=user, permission=kind.permission, on=on, unit=units.first)
        self.fields["unit"] = forms.ChoiceField(
            label=_("替哪个单位交"),
            choices=units.choices(),
            initial=units.first.pk if units.first else None,
            required=False,  # nothing said means one's own
        )
        if kind.takes_period:
            self.fields["period"] = forms.ChoiceField(
                label=_("哪一期"), choices=[("", _("选一期")), *periods_offered(on)]
            )
        for fact in kind.facts:
            self.fields[FACT + fact.name] = self._fact_field(fact)

    def _fact_field(self, fact: Fact) -> forms.Field:
        words = {
            "label": str(fact.column.header),
            "required": False,
            "help_text": fact.column.note,
        }
        choices = fact.column.choices(self.context)
        if choices:
            return forms.ChoiceField(choices=[("", "—"), *((c, c) for c in choices)], **words)
        if fact.column.type_name == "day":
            day = forms.DateInput(attrs={"type": "date"})
            return forms.CharField(max_length=40, widget=day, **words)
        return forms.CharField(max_length=120, **words)

    def clean(self):
        """The column of a fact reads what was typed, as it would read a cell."""
        cleaned = super().clean()
        for fact in self.kind.facts:
            typed = cleaned.get(FACT + fact.name)
            if not typed:
                continue
            try:
                value = fact.column.reader(self.context)(typed)
            except BadCell as bad:
                self.add_error(FACT + fact.name, Fault(bad.code, params=bad.params).message)
            else:
                self.context.facts[fact.name] = value.value if isinstance(value, Doubt) else value
        return cleaned

    def shown(self) -> list:
        """The fields to ask; where there is but one unit nobody is asked for it."""
        return [one for one in self if one.name != "unit" or len(self.units) > 1]

    def unit(self) -> Unit | None:
        chosen = self.cleaned_data.get("unit")
        return self.units.get(chosen) if chosen else self.units.first


class UploadForm(SheetForm):
    """What goes with a file; most sheets are handed in with nothing but the file."""

    most_bytes = (
        settings.FILE_MAX_BYTES
    )  # the page's script refuses a larger file before it is sent

    @property
    def asks(self) -> bool:
        """Whether there is more to say than whose sheet it is."""
        return bool(self.kind.takes_period or self.kind.facts)

    @property
    def asked(self) -> str:
        """What is asked, for the button that opens the form."""
        return _("、").join(
            str(field.label) for name, field in self.fields.items() if name != "unit"
        )

    def facts(self) -> dict[str, str]:
        """What was typed, as text; the upload keeps it as it keeps what the sheet states."""
        return {
            fact.name: self.cleaned_data[FACT + fact.name]
            for fact in self.kind.facts
            if self.cleaned_data.get(FACT + fact.name)
        }


class HandoutForm(SheetForm):
    """Which form to hand out. With a reason its numbers stand in it whole."""

    reason = forms.CharField(
        label=gettext_lazy("为什么要完整的号码"), max_length=200, required=False
    )

    def __init__(self, data=None, *, ids="form-", **words):
        super().__init__(data, ids=ids, **words)
        self.fields["unit"].label = _("哪个单位的")
        if "period" in self.fields:
            self.fields["period"].required = False  # a blank form is of no period

    def wanted(self) -> Context:
        period = self.cleaned_data.get("period")
        return replace(
            self.context, unit=self.unit(), period=Period.parse(period) if period else None
        )
