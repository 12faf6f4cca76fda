"""Files in and out. The subject decides who may fetch, add and remove."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import audit, clock, files, subjects
from common.access import signed_in
from common.models import StoredFile

PURPOSE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
# A picture opened in a tab of its own: nothing in it may run or load.
NOTHING_RUNS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def _seen_or_404(request, key):
    found = files.visible_file(key, request.user)
    if found is None:
        raise Http404
    return found


@signed_in
@require_safe
@never_cache
def file_fetch(request, key):
    stored, thing = _seen_or_404(request, key)
    if stored.removed_at:
        raise Http404
    try:
        content = files.open_file(stored)
    except FileNotFoundError:
        raise Http404 from None
    inline = request.GET.get("view") == "1" and stored.content_type in files.PICTURES
    response = FileResponse(
        content,
        as_attachment=not inline,
        filename=stored.name,
        content_type=stored.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    response["Content-Security-Policy"] = NOTHING_RUNS
    if request.method == "GET":
        audit.record("common.file_fetched", thing, by=request.user, after={"file": stored.pk})
    return response


@signed_in
@require_POST
def file_upload(request):
    """Take a file for a subject; the answer is the list of its files, with the fault beside it."""
    purpose = request.POST.get("purpose", "")
    thing = subjects.find(request.POST.get("subject", ""), request.POST.get("pk", ""), request.user)
    if thing is None or not PURPOSE.fullmatch(purpose):
        raise Http404
    _may_attach_or_403(request, thing, purpose)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise files.FileRefused(_missing(request))
        files.store_file(upload, by=request.user, subject=thing, purpose=purpose, at=clock.now())
    except files.FileRefused as refused:
        audit.record(
            "common.file_refused",
            thing,
            by=request.user,
            after={"purpose": purpose, "size": upload.size if upload else None},
            refused=True,
        )
        return _list_of(request, thing, purpose, faults=[str(refused)], status=422)
    return _list_of(request, thing, purpose)


def _missing(request):
    if getattr(request, "upload_too_large", False):
        return files.too_large()
    return _("先选一个文件。")


def _may_attach_or_403(request, thing, purpose):
    if not files.may_attach(thing, request.user, purpose):
        raise PermissionDenied


@signed_in
@require_POST
def file_remove(request, key):
    stored, thing = _seen_or_404(request, key)
    _may_attach_or_403(request, thing, stored.purpose)
    files.remove_file(stored, by=request.user, at=clock.now())
    return _list_of(request, thing, stored.purpose, removed=stored)


@signed_in
@require_POST
def file_restore(request, key):
    stored, thing = _seen_or_404(request, key)
    _may_attach_or_403(request, thing, stored.purpose)
    files.restore_file(stored, by=request.user)
    return _list_of(request, thing, stored.purpose)


def _list_of(request, thing, purpose, *, faults=(), removed=None, status=200):
    """The part of the page that holds the files; without htmx, the page they stand on."""
    address = subjects.get(thing._meta.label_lower).address(thing)
    if not request.htmx and not faults:
        messages.success(request, _("已移除，可以放回。") if removed else _("文件已收下。"))
        return redirect(address)
    context = {
        "subject": thing,
        "purpose": purpose,
        "files": StoredFile.objects.of(thing._meta.label_lower, thing.pk)
        .filter(purpose=purpose)
        .select_related("uploaded_by"),
        "may_attach": True,
        "faults": faults,
        "removed": removed,
        "title": subjects.title_of(thing),
        "address": address,
    }
    template = "common/_files.html" if request.htmx else "common/files.html"
    return render(request, template, context, status=status)
