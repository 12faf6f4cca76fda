"""How batches look in a list, and how the rows of one do."""

import django_filters as filters
import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.templatetags.ax import cntime, num, status
from registry.models import Unit
from subsidies.models import PaymentBatch
from subsidies.payments_tables import NUMBERS, PaymentTable
from subsidies.terms import term_choices, term_label

VIEW = "subsidies.view_payment"
State = PaymentBatch.State
LOOKS = {
    State.DRAFT: "draft",
    State.SUBMITTED: "wait",
    State.APPROVED: "passed",
    State.RETURNED: "back",
    State.WITHDRAWN: "off",
}


def state_shown(batch: PaymentBatch) -> str:
    look = status(LOOKS[batch.state], batch.get_state_display())
    return render_to_string("components/status.html", look)


class BatchFilter(filters.FilterSet):
    state = filters.ChoiceFilter(label=gettext_lazy("状态"), choices=State.choices)
    unit = filters.ModelChoiceFilter(
        label=gettext_lazy("发放单位"), queryset=Unit.objects.none(), field_name="unit"
    )
    term = filters.ChoiceFilter(label=gettext_lazy("学期"))

    class Meta:
        model = PaymentBatch
        fields = []

    def __init__(self, query, *, user, today):
        rows = PaymentBatch.objects.visible_to(user, VIEW)
        super().__init__(query, queryset=rows)
        units = Unit.objects.filter(pk__in=rows.order_by().values("unit"))
        self.filters["unit"].queryset = units.for_list()
        self.filters["term"].extra["choices"] = term_choices(today)

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()


class BatchTable(tables.Table):
    title = tables.Column(verbose_name=gettext_lazy("批次"), order_by=("pk",))
    unit = tables.Column(
        verbose_name=gettext_lazy("发放单位"), order_by=("unit__sort_no", "unit__sort_key", "pk")
    )
    count = tables.Column(
        verbose_name=gettext_lazy("笔数"), order_by=("count", "pk"), attrs=NUMBERS
    )
    total = tables.Column(
        verbose_name=gettext_lazy("金额（元）"), order_by=("total", "pk"), attrs=NUMBERS
    )
    made_at = tables.Column(verbose_name=gettext_lazy("制单"), order_by=("made_at", "pk"))
    approved_at = tables.Column(
        verbose_name=gettext_lazy("审批"), order_by=("approved_at", "pk"), empty_values=()
    )
    state = tables.Column(verbose_name=gettext_lazy("状态"), order_by=("state", "pk"))

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有批次。导入发放花名册，或点“制作批次”。")
        attrs = {"aria-label": gettext_lazy("发放批次")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_title(self, record):
        under = _("编号 %(n)s") % {"n": record.pk}
        if record.term:
            under = f"{under} | {term_label(record.term)}"
        return format_html(
            '<a href="{}">{}</a><small>{}</small>', record.get_absolute_url(), record.title, under
        )

    def value_title(self, record):
        return f"{record.pk} {record.title}"

    def render_unit(self, value):
        return value.short

    def render_count(self, value):
        return num(value)

    def value_count(self, value):
        return value

    def render_total(self, value):
        return num(value, 2)

    def value_total(self, value):
        return value

    def render_made_at(self, record):
        return self._signed(record.made_by, record.made_at)

    def render_approved_at(self, record):
        return self._signed(record.approved_by, record.approved_at)

    def _signed(self, who, at):
        if who is None:
            return "—"
        return format_html("{}<small>{}</small>", who.name, cntime(at, self.today))

    def value_made_at(self, record):
        return record.made_at

    def value_approved_at(self, record):
        return record.approved_at

    def render_state(self, record):
        return state_shown(record)

    def value_state(self, record):
        return record.get_state_display()


class BatchRowTable(PaymentTable):
    """Of one batch: which batch goes without saying."""

    class Meta(PaymentTable.Meta):
        exclude = ("batch",)
        empty_text = gettext_lazy("批次里没有发放")


def shelf(user, query) -> tuple[BatchFilter, BatchTable]:
    today = clock.today()
    found = BatchFilter(query, user=user, today=today)
    table = BatchTable(found.qs.for_list(), order_by=query.getlist("sort") or None, today=today)
    return found, table
