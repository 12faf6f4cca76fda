"""The list of duties with what has come in; the screen and the export show the same columns."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.languages import in_language
from common.periods import Period
from common.templatetags.ax import due, status
from tasks_app.models import ProgressReport

LOOK_OF = {
    ProgressReport.State.DRAFT: "draft",
    ProgressReport.State.CHECKING: "wait",
    ProgressReport.State.SUBMITTED: "wait",
    ProgressReport.State.RETURNED: "back",
    ProgressReport.State.APPROVED: "passed",
    ProgressReport.State.REPLACED: "off",
}


def look_of_duty(duty, today) -> tuple[str, str]:
    """(code of the look, word) of a duty that carries `report_state`."""
    if duty.waived_at:
        return "off", _("免报")
    state = duty.report_state
    if duty.met_at and not state:  # met by what no report is written about
        return "passed", _("已办")
    if duty.met_at is None and duty.due_on < today and state in ("", "DRAFT"):
        return "late", _("逾期未报")
    if not state:
        return "todo", _("未开始")
    return LOOK_OF[state], ProgressReport.State(state).label


class DutyTable(tables.Table):
    task = tables.Column(
        verbose_name=gettext_lazy("任务"),
        accessor="task_no",
        order_by=("code", "period_end"),
        empty_values=(),  # what is no progress report has no number, and a name all the same
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("单位"), order_by=("unit__sort_no", "unit__sort_key")
    )
    period = tables.Column(verbose_name=gettext_lazy("期别"), order_by=("period_end",))
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="report_state", empty_values=()
    )
    due_on = tables.Column(
        verbose_name=gettext_lazy("截止"),
        attrs={"th": {"class": "ax-num"}, "td": {"class": "ax-num"}},
    )
    by = tables.Column(
        verbose_name=gettext_lazy("提交人"), accessor="report_by", orderable=False, default="—"
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有填报任务。方案开始执行、单位勾选报送后，任务会自己生成。")
        order_by = ("-period", "task")
        attrs = {"class": "", "aria-label": gettext_lazy("填报情况")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def _title(self, record):
        if not record.task_title:
            return record.kind.title or record.code
        return in_language(record.task_title, record.task_title_en or "")

    def render_task(self, record):
        return format_html(
            '<span class="ax-mute">{}</span> <a href="{}">{}</a>',
            f"{record.task_no:02}" if record.task_no else "",
            record.get_absolute_url(),
            self._title(record),
        )

    def value_task(self, record):
        title = self._title(record)
        return f"{record.task_no:02} {title}" if record.task_no else title

    def render_period(self, value):
        return Period.parse(value).label

    def render_state(self, record):
        look, word = look_of_duty(record, self.today)
        return render_to_string("components/status.html", status(look, word))

    def value_state(self, record):
        return look_of_duty(record, self.today)[1]

    def render_due_on(self, record):

        met = bool(record.met_at or record.waived_at) or record.report_state in (
            "CHECKING",
            "SUBMITTED",
        )
        return render_to_string(
            "components/due.html", due({"today": self.today}, record.due_on, met)
        )

    def value_due_on(self, record):
        return record.due_on
