"""How funds and budget lines look."""

import django_filters as filters
import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock, options
from common.templatetags.ax import num, status
from registry.models import Unit
from subsidies.models import BudgetLine, Payment, Programme
from subsidies.models.money import NOTHING
from subsidies.payments_tables import NUMBERS
from subsidies.services.funds import Fund, funds

VIEW, PAYMENTS = "subsidies.view_budget", "subsidies.view_payment"


class LineFilter(filters.FilterSet):
    year = filters.ChoiceFilter(label=gettext_lazy("年度"), method="as_it_is", empty_label=None)
    unit = filters.ModelChoiceFilter(label=gettext_lazy("单位"), queryset=Unit.objects.none())
    programme = filters.ModelChoiceFilter(
        label=gettext_lazy("资助项目"), queryset=Programme.objects.none()
    )

    class Meta:
        model = BudgetLine
        fields = []

    def __init__(self, query, *, user, today):
        rows = BudgetLine.objects.visible_to(user, VIEW)
        super().__init__(query, queryset=rows)
        self.user, self.today = user, today
        years = {today.year, *rows.order_by().values_list("year", flat=True).distinct()}
        choices = [(str(year), _("%(year)s年") % {"year": year}) for year in sorted(years)]
        self.filters["year"].extra["choices"] = choices[::-1]
        self.filters["year"].extra["initial"] = str(today.year)
        self.filters["unit"].queryset = Unit.objects.filter(
            pk__in=rows.order_by().values("unit")
        ).for_list()
        self.filters["programme"].queryset = Programme.objects.filter(
            pk__in=rows.order_by().values("programme")
        ).for_list()

    @property
    def chosen_year(self) -> int:
        asked = self.form.is_valid() and self.form.cleaned_data.get("year")
        return int(asked) if asked else self.today.year

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset).of_year(self.chosen_year)

    def as_it_is(self, queryset, _name, _value):
        return queryset


class _Money(tables.Column):
    def __init__(self, **options):
        super().__init__(attrs=NUMBERS, **options)

    def render(self, value):
        return num(value, 2)

    def value(self, value):
        return value


class FundTable(tables.Table):
    unit = tables.Column(verbose_name=gettext_lazy("单位"), order_by=("unit_no", "programme_no"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme_no", "unit_no")
    )
    granted = _Money(verbose_name=gettext_lazy("下达（元）"))
    arrived = _Money(verbose_name=gettext_lazy("到账（元）"))
    paid = _Money(verbose_name=gettext_lazy("已发（元）"))
    left = _Money(verbose_name=gettext_lazy("结余（元）"))
    share = tables.Column(verbose_name=gettext_lazy("发放进度"), empty_values=())
    sits = tables.Column(verbose_name=gettext_lazy("提醒"))

    exports = True

    class Meta:
        empty_text = gettext_lazy("这一年还没有登记下达的资金")
        attrs = {"aria-label": gettext_lazy("各单位各项目资金")}

    def render_share(self, value):
        if value is None:
            return _("没到账")
        bar = min(max(int(value), 0), 100)
        return format_html(
            '<progress value="{}" max="100" aria-hidden="true"></progress><small>{}%</small>',
            bar,
            num(value, 1),
        )

    def value_share(self, value):
        return value

    def render_sits(self, record):
        if record["sits"]:
            return render_to_string("components/status.html", status("warn", _("资金滞留")))
        if record["left"] < 0:
            return render_to_string("components/status.html", status("err", _("发的比到的多")))
        return "—"

    def value_sits(self, record):
        if record["sits"]:
            return _("资金滞留")
        return _("发的比到的多") if record["left"] < 0 else ""


def fund_rows(found: list[Fund]) -> list[dict]:
    units = Unit.objects.in_bulk({one.unit_id for one in found})
    programmes = Programme.objects.in_bulk({one.programme_id for one in found})
    rows = [
        {
            "unit": units[one.unit_id].short,
            "unit_no": (units[one.unit_id].sort_no, units[one.unit_id].sort_key),
            "programme": programmes[one.programme_id].name,
            "programme_no": programmes[one.programme_id].sort_no,
            "granted": one.granted,
            "arrived": one.arrived,
            "paid": one.paid,
            "left": one.left,
            "share": one.paid_share,
            "sits": one.sits,
        }
        for one in found
    ]
    return sorted(rows, key=lambda row: (row["unit_no"], row["programme_no"]))


def funds_of(user, query) -> tuple[LineFilter, list[Fund]]:
    today = clock.today()
    found = LineFilter(query, user=user, today=today)
    rules = options.get_many("subsidies.money_sits_days", "subsidies.money_sits_share")
    paid = Payment.objects.visible_to(user, PAYMENTS)
    return found, funds(
        found.qs,
        paid,
        year=found.chosen_year,
        on=today,
        days=rules["subsidies.money_sits_days"],
        share=rules["subsidies.money_sits_share"],
    )


def whole(found: list[Fund]) -> dict:
    """What all of them come to."""
    sums = {
        name: sum((getattr(one, name) for one in found), NOTHING)
        for name in ("granted", "arrived", "paid", "left")
    }
    return sums | {"sits": sum(one.sits for one in found)}
