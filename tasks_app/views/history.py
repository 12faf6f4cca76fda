"""Past years: batches in a list, a paste and its preview, a batch to decide on."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import clock, exports
from common.access import requires
from common.htmx import page_or_partial
from common.lists import arrange
from tasks_app import history_sheet
from tasks_app.history_filters import HistoryFilter
from tasks_app.history_forms import BlankForm, HistoryForm, ReturnForm
from tasks_app.history_tables import LOOK_OF, HistoryTable
from tasks_app.models import HistoryBatch, WorkItem
from tasks_app.services import history

LOAD = "tasks_app.load_history"
FIRST_YEAR_ASKED = 2021


@requires(LOAD)
@require_GET
def history_list(request):
    """Every batch within one's units, and the sheet to fill in."""
    batches = HistoryBatch.objects.visible_to(request.user, LOAD).for_list()
    found = HistoryFilter(request.GET, queryset=batches, user=request.user)
    today = clock.today()
    table = HistoryTable(found.qs, today=today)
    arrange(request, table)
    if made := exports.export_response(request, table, _("历年数据批次")):
        return made
    context = {
        "filter": found,
        "table": table,
        "waiting": HistoryBatch.objects.waiting_for(request.user).count(),
        "tasks": WorkItem.objects.visible_to(request.user).for_list(),
        "years": range(2015, today.year + 1),
        "first": FIRST_YEAR_ASKED,
        "last": today.year,
    }
    page = "tasks_app/history_list.html"
    return page_or_partial(request, page, page, context)


@requires(LOAD)
@require_http_methods(["GET", "POST"])
def history_new(request):
    """Paste, look at what it would do, hand it on: one page, and nothing typed is lost."""
    if request.method == "GET":
        form = HistoryForm(user=request.user, initial=_beginning(request))
        return _new(request, form, None)
    form = HistoryForm(request.POST, user=request.user)
    valid, checked = form.is_valid(), None
    words = form.cleaned_data
    if words.get("text") and "indicator" in words:
        checked = history.check(
            words["text"], by=request.user, on=clock.today(), indicator=words["indicator"]
        )
    asked = valid and checked.is_ready and request.POST.get("deed") == "submit"
    if not asked:
        return _new(request, form, checked)
    if words["seen"] != checked.digest:
        return _new(request, form, checked, changed=True)
    if checked.replaced and not words["reason"]:
        form.add_error("reason", _("要替换以前录入的数，选一项原因。"))
        return _new(request, form, checked)
    del words["seen"]
    batch = history.submit_batch(checked, by=request.user, at=clock.now(), **words)
    messages.success(request, _("已提交，等另一位盟局人员审核。审核通过以前，这些数不算数。"))
    return redirect(batch)


def _beginning(request) -> dict:
    """An empty page, or the text of a batch that came back, to be put right."""
    begin = {"token": uuid4()}
    raw = request.GET.get("from", "")
    if not raw.isdecimal() or len(raw) > 9:
        return begin
    again = (HistoryBatch.State.RETURNED, HistoryBatch.State.WITHDRAWN)
    batches = HistoryBatch.objects.visible_to(request.user, LOAD).filter(state__in=again)
    batch = get_object_or_404(batches, pk=raw)
    names = ("title", "source", "indicator", "reason", "reason_note")
    begin |= {name: getattr(batch, name) for name in names}
    return begin | {"text": history.text_of(batch), "corrects": batch.pk}


def _new(request, form, checked, *, changed=False):
    faulty = form.is_bound and (not form.is_valid() or bool(checked and checked.faults))
    context = {
        "form": form,
        "checked": checked,
        "changed": changed,
        "faults": checked.faults[: history_sheet.FAULTS_SHOWN] if checked else [],
        "preview": history_sheet.preview_rows(checked.rows) if checked else [],
        "token": form["token"].value() or uuid4(),
        "is_correction": bool(form["corrects"].value()),
    }
    status = 422 if faulty or changed else 200
    return render(request, "tasks_app/history_new.html", context, status=status)


@requires(LOAD)
@require_GET
def history_form(request):
    """The workbook to fill in, with what is stored in it."""
    form = BlankForm(request.GET, user=request.user)
    if not form.is_valid():
        faults = [text for texts in form.errors.values() for text in texts]
        messages.error(request, " ".join(faults))
        return redirect("tasks_app:history-list")
    first, last, task = (form.cleaned_data[name] for name in ("first", "last", "task"))
    rows = history.blank_rows(
        by=request.user, on=clock.today(), first=first, last=last, work_item=task
    )
    title = _("历年数据 %(first)s-%(last)s") % {"first": first, "last": last}
    response = HttpResponse(content_type=exports.CONTENT_TYPES["xlsx"])
    name = exports.file_name(title, "xlsx")
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    history_sheet.write_blank(rows, response)
    exports.record("tasks_app.history_form", title, "xlsx", len(rows), request.GET, by=request.user)
    return response


def _batch(request, pk):
    batches = HistoryBatch.objects.visible_to(request.user, LOAD).select_related(
        "submitted_by", "decided_by", "corrects"
    )
    return get_object_or_404(batches, pk=pk)


@requires(LOAD)
@require_GET
def history_detail(request, pk):
    """A batch by indicator and period, with what can be decided on it."""
    batch = _batch(request, pk)
    return _detail(request, batch, ReturnForm())


def _detail(request, batch, form, status=200):
    page, blocks = history_sheet.blocks_page(batch, request.GET.get("page"))
    own = batch.submitted_by_id == request.user.pk
    count, replaced = batch.values.count(), batch.values.exclude(replaces=None).count()
    context = {
        "batch": batch,
        "look": LOOK_OF[batch.state],
        "page": page,
        "blocks": blocks,
        "count": count,
        "fresh": count - replaced,
        "replaced": replaced,
        "form": form,
        "own": own,
        "reviewers": history.who_may_decide(batch, on=clock.today()) if own else [],
        "corrections": batch.corrections.all(),
    }
    return render(request, "tasks_app/history_detail.html", context, status=status)


def _decided(request, deed, batch, done, **words):
    """One decision and its answer; who comes second is told and overwrites nothing."""
    try:
        deed(batch, by=request.user, at=clock.now(), **words)
    except history.OwnBatch:
        messages.error(request, _("自己提交的不能自己审核。请另一位审核人办理。"))
    except history.NotYours:
        messages.error(request, _("只有提交人能撤回。不同意就退回。"))
    except history.AlreadyDecided:
        messages.info(request, _("这一批已经办过了，没有再办一次。"))
    except history.Overtaken as overtaken:
        messages.error(request, _overtaken(overtaken))
    else:
        messages.success(request, done)
    return redirect(batch)


def _overtaken(overtaken) -> str:
    said = _("提交以后，有些数已由别处通过，这一批不能整批通过。退回，请提交人重新检查。")
    lines = sorted(value.line for value in overtaken.values)[:10]
    if lines:
        said += _("粘贴的第 %(lines)s 行。") % {"lines": "、".join(map(str, lines))}  # data
    return said


@requires(LOAD)
@require_POST
def history_approve(request, pk):
    done = _("已通过，这一批的数从现在起算数。")
    return _decided(request, history.approve_batch, _batch(request, pk), done)


@requires(LOAD)
@require_POST
def history_return(request, pk):
    batch, form = _batch(request, pk), ReturnForm(request.POST)
    if not form.is_valid():
        return _detail(request, batch, form, status=422)
    done = _("已退回，提交人会看到意见。")
    return _decided(request, history.return_batch, batch, done, note=form.cleaned_data["note"])


@requires(LOAD)
@require_POST
def history_withdraw(request, pk):
    done = _("已撤回，什么都没有写入。")
    return _decided(request, history.withdraw_batch, _batch(request, pk), done)
