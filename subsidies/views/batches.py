"""Batches of payments: the list, one of them, on paper, made, handed on, approved by another."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange
from common.refusals import Stale
from common.templatetags.ax import num
from intake.models import Upload
from registry.models import Unit
from registry.students_filters import UNMASK
from subsidies import batches_forms as forms
from subsidies.batches_paper import ROWS_ON_PAPER, by_school, in_words
from subsidies.batches_tables import LOOKS, BatchRowTable, shelf
from subsidies.models import PaymentBatch, Programme
from subsidies.payments_tables import InChunks, holder_label, name_shown
from subsidies.services import batches, preparing
from subsidies.services.reconciling import by_holder
from subsidies.services.refusals import Refused
from subsidies.services.totals import paid_totals
from subsidies.terms import term_choices, this_term

EDITING = require_http_methods(["GET", "HEAD", "POST"])
VIEW, CHANGE, APPROVE = (
    "subsidies.view_payment",
    "subsidies.change_payment",
    "subsidies.approve_payment",
)
OPENED, PRINTED = "subsidies.batch_opened", "subsidies.batch_printed"


@requires(VIEW)
@require_safe
def batch_list(request):
    """The newest first; how many wait for an approval that this person may give."""
    found, table = shelf(request.user, request.GET)
    arrange(request, table)
    file = export_response(request, table, _("发放批次"))
    if file is not None:
        return file
    waiting = PaymentBatch.objects.visible_to(request.user, APPROVE).waiting()
    context = {
        "filter": found,
        "table": table,
        "waiting": waiting.made_by_others(request.user).count(),
    }
    return render(request, "subsidies/batch_list.html", context)


@requires(VIEW)
@require_safe
def batch_detail(request, pk):
    batch = _batch_or_404(request, pk, VIEW)
    table = BatchRowTable(
        InChunks(batch.payments.with_fate().for_list()),
        order_by=request.GET.getlist("sort") or None,
        masked=not request.user.has_perm(UNMASK),
        today=clock.today(),
    )
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, _("发放批次"))
    if file is not None:
        return file
    audit.record(OPENED, batch, by=request.user, after={"rows": len(table.page.object_list)})
    sheets = Upload.objects.visible_to(request.user)
    context = {
        "batch": batch,
        "table": table,
        "state": (LOOKS[batch.state], batch.get_state_display()),
        "totals": paid_totals(batch.payments.all()),
        "holders": [
            one | {"label": holder_label(one["relation"])}
            for one in by_holder(batch.payments.all())
        ],
        "upload": batch.source_upload and sheets.filter(pk=batch.source_upload).first(),
        "may": _may(request, batch),
    }
    return render(request, "subsidies/batch_detail.html", context)


def _may(request, batch) -> dict[str, bool]:
    """What is offered on the page; the deeds refuse the rest."""

    def in_scope(permission):
        rows = PaymentBatch.objects.visible_to(request.user, permission)
        return request.user.has_perm(permission) and rows.filter(pk=batch.pk).exists()

    waits = batch.state == PaymentBatch.State.SUBMITTED
    keeps = batch.is_open and in_scope(CHANGE)
    return {
        "submit": keeps and batch.count > 0,
        "withdraw": keeps and batch.source_upload is None,
        "decide": waits and batch.made_by_id != request.user.pk and in_scope(APPROVE),
    }


def _batch_or_404(request, pk, permission) -> PaymentBatch:
    mine = PaymentBatch.objects.visible_to(request.user, permission)
    return get_object_or_404(mine.select_related("unit", "made_by", "approved_by"), pk=pk)


@requires(VIEW)
@require_safe
def batch_print(request, pk):
    """A4, to be signed: sums by school, and the children of a batch that is not too long."""
    batch = _batch_or_404(request, pk, VIEW)
    masked = not request.user.has_perm(UNMASK)
    rows = batch.payments.for_list() if batch.count <= ROWS_ON_PAPER else []
    lines = [(name_shown(one, masked=masked), one) for one in rows]
    audit.record(PRINTED, batch, by=request.user, after={"rows": len(lines)})
    context = {
        "batch": batch,
        "state": (LOOKS[batch.state], batch.get_state_display()),
        "places": by_school(batch),
        "lines": lines,
        "words": in_words(batch.total),
        "totals": paid_totals(batch.payments.all()),
    }
    return render(request, "subsidies/batch_print.html", context)


# Making ------------------------------------------------------------------------------------------
@requires(VIEW, CHANGE)
@EDITING
def batch_new(request):
    """From the expected awards that nobody has paid yet."""
    today = clock.today()
    form = forms.NewBatchForm(
        request.POST if request.method == "POST" else None,
        units=Unit.objects.visible_to(request.user, CHANGE).with_numbers(today),
        programmes=preparing.payable(Programme.objects.offered_to(request.user, CHANGE)).for_list(),
        terms=term_choices(today),
        initial={"term": this_term(today).code, "paid_on": today},
    )
    if form.is_valid():
        batch = preparing.prepare_batch(**form.cleaned_data, by=request.user, at=clock.now())
        if batch.state == PaymentBatch.State.WITHDRAWN:
            form.add_error(None, _("没有要发的：应发的都已发放，或正在等审批。"))
        else:
            return redirect(batch)
    context = {
        "form": form,
        "title": _("按应发名单制作批次"),
        "text": _("列出应发而没发、没发足的学生，用上次发放的卡。银行退回的在那一笔上重新发放。"),
        "yes": _("制作批次"),
        "back": reverse("subsidies:batch-list"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "subsidies/deed_form.html", context, status=status)


# Handing on --------------------------------------------------------------------------------------
@requires(VIEW, CHANGE)
@require_POST
def batch_submit(request, pk):
    batch = _batch_or_404(request, pk, CHANGE)
    form = forms.SeenForm(request.POST)
    try:
        batches.submit_batch(batch, by=request.user, at=clock.now(), seen=_seen(form))
    except Stale:
        messages.warning(request, _("别人刚改过这个批次，看过现在的内容再提交。"))
    except Refused as refused:
        messages.warning(request, refused.says)
    else:
        messages.success(request, _("已提交，等另一个人审批。"))
    return redirect(batch)


def _seen(form) -> int | None:
    return form.cleaned_data["seen"] if form.is_valid() else None


@requires(VIEW, APPROVE)
@EDITING
def batch_approve(request, pk):
    """Final: from then on rows are only reversed, so that the page asks with the numbers."""
    batch = _batch_or_404(request, pk, APPROVE)
    money = {"n": num(batch.count), "total": num(batch.total, 2)}
    title = ngettext("审批 %(n)s 笔、%(total)s 元？", "审批 %(n)s 笔、%(total)s 元？", batch.count)
    return _deed_page(
        request,
        batch,
        forms.SeenForm,
        partial(batches.approve_batch, batch),
        title=title % money,
        text=_("审批以后不能再改，错了只能逐笔冲销或更正。"),
        yes=ngettext("审批 %(n)s 笔", "审批 %(n)s 笔", batch.count) % money,
        done=_("已审批，这些钱算作已发放。"),
    )


@requires(VIEW, APPROVE)
@EDITING
def batch_return(request, pk):
    batch = _batch_or_404(request, pk, APPROVE)
    return _deed_page(
        request,
        batch,
        forms.ReturnForm,
        partial(batches.return_batch, batch),
        title=_("退回这个批次"),
        text=_("退给制单人修改，改好再提交。"),
        yes=_("退回"),
        done=_("已退回制单人。"),
    )


@requires(VIEW, CHANGE)
@EDITING
def batch_withdraw(request, pk):
    batch = _batch_or_404(request, pk, CHANGE)
    money = {"n": num(batch.count)}
    return _deed_page(
        request,
        batch,
        forms.SeenForm,
        partial(batches.withdraw_batch, batch),
        title=ngettext("撤销这个批次的 %(n)s 笔？", "撤销这个批次的 %(n)s 笔？", batch.count)
        % money,
        text=_("钱还没有发，撤销后批次里的发放都删掉，批次留着备查。"),
        yes=_("撤销批次"),
        done=_("已撤销。"),
        danger=True,
    )


def _deed_page(request, batch, form_class, deed, *, title, text, yes, done, danger=False):
    """Ask, then do the deed; what is refused is said on the same page."""
    sent = request.POST if request.method == "POST" else None
    form = form_class(sent, initial={"seen": batch.version})
    if form.is_valid():
        try:
            deed(by=request.user, at=clock.now(), **form.cleaned_data)
        except Stale:
            form.add_error(None, _("别人刚改过这个批次，回去看过现在的内容再办。"))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, done)
            return redirect(batch)
    context = {
        "title": title,
        "text": text,
        "yes": yes,
        "form": form,
        "back": batch.get_absolute_url(),
        "danger": danger,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)
