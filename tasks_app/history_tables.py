"""The list of batches of past years; the screen and the export show the same columns."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common.templatetags.ax import cntime, status
from tasks_app.models import HistoryBatch

LOOK_OF = {
    HistoryBatch.State.SUBMITTED: "wait",
    HistoryBatch.State.APPROVED: "passed",
    HistoryBatch.State.RETURNED: "back",
    HistoryBatch.State.WITHDRAWN: "off",
}
NUMBER = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


class HistoryTable(tables.Table):
    title = tables.Column(verbose_name=_("批次"))
    state = tables.Column(verbose_name=_("状态"))
    value_count = tables.Column(verbose_name=_("数"), attrs=NUMBER)
    warning_count = tables.Column(verbose_name=_("提醒"), attrs=NUMBER)
    submitted_by = tables.Column(verbose_name=_("提交人"), order_by=("submitted_by__name",))
    submitted_at = tables.Column(verbose_name=_("提交时间"), attrs=NUMBER)
    decided_by = tables.Column(
        verbose_name=_("审核人"), order_by=("decided_by__name",), default="—"
    )

    exports = True

    class Meta:
        empty_text = _("还没有录入过历年数据。下载空表填好，或从现成的表里复制，粘贴进来。")
        order_by = ("-submitted_at",)
        attrs = {"class": "", "aria-label": _("历年数据批次")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_title(self, record):
        return format_html(
            '<a href="{}">{}</a><small>{}</small>',
            record.get_absolute_url(),
            record.title,
            record.source,
        )

    def value_title(self, record):
        return record.title

    def render_state(self, record):
        look = status(LOOK_OF[record.state], record.get_state_display())
        return render_to_string("components/status.html", look)

    def value_state(self, record):
        return record.get_state_display()

    def render_submitted_at(self, value):
        return cntime(value, self.today)

    def value_submitted_at(self, value):
        return value
