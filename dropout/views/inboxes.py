"""What waits for somebody: watches a school answers, closings for a second person, offered cases."""

from django.contrib import messages
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.lists import arrange
from dropout.inbox_tables import ClosingTable, TransferTable, WatchTable
from dropout.models import Case, CaseTransfer, Closing, Watch
from dropout.services import transfers
from dropout.services.refusals import Refused
from dropout.views.deed_pages import CHANGE, RECORD, REVIEW, VIEW, asked
from registry.transfers_forms import RefuseForm

LISTED = "dropout.cases_listed"
UNMASK = "registry.unmask_student"


def _page(request, table, *, title, head, text):
    """A list of children was read: how many, never who."""
    arrange(request, table)
    shown = len(table.page.object_list)
    if shown:
        audit.record(LISTED, by=request.user, after={"rows": shown})
    context = {"table": table, "title": title, "head": head, "text": text}
    return render(request, "dropout/inbox_list.html", context)


def _common(request) -> dict:
    return {"today": clock.today(), "masked": not request.user.has_perm(UNMASK)}


@requires(RECORD)
@require_safe
def watch_list(request):
    """The looks that are due: three minutes a month for a school."""
    due = Watch.objects.visible_to(request.user, RECORD).due_by(clock.today()).for_list()
    n = due.count()
    head = ngettext("%(n)s 名学生要回答在不在校", "%(n)s 名学生要回答在不在校", n) % {"n": n}
    return _page(
        request,
        WatchTable(due, **_common(request)),
        title=_("回访"),
        head=head if n else _("没有要回答的"),
        text=_("返校的学生，到日子答一次“在不在校”。"),
    )


@requires(REVIEW)
@require_safe
def closing_list(request):
    waiting = Closing.objects.visible_to(request.user, REVIEW).waiting().for_list()
    n = waiting.to_decide(request.user).count()
    head = ngettext("%(n)s 件销号等您审核", "%(n)s 件销号等您审核", n) % {"n": n}
    return _page(
        request,
        ClosingTable(waiting.order_by("asked_at", "pk"), user=request.user, **_common(request)),
        title=_("待审销号"),
        head=head if n else _("没有等您审核的销号"),
        text=_("申请的人不能自己审核。"),
    )


@requires(VIEW)
@require_safe
def transfer_list(request):
    """Cases offered to one's units, and those one's units have offered."""
    mine = CaseTransfer.objects.visible_to(request.user, VIEW)
    seen = Case.objects.visible_to(request.user, VIEW).filter(pk__in=mine.values("case"))
    may: dict[str, set[int]] = {"see": _keys(seen), "decide": set(), "withdraw": set()}
    if request.user.has_perm(CHANGE):
        may["decide"] = _keys(CaseTransfer.objects.to_decide(request.user, CHANGE))
        may["withdraw"] = _keys(CaseTransfer.objects.asked_by(request.user, CHANGE))
    table = TransferTable(
        mine.for_list(), may=may, csrf_token=get_token(request), **_common(request)
    )
    n = len(may["decide"])
    head = ngettext("%(n)s 件个案等您答复是否接收", "%(n)s 件个案等您答复是否接收", n) % {"n": n}
    return _page(
        request,
        table,
        title=_("移交"),
        head=head if n else _("没有等您答复的移交"),
        text=_("接收以前，个案仍归移出单位。"),
    )


def _keys(rows) -> set[int]:
    return set(rows.values_list("pk", flat=True))


# Answering an offer -------------------------------------------------------------------------------
def _told(request, deed, said: str):
    """Do it, and back to the list; who comes second is told so."""
    try:
        deed()
    except Refused as refused:
        messages.warning(request, refused.says)
    else:
        messages.success(request, said)
    return redirect("dropout:transfer-list")


@requires(CHANGE)
@require_POST
def transfer_accept(request, pk):
    offered = CaseTransfer.objects.to_units_of(request.user, CHANGE)
    transfer = get_object_or_404(offered, pk=pk)
    return _told(
        request,
        lambda: transfers.accept_case(transfer, by=request.user, at=clock.now()),
        _("已接收，个案归本单位。"),
    )


@requires(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_refuse(request, pk):
    offered = CaseTransfer.objects.to_units_of(request.user, CHANGE)
    transfer = get_object_or_404(offered.select_related("from_unit"), pk=pk)
    form = RefuseForm(asked(request))
    if form.is_valid():
        answer = form.cleaned_data["reason"]
        return _told(
            request,
            lambda: transfers.refuse_case(transfer, answer=answer, by=request.user, at=clock.now()),
            _("没有接收，个案仍归移出单位。"),
        )
    context = {
        "title": _("不接收%(unit)s移交的个案？") % {"unit": transfer.from_unit.short},
        "text": _("个案仍归移出单位，对方看得到理由。"),
        "yes": _("不接收"),
        "back": reverse("dropout:transfer-list"),
        "form": form,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@requires(CHANGE)
@require_POST
def transfer_withdraw(request, pk):
    offered = CaseTransfer.objects.from_units_of(request.user, CHANGE)
    transfer = get_object_or_404(offered, pk=pk)
    return _told(
        request,
        lambda: transfers.withdraw_offer(transfer, by=request.user, at=clock.now()),
        _("已收回。"),
    )
