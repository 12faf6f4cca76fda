"""How standards look: whom they are for, what they give, and whether anything is judged by them."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from common.templatetags.ax import cndate, num, status
from registry.models import Grade
from subsidies.models import Confidence, Standard
from subsidies.programmes_filters import StandardFilter

FOUND = {
    Confidence.LIKELY: gettext_lazy("转引，不用于判断"),
    Confidence.DOUBTFUL: gettext_lazy("说法不一，不用于判断"),
}
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def whom(standard: Standard) -> str:
    """小学 A 级 寄宿."""
    boards = {None: "", True: _("寄宿"), False: _("不寄宿")}[standard.boards]
    grades = _("、").join(str(Grade(one).label) for one in standard.grades)
    said = [
        standard.get_stage_display(),
        grades,
        standard.get_level_display(),
        standard.get_group_display(),
        boards,
    ]
    return " ".join(str(one) for one in said if one)


def worth(standard: Standard) -> str:
    """1,250.00 元 每学年; where there is no amount, what the document does say."""
    per = standard.get_per_display()
    if standard.amount is not None:
        return _("%(per)s %(amount)s 元") % {"per": per, "amount": num(standard.amount, 2)}
    said = [
        words % {"amount": num(amount)}
        for words, amount in (
            (_("平均 %(amount)s 元"), standard.average),
            (_("最低 %(amount)s 元"), standard.least),
            (_("最高 %(amount)s 元"), standard.most),
        )
        if amount is not None
    ]
    return _("没有定额") + (_("，") + _("，").join(said) if said else "")


def stands(standard: Standard) -> tuple[str, str, str]:
    """(code of the look, word, why): is it confirmed, and by what."""
    if standard.confirmed_at is not None and standard.judges:
        by = {"who": standard.confirmed_by.name, "day": cndate(standard.confirmed_at)}
        return "done", _("确认"), _("%(who)s %(day)s确认") % by
    if standard.judges:
        return "done", _("确认"), str(standard.get_confidence_display())
    if standard.amount is None:
        return "off", _("没有定额"), _("不用于判断")
    return "warn", _("待确认"), str(FOUND[standard.confidence])


def state_shown(standard: Standard):
    code, word, why = stands(standard)
    shown = render_to_string("components/status.html", status(code, word))
    return format_html("{}<small>{}</small>", shown, why)


class StandardTable(tables.Table):
    programme = tables.Column(
        verbose_name=gettext_lazy("资助项目"), order_by=("programme__sort_no", "programme", "pk")
    )
    whom = tables.Column(verbose_name=gettext_lazy("给谁"), accessor="pk", orderable=False)
    amount = tables.Column(
        verbose_name=gettext_lazy("标准"), order_by=("amount", "pk"), empty_values=()
    )
    valid_from = tables.Column(
        verbose_name=gettext_lazy("起止"), order_by=("valid_from", "pk"), attrs=NUMBERS
    )
    document = tables.Column(verbose_name=gettext_lazy("依据"), orderable=False)
    state = tables.Column(
        verbose_name=gettext_lazy("是否确认"), accessor="pk", orderable=False, empty_values=()
    )

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有标准")
        attrs = {"aria-label": gettext_lazy("资助标准")}

    def render_programme(self, record):
        local = (
            format_html("<small>{}</small>", record.programme.unit.short)
            if (record.programme.unit)
            else ""
        )
        return format_html(
            '<a href="{}">{}</a>{}',
            record.programme.get_absolute_url(),
            record.programme.name,
            local,
        )

    def value_programme(self, record):
        return record.programme.name

    def render_whom(self, record):
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), whom(record))

    def value_whom(self, record):
        return whom(record)

    def render_amount(self, record):
        return worth(record)

    def render_valid_from(self, record):
        to = cndate(record.valid_to) if record.valid_to else _("至今")
        return format_html("{}<small>{}</small>", cndate(record.valid_from), to)

    def value_valid_from(self, record):
        return f"{record.valid_from:%Y-%m-%d}—{record.valid_to or ''}"

    def render_document(self, record):
        note = format_html("<small>{}</small>", record.note) if record.note else ""
        return format_html("{}{}", record.document, note)

    def value_document(self, record):
        return record.document

    def render_state(self, record):
        return state_shown(record)

    def value_state(self, record):
        _look, word, why = stands(record)
        return f"{word} {why}"


def rates(user, query) -> tuple[StandardFilter, StandardTable]:
    """The filter and the table of the standards that hold where a person works."""
    found = StandardFilter(query, user=user, today=clock.today())
    return found, StandardTable(found.qs.for_list(), order_by=query.getlist("sort") or None)
