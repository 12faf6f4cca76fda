"""How notices look in a list: of which school, from when to when, and no name."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.periods import Period
from common.templatetags.ax import cndate, due, status
from subsidies.models import NoticeRun
from subsidies.notices_filters import NoticeFilter

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def stands(notice: NoticeRun, today) -> tuple[str, str]:
    """(code of the look, word)."""
    if notice.taken_down_at:
        return "back", _("提前撤下")
    if notice.filed_at:
        return "done", _("已备案")
    if notice.is_up(today):
        return "wait", _("公示中")
    return "todo", _("期满，已撤下")


class NoticeTable(tables.Table):
    unit = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("unit__sort_key", "pk"))
    term = tables.Column(verbose_name=gettext_lazy("学年学期"), order_by=("term", "pk"))
    starts_on = tables.Column(
        verbose_name=gettext_lazy("公示开始"), order_by=("starts_on", "pk"), attrs=NUMBERS
    )
    ends_on = tables.Column(
        verbose_name=gettext_lazy("公示截止"), order_by=("ends_on", "pk"), attrs=NUMBERS
    )
    told = tables.Column(verbose_name=gettext_lazy("人数"), order_by=("told", "pk"), attrs=NUMBERS)
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="pk", orderable=False, empty_values=()
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有公示。学校认定以后才能公示。")
        attrs = {"aria-label": gettext_lazy("认定公示")}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def render_unit(self, record):
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.unit.name)

    def value_unit(self, record):
        return record.unit.name

    def render_term(self, value):
        return Period.parse(value).label

    def value_term(self, value):
        return value

    def render_starts_on(self, value):
        return cndate(value, self.today)

    def value_starts_on(self, value):
        return value

    def render_ends_on(self, record):
        over = not record.is_up(self.today)
        look = due({"today": self.today}, record.ends_on, over)
        return render_to_string("components/due.html", look)

    def value_ends_on(self, record):
        return record.ends_on

    def render_state(self, record):
        return render_to_string("components/status.html", status(*stands(record, self.today)))

    def value_state(self, record):
        return stands(record, self.today)[1]


def notices(user, query) -> tuple[NoticeFilter, NoticeTable]:
    today = clock.today()
    found = NoticeFilter(query, user=user, today=today)
    order = query.getlist("sort") or None
    return found, NoticeTable(found.qs.for_list(), order_by=order, today=today)
