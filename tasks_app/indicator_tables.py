"""The list of indicators, and the values of one: the screen and the export show the same."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.figures import State
from common.templatetags.ax import LOOKS, num, rate
from tasks_app.models import Standing
from tasks_app.models.values import ValueState

NUMBER = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


class IndicatorTable(tables.Table):
    name = tables.Column(
        verbose_name=gettext_lazy("指标"), accessor="name_zh", order_by=("work_item__plan", "code")
    )
    task = tables.Column(
        verbose_name=gettext_lazy("任务"),
        accessor="work_item",
        order_by=("work_item__plan", "work_item__no", "code"),
    )
    frequency = tables.Column(verbose_name=gettext_lazy("频次"), order_by=("frequency", "code"))
    target = tables.Column(
        verbose_name=gettext_lazy("目标"), empty_values=(), orderable=False, attrs=NUMBER
    )
    latest = tables.Column(
        verbose_name=gettext_lazy("全盟"), empty_values=(), orderable=False, attrs=NUMBER
    )
    status = tables.Column(verbose_name=gettext_lazy("状态"), empty_values=(), orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有指标。装入方案后，指标会在这里。")
        attrs = {"class": "", "aria-label": gettext_lazy("指标")}

    def __init__(self, *args, stands, **kwargs):
        super().__init__(*args, **kwargs)
        self.stands = stands

    def render_name(self, record):
        return format_html(
            '<span class="ax-mute ax-nowrap">{}</span> <a href="{}">{}</a><small>{}</small>',
            record.code,
            record.get_absolute_url(),
            record.name,
            f"{record.unit_name} | {record.get_direction_display()}",
        )

    def value_name(self, record):
        return f"{record.code} {record.name}"

    def render_task(self, record):
        task = record.work_item
        return format_html(
            '<a href="{}">{} {}</a>', task.get_absolute_url(), task.number, task.short
        )

    def value_task(self, record):
        return f"{record.work_item.number} {record.work_item.title}"

    def render_frequency(self, record):
        return record.get_frequency_display()

    def _number(self, record):
        return self.stands[record.pk]

    def render_target(self, record):
        context = {"indicator": record, "aim": self._number(record).aim}
        return render_to_string("tasks_app/_aim.html", context)

    def value_target(self, record):
        aim = self._number(record).aim
        if aim:
            return aim.value
        return _("参考值：%(text)s") % {"text": record.reference} if record.reference else ""

    def render_latest(self, record):
        context = {"n": self._number(record), "indicator": record, "named": True}
        return render_to_string("tasks_app/_number.html", context)

    def value_latest(self, record):
        return plain_number(self._number(record))

    def render_status(self, record):
        return render_to_string(
            "components/status.html", _status(LOOKS[self._number(record).status])
        )

    def value_status(self, record):
        return str(LOOKS[self._number(record).status].word)


def _status(look):
    return {"look": look, "label": look.word, "tag": False, "hidden": False}


def plain_number(number):
    """For a file: the number itself, or the words for its absence."""
    if number.mask:
        return number.mask
    if number.has_number:
        return number.value
    return str(Standing.State(number.state).label)


class ValueTable(tables.Table):
    """One line for each unit and period: what the page shows as a grid, for a file."""

    period = tables.Column(verbose_name=gettext_lazy("期别"))
    unit = tables.Column(verbose_name=gettext_lazy("单位"))
    numerator = tables.Column(verbose_name=gettext_lazy("分子或数值"))
    denominator = tables.Column(verbose_name=gettext_lazy("分母"))
    value = tables.Column(verbose_name=gettext_lazy("值"))
    target = tables.Column(verbose_name=gettext_lazy("目标"))
    status = tables.Column(verbose_name=gettext_lazy("状态"))
    reported = tables.Column(verbose_name=gettext_lazy("已报单位"))
    source = tables.Column(verbose_name=gettext_lazy("来源"))
    earlier = tables.Column(verbose_name=gettext_lazy("更正前"))

    def __init__(self, lines, **kwargs):
        numbers = (n for line in lines for n in (line.total, *line.numbers.values()))
        super().__init__([_value_row(number) for number in numbers], **kwargs)


def _value_row(number) -> dict:
    shown = number.has_number and not number.mask
    return {
        "period": number.period.label,
        "unit": number.unit.short,
        "numerator": number.numerator if shown else None,
        "denominator": number.denominator if shown else None,
        "value": plain_number(number),
        "target": number.aim.value if number.aim else None,
        "status": str(LOOKS[number.status].word),
        "reported": f"{number.reported} / {number.due}" if number.due else None,
        "source": number.observation.source if number.observation and number.covered else None,
        "earlier": _("；").join(said(old) for old in number.earlier) or None,
    }


def said(measured) -> str:
    """A stored value in words, for a line of text."""
    if measured.state != State.REPORTED:
        return str(ValueState(measured.state).label)
    if measured.denominator is None:
        return num(measured.numerator)
    return f"{rate(measured.value)} ({num(measured.numerator)} / {num(measured.denominator)})"
