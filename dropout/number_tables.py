"""The lists behind the numbers: episodes as the list of cases shows them, and lessons at home."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from common import clock
from common.periods import NotAPeriod, Period
from dropout.cases_tables import NUMBERS, EpisodeTable, InChunks
from dropout.models import Episode, HomeLesson
from dropout.services import counts, touched
from registry.models import Unit
from registry.students_filters import UNMASK
from registry.students_tables import shown_name

VIEW = "dropout.view_case"
CODES = (*touched.OF_CASES, touched.LESSONS)


class NoSuchNumber(Exception):
    """The address names no figure, no period, or no unit."""


class LessonTable(tables.Table):
    on = tables.Column(verbose_name=gettext_lazy("送教日期"), attrs=NUMBERS)
    student = tables.Column(
        verbose_name=gettext_lazy("学生"),
        accessor="placement__episode__case__student__name",
        order_by=("placement__episode__case__student__name", "pk"),
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("负责单位"),
        accessor="placement__episode__case__unit",
        order_by=("placement__episode__case__unit__sort_key", "pk"),
    )
    teacher = tables.Column(verbose_name=gettext_lazy("教师"), order_by=("teacher", "pk"))
    minutes = tables.Column(
        verbose_name=gettext_lazy("分钟"), order_by=("minutes", "pk"), attrs=NUMBERS
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有送教记录")
        attrs = {"aria-label": gettext_lazy("送教记录")}

    def __init__(self, *args, today, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.masked = today, masked

    def value_student(self, record):
        return shown_name(record.placement.episode.case.student, masked=self.masked)

    def render_student(self, record):
        address = record.placement.episode.case.get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, self.value_student(record))

    def render_unit(self, value):
        return value.short


def rows_behind(user, query) -> tuple[tables.Table, str, Period, Unit]:
    """The table behind a figure, of what the person may see; its code, period and unit."""
    code = query.get("figure", "")
    pk = query.get("unit", "")
    units = Unit.objects.visible_to(user, "registry.view_unit")
    unit = units.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 18 else None
    try:
        period = Period.parse(query.get("period", ""))
    except NotAPeriod:
        raise NoSuchNumber(code) from None
    if code not in CODES or unit is None:
        raise NoSuchNumber(code)
    options = {
        "order_by": query.getlist("sort") or None,
        "today": clock.today(),
        "masked": not user.has_perm(UNMASK),
    }
    if code == touched.LESSONS:
        behind = counts.lessons_behind(period, unit)
        seen = HomeLesson.objects.visible_to(user, VIEW)
        table = LessonTable(InChunks(seen.filter(pk__in=behind).for_list()), **options)
    else:
        behind = counts.behind_in(code, period, unit)
        seen = Episode.objects.visible_to(user, VIEW)
        table = EpisodeTable(InChunks(seen.filter(pk__in=behind).for_list()), **options)
    return table, code, period, unit
