"""How the three ledgers look: on the screen the child comes first, in a file the columns of the sheet.

A file has the headers and the order of the report kind, so that offices find the sheet they know.
Numbers, phones and addresses are masked in both.
"""

import django_tables2 as tables
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock, masks
from common.exports import CONTENT_TYPES, KEY
from common.templatetags.ax import cndate, status
from dropout.cases_tables import LOOKS, NUMBERS
from dropout.ledgers_filters import (
    DropoutsFilter,
    SchoolAgeFilter,
    SuspectedFilter,
)
from dropout.ledgers_rows import LedgerRows, with_ledger_facts
from dropout.models import Case, Schooling, State
from dropout.report_kinds.national_ledger import DropoutLedger
from dropout.report_kinds.school_age import SchoolAgeChildren
from registry.models import Student
from registry.services import searches
from registry.students_filters import UNMASK
from registry.students_tables import InChunks

VIEW_CASE, VIEW_STUDENT = "dropout.view_case", "registry.view_student"
WIDE = {"class": "is-wide is-pinned"}


class Told(tables.Column):
    """A fact that is sorted by columns of the database, or not at all."""

    def __init__(self, header, *order_by, **kwargs):
        kwargs |= {"order_by": (*order_by, "pk")} if order_by else {"orderable": False}
        super().__init__(verbose_name=header, **kwargs)


class DayTold(Told):
    """A day on the screen in words, in a file as a day. Of masked children it is a year already."""

    def __init__(self, header, *order_by, **kwargs):
        super().__init__(header, *order_by, attrs=NUMBERS, **kwargs)

    def render(self, value):
        return value if isinstance(value, str) else cndate(value)

    def value(self, value):
        return value


class Ledger(tables.Table):
    """`sheet` is the report kind of the same columns; `first` are those the screen begins with."""

    sheet = None
    first: tuple[str, ...] = ()
    only_screen: tuple[str, ...] = ()
    only_file: tuple[str, ...] = ()

    exports = True

    def __init__(self, *args, is_file, masked, **kwargs):
        self.masked = masked
        super().__init__(
            *args,
            sequence=tuple(self.sheet.columns) if is_file else (*self.first, "..."),
            exclude=self.only_screen if is_file else self.only_file,
            default="" if is_file else "—",
            **kwargs,
        )
        for name, column in self.sheet.columns.items() if is_file else ():
            self.columns[name].column.verbose_name = str(column.header)


def state_word(state: str) -> str:
    return render_to_string("components/status.html", status(LOOKS[state], State(state).label))


# Children of school age ----------------------------------------------------------------------------
class SchoolAgeTable(Ledger):
    sheet = SchoolAgeChildren
    first = ("name", "schooling", "case", "school_name")
    only_screen = ("case", "listed")

    banner = Told(gettext_lazy("旗（区）"), "banner__sort_no", "banner__sort_key")
    township = Told(gettext_lazy("苏木镇（街道）"), "township__sort_key")
    village = Told(gettext_lazy("嘎查村（社区）"), "village")
    name = Told(gettext_lazy("姓名"), "name")
    sex = Told(gettext_lazy("性别"))
    ethnicity = Told(gettext_lazy("民族"))
    id_number = Told(gettext_lazy("身份证号"))
    born_on = DayTold(gettext_lazy("出生日期"), "born_on")
    guardian = Told(gettext_lazy("监护人"))
    guardian_id_number = Told(gettext_lazy("监护人身份证号"))
    guardian_phone = Told(gettext_lazy("监护人电话"))
    schooling = Told(gettext_lazy("就学情况"), accessor="schooling_now")
    school_name = Told(gettext_lazy("就读学校"), "school_name", empty_values=())
    remark = Told(gettext_lazy("备注"))
    case = Told(gettext_lazy("个案"), accessor="state_now")
    listed = Told(gettext_lazy("名单"), "list__listed_on", accessor="list")

    class Meta:
        empty_text = gettext_lazy("还没有适龄儿童名单")
        attrs = WIDE | {"aria-label": gettext_lazy("适龄儿童台账")}

    def render_banner(self, record):
        return record.banner.name if record.banner else self.default

    def render_township(self, record):
        return record.township.name if record.township else self.default

    def value_name(self, record):
        return masks.name(record.name) if self.masked else record.name

    def render_name(self, record):
        """To the child, where the portal knows it and the person may open it."""
        if not record.opens:
            return self.value_name(record)
        address = Student(pk=record.student_id).get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, self.value_name(record))

    def render_id_number(self, value):
        return masks.id_number(value)

    render_guardian_id_number = render_id_number

    def render_guardian_phone(self, value):
        return masks.phone(value)

    def render_guardian(self, value):
        return masks.name(value) if self.masked else value

    def value_born_on(self, value):
        return _("%(year)s年") % {"year": value.year} if self.masked else value

    def render_born_on(self, value):
        return self.value_born_on(value) if self.masked else cndate(value)

    def value_schooling(self, value):
        return str(Schooling(value).label)

    def render_schooling(self, record, value):
        """Beside what is known now, what the list said, if that was something else."""
        now = self.value_schooling(value)
        if record.schooling in ("", value):
            return now
        said = _("名单写的：%(said)s") % {"said": record.get_schooling_display()}
        return format_html("{}<small>{}</small>", now, said)

    def render_school_name(self, record):
        return record.school_now or record.school_name or self.default

    def render_case(self, record):
        """The case, of those that the person may open."""
        address = Case(pk=record.case_now).get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, state_word(record.state_now))

    def render_listed(self, value):
        return format_html("{}<small>{}</small>", value.office, cndate(value.listed_on))


# Suspected children and dropouts -------------------------------------------------------------------
class DropoutsTable(Ledger):
    """Its rows are `LedgerRow`s: see there what each column is."""

    sheet = DropoutLedger
    first = ("name", "state", "kind", "left_on", "township", "school_name")
    only_screen = ("state", "found_on", "source")

    banner = Told(gettext_lazy("旗（区）"), "case__unit__sort_no", "case__unit__sort_key")
    township = Told(gettext_lazy("苏木镇（街道）"), "case__township__sort_key")
    village = Told(gettext_lazy("嘎查村（社区）"))
    school_name = Told(gettext_lazy("学校"), "case__school__sort_key")
    grade = Told(gettext_lazy("年级"))
    class_name = Told(gettext_lazy("班级"))
    name = Told(gettext_lazy("姓名"), "case__student__name")
    sex = Told(gettext_lazy("性别"))
    ethnicity = Told(gettext_lazy("民族"))
    id_number = Told(gettext_lazy("身份证号"))
    roll_number = Told(gettext_lazy("学籍号"))
    born_on = DayTold(gettext_lazy("出生日期"), "case__student__born_on")
    registered_address = Told(gettext_lazy("户籍地"))
    home_address = Told(gettext_lazy("现住址"))
    guardian = Told(gettext_lazy("监护人"))
    relation = Told(gettext_lazy("与学生关系"))
    guardian_phone = Told(gettext_lazy("监护人电话"))
    poverty_exit = Told(gettext_lazy("是否脱贫户/监测户"))
    groups = Told(gettext_lazy("特殊群体类别"))
    kind = Told(gettext_lazy("类型"), "kind")
    left_on = DayTold(gettext_lazy("辍学时间"), "left_on", "absent_since", "found_on")
    cause = Told(gettext_lazy("辍学原因"), "cause")
    whereabouts = Told(gettext_lazy("现去向"))
    persuaders = Told(gettext_lazy("劝返责任人"))
    visits = Told(gettext_lazy("劝返次数"), attrs=NUMBERS)
    last_visit = DayTold(gettext_lazy("最近劝返日期"))
    measures = Told(gettext_lazy("劝返措施/文书"))
    returned_on = DayTold(gettext_lazy("复学时间"))
    placement = Told(gettext_lazy("安置方式"))
    closed = Told(gettext_lazy("是否销号"), "end")
    closed_on = DayTold(gettext_lazy("销号时间"), "ended_on")
    remark = Told(gettext_lazy("备注"))
    state = Told(gettext_lazy("状态"), "state", "state_since")
    found_on = DayTold(gettext_lazy("发现日期"), "found_on")
    source = Told(gettext_lazy("线索来源"), "source")

    class Meta:
        empty_text = gettext_lazy("没有失学辍学的学生")
        attrs = WIDE | {"aria-label": gettext_lazy("辍学台账")}

    def render_name(self, record, value):
        return format_html('<a href="{}">{}</a>', record.case.get_absolute_url(), value)

    def value_name(self, value):
        return value

    def render_state(self, record):
        return state_word(record.episode.state)


class SuspectedTable(DropoutsTable):
    """What only a confirmed dropout can have stands in the file alone, empty."""

    first = ("name", "state", "left_on", "found_on", "source", "township", "school_name")
    only_file = ("kind", "cause", "returned_on", "placement", "closed", "closed_on")

    class Meta(DropoutsTable.Meta):
        empty_text = gettext_lazy("没有疑似失学辍学的学生")
        attrs = WIDE | {"aria-label": gettext_lazy("疑似辍学台账")}


# Filter and table of what a person may see ------------------------------------------------------------
def _asked(user, query) -> dict:
    """Who is looked for; NoSearch: a key of no use."""
    key = query.get("found")
    search = searches.find_search(key, by=user, at=clock.now()) if key else None
    return {"user": user, "today": clock.today(), "search": search}


def _looks(user, query) -> dict:
    return {
        "order_by": query.getlist("sort") or None,
        "is_file": query.get(KEY, "") in CONTENT_TYPES,
        "masked": not user.has_perm(UNMASK),
    }


def school_age(user, query) -> tuple[SchoolAgeFilter, SchoolAgeTable]:
    found = SchoolAgeFilter(query, **_asked(user, query))
    children = Student.objects.visible_to(user, VIEW_STUDENT).filter(pk=OuterRef("student"))
    rows = found.qs.with_case(Case.objects.visible_to(user, VIEW_CASE))
    rows = rows.annotate(opens=Exists(children)).for_list()
    return found, SchoolAgeTable(InChunks(rows), **_looks(user, query))


def suspected(user, query) -> tuple[SuspectedFilter, SuspectedTable]:
    found = SuspectedFilter(query, **_asked(user, query))
    return found, SuspectedTable(_rows(found, user), **_looks(user, query))


def dropouts(user, query) -> tuple[DropoutsFilter, DropoutsTable]:
    found = DropoutsFilter(query, **_asked(user, query))
    return found, DropoutsTable(_rows(found, user), **_looks(user, query))


def _rows(found, user) -> LedgerRows:
    latest_first = with_ledger_facts(found.qs.for_list()).order_by("-found_on", "-pk")
    return LedgerRows(latest_first, user=user, on=found.today)
