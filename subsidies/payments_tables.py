"""How payments look in a list. No number stands in it, neither of a person nor of a card."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableQuerysetData

from common import clock, masks
from common.templatetags.ax import cndate, num, status
from registry.services import searches
from registry.students_filters import UNMASK
from subsidies.models import Fate, Holder
from subsidies.payments_filters import PaymentFilter
from subsidies.terms import term_label

CHUNK = 1000
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
LOOKS = {
    Fate.OUT: "done",
    Fate.WAITING: "wait",
    Fate.SENT_BACK: "back",
    Fate.REPAID: "off",
    Fate.REVERSED: "off",
    Fate.REVERSAL: "off",
}


class InChunks(TableQuerysetData):
    """A file of many payments is read a thousand at a time."""

    def __iter__(self):
        return self.data.iterator(chunk_size=CHUNK)


def look_of(payment) -> tuple[str, str]:
    """(code of the look, word) of what has become of it."""
    return LOOKS[payment.fate], str(Fate(payment.fate).label)


def name_shown(payment, *, masked: bool) -> str:
    return masks.name(payment.name) if masked else payment.name


def holder_label(relation: str) -> str:
    return str(Holder(relation).label) if relation else _("没写关系")


class PaymentTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("学生"), order_by=("name", "pk"))
    school = tables.Column(
        verbose_name=gettext_lazy("学校"), order_by=("school__sort_key", "name", "pk")
    )
    programme = tables.Column(
        verbose_name=gettext_lazy("项目、学期"), order_by=("programme__sort_no", "term", "pk")
    )
    amount = tables.Column(
        verbose_name=gettext_lazy("金额（元）"), order_by=("amount", "pk"), attrs=NUMBERS
    )
    paid_on = tables.Column(
        verbose_name=gettext_lazy("发放日期"), order_by=("paid_on", "pk"), attrs=NUMBERS
    )
    relation = tables.Column(
        verbose_name=gettext_lazy("打到谁的卡"), order_by=("relation", "pk"), empty_values=()
    )
    batch = tables.Column(verbose_name=gettext_lazy("批次"), order_by=("batch", "pk"))
    fate = tables.Column(verbose_name=gettext_lazy("状态"), orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有发放。导入资助发放花名册，或按应发名单制作批次。")
        attrs = {"aria-label": gettext_lazy("资助发放")}

    def __init__(self, *args, masked, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.masked, self.today = masked, today

    def value_name(self, record):
        return name_shown(record, masked=self.masked)

    def render_name(self, record):
        unknown = "" if record.student_id else format_html("<small>{}</small>", _("查不到学生"))
        shown = self.value_name(record)
        return format_html('<a href="{}">{}</a>{}', record.get_absolute_url(), shown, unknown)

    def render_school(self, value):
        return value.short

    def value_school(self, value):
        return value.name

    def render_programme(self, record):
        return format_html("{}<small>{}</small>", record.programme.name, term_label(record.term))

    def value_programme(self, record):
        return f"{record.programme.name} {record.term}"

    def render_amount(self, value):
        return num(value, 2)

    def value_amount(self, value):
        return value

    def render_paid_on(self, value):
        return cndate(value, self.today)

    def value_paid_on(self, value):
        return value

    def render_relation(self, record):
        return record.get_relation_display() or _("没写")

    def render_batch(self, record):
        return record.batch_id

    def render_fate(self, record):
        return render_to_string("components/status.html", status(*look_of(record)))

    def value_fate(self, record):
        return look_of(record)[1]


def ledger(user, query) -> tuple[PaymentFilter, PaymentTable]:
    """The filter and the table of what a person may see. NoSearch: a key of no use."""
    key, search, today = query.get("found"), None, clock.today()
    if key:
        search = searches.find_search(key, by=user, at=clock.now())
    found = PaymentFilter(query, user=user, today=today, search=search)
    table = PaymentTable(
        InChunks(found.qs.with_fate().for_list().newest_first()),
        order_by=query.getlist("sort") or None,
        masked=not user.has_perm(UNMASK),
        today=today,
    )
    return found, table
