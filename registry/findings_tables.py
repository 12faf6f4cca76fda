"""The list of findings; the screen and the export show the same columns."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.periods import Period
from common.templatetags.ax import due, status
from registry.models import Finding
from registry.services import findings

NUMBER = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def look_of(finding: Finding, today) -> tuple[str, str]:
    """(code of the look, word)."""
    if not finding.is_open:
        return "done", finding.get_end_display()
    if finding.waits_for_look:
        return "wait", _("等复看")
    if finding.was_sent_back:
        return "back", _("退回，再说明")
    return ("late", _("过期没说明")) if finding.due_on < today else ("todo", _("等说明"))


class FindingTable(tables.Table):
    found = tables.Column(
        verbose_name=gettext_lazy("发现了什么"), accessor="rule", order_by=("rule", "pk")
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("单位"), order_by=("unit__sort_no", "unit__sort_key", "pk")
    )
    period = tables.Column(verbose_name=gettext_lazy("期别"), order_by=("period", "pk"))
    state = tables.Column(verbose_name=gettext_lazy("状态"), accessor="pk", orderable=False)
    owner = tables.Column(verbose_name=gettext_lazy("责任人"), orderable=False, default="—")
    due_on = tables.Column(
        verbose_name=gettext_lazy("期限"), order_by=("due_on", "pk"), attrs=NUMBER
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有要说明的。数与数对不上、与以往差得远的，会自己列在这里。")
        attrs = {"class": "", "aria-label": gettext_lazy("问题线索")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_found(self, record):
        kind = findings.kind_of(record)
        return format_html(
            '<a href="{}">{}</a><small>{}</small>',
            record.get_absolute_url(),
            findings.said(record),
            kind.label if kind else "",
        )

    def value_found(self, record):
        return findings.said(record)

    def render_unit(self, value):
        return value.short

    def render_period(self, value):
        return Period.parse(value).label if value else "—"

    def value_period(self, value):
        return value

    def render_state(self, record):
        return render_to_string("components/status.html", status(*look_of(record, self.today)))

    def value_state(self, record):
        return look_of(record, self.today)[1]

    def render_due_on(self, record):
        met = not record.is_open or record.waits_for_look
        return render_to_string(
            "components/due.html", due({"today": self.today}, record.due_on, met)
        )

    def value_due_on(self, record):
        return record.due_on
