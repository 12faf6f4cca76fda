"""How other departments' lists look, and who is on them, masked."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import masks
from common.templatetags.ax import cndate, num
from registry.models import SENSITIVE
from registry.student_sheet import source_of

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


class OutsideListTable(tables.Table):
    title = tables.Column(linkify=True, orderable=False)
    department = tables.Column(orderable=False)
    unit = tables.Column(accessor="unit__name", orderable=False, verbose_name=gettext_lazy("单位"))
    listed_on = tables.Column(attrs=NUMBERS, order_by=("listed_on", "pk"))
    members_seen = tables.Column(verbose_name=gettext_lazy("人数"), attrs=NUMBERS, orderable=False)
    matched = tables.Column(verbose_name=gettext_lazy("对上学生"), attrs=NUMBERS, orderable=False)

    class Meta:
        empty_text = gettext_lazy("还没有部门名单")
        attrs = {"aria-label": gettext_lazy("部门名单")}

    def render_department(self, record):
        return record.get_department_display()

    def render_listed_on(self, value):
        return cndate(value)

    def render_members_seen(self, value):
        return num(value)

    def render_matched(self, value):
        return num(value)


class MemberTable(tables.Table):
    name = tables.Column(orderable=False)
    id_number = tables.Column(orderable=False)
    category = tables.Column(orderable=False)
    student = tables.Column(orderable=False, empty_values=(), verbose_name=gettext_lazy("学生"))
    place = tables.Column(
        orderable=False, empty_values=(), accessor="pk", verbose_name=gettext_lazy("旗区、苏木镇")
    )
    valid_to = tables.Column(orderable=False, attrs=NUMBERS)
    source = tables.Column(
        orderable=False, empty_values=(), accessor="pk", exclude_from_export=True, verbose_name=""
    )

    class Meta:
        empty_text = gettext_lazy("名单上没有归本单位看的人")
        attrs = {"aria-label": gettext_lazy("名单上的人")}

    def __init__(self, *args, masked, readable, looks_at_sheets, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked, self.readable = masked, readable
        self.looks_at_sheets = looks_at_sheets

    def render_name(self, value):
        return masks.name(value) if self.masked else value

    def render_id_number(self, value):
        return format_html('<span class="ax-mask">{}</span>', masks.id_number(value))

    def render_category(self, record):
        if self.masked and record.category in SENSITIVE:
            return _("按您的权限不显示")
        return record.get_category_display()

    def render_student(self, record):
        if record.student_id is None:
            return _("没有对上")
        if record.student_id not in self.readable:
            return _("不归本单位看")
        student = record.student
        return format_html(
            '<a href="{}">{}</a>',
            reverse("registry:student-detail", args=[student.pk]),
            masks.name(student.name) if self.masked else student.name,
        )

    def render_place(self, record):
        places = [unit.short for unit in (record.banner, record.township) if unit]
        return " ".join(places) or "—"

    def render_valid_to(self, value):
        return cndate(value)

    def render_source(self, record):
        address = source_of(record) if self.looks_at_sheets else ""
        return format_html('<a href="{}">{}</a>', address, _("来自哪张表")) if address else ""
