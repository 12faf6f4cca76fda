"""How expected awards look: of whom, how much, and why."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.periods import Period
from common.templatetags.ax import num
from registry.models import SENSITIVE, Category, Grade
from registry.services import searches
from registry.students_filters import UNMASK
from registry.students_tables import masked_number, shown_name
from subsidies.awards_filters import AwardFilter
from subsidies.models import Award, Level
from subsidies.programmes_tables import worth
from subsidies.recognitions_filters import ALL
from subsidies.recognitions_tables import InChunks

MONEY = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def grounds(award: Award, *, masked: bool) -> str:
    """三年级 寄宿 A 级: what of the child the amount follows from, as it was when worked out."""
    why = award.why
    said = [
        Grade(why["grade"]).label if why.get("grade") else "",
        {True: _("寄宿"), False: _("不寄宿"), None: ""}[why.get("boards")],
        Level(why["level"]).label if why.get("level") else "",
    ]
    group = why.get("group")
    if group and not (masked and group in SENSITIVE):
        said.append(Category(group).label)
    return " ".join(str(one) for one in said if one)


class AwardTable(tables.Table):
    student = tables.Column(
        verbose_name=gettext_lazy("学生"), order_by=("student__name", "pk"), accessor="student"
    )
    number = tables.Column(
        verbose_name=gettext_lazy("证件号"), accessor="pk", orderable=False, empty_values=()
    )
    unit = tables.Column(verbose_name=gettext_lazy("学校"), order_by=("unit__sort_key", "pk"))
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme__sort_no", "pk")
    )
    term = tables.Column(verbose_name=gettext_lazy("学年学期"), order_by=("term", "pk"))
    why = tables.Column(verbose_name=gettext_lazy("依据"), orderable=False, empty_values=())
    amount = tables.Column(
        verbose_name=gettext_lazy("应发（元）"), order_by=("amount", "pk"), attrs=MONEY
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有应发资助。认定备案以后，按已确认的标准计算。")
        attrs = {"aria-label": gettext_lazy("应发资助")}

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

    def render_programme(self, value):
        return value.name

    def render_term(self, value):
        return Period.parse(value).label

    def value_term(self, value):
        return value

    def render_why(self, record):
        by = worth(record.standard) if record.standard else ""
        said = grounds(record, masked=self.masked)
        return format_html("{}<small>{}</small>", said, by) if by else said

    def value_why(self, record):
        by = worth(record.standard) if record.standard else ""
        return " | ".join(one for one in (grounds(record, masked=self.masked), by) if one)

    def render_amount(self, value):
        return num(value, 2)

    def value_amount(self, value):
        return value


def expected(user, query) -> tuple[AwardFilter, AwardTable]:
    """The filter and the table of what a person may see. NoSearch: a key of no use."""
    key, search = query.get("found"), None
    if key:
        search = searches.find_search(key, by=user, at=clock.now())
    found = AwardFilter(query, user=user, today=clock.today(), search=search)
    one_term = found.term_asked != ALL
    table = AwardTable(
        InChunks(found.qs.for_list().with_papers()),
        order_by=query.getlist("sort") or None,
        masked=not user.has_perm(UNMASK),
        exclude=("term",) if one_term else (),
    )
    return found, table
