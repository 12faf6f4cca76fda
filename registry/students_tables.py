"""How lists of children look; numbers are masked on the screen and in files alike."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableQuerysetData

from common import clock, masks
from common.templatetags.ax import cndate
from registry.models import IdKind
from registry.services import searches
from registry.students_filters import UNMASK, StudentFilter

CHUNK = 1000
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def shown_name(student, *, masked: bool) -> str:
    return masks.name(student.name) if masked else student.name


def masked_number(student) -> str:
    """The identity paper by which a child is known, masked; "" where there is none."""
    papers = [one for one in student.current_identifiers if one.kind != IdKind.ROLL]
    return masks.id_number(papers[0].value) if papers else ""


class InChunks(TableQuerysetData):
    """A file of many children is read a thousand at a time."""

    def __iter__(self):
        return self.data.iterator(chunk_size=CHUNK)


class StudentTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("姓名"), order_by=("name", "pk"))
    sex = tables.Column(orderable=False)
    grade = tables.Column(
        verbose_name=gettext_lazy("年级、班"), empty_values=(), orderable=False, accessor="pk"
    )
    school = tables.Column(
        verbose_name=gettext_lazy("学校"), empty_values=(), orderable=False, accessor="pk"
    )
    born_on = tables.Column(
        verbose_name=gettext_lazy("出生日期"), order_by=("born_on", "pk"), attrs=NUMBERS
    )
    number = tables.Column(
        verbose_name=gettext_lazy("证件号"), empty_values=(), orderable=False, accessor="pk"
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有学生")
        attrs = {"aria-label": gettext_lazy("学生")}

    def __init__(self, *args, masked, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked = masked

    def render_name(self, record):
        return format_html(
            '<a href="{}">{}</a>',
            reverse("registry:student-detail", args=[record.pk]),
            shown_name(record, masked=self.masked),
        )

    def value_name(self, record):
        return shown_name(record, masked=self.masked)

    def render_sex(self, record):
        return record.get_sex_display()

    def render_grade(self, record):
        open_ones = record.open_enrolments
        if not open_ones:
            return _("不在读")
        return f"{open_ones[0].get_grade_display()} {open_ones[0].class_name}".strip()

    def render_school(self, record):
        open_ones = record.open_enrolments
        if not open_ones:
            return "—"
        others = len(open_ones) - 1
        more = format_html("<small>{}</small>", _("两处在读，待定")) if others else ""
        return format_html("{}{}", open_ones[0].school.name, more)

    def render_born_on(self, value):
        """Who sees children masked reads the year only: the day is part of the number."""
        return _("%(year)s年") % {"year": value.year} if self.masked else cndate(value)

    def value_born_on(self, value):
        return value.year if self.masked else value

    def render_number(self, record):
        number = masked_number(record)
        return format_html('<span class="ax-mask">{}</span>', number) if number else "—"

    def value_number(self, record):
        return masked_number(record)


def roll(user, query) -> tuple[StudentFilter, StudentTable]:
    """The filter and the table of the children that a person may see. NoSearch: a key of no use."""
    key, search = query.get("found"), None
    if key:
        search = searches.find_search(key, by=user, at=clock.now())
    found = StudentFilter(query, user=user, today=clock.today(), search=search)
    table = StudentTable(
        InChunks(found.qs),
        order_by=query.getlist("sort") or None,
        masked=not user.has_perm(UNMASK),
    )
    return found, table
