"""The lists behind the numbers of aid: children, awards, payments, comparisons."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from common.periods import NotAPeriod, Period
from registry.models import Department, Enrolment, Unit, schools_counting
from registry.students_filters import UNMASK
from registry.students_tables import InChunks, shown_name
from subsidies.models import Award, Payment
from subsidies.services.counting import CODES, COMPARED, COVERED, IN_TIME, Counts

VIEW, RECOGNITIONS, STUDENTS = (
    "subsidies.view_payment",
    "subsidies.view_recognition",
    "registry.view_student",
)
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


class NoSuchNumber(Exception):
    """The address names no figure, no period, or no unit."""


class _Masked(tables.Table):
    exports = True

    def __init__(self, *args, masked=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked = masked


class ChildTable(_Masked):
    student = tables.Column(
        verbose_name=gettext_lazy("学生"), order_by=("student__name", "pk"), accessor="student"
    )
    school = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("school__sort_key", "pk"))
    grade = tables.Column(verbose_name=gettext_lazy("年级、班"), order_by=("grade", "pk"))

    class Meta:
        empty_text = gettext_lazy("没有学生")
        attrs = {"aria-label": gettext_lazy("学生")}

    def value_student(self, value):
        return shown_name(value, masked=self.masked)

    def render_student(self, value):
        return format_html(
            '<a href="{}">{}</a>', value.get_absolute_url(), self.value_student(value)
        )

    def render_school(self, value):
        return value.short

    def render_grade(self, record):
        return f"{record.get_grade_display()} {record.class_name}".strip()


class AwardRows(_Masked):
    student = tables.Column(verbose_name=gettext_lazy("学生"), order_by=("student__name", "pk"))
    unit = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("unit__sort_key", "pk"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme__sort_no", "pk")
    )
    amount = tables.Column(
        verbose_name=gettext_lazy("应发（元）"), order_by=("amount", "pk"), attrs=NUMBERS
    )

    class Meta:
        empty_text = gettext_lazy("没有按时足额发放的")
        attrs = {"aria-label": gettext_lazy("应发资助")}

    def render_student(self, value):
        return shown_name(value, masked=self.masked)

    def render_unit(self, value):
        return value.short

    def render_amount(self, value):
        return f"{value:,.2f}"

    def value_amount(self, value):
        return value


class PaymentRows(_Masked):
    name = tables.Column(verbose_name=gettext_lazy("姓名"), order_by=("name", "pk"))
    school = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("school__sort_key", "pk"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme__sort_no", "pk")
    )
    amount = tables.Column(
        verbose_name=gettext_lazy("发放金额（元）"), order_by=("amount", "pk"), attrs=NUMBERS
    )
    paid_on = tables.Column(
        verbose_name=gettext_lazy("发放日期"), order_by=("paid_on", "pk"), attrs=NUMBERS
    )

    class Meta:
        empty_text = gettext_lazy("没有查实有误的")
        attrs = {"aria-label": gettext_lazy("发放")}

    def render_name(self, record):
        return shown_name(record, masked=self.masked)

    def render_school(self, value):
        return value.short

    def render_amount(self, value):
        return f"{value:,.2f}"

    def value_amount(self, value):
        return value


class ComparisonRows(_Masked):
    unit = tables.Column(verbose_name=gettext_lazy("单位"), orderable=False)
    department = tables.Column(verbose_name=gettext_lazy("部门"), orderable=False)

    class Meta:
        empty_text = gettext_lazy("这个学期还没有收到民政、残联、乡村振兴的名单")
        attrs = {"aria-label": gettext_lazy("已完成的比对")}

    def render_unit(self, value):
        return value.short


def rows_behind(user, query) -> tuple[tables.Table, str, Period, Unit]:
    """The table behind a figure, of what the person may see; its code, period and unit."""
    code, pk = query.get("figure", ""), query.get("unit", "")
    units = Unit.objects.visible_to(user, "registry.view_unit")
    unit = units.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 18 else None
    try:
        period = Period.parse(query.get("period", ""))
    except NotAPeriod:
        raise NoSuchNumber(code) from None
    if code not in CODES or unit is None:
        raise NoSuchNumber(code)
    counts = Counts(period, [unit])
    options = {
        "masked": not user.has_perm(UNMASK),
        "order_by": query.getlist("sort") or None,
    }
    if code == COMPARED:
        return ComparisonRows(_comparisons(unit, counts), **options), code, period, unit
    table, seen, behind, school = _of_rows(user, code, counts)
    below = schools_counting(counts.term.end).filter(ancestor=unit).values("descendant")
    rows = seen.filter(pk__in=behind.values("pk"), **{f"{school}__in": below})
    rows = rows.select_related(*_BESIDE[table]).order_by(f"{school}__sort_key", "pk")
    return table(InChunks(rows), **options), code, period, unit


def _of_rows(user, code: str, counts: Counts):
    """The table, what the person may see, what the figure counts, and the way to the school."""
    if code == COVERED:
        return ChildTable, Enrolment.objects.visible_to(user, STUDENTS), counts.covered(), "school"
    if code == IN_TIME:
        return AwardRows, Award.objects.visible_to(user, RECOGNITIONS), counts.in_time(), "unit"
    return PaymentRows, Payment.objects.visible_to(user, VIEW), counts.wrong(), "school"


_BESIDE = {
    ChildTable: ("student", "school"),
    AwardRows: ("student", "unit", "programme"),
    PaymentRows: ("school", "programme"),
}


def _comparisons(unit: Unit, counts: Counts) -> list[dict]:
    """Which are done is shared, as the number itself is; it tells of no child."""
    found = counts.compared().get(unit.pk)
    pairs = found.done if found else []
    units = Unit.objects.in_bulk({pk for pk, _department in pairs})
    return [
        {"unit": units[pk], "department": Department(department).label} for pk, department in pairs
    ]
