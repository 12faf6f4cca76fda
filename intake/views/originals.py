"""The kept original: as it came, marked with its faults, and one line of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from common import audit, clock, exports, vault
from common.access import requires, requires_any
from common.htmx import page_or_partial
from intake import origin
from intake.faults import Unusable
from intake.marked import marked_name
from intake.services import marking
from intake.services import uploads as services
from intake.views.kinds import ADD, VIEW
from intake.views.upload import upload_or_404


def _attachment(pieces, name: str, content_type: str = "application/octet-stream"):
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@requires(ADD)
@require_safe
def upload_original(request, pk):
    """The workbook as it was handed in, with all numbers in clear: for who may commit it, an event."""
    upload = upload_or_404(request, pk)
    if not services.may_handle(upload, request.user, clock.now()):
        raise PermissionDenied
    try:
        # The first piece is opened here: a file that has gone is told on a page.
        pieces = vault.read(upload.file_key) if upload.file_key else iter(())
        first = next(pieces)
    except (vault.Gone, StopIteration):
        messages.warning(request, _("原件已过保存期，不能再下载。"))
        return redirect(upload)
    if request.method == "GET":
        audit.record("intake.original_fetched", upload, by=request.user)
    return _attachment(_after(first, pieces), upload.name)


def _after(first: bytes, pieces):
    yield first
    yield from pieces


@requires(ADD)
@require_GET
def upload_marked(request, pk):
    """The original with its faults in red. A large one is made by a Job, and this page waits for it."""
    upload = upload_or_404(request, pk)
    if not services.may_handle(upload, request.user, clock.now()):
        raise PermissionDenied
    try:
        job = marking.ask_for_marked(upload, by=request.user)
    except marking.NothingToMark:
        messages.warning(request, _("没有可以标红的：原件或预览已过保存期。"))
        return redirect(upload)
    if job or request.htmx:
        context = {"upload": upload, "job": job, "address": request.path}
        return page_or_partial(request, "intake/marked.html", "intake/_making.html", context)
    upload.refresh_from_db()
    pieces = marking.read_marked(upload, by=request.user)
    return _attachment(pieces, marked_name(upload.name), exports.CONTENT_TYPES["xlsx"])


@requires_any(ADD, VIEW)
@require_GET
def upload_row(request, pk, sheet, row):
    """From a stored row to the line it came from: the original's cells with their headers, masked."""
    upload = upload_or_404(request, pk)
    context = {"upload": upload, "sheet": sheet, "row": row, "line": None}
    try:
        context["line"] = origin.line_of(upload, sheet, row, at=clock.now())
    except origin.NoSuchRow:
        raise Http404 from None
    except (vault.Gone, Unusable):
        return render(request, "intake/upload_row.html", context)
    audit.record("intake.row_seen", upload, by=request.user, after={"sheet": sheet, "row": row})
    return render(request, "intake/upload_row.html", context)
