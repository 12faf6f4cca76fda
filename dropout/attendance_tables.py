"""Which schools have said a month, and whom they left out."""

import django_filters as filters
import django_tables2 as tables
from django.db.models import Case, IntegerField, Value, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.periods import Kind, NotAPeriod, Period
from common.templatetags.ax import cntime, status
from dropout.cases_tables import NUMBERS
from dropout.services import attendance
from dropout.services.attendance import Standing
from registry.models import Unit, descendants_of

VIEW = "dropout.view_ledger"
OFFERED = 13  # months: of a year ago too
PLACES = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT)
LOOKS = {
    Standing.UNTOLD: "none",
    Standing.PARTLY: "warn",
    Standing.WHOLE: "done",
    Standing.NOT_OWED: "na",
}

# Who is to be asked first stands first.
NEED = Case(
    *(When(standing=one, then=Value(place)) for place, one in enumerate(Standing)),
    output_field=IntegerField(),
)


def months_offered(today) -> list[Period]:
    """The month that runs and those before it, newest first."""
    found, month = [], Period.of(Kind.MONTH, today)
    for _number in range(OFFERED):
        found.append(month)
        month = month.previous()
    return found


def last_month(today) -> Period:
    """The one that is due: it is over."""
    return Period.of(Kind.MONTH, today).previous()


def month_called(code: str, today) -> Period | None:
    """A month that has begun, by its code."""
    try:
        month = Period.parse(code)
    except NotAPeriod:
        return None
    return month if month.kind is Kind.MONTH and month.start <= today else None


class MonthFilter(filters.FilterSet):
    """The last month that is over, unless another one is asked for."""

    month = filters.ChoiceFilter(
        label=gettext_lazy("月份"), choices=[], method="as_it_is", empty_label=None
    )
    unit = filters.ModelChoiceFilter(
        label=gettext_lazy("旗区"), queryset=Unit.objects.none(), method="in_unit"
    )
    standing = filters.ChoiceFilter(label=gettext_lazy("报送"), choices=Standing.choices)

    class Meta:
        model = Unit
        fields = []

    def __init__(self, query, *, user, today):
        asked = query.copy()
        asked.setdefault("month", last_month(today).code)
        self.month = month_called(asked["month"], today) or last_month(today)
        mine = Unit.objects.visible_to(user, VIEW)
        schools = attendance.schools_asked(mine, self.month, today)
        super().__init__(asked, queryset=attendance.with_month(schools, self.month, today))
        self.today = today
        offered = [(one.code, one.label) for one in months_offered(today)]
        self.filters["month"].extra["choices"] = offered
        self.filters["unit"].queryset = mine.of_kinds(PLACES).existing(today).for_list()

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def in_unit(self, queryset, _name, unit):
        return queryset.filter(pk__in=descendants_of(unit, on=self.today))


class SchoolsTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("sort_key", "pk"))
    standing = tables.Column(verbose_name=gettext_lazy("报送"), order_by=("need", "sort_key", "pk"))
    on_roll = tables.Column(
        verbose_name=gettext_lazy("名册人数"), order_by=("on_roll", "pk"), attrs=NUMBERS
    )
    away = tables.Column(
        verbose_name=gettext_lazy("不在校"), order_by=("away", "pk"), attrs=NUMBERS
    )
    left_out = tables.Column(
        verbose_name=gettext_lazy("没报到的孩子"), order_by=("left_out", "pk"), attrs=NUMBERS
    )
    handed_in_at = tables.Column(
        verbose_name=gettext_lazy("报送时间"), order_by=("handed_in_at", "pk"), default="—"
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有要报月报的学校")
        attrs = {"aria-label": gettext_lazy("各校在校情况")}

    def __init__(self, *args, month, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.month, self.today = month, today

    def render_name(self, record):
        address = reverse("dropout:attendance-month", args=[record.pk, self.month.code])
        return format_html('<a href="{}">{}</a>', address, record.name)

    def value_name(self, value):
        return value

    def render_standing(self, value):
        look = status(LOOKS[value], Standing(value).label)
        return render_to_string("components/status.html", look)

    def value_standing(self, value):
        return str(Standing(value).label)

    def render_away(self, record, value):
        """Of a month that nobody has told nobody knows who was away: no number is not none."""
        return value if record.handed_in_at else self._untold()

    value_away = render_away

    def render_left_out(self, record, value):
        return value if record.handed_in_at else self._untold()

    value_left_out = render_left_out

    def _untold(self):
        return _("未报")

    def render_handed_in_at(self, value):
        return cntime(value, self.today)

    def value_handed_in_at(self, value):
        return value


def schools_of_month(user, query) -> tuple[MonthFilter, SchoolsTable]:
    """The filter and the table of the schools of one's units in a month."""
    today = clock.today()
    found = MonthFilter(query, user=user, today=today)
    rows = found.qs.annotate(need=NEED).order_by("need", "sort_key", "pk")
    order = query.getlist("sort") or None
    return found, SchoolsTable(rows, order_by=order, month=found.month, today=today)
