"""How recognitions look in a list and in a file; numbers are masked in both."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableQuerysetData

from common import clock
from common.periods import Period
from common.templatetags.ax import cndate, status
from registry.models import SENSITIVE
from registry.services import searches
from registry.students_filters import UNMASK
from registry.students_tables import masked_number, shown_name
from subsidies.models import Recognition
from subsidies.recognitions_filters import ALL, RecognitionFilter

CHUNK = 1000
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
State = Recognition.State
# state -> code of the look, as common.templatetags.ax knows it
LOOKS = {
    State.APPLIED: "todo",
    State.AGREED: "busy",
    State.NOTICED: "wait",
    State.FILED: "done",
    State.REFUSED: "off",
    State.WITHDRAWN: "off",
    State.ADJUSTED: "back",
    State.ENDED: "off",
}


class InChunks(TableQuerysetData):
    """A file of many children is read a thousand at a time."""

    def __iter__(self):
        return self.data.iterator(chunk_size=CHUNK)


def state_shown(one: Recognition) -> str:
    look = status(LOOKS[one.state], one.get_state_display())
    return render_to_string("components/status.html", look)


def group_shown(one: Recognition, *, masked: bool) -> str:
    """What touches health, orphanhood or the law is for those who see children whole."""
    if masked and one.group in SENSITIVE:
        return _("按权限不显示")
    return one.get_group_display()


def class_shown(one) -> str:
    return f"{one.get_grade_display()} {one.class_name}".strip()


class RecognitionTable(tables.Table):
    student = tables.Column(
        verbose_name=gettext_lazy("学生"), order_by=("student__name", "pk"), accessor="student"
    )
    number = tables.Column(
        verbose_name=gettext_lazy("证件号"), accessor="pk", orderable=False, empty_values=()
    )
    unit = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("unit__sort_key", "pk"))
    grade = tables.Column(
        verbose_name=gettext_lazy("年级、班"),
        order_by=("grade", "class_name", "pk"),
        empty_values=(),
    )
    level = tables.Column(
        verbose_name=gettext_lazy("等级"), order_by=("level", "pk"), empty_values=()
    )
    group = tables.Column(verbose_name=gettext_lazy("特殊群体"), orderable=False, empty_values=())
    term = tables.Column(verbose_name=gettext_lazy("学年学期"), order_by=("term", "pk"))
    recognised_on = tables.Column(
        verbose_name=gettext_lazy("认定日期"), order_by=("recognised_on", "pk"), attrs=NUMBERS
    )
    state = tables.Column(verbose_name=gettext_lazy("状态"), order_by=("state", "pk"))

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有认定。学校按班登记，或者导入困难认定结果。")
        attrs = {"aria-label": gettext_lazy("困难认定")}

    def __init__(self, *args, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked = masked

    def render_student(self, record):
        name = shown_name(record.student, masked=self.masked)
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), name)

    def value_student(self, record):
        return shown_name(record.student, masked=self.masked)

    def render_number(self, record):
        number = masked_number(record.student)
        return format_html('<span class="ax-mask">{}</span>', number) if number else "—"

    def value_number(self, record):
        return masked_number(record.student)

    def render_unit(self, value):
        return value.name

    def render_grade(self, record):
        return class_shown(record) or "—"

    def render_level(self, record):
        return record.get_level_display() or "—"

    def render_group(self, record):
        return group_shown(record, masked=self.masked) or "—"

    def render_term(self, value):
        return Period.parse(value).label

    def value_term(self, value):
        return value

    def render_recognised_on(self, value):
        return cndate(value)

    def value_recognised_on(self, value):
        return value

    def render_state(self, record):
        return state_shown(record)

    def value_state(self, record):
        return record.get_state_display()


def recognised(user, query) -> tuple[RecognitionFilter, RecognitionTable]:
    """The filter and the table of what a person may see. NoSearch: a key of no use."""
    key, search = query.get("found"), None
    if key:
        search = searches.find_search(key, by=user, at=clock.now())
    found = RecognitionFilter(query, user=user, today=clock.today(), search=search)
    one_term = found.term_asked != ALL
    table = RecognitionTable(
        InChunks(found.qs.for_list().with_papers()),
        order_by=query.getlist("sort") or None,
        masked=not user.has_perm(UNMASK),
        exclude=("term",) if one_term else (),
    )
    return found, table
