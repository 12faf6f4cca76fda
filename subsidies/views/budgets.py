"""Funds: what was granted, what arrived, what was paid and what is left; lines and arrivals."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import clock, options
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from common.refusals import Stale
from common.templatetags.ax import num
from registry.models import Unit
from subsidies.budgets_forms import ArrivalForm, LineForm
from subsidies.budgets_tables import VIEW, FundTable, fund_rows, funds_of, whole
from subsidies.models import BudgetLine, Payment, Programme
from subsidies.services.funds import record_arrival, save_line
from subsidies.services.reconciling import months_of
from subsidies.services.refusals import Refused

EDITING = require_http_methods(["GET", "HEAD", "POST"])
CHANGE = "subsidies.change_budget"


@requires(VIEW)
@require_safe
def budget_list(request):
    """One calendar year: by unit and programme, by document, by month."""
    found, rows = funds_of(request.user, request.GET)
    table = FundTable(fund_rows(rows), order_by=request.GET.getlist("sort") or None)
    arrange(request, table)
    file = export_response(request, table, _("资助资金"))
    if file is not None:
        return file
    paid = Payment.objects.visible_to(request.user, "subsidies.view_payment")
    rules = options.get_many("subsidies.money_sits_days", "subsidies.money_sits_share")
    context = {
        "filter": found,
        "table": table,
        "whole": whole(rows),
        "strip": _strip(whole(rows)),
        "documents": found.qs.with_arrived().for_list(),
        "months": _months(paid, found.chosen_year),
        "days": rules["subsidies.money_sits_days"],
        "share": rules["subsidies.money_sits_share"],
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/budget_list.html", context)


def _strip(sums: dict) -> list[dict]:
    labels = {
        "granted": _("下达"),
        "arrived": _("到账"),
        "paid": _("已发"),
        "left": _("结余"),
    }
    return [
        {"label": label, "value": num(sums[name], 2), "note": _("元")}
        for name, label in labels.items()
    ]


def _months(payments, year: int) -> list[dict]:
    """With the share of the busiest month, which is how long a bar is drawn."""
    sums = list(months_of(payments, year))
    most = max((total for _month, total in sums), default=0)
    return [
        {"month": month, "total": total, "share": int(total * 100 / most) if total > 0 else 0}
        for month, total in sums
    ]


def _mine(request, permission=VIEW):
    return BudgetLine.objects.visible_to(request.user, permission).with_arrived().for_list()


def _offered(request) -> dict:
    """Where the person may write money down, and for what."""
    units = Unit.objects.visible_to(request.user, CHANGE).with_numbers(clock.today())
    return {
        "units": units,
        "programmes": Programme.objects.offered_to(request.user, CHANGE).for_list(),
    }


@requires(VIEW)
@require_safe
def budget_detail(request, pk):
    line = get_object_or_404(_mine(request), pk=pk)
    may_change = request.user.has_perm(CHANGE)
    context = {
        "line": line,
        "arrivals": line.arrivals.order_by("-arrived_on", "-pk"),
        "open": line.amount - line.arrived,
        "may_change": may_change and _mine(request, CHANGE).filter(pk=pk).exists(),
    }
    return render(request, "subsidies/budget_detail.html", context)


@requires(VIEW, CHANGE)
@EDITING
def budget_new(request):
    form = LineForm(_asked(request), initial={"year": clock.today().year}, **_offered(request))
    return _line_page(request, form, title=_("登记下达资金"), back=reverse("subsidies:budget-list"))


@requires(VIEW, CHANGE)
@EDITING
def budget_edit(request, pk):
    line = get_object_or_404(_mine(request, CHANGE), pk=pk)
    before = {"document": line.document, "amount": line.amount, "seen": line.version}
    form = LineForm(_asked(request), initial=before, line=line, **_offered(request))
    return _line_page(request, form, title=_("更正下达资金"), back=line.get_absolute_url())


def _asked(request):
    return request.POST if request.method == "POST" else None


def _line_page(request, form, *, title, back):
    """Save a good form; what is refused stands at its field, and what was typed stays."""
    if form.is_valid():
        try:
            line = save_line(form.written(), by=request.user, seen=form.cleaned_data["seen"])
        except Stale:
            form.add_error(None, _("别人刚改过这一笔，回去看过现在的内容再改。"))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, _("已登记。"))
            return redirect(line)
    context = {"form": form, "title": title, "back": back}
    status = 422 if form.is_bound else 200
    return render(request, "subsidies/deed_form.html", context, status=status)


@requires(VIEW, CHANGE)
@EDITING
def arrival_new(request, pk):
    line = get_object_or_404(_mine(request, CHANGE), pk=pk)
    form = ArrivalForm(_asked(request), initial={"on": clock.today()})
    if form.is_valid():
        try:
            record_arrival(line, by=request.user, at=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, _("已登记到账。"))
            return redirect(line)
    context = {
        "form": form,
        "title": _("登记到账"),
        "back": line.get_absolute_url(),
        "text": f"{line.document} | {line.unit.name} | {line.programme.name}",
    }
    status = 422 if form.is_bound else 200
    return render(request, "subsidies/deed_form.html", context, status=status)
