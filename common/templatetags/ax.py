"""The portal's own words of the template language: status, icon, numbers, dates, fields.

Loaded as built-ins, so templates need no `{% load %}` for them. Pages that build cells in Python
(tables, exports) import the same functions.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

register = template.Library()


# Status: shape + word + colour -----------------------------------------------------------------
@dataclass(frozen=True)
class Look:
    shape: str  # id in icons.svg
    colour: str  # the is-… class
    word: str | Promise


LOOKS = {
    # verdicts on an indicator
    "ok": Look("s-ok", "ok", _("达标")),
    "risk": Look("s-risk", "risk", _("有风险")),
    "behind": Look("s-behind", "behind", _("落后")),
    "prog": Look("s-prog", "prog", _("进行中")),
    "none": Look("s-none", "none", _("未报")),
    "na": Look("s-na", "na", _("不适用")),
    "nocase": Look("s-na", "na", _("无个案")),
    "unset": Look("s-unset", "unset", _("目标待定")),
    "prov": Look("s-prov", "prov", _("暂定")),
    # states of work: their own shapes, so that "late" never looks like "behind"
    "late": Look("w-late", "behind", _("逾期")),
    "back": Look("w-back", "risk", _("退回")),
    "err": Look("w-err", "behind", _("有错误")),
    "warn": Look("s-risk", "risk", _("提醒")),
    "busy": Look("s-prog", "prog", _("正在办")),
    "wait": Look("s-prog", "prog", _("待审核")),
    "draft": Look("s-prog", "prog", _("草稿")),
    "todo": Look("s-none", "none", _("未开始")),
    "sent": Look("s-ok", "ok", _("已提交")),
    "passed": Look("s-ok", "ok", _("已通过")),
    "done": Look("s-ok", "ok", _("已办完")),
    "off": Look("s-na", "na", _("已停用")),
}


@register.inclusion_tag("components/status.html")
def status(code, label="", tag=False, hidden=False):
    """A status by its code; `label` replaces the word, `tag` gives it a ground, `hidden` keeps the
    word for readers of the screen only (matrix cells)."""
    look = LOOKS[str(code).lower()]
    return {"look": look, "label": label or look.word, "tag": tag, "hidden": hidden}


@register.simple_tag
def icon(name, extra=""):
    """A drawing from the sprite. It always stands beside a word, so readers of the screen skip it."""
    return format_html(
        '<svg class="ax-i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("components/cell.html")
def cell(code, unit, value="", url="", provisional=False, total=False, word=""):
    """One cell of the matrix. `unit` and the word are read aloud; the eye sees shape and value."""
    look = LOOKS[str(code).lower()]
    return {
        "code": str(code).lower(),
        "look": look,
        "unit": unit,
        "value": value,
        "url": url,
        "provisional": provisional,
        "total": total,
        "word": word or look.word,
    }


# Numbers ---------------------------------------------------------------------------------------
@register.filter
def num(value, places=None):
    """1286 → 1,286. Without `places` a whole number stays whole, any other shows two decimals.

    Nothing in, nothing out: whether blank means "not reported" or "not applicable" is the page's to say.
    """
    if value is None or value == "":
        return ""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return value
    if places is None:
        places = 0 if exact == exact.to_integral_value() else 2
    rounded = exact.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
    return number_format(rounded, int(places), use_l10n=True, force_grouping=True)


@register.filter
def rate(value):
    """A rate that is already in per cent: 97.5 → 97.50%."""
    shown = num(value, 2)
    return f"{shown}%" if shown else ""


@register.filter
def filesize(size):
    """1258291 → 1.2 MB."""
    size = int(size or 0)
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{num(size / 1024, 0)} KB"
    return f"{num(size / 1024 / 1024, 1)} MB"


# Dates -----------------------------------------------------------------------------------------
def _day(value) -> date:
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value


@register.filter
def cndate(value, today=None):
    """2025年10月13日, or 10月13日 where `today` is given and lies in the same year."""
    if not value:
        return ""
    day = _day(value)
    same_year = today and _day(today).year == day.year
    return date_format(day, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


@register.filter
def cntime(value, today=None):
    """As cndate, with the time of day: 10月12日 16:05."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cndate(value, today)} {local:%H:%M}"


def days_left(due, today) -> str:
    """还有 2 天, 明天, 今天, 逾期 3 天."""
    days = (_day(due) - _day(today)).days
    if days < 0:
        return ngettext("逾期 %(days)d 天", "逾期 %(days)d 天", -days) % {"days": -days}
    if days == 0:
        return gettext("今天")
    if days == 1:
        return gettext("明天")
    return ngettext("还有 %(days)d 天", "还有 %(days)d 天", days) % {"days": days}


@register.simple_tag(takes_context=True)
def daysleft(context, due, today=None):
    """How far off a due date is, seen from `today` of the page or the day given."""
    return days_left(due, today or context["today"]) if due else ""


@register.inclusion_tag("components/due.html", takes_context=True)
def due(context, day, met=False, today=None):
    """A due date with its distance under it; late ones in red. What is met has no distance."""
    today = today or context["today"]
    late = bool(day) and not met and _day(day) < _day(today)
    return {
        "day": day,
        "today": today,
        "late": late,
        "left": "" if met or not day else days_left(day, today),
    }


# Forms -----------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(bound, hint="", mark=True, label="", compact=False):
    """A form field: label above, hint, error. `hint` replaces the help text, `mark=False` leaves out
    （选填）, `compact` hides the label for the eye (rows of a grid)."""
    widget = bound.field.widget
    hint = hint or bound.help_text
    kind = _kind(widget)
    shown_hint, said_error = f"{bound.auto_id}_hint", f"{bound.auto_id}_error"
    described = [said_error] if bound.errors else []
    described += [shown_hint] if hint else []
    described += [f"{bound.auto_id}_caps"] if kind == "password" else []
    described += [widget.attrs["aria-describedby"]] if "aria-describedby" in widget.attrs else []
    attrs = {"class": f"{_css(widget, kind)} {widget.attrs.get('class', '')}".strip()}
    if kind == "group":
        widget.attrs.update(attrs)  # each choice takes its class from the widget
    elif described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "kind": kind,
        "widget": bound.as_widget(attrs=attrs) if kind != "group" else "",
        "choices": list(bound) if kind == "group" else (),
        "label": label or bound.label,
        "hint": hint,
        "hint_id": shown_hint,
        "error_id": said_error,
        "described": " ".join(described),
        "optional": mark and not bound.field.required and kind != "check",
        "compact": compact,
        "maxlength": widget.attrs.get("maxlength") if isinstance(widget, forms.Textarea) else None,
    }


def _kind(widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "password" if isinstance(widget, forms.PasswordInput) else "plain"


def _css(widget, kind) -> str:
    if kind in ("check", "group"):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


@register.inclusion_tag("components/summary.html")
def summary(*forms_, title=""):
    """Every fault of the given forms and formsets, each a link to its field."""
    faults = []
    for form in forms_:
        faults.extend(_faults(form))
    return {"faults": faults, "title": title}


def _faults(form):
    if hasattr(form, "management_form"):
        yield from (("", "", message) for message in form.non_form_errors())
        for one in form.forms:
            yield from _faults(one)
        return
    for name, messages in form.errors.items():
        bound = form[name] if name in form.fields else None
        for message in messages:
            yield (bound.auto_id, bound.label, message) if bound else ("", "", message)


# Lists -----------------------------------------------------------------------------------------
@register.simple_tag
def page_numbers(page):
    """The page numbers a pager offers; None stands for a gap."""
    gap = page.paginator.ELLIPSIS
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return [None if number == gap else number for number in shown]
