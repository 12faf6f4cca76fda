"""One upload: what was found in it, and the deeds that settle it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from common import clock
from common.access import requires, requires_any
from common.htmx import page_or_partial
from common.templatetags.ax import num
from intake import kinds, pages
from intake.models import Upload
from intake.services import previews
from intake.services import uploads as services
from intake.views.kinds import ADD, VIEW

State = Upload.State
FAULTS_A_PAGE = 20
CHANGES_A_PAGE = 50
LEFT_SHOWN = 200
UNDONE = "intake.undone"  # what the last undo left, for the page that follows it


def upload_or_404(request, pk) -> Upload:
    seen = Upload.objects.visible_to(request.user).select_related(
        "unit", "by", "job", "committed_by", "change_set"
    )
    return get_object_or_404(seen, pk=pk)


def stamp_of(upload) -> str:
    """Names a check: what a page showed when its button was pressed."""
    return f"{upload.state}-{upload.checked_at.timestamp() if upload.checked_at else 0}"


# Looking -----------------------------------------------------------------------------------------
@requires_any(ADD, VIEW)
@require_GET
def upload_detail(request, pk):
    """The upload in its state. While it moves the page asks again by itself, by a timer."""
    upload = upload_or_404(request, pk)
    context = detail_context(request, upload)
    return page_or_partial(request, "intake/upload_detail.html", "intake/_upload.html", context)


def detail_context(request, upload) -> dict:
    now, kind = clock.now(), kinds.get(upload.kind)
    preview = preview_of(upload, request.user)
    undo_within = services.undo_days()
    until = upload.committed_at + undo_within if undo_within and upload.committed_at else None
    context = {
        "upload": upload,
        "kind": kind,
        "preview": preview,
        "facts": pages.facts_line(upload),
        "took": pages.seconds_checked(upload),
        "steps": pages.steps_of(upload, undo_within),
        "stamp": stamp_of(upload),
        "may_act": request.user.has_perm(ADD) and services.may_handle(upload, request.user, now),
        "undo_until": until,
        "may_undo": until is None or until > now,
        "written": pages.changing_rows(upload.counts),
        "was_refused": pages.was_refused(upload),
    }
    if upload.is_under_way:
        return context | {"seconds_left": pages.seconds_left(upload.job, now)}
    context["verdict"] = pages.verdict_of(upload, preview, undo_until=until)
    if preview is None:
        return context | after_context(request, upload)
    return (
        context | preview_context(request, upload, preview, kind) | after_context(request, upload)
    )


def preview_of(upload, user):
    try:
        return previews.read_preview(upload, user)
    except previews.PreviewGone:
        return None


def preview_context(request, upload, preview, kind) -> dict:
    at_rest = upload.state in (State.MAPPING, State.CHECKED)
    headers = pages.headers_of(preview, kind) if kind else []
    return {
        "strip": [] if upload.state == State.MAPPING else pages.strip_of(preview),
        "causes": pages.causes_of(preview.fault_causes, asked=upload.state == State.MAPPING),
        "warned": pages.causes_of(preview.warning_causes),
        "fault_cells": pages.cells_of(preview),
        "good": pages.good_rows(preview.counts),
        "changes": preview.changes[: pages.SOME],
        "headers": headers,
        "columns": pages.columns_of(kind) if kind else [],
        "may_map": at_rest and any(shown.no is not None for shown in headers),
        "left_out": pages.left_out_of(preview),
        "questions": pages.questions_of(preview),
        "missing": preview.missing[:CHANGES_A_PAGE],
    } | faults_context(request, upload, preview)


def after_context(request, upload) -> dict:
    """What a commit left behind, and the one before it."""
    undone = request.session.pop(UNDONE, None) if UNDONE in request.session else None
    return {
        "undone": pages.undone_of(upload, undone) if undone else None,
        "still": pages.still_standing(upload),
        "earlier": Upload.objects.visible_to(request.user).committed_before(upload).first(),
    }


# Faults and changes, page by page ----------------------------------------------------------------
def faults_context(request, upload, preview) -> dict:
    code, words = request.GET.get("code", "")[:200], request.GET.get("q", "")[:80]
    asked = urlencode({name: said for name, said in (("code", code), ("q", words)) if said})
    found = pages.found_in(preview.faults, code=code, words=words)
    return {
        "page": Paginator(found, FAULTS_A_PAGE).get_page(request.GET.get("page")),
        "code": code,
        "words": words,
        "asked": f"{asked}&" if asked else "",  # before the number of a page
        "cause": next((c for c in pages.causes_of(preview.fault_causes) if c.key == code), None),
    }


def preview_or_404(request, pk):
    upload = upload_or_404(request, pk)
    preview = preview_of(upload, request.user)
    if preview is None:
        raise Http404
    return upload, preview


@requires_any(ADD, VIEW)
@require_GET
def upload_faults(request, pk):
    """The cells at fault: searched and paged; without a script a page of its own."""
    upload, preview = preview_or_404(request, pk)
    context = {"upload": upload, "preview": preview} | faults_context(request, upload, preview)
    context["fault_cells"] = pages.cells_of(preview)
    return page_or_partial(request, "intake/upload_faults.html", "intake/_faults.html", context)


@requires_any(ADD, VIEW)
@require_GET
def upload_changes(request, pk):
    """Every cell that the sheet would change, old and new."""
    upload, preview = preview_or_404(request, pk)
    page = Paginator(preview.changes, CHANGES_A_PAGE).get_page(request.GET.get("page"))
    context = {"upload": upload, "preview": preview, "page": page}
    return render(request, "intake/upload_changes.html", context)


@requires_any(ADD, VIEW)
@require_GET
def upload_written(request, pk):
    """Every record that the commit wrote: its line in the sheet, and its own page."""
    upload = upload_or_404(request, pk)
    if upload.change_set is None:
        raise Http404
    page = Paginator(pages.written_by(upload), CHANGES_A_PAGE).get_page(request.GET.get("page"))
    context = {"upload": upload, "page": page, "rows": pages.shown_written(upload, page)}
    return render(request, "intake/upload_written.html", context)


# Deeds -------------------------------------------------------------------------------------------
def _done(request, deed, upload, **words):
    """One deed on an upload; a page that has gone stale is told, not obeyed."""
    if request.POST.get("seen") != stamp_of(upload):
        messages.warning(request, _("这份表在您打开之后又查过或办过了，请看过现在的再办。"))
        return None
    try:
        return deed(upload, by=request.user, at=clock.now(), **words)
    except services.NotYours:
        messages.warning(request, _("没有办：这份表不归您办，或者已经办过了。"))
    return None


@requires(ADD)
@require_POST
def upload_map(request, pk):
    """What each unsure header means; remembered for the unit."""
    upload, preview = preview_or_404(request, pk)
    mapping = pages.mapping_said(preview, kinds.get(upload.kind), request.POST)
    try:
        done = _done(request, services.confirm_headers, upload, mapping=mapping)
    except ValueError:  # a column that this kind does not have
        messages.error(request, _("没有这一列，没有改动。"))
        done = None
    return redirect(done or upload)


@requires(ADD)
@require_POST
def upload_answer(request, pk):
    """What the person says to the questions of the check."""
    upload, preview = preview_or_404(request, pk)
    answers = pages.answers_said(preview, request.POST)
    if not answers:
        messages.warning(request, _("先选一个回答。"))
        return redirect(upload)
    return redirect(_done(request, services.answer, upload, answers=answers) or upload)


@requires(ADD)
@require_POST
def upload_check(request, pk):
    """Compare the kept original with what is stored now."""
    upload = upload_or_404(request, pk)
    return redirect(_done(request, services.check_again, upload) or upload)


@requires(ADD)
@require_POST
def upload_commit(request, pk):
    """Write all rows, or the good ones only: a choice that is recorded."""
    upload = upload_or_404(request, pk)
    words = {
        "good_rows": request.POST.get("rows") == "good",
        "end_missing": request.POST.get("end_missing") == "1",
    }
    return redirect(_done(request, services.commit_upload, upload, **words) or upload)


@requires(ADD)
@require_POST
def upload_discard(request, pk):
    upload = upload_or_404(request, pk)
    if _done(request, services.discard_upload, upload):
        messages.success(request, _("已放弃，什么都没有写入。"))
        return redirect("intake:home")
    return redirect(upload)


@requires(ADD)
@require_POST
def upload_undo(request, pk):
    """Take the last commit back; what was edited since stays, and is listed."""
    upload = upload_or_404(request, pk)
    try:
        undone = _done(request, services.undo_upload, upload)
    except services.CannotUndo:
        messages.warning(request, _("已经过了能撤销的时间，或没有还在的提交。"))
        undone = None
    if undone:
        said = ngettext("已撤销 %(n)s 行。", "已撤销 %(n)s 行。", undone.undone)
        messages.success(request, said % {"n": num(undone.undone)})
        request.session[UNDONE] = {
            "upload": upload.pk,
            "left": [[one.sheet, one.row, one.code] for one in undone.left[:LEFT_SHOWN]],
            "count": len(undone.left),
        }
    return redirect(upload)
