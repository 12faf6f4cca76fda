"""Lists of the look after payment: the draws, and the children of one."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import cndate, status
from registry.students_tables import shown_name
from subsidies.models import SampleItem
from subsidies.terms import term_label

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
Result = SampleItem.Result


def result_shown(item: SampleItem) -> str:
    look = "wait"
    if item.result:
        look = {Result.RIGHT: "done", Result.NOT_REACHED: "none"}.get(item.result, "err")
    return render_to_string(
        "components/status.html", status(look, item.get_result_display() or _("等核实"))
    )


class SampleTable(tables.Table):
    title = tables.Column(
        verbose_name=gettext_lazy("抽查"), accessor="pk", order_by=("made_at", "pk")
    )
    unit = tables.Column(verbose_name=gettext_lazy("单位"), order_by=("unit__sort_no", "pk"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), orderable=False, default=gettext_lazy("全部项目")
    )
    drawn = tables.Column(
        verbose_name=gettext_lazy("抽了（笔）"), order_by=("drawn", "pk"), attrs=NUMBERS
    )
    answered = tables.Column(
        verbose_name=gettext_lazy("已核实（笔）"), order_by=("answered", "pk"), attrs=NUMBERS
    )
    made_by = tables.Column(verbose_name=gettext_lazy("抽取人"), orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有抽查。发放以后，按学校随机抽几笔，打电话或入户问一问。")
        attrs = {"aria-label": gettext_lazy("抽查")}

    def render_title(self, record):
        words = f"{term_label(record.term)} {cndate(record.made_at)}"
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), words)

    def value_title(self, record):
        return f"{record.term} {cndate(record.made_at)}"

    def render_unit(self, value):
        return value.short


class SampleItemTable(tables.Table):
    number = tables.Column(
        verbose_name=gettext_lazy("序号"), orderable=False, attrs=NUMBERS, localize=False
    )
    name = tables.Column(
        verbose_name=gettext_lazy("姓名"), accessor="payment__name", orderable=False
    )
    school = tables.Column(
        verbose_name=gettext_lazy("学校"), accessor="payment__school", orderable=False
    )
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), accessor="payment__programme", orderable=False
    )
    amount = tables.Column(
        verbose_name=gettext_lazy("发放（元）"),
        accessor="payment__amount",
        orderable=False,
        attrs=NUMBERS,
    )
    result = tables.Column(
        verbose_name=gettext_lazy("结果"), accessor="pk", orderable=False, empty_values=()
    )
    done_on = tables.Column(
        verbose_name=gettext_lazy("核实日期"), orderable=False, attrs=NUMBERS, default="—"
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有抽到")
        attrs = {"aria-label": gettext_lazy("抽查对象")}

    def __init__(self, *args, masked, may_fill, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked, self.may_fill = masked, may_fill

    def value_name(self, record):
        return shown_name(record.payment, masked=self.masked)

    def render_name(self, record):
        if not self.may_fill:
            return self.value_name(record)
        address = reverse("subsidies:sample-item", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, self.value_name(record))

    def render_school(self, value):
        return value.short

    def render_amount(self, value):
        return f"{value:,.2f}"

    def value_amount(self, value):
        return value

    def render_result(self, record):
        return result_shown(record)

    def value_result(self, record):
        return record.get_result_display()
