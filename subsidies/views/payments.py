"""Payments: the list, looking for a child, one payment, and what is done to it."""

from datetime import UTC, datetime
from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock, options
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from common.templatetags.ax import cndate, num
from registry.models import Student
from registry.services import searches
from registry.services.unmasking import MINUTES
from registry.students_filters import UNMASK
from registry.students_forms import SearchForm, UnmaskForm
from registry.views.searching import look_for
from subsidies import payments_forms as forms
from subsidies.models import Payment
from subsidies.payments_filters import VIEW
from subsidies.payments_sheet import CHANGE, PaymentSheet
from subsidies.payments_tables import ledger, name_shown
from subsidies.services import corrections
from subsidies.services.refusals import Refused
from subsidies.services.totals import paid_totals
from subsidies.services.unmasking import unmask_payment
from subsidies.terms import term_label

EDITING = require_http_methods(["GET", "HEAD", "POST"])
UNMASKED = "unmasked_payments"  # in the session: {payment: until when}
LISTED, OPENED = "subsidies.payments_listed", "subsidies.payment_opened"


@requires(VIEW)
@require_safe
def payment_list(request):
    """What was paid, the newest first, with what it comes to."""
    try:
        found, table = ledger(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "subsidies.payments")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    context = {
        "filter": found,
        "table": table,
        "totals": paid_totals(found.qs),
        "search_form": SearchForm(auto_id="find-%s"),
    }
    return render(request, "subsidies/payment_list.html", context)


@requires(VIEW)
@require_POST
def payment_search(request):
    return look_for(request, reverse("subsidies:payment-list"))


@requires(VIEW)
@require_safe
def payment_detail(request, pk):
    """Why it is short, over, late or came back, whose card it went to, what else was paid."""
    payment = _payment_or_404(request, pk)
    until, by_timer = _unmasked_until(request, payment), request.headers.get("X-Timer") == "1"
    if not by_timer:
        audit.record(OPENED, payment, by=request.user)
    sheet = PaymentSheet(payment, user=request.user, today=clock.today(), whole=until is not None)
    seen = Student.objects.visible_to(request.user, "registry.view_student")
    context = {
        "payment": payment,
        "sheet": sheet,
        "until": until,
        "seconds": max(int((until - clock.now()).total_seconds()), 1) if until else 0,
        "child": seen.filter(pk=payment.student_id).first() if payment.student_id else None,
        "opens_batch": type(payment.batch)
        .objects.visible_to(request.user, VIEW)
        .filter(pk=payment.batch_id)
        .exists(),
    }
    return render(request, "subsidies/payment_detail.html", context)


def _payment_or_404(request, pk) -> Payment:
    mine = Payment.objects.visible_to(request.user, VIEW).with_fate().for_list()
    return get_object_or_404(mine, pk=pk)


def _kept_or_404(request, pk) -> Payment:
    """For a deed: of the batches that one's own units keep."""
    mine = Payment.objects.kept_by(request.user, CHANGE).with_fate().for_list()
    return get_object_or_404(mine, pk=pk)


# Numbers whole -----------------------------------------------------------------------------------
def _unmasked_until(request, payment) -> datetime | None:
    stored = request.session.get(UNMASKED, {}).get(str(payment.pk), 0)
    until = datetime.fromtimestamp(stored, UTC)
    return until if until > clock.now() else None


@requires(VIEW, "registry.unmask_student")
@EDITING
def payment_unmask(request, pk):
    """A reason, then the numbers for some minutes, in this session only."""
    payment = _payment_or_404(request, pk)
    form = UnmaskForm(_asked(request))
    if form.is_valid():
        until = unmask_payment(payment, by=request.user, reason=form.said, at=clock.now())
        kept = request.session.get(UNMASKED, {})
        request.session[UNMASKED] = {**kept, str(payment.pk): int(until.timestamp())}
        return redirect(payment)
    n = options.get(MINUTES)
    context = {
        "title": _("为什么要看完整信息？"),
        "text": _("会记下您的姓名、时间和原因，审计员可见。显示 %(n)s 分钟后自动隐去。") % {"n": n},
        "yes": _("显示 %(n)s 分钟") % {"n": n},
        "no": _("不看了"),
        "form": form,
        "back": payment.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


# Deeds -------------------------------------------------------------------------------------------
@requires(VIEW, CHANGE)
@EDITING
def payment_reverse(request, pk):
    payment = _kept_or_404(request, pk)
    return _deed_page(
        request,
        payment,
        forms.ReasonForm(_asked(request)),
        partial(corrections.reverse_payment, payment),
        title=_("冲销这一笔"),
        text=_("做一个等额的负数批次，由另一个人审批；审批以前，这一笔照样算数。"),
        done=_("已做冲销批次，提交后等另一个人审批。"),
    )


@requires(VIEW, CHANGE)
@EDITING
def payment_correct(request, pk):
    payment = _kept_or_404(request, pk)
    return _deed_page(
        request,
        payment,
        forms.CorrectForm(_asked(request)),
        partial(corrections.correct_payment, payment),
        title=_("更正这一笔"),
        text=_("原来的一笔冲销，另发一笔对的，放在同一个批次里，由另一个人审批。"),
        done=_("已做更正批次，提交后等另一个人审批。"),
    )


@requires(VIEW, CHANGE)
@EDITING
def payment_return(request, pk):
    payment = _kept_or_404(request, pk)
    return _deed_page(
        request,
        payment,
        forms.BankReturnForm(_asked(request), initial={"on": clock.today()}),
        partial(corrections.record_bank_return, payment),
        title=_("登记银行退回"),
        text=_("钱没有到卡上，不再算已发。登记后可以重新发放。"),
        done=_("已登记银行退回，可以重新发放。"),
    )


@requires(VIEW, CHANGE)
@EDITING
def payment_repeat(request, pk):
    payment = _kept_or_404(request, pk)
    return _deed_page(
        request,
        payment,
        forms.RepeatForm(_asked(request)),
        partial(corrections.pay_again, payment),
        title=_("重新发放"),
        text=_("做一个同样金额的批次，由另一个人审批。退回一次只重发一次。"),
        done=_("已做重发批次，提交后等另一个人审批。"),
    )


def _asked(request):
    return request.POST if request.method == "POST" else None


def _deed_page(request, payment, form, deed, *, title, text, done):
    """Do the deed of a good form; what is refused stands at its field, and what was typed stays.

    Afterwards the batch that the deed made, or the payment.
    """
    if form.is_valid():
        facts = form.facts if hasattr(form, "facts") else form.cleaned_data
        try:
            made = deed(by=request.user, at=clock.now(), **facts)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, done)
            return redirect(made)
    context = {
        "form": form,
        "title": title,
        "text": text,
        "facts": _facts(request, payment),
        "back": payment.get_absolute_url(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "subsidies/deed_form.html", context, status=status)


def _facts(request, payment) -> list[tuple[str, str]]:
    """Which payment the form is about."""
    masked = not request.user.has_perm(UNMASK)
    return [
        (_("学生"), name_shown(payment, masked=masked)),
        (_("学校"), payment.school.name),
        (_("项目、学期"), f"{payment.programme.name} {term_label(payment.term)}"),
        (_("金额"), _("%(n)s 元") % {"n": num(payment.amount, 2)}),
        (_("发放日期"), cndate(payment.paid_on)),
    ]
