"""How lists of background jobs look."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from common import jobs
from common.models import Job
from common.templatetags.ax import cntime, num, status

STATUS = {
    Job.State.QUEUED: "todo",
    Job.State.RUNNING: "busy",
    Job.State.DONE: "done",
    Job.State.FAILED: "err",
    Job.State.CANCELLED: "off",
}


class JobTable(tables.Table):
    """One's own jobs."""

    kind = tables.Column(verbose_name=_("任务"), linkify=True)
    state = tables.Column()
    progress = tables.Column(
        verbose_name=_("进度"),
        accessor="done",
        orderable=False,
        attrs={"th": {"class": "ax-num"}, "td": {"class": "ax-num"}},
    )
    created_at = tables.Column()
    finished_at = tables.Column()

    class Meta:
        empty_text = _("没有后台任务")
        attrs = {"aria-label": _("后台任务")}
        sequence = ("kind", "state", "progress", "created_at", "finished_at")

    def render_kind(self, value):
        return jobs.label_of(value)

    def render_state(self, record):
        look = status(STATUS[record.state], record.get_state_display())
        return render_to_string("components/status.html", look)

    def render_progress(self, record):
        if not record.total:
            return "—"
        return f"{num(record.done)} / {num(record.total)}"

    def render_created_at(self, value):
        return cntime(value)

    def render_finished_at(self, value):
        return cntime(value)


class AnyJobTable(JobTable):
    """Everybody's, for the system administrator."""

    asked_by = tables.Column(accessor="asked_by__username", orderable=False, default=_("平台"))

    class Meta(JobTable.Meta):
        sequence = ("kind", "state", "asked_by", "progress", "created_at", "finished_at")
