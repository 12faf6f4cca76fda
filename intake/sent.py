"""Who has sent what: units down, kinds of sheets across, the latest commit in each cell."""

from dataclasses import dataclass, field
from datetime import date

import django_filters as filters
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from common.periods import NotAPeriod, Period
from intake import kinds
from intake.forms_upload import HAND_IN, periods_offered
from intake.kinds import ReportKind
from intake.models import Upload
from registry.models import Closure, Unit, in_force
from registry.roles import Role, roles_with

VIEW = "intake.view_upload"
# Who hands sheets in at which kind of unit; what neither may hand in is nobody's debt.
BANNERS = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)


@dataclass
class Cell:
    """What a unit sent of a kind. `owed` and no upload is 未交; not owed is a dash."""

    kind: ReportKind
    owed: bool
    upload: Upload | None = None
    schools: int = 0  # how many schools below sent theirs themselves


@dataclass
class Row:
    unit: Unit
    cells: list[Cell]


@dataclass
class Matrix:
    kinds: list[ReportKind]
    rows: list[Row] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(
            cell.owed and not cell.upload and not cell.schools
            for row in self.rows
            for cell in row.cells
        )


class SentFilter(filters.FilterSet):
    """For which period, and into which banner's schools one looks."""

    period = filters.ChoiceFilter(label=_("期别"), choices=(), method="of_period")
    under = filters.ModelChoiceFilter(
        label=_("看哪个单位的学校"),
        queryset=Unit.objects.none(),
        method="as_it_is",
        empty_label=_("只看旗区"),
    )

    def __init__(self, query, *, user, on: date):
        committed = Upload.objects.visible_to(user, VIEW).filter(state=Upload.State.COMMITTED)
        super().__init__(query, queryset=committed)
        self.units = Unit.objects.visible_to(user, VIEW).existing(on)
        self.filters["period"].extra["choices"] = periods_offered(on)
        self.filters["under"].queryset = self.units.filter(kind__in=BANNERS).for_list()

    @property
    def looked_into(self) -> Unit | None:
        return self.form.cleaned_data.get("under") if self.form.is_valid() else None

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()

    def of_period(self, queryset, _name, code):
        """Of the period, or committed within it where a kind knows no periods."""
        try:
            period = Period.parse(code)
        except NotAPeriod:
            return queryset.none()
        within = Q(period="", committed_at__date__range=(period.start, period.end))
        return queryset.filter(Q(period=code) | within)

    def as_it_is(self, queryset, _name, _value):
        return queryset


def _handed_in_at(kind: ReportKind, unit: Unit) -> bool:
    role = Role.SCHOOL if unit.kind == Unit.Kind.SCHOOL else Role.OFFICIAL
    return unit.kind in HAND_IN and role in roles_with(kind.permission)


def _units(found: SentFilter, on: date) -> list[Unit]:
    """The rows: what reports below the viewer, or one banner with its schools."""
    if found.looked_into:
        below = Closure.objects.filter(in_force(on), ancestor=found.looked_into, counts=True)
        hand_in = found.units.filter(pk__in=below.values("descendant"), kind__in=HAND_IN)
        return list(hand_in.for_list())
    reporting = list(found.units.filter(reports_education=True).for_list())
    if len(reporting) > 1:
        return reporting
    return list(found.units.filter(kind__in=HAND_IN).for_list())


def _latest(found: SentFilter, units: list[Unit]) -> dict[tuple, Upload]:
    """(unit, kind) -> the last commit, in one query."""
    number = Window(
        RowNumber(),
        partition_by=[F("unit"), F("kind")],
        order_by=[F("committed_at").desc(), F("pk").desc()],
    )
    latest = found.qs.filter(unit__in=[u.pk for u in units]).annotate(no=number).filter(no=1)
    return {(upload.unit_id, upload.kind): upload for upload in latest.order_by()}


def _schools(found: SentFilter, units: list[Unit], on: date) -> dict[tuple, int]:
    """(unit, kind) -> how many schools below it sent the kind themselves."""
    lies_under = in_force(on, "unit__above__") & Q(
        unit__above__counts=True,
        unit__above__ancestor__in=[unit.pk for unit in units if unit.kind in BANNERS],
    )
    counted = (
        found.qs.filter(lies_under, unit__kind=Unit.Kind.SCHOOL)
        .order_by()
        .values("unit__above__ancestor", "kind")
        .annotate(n=Count("unit", distinct=True))
    )
    return {(row["unit__above__ancestor"], row["kind"]): row["n"] for row in counted}


def shown_kinds() -> list[ReportKind]:
    """What units hand in; sheets of the administrators alone are nobody's debt."""
    units = {Role.OFFICIAL, Role.SCHOOL}
    return [kind for kind in kinds.all_kinds() if units & set(roles_with(kind.permission))]


def matrix(found: SentFilter, *, on: date) -> Matrix:
    units = _units(found, on)
    shown = shown_kinds()
    latest, schools = _latest(found, units), _schools(found, units, on)
    made = Matrix(shown)
    for unit in units:
        cells = [
            Cell(
                kind,
                _handed_in_at(kind, unit),
                latest.get((unit.pk, kind.slug)),
                schools.get((unit.pk, kind.slug), 0),
            )
            for kind in shown
        ]
        made.rows.append(Row(unit, cells))
    return made
