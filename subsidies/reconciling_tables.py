"""Expected against paid: by school and programme, and child by child."""

import django_filters as filters
import django_tables2 as tables
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock, options
from common.periods import Period
from common.templatetags.ax import cndate, num, rate, status
from registry.models import Unit
from registry.students_filters import PLACES, UNMASK
from registry.students_tables import shown_name
from subsidies.models import Award, Payment, Programme
from subsidies.models.money import CENT
from subsidies.payments_periods import period_choices
from subsidies.payments_sheet import LOOKS_OF_STANDING
from subsidies.payments_tables import NUMBERS, InChunks
from subsidies.services import reconciling
from subsidies.services.reconciled_places import Place, by_place
from subsidies.services.reconciling import Standing
from subsidies.terms import term_label, this_term

VIEW = "subsidies.view_payment"
LATE = "LATE"
STANDINGS = [
    *((one.value, one.label) for one in Standing if one != Standing.UNEXPECTED),
    (LATE, gettext_lazy("迟发")),
]


class AwardFilter(filters.FilterSet):
    """A calendar year means the two terms that end in it."""

    term = filters.ChoiceFilter(
        label=gettext_lazy("学期、学年、年度"), method="as_it_is", empty_label=None
    )
    programme = filters.ModelChoiceFilter(
        label=gettext_lazy("资助项目"), queryset=Programme.objects.none()
    )
    unit = filters.ModelChoiceFilter(
        label=gettext_lazy("旗区、学校"), queryset=Unit.objects.none(), method="in_unit"
    )

    class Meta:
        model = Award
        fields = []

    def __init__(self, query, *, user, today):
        super().__init__(query, queryset=Award.objects.visible_to(user, VIEW))
        self.user, self.today = user, today
        choices = period_choices(today, _("年度（在这年结束的两个学期）"))
        self.filters["term"].extra["choices"] = choices
        self.filters["term"].extra["initial"] = this_term(today).code
        self.filters["programme"].queryset = Programme.objects.offered_to(user, VIEW).for_list()
        places = Unit.objects.visible_to(user, VIEW).of_kinds(PLACES).existing(today)
        self.filters["unit"].queryset = places.for_list()

    @property
    def period(self) -> Period:
        """What is asked for, or the term that runs."""
        asked = self.form.is_valid() and self.form.cleaned_data.get("term")
        return Period.parse(asked) if asked else this_term(self.today)

    @property
    def terms(self) -> list[str]:
        return reconciling.terms_of(self.period)

    @property
    def paid(self):
        """The payments of these terms, of the same programme and unit, that the person may see."""
        rows = Payment.objects.visible_to(self.user, VIEW).of_terms(self.terms)
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        if asked.get("programme"):
            rows = rows.filter(programme=asked["programme"])
        if asked.get("unit"):
            rows = rows.within(asked["unit"], self.today)
        return rows

    @property
    def address(self) -> dict:
        """What is asked for, as an address says it."""
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        named = {name: asked[name].pk for name in ("programme", "unit") if asked.get(name)}
        return {"term": self.period.code} | named

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset).of_terms(self.terms)

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def in_unit(self, queryset, _name, unit):
        return queryset.within(unit, self.today)


class ChildFilter(AwardFilter):
    standing = filters.ChoiceFilter(
        label=gettext_lazy("发放情况"), choices=STANDINGS, method="as_it_is"
    )

    def filter_queryset(self, queryset):
        """All that a child may have got counts, also at another school of one's own."""
        found = super().filter_queryset(queryset)
        paid = Payment.objects.visible_to(self.user, VIEW)
        grace = options.get("subsidies.late_grace")
        rows = reconciling.reconciled(found, paid, on=self.today, grace=grace)
        newest = paid.filter(**{name: OuterRef(name) for name in reconciling.OF_ONE})
        rows = rows.annotate(newest=Subquery(newest.order_by("-paid_on", "-pk").values("pk")[:1]))
        asked = self.form.is_valid() and self.form.cleaned_data.get("standing")
        if asked == LATE:
            return rows.filter(is_late=True)
        return rows.filter(standing=asked) if asked else rows


def children_at(place: Place, term: str, standing: str) -> str:
    """The address of the children that a number of a place counts."""
    query = {"term": term, "standing": standing}
    query |= {"unit": place.unit_id, "programme": place.programme_id}
    return f"{reverse('subsidies:reconciled-list')}?{urlencode(query)}"


class _Counted(tables.Column):
    """A count that leads to its children; nothing is a dash's place, so that trouble stands out."""

    def __init__(self, standing: str, **options):
        super().__init__(attrs=NUMBERS, **options)
        self.standing = standing

    def render(self, value, record, table):
        if not value:
            return "0"
        address = children_at(record["place"], table.term, self.standing)
        return format_html('<a href="{}">{}</a>', address, num(value))

    def value(self, value):
        return value


class _Money(tables.Column):
    def __init__(self, **options):
        super().__init__(attrs=NUMBERS, **options)

    def render(self, value):
        return num(value, 2)

    def value(self, value):
        return value


class PlaceTable(tables.Table):
    school = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("sort", "programme_no"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme_no", "sort")
    )
    person_times = _Counted("", verbose_name=gettext_lazy("应发人次"))
    expected = _Money(verbose_name=gettext_lazy("应发（元）"))
    paid = _Money(verbose_name=gettext_lazy("已到卡（元）"))
    full_share = tables.Column(verbose_name=gettext_lazy("足额率"), attrs=NUMBERS, empty_values=())
    short = _Counted(Standing.SHORT, verbose_name=gettext_lazy("少发"))
    over = _Counted(Standing.OVER, verbose_name=gettext_lazy("多发"))
    unpaid = _Counted(Standing.UNPAID, verbose_name=gettext_lazy("未发"))
    sent_back = _Counted(Standing.RETURNED, verbose_name=gettext_lazy("退回"))
    late = _Counted(LATE, verbose_name=gettext_lazy("迟发"))

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有应发记录：没有认定、不在籍，或者标准还没确认")
        attrs = {"aria-label": gettext_lazy("各校发放情况"), "class": "is-wide"}

    def __init__(self, *args, term: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.term = term

    def render_full_share(self, value):
        return rate(value) or "—"

    def value_full_share(self, value):
        return value


def place_rows(places: list[Place]) -> list[dict]:
    """Each with the names of its school and programme, in two statements."""
    units = Unit.objects.in_bulk({one.unit_id for one in places})
    programmes = Programme.objects.in_bulk({one.programme_id for one in places})
    rows = [
        {
            "place": one,
            "school": units[one.unit_id].short,
            "sort": units[one.unit_id].sort_key,
            "programme": programmes[one.programme_id].name,
            "programme_no": programmes[one.programme_id].sort_no,
            "full_share": one.full_share,
        }
        | {name: getattr(one, name) for name in PLACE_COLUMNS}
        for one in places
    ]
    return sorted(rows, key=lambda row: (row["sort"], row["programme_no"]))


PLACE_COLUMNS = (
    "person_times",
    "expected",
    "paid",
    "short",
    "over",
    "unpaid",
    "sent_back",
    "late",
)


def places_of(user, query) -> tuple[AwardFilter, list[Place]]:
    today = clock.today()
    found = AwardFilter(query, user=user, today=today)
    paid = Payment.objects.visible_to(user, VIEW)
    grace = options.get("subsidies.late_grace")
    return found, by_place(found.qs, paid, found.terms, on=today, grace=grace)


# Child by child ----------------------------------------------------------------------------------
class ChildTable(tables.Table):
    student = tables.Column(
        verbose_name=gettext_lazy("学生"), order_by=("student__name", "pk"), accessor="student"
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("学校"), order_by=("unit__sort_key", "student__name", "pk")
    )
    programme = tables.Column(
        verbose_name=gettext_lazy("项目、学期"), order_by=("programme__sort_no", "term", "pk")
    )
    amount = tables.Column(
        verbose_name=gettext_lazy("应发（元）"), order_by=("amount", "pk"), attrs=NUMBERS
    )
    paid = tables.Column(
        verbose_name=gettext_lazy("已到卡（元）"), order_by=("paid", "pk"), attrs=NUMBERS
    )
    gap = tables.Column(
        verbose_name=gettext_lazy("差额（元）"),
        accessor="pk",
        orderable=False,
        attrs=NUMBERS,
    )
    last_paid_on = tables.Column(
        verbose_name=gettext_lazy("最后到卡"), order_by=("last_paid_on", "pk"), attrs=NUMBERS
    )
    standing = tables.Column(verbose_name=gettext_lazy("发放情况"), orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有应发记录")
        attrs = {"aria-label": gettext_lazy("应发与已发")}

    def __init__(self, *args, masked, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked, self.today = masked, today

    def render_student(self, record):
        return shown_name(record.student, masked=self.masked)

    def render_unit(self, value):
        return value.short

    def value_unit(self, value):
        return value.name

    def render_programme(self, record):
        return format_html("{}<small>{}</small>", record.programme.name, term_label(record.term))

    def value_programme(self, record):
        return f"{record.programme.name} {record.term}"

    def render_amount(self, value):
        return num(value, 2)

    def value_amount(self, value):
        return value

    def render_paid(self, record):
        if record.newest is None:
            return num(record.paid, 2)
        address = reverse("subsidies:payment-detail", args=[record.newest])
        return format_html('<a href="{}">{}</a>', address, num(record.paid, 2))

    def value_paid(self, record):
        return record.paid.quantize(CENT)

    def render_gap(self, record):
        gap = self.value_gap(record)
        return f"+{num(gap, 2)}" if gap > 0 else num(gap, 2)

    def value_gap(self, record):
        return (record.paid - record.amount).quantize(CENT)

    def render_last_paid_on(self, value):
        return cndate(value, self.today)

    def value_last_paid_on(self, value):
        return value

    def render_standing(self, record):
        label = Standing(record.standing).label
        look = status(LOOKS_OF_STANDING[record.standing], label)
        late = format_html("<small>{}</small>", _("迟发")) if record.is_late else ""
        shown = render_to_string("components/status.html", look)
        return format_html("{}{}", shown, late)

    def value_standing(self, record):
        label = str(Standing(record.standing).label)
        return f"{label} {_('迟发')}" if record.is_late else label


def children_of(user, query) -> tuple[ChildFilter, ChildTable]:
    today = clock.today()
    found = ChildFilter(query, user=user, today=today)
    table = ChildTable(
        InChunks(found.qs.for_list()),
        order_by=query.getlist("sort") or None,
        masked=not user.has_perm(UNMASK),
        today=today,
    )
    return found, table
