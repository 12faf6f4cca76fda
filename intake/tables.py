"""The list of uploads: what was handed in, for whom, and what became of it."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.periods import Period
from common.templatetags.ax import cntime, num, status
from intake import kinds
from intake.filters import UploadFilter
from intake.models import Upload

State = Upload.State
LOOK_OF = {
    State.RECEIVED: "busy",
    State.CHECKING: "busy",
    State.MAPPING: "warn",
    State.CHECKED: "wait",
    State.UNUSABLE: "err",
    State.COMMITTING: "busy",
    State.COMMITTED: "sent",
    State.UNDONE: "back",
    State.DISCARDED: "off",
}
NUMBER = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def kind_title(upload) -> str:
    """The kind's title; its slug where the kind has gone from the program."""
    kind = kinds.get(upload.kind)
    return str(kind.title) if kind else upload.kind


def look_of(upload) -> tuple[str, str]:
    """(code of the look, word) of an upload's state; faults speak before "ready to commit"."""
    if upload.has_stopped:
        return "err", gettext("停在半路")
    faulty = upload.counts.get("rejected", 0)
    if upload.state == State.CHECKED and faulty:
        words = ngettext("%(n)s 行有错误", "%(n)s 行有错误", faulty) % {"n": num(faulty)}
        return "err", words
    return LOOK_OF[upload.state], upload.get_state_display()


def next_step(upload) -> str:
    """The verb of what is to be done with an upload; empty where nothing is."""
    if upload.has_stopped:
        return gettext("再查一遍")
    if upload.state == State.CHECKED:
        return gettext("去改") if upload.counts.get("rejected", 0) else gettext("去提交")
    return {
        State.MAPPING: gettext("去对表头"),
        State.UNUSABLE: gettext("看原因"),
    }.get(upload.state, "")


class UploadTable(tables.Table):
    name = tables.Column(linkify=True)
    kind = tables.Column()
    unit = tables.Column(order_by=("unit__sort_no", "unit__sort_key"))
    period = tables.Column(default="—")
    state = tables.Column()
    rows = tables.Column(
        verbose_name=_("行数"), accessor="counts__rows", orderable=False, default="—", attrs=NUMBER
    )
    at = tables.Column(attrs=NUMBER)
    by = tables.Column(order_by=("by__name", "by__username"))

    exports = True

    class Meta:
        model = Upload
        fields = ("name", "kind", "unit", "period", "state", "rows", "at", "by")
        empty_text = _("还没有传过表")
        attrs = {"aria-label": _("导入记录")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_kind(self, record):
        return kind_title(record)

    def render_unit(self, value):
        return value.short

    def render_period(self, value):
        return Period.parse(value).label

    def render_state(self, record):
        look, word = look_of(record)
        shown = render_to_string("components/status.html", status(look, word))
        step = next_step(record)
        if not step:
            return shown
        return format_html('{} <a href="{}">{}</a>', shown, record.get_absolute_url(), step)

    def value_state(self, record):
        return look_of(record)[1]

    def render_rows(self, value):
        return num(value)

    def value_rows(self, value):
        return value

    def render_at(self, value):
        return cntime(value, self.today)

    def value_at(self, value):
        return value


def uploads_seen(user, query) -> tuple[UploadFilter, UploadTable]:
    """The filter and the table of the uploads that a person may see."""
    found = UploadFilter(query, user=user)
    return found, UploadTable(found.qs, today=clock.today(), order_by=query.getlist("sort"))
