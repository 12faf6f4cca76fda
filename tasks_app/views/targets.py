"""Setting and withdrawing targets, setting baselines."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import clock
from common.access import requires
from registry.models import Unit
from tasks_app.indicator_tables import said
from tasks_app.models import Indicator, Target
from tasks_app.services import targets
from tasks_app.target_forms import BaselineForm, TargetForm, WithdrawForm

CHANGE = "tasks_app.change_target"


def _indicator(request, pk):
    return get_object_or_404(Indicator.objects.visible_to(request.user, CHANGE).for_list(), pk=pk)


def _form(form_class, request, indicator, rows, initial):
    """A form over what stands now; `seen` is the newest row on the page."""
    today = clock.today()
    units = Unit.objects.with_numbers(today, only_league=indicator.league_only)
    newest = max((row.pk for row in rows), default=0)
    return form_class(
        request.POST or None,
        initial={"seen": newest, "unit": units.first()} | initial,
        indicator=indicator,
        units=units,
        asks_why=bool(rows) and targets.needs_reason(indicator),
    )


def _answer(request, form, indicator, rows, template):
    status = 422 if form.is_bound else 200
    context = {"form": form, "indicator": indicator, "rows": rows}
    return render(request, template, context, status=status)


def _told(form, deed, field: str) -> bool:
    """Do the deed; what stands in its way is told at the field."""
    try:
        deed()
    except targets.ReasonMissing:
        form.add_error("reason", _("已有通过的报告，改动原来的数要选原因。"))
    except targets.NoteMissing:
        form.add_error("note", _("选“其他”时要写明。"))
    except targets.Unchanged:
        form.add_error(field, _("和现在的一样，没有要改的。"))
    except targets.ChangedSince as newer:
        form.add_error(field, _changed(newer.current))
    else:
        return True
    return False


def _changed(row) -> str:
    value = targets.plain(row.value) if isinstance(row, Target) else said(row)
    return _("您打开这一页之后，%(name)s 已改为 %(value)s（%(source)s）。看过再改。") % {
        "name": row.set_by.name if row.set_by else _("别人"),
        "value": value,
        "source": row.source,
    }


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def target_set(request, pk):
    """Set the target of a year; the old one stays in the history."""
    indicator = _indicator(request, pk)
    rows = list(
        indicator.targets.current().select_related("unit").order_by("unit__sort_no", "year")
    )
    year = indicator.work_item.plan.target_year
    form = _form(TargetForm, request, indicator, rows, {"year": year})
    if not form.is_valid():
        return _answer(request, form, indicator, rows, "tasks_app/target_form.html")
    data = form.cleaned_data

    def deed():
        targets.set_target(indicator, by=request.user, at=clock.now(), **data)

    if not _told(form, deed, "value"):
        return _answer(request, form, indicator, rows, "tasks_app/target_form.html")
    messages.success(
        request,
        _("%(year)s 年目标定为 %(value)s，各处的状态已按它判定。")
        % {"year": data["year"], "value": targets.plain(data["value"])},
    )
    return redirect(indicator)


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def baseline_set(request, pk):
    """Set where a unit started from; the old one stays in the history."""
    indicator = _indicator(request, pk)
    rows = list(indicator.baselines.current().select_related("unit").order_by("unit__sort_no"))
    form = _form(BaselineForm, request, indicator, rows, {})
    if not form.is_valid():
        return _answer(request, form, indicator, rows, "tasks_app/baseline_form.html")

    def deed():
        targets.set_baseline(indicator, by=request.user, at=clock.now(), **form.cleaned_data)

    if not _told(form, deed, "numerator"):
        return _answer(request, form, indicator, rows, "tasks_app/baseline_form.html")
    messages.success(request, _("基期已定，原来的数留在变更记录里。"))
    return redirect(indicator)


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def target_withdraw(request, pk):
    """Take a target away, with its reason."""
    target = get_object_or_404(
        Target.objects.visible_to(request.user, CHANGE).select_related("indicator", "unit"), pk=pk
    )
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            targets.withdraw_target(target, by=request.user, at=clock.now(), **form.cleaned_data)
        except targets.AlreadyGone:
            messages.info(request, _("这个目标已经被替换或撤销。"))
        else:
            messages.success(request, _("目标已撤销，留在变更记录里。"))
        return redirect(target.indicator)
    context = {
        "title": _("撤销 %(year)s 年目标 %(value)s？")
        % {"year": target.year, "value": targets.plain(target.value)},
        "text": _("“%(name)s”撤销后没有这一年的目标，状态重新判定。原来的数和原因都保留。")
        % {"name": target.indicator.name},
        "yes": _("撤销目标"),
        "no": _("先不撤销"),
        "back": target.indicator.get_absolute_url(),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "components/confirm.html", context, status=status)
