"""The list of duties of dropout control; the screen and the export show the same columns."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.templatetags.ax import due, status
from dropout.duties_filters import ObligationFilter

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def look_of(duty, today) -> tuple[str, str]:
    """(code of the look, word)."""
    if duty.waived_at:
        return "off", _("免报")
    if duty.met_at:
        return "done", _("已办")
    if duty.due_on < today:
        return "late", _("逾期")
    return "todo", _("还没办") if duty.period_end < today else _("还没到期末")


class ObligationTable(tables.Table):
    what = tables.Column(
        verbose_name=gettext_lazy("要办的"), accessor="code", order_by=("code", "period_end")
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("单位"), order_by=("unit__sort_no", "unit__sort_key")
    )
    period = tables.Column(verbose_name=gettext_lazy("期别"), order_by=("period_end",))
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="pk", order_by=("met_at", "due_on")
    )
    due_on = tables.Column(verbose_name=gettext_lazy("截止"), attrs=NUMBERS)

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有还没办的。期末后，要办的会列在这里；往期的用“状态”找。")
        order_by = ("due_on", "what", "unit")
        attrs = {"class": "", "aria-label": gettext_lazy("四个一")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_what(self, record):
        return format_html(
            '<a href="{}">{}</a>', record.get_absolute_url(), self.value_what(record)
        )

    def value_what(self, record):
        return record.kind.title

    def render_unit(self, value):
        return value.name

    def render_period(self, record):
        return record.span.label

    def render_state(self, record):
        return render_to_string("components/status.html", status(*look_of(record, self.today)))

    def value_state(self, record):
        return look_of(record, self.today)[1]

    def render_due_on(self, record):
        settled = bool(record.met_at or record.waived_at)
        shown = due({"today": self.today}, record.due_on, settled)
        return render_to_string("components/due.html", shown)

    def value_due_on(self, record):
        return record.due_on


def duties_owed(user, query):
    """(filter, table) of the list as an address asks for it: the page and its file show the same."""
    today = clock.today()
    found = ObligationFilter(query, user=user, today=today)
    return found, ObligationTable(found.qs, today=today)
