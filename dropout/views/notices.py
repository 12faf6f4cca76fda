"""One document: its page, the file for printing, how it was served."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import audit, files
from common.access import requires
from common.models import StoredFile
from dropout.models import Notice
from dropout.services import templates
from dropout.services.documents import checking, fields, filling
from dropout.views.templates import document

VIEW, CHANGE = "dropout.view_case", "dropout.change_case"
UNMASK = "registry.unmask_student"
MADE = "dropout.notice_made"


def notice_or_404(request, pk, permission):
    mine = Notice.objects.visible_to(request.user, permission)
    return get_object_or_404(
        mine.select_related("episode__case__student", "template", "step", "recorded_by"), pk=pk
    )


@requires(VIEW)
@require_safe
def notice_detail(request, pk):
    notice = notice_or_404(request, pk, VIEW)
    may_change = (
        not notice.is_withdrawn
        and request.user.has_perm(CHANGE)
        and Notice.objects.visible_to(request.user, CHANGE).filter(pk=pk).exists()
    )
    context = {
        "notice": notice,
        "case": notice.episode.case,
        "may_change": may_change,
        "files": StoredFile.objects.of(Notice._meta.label_lower, pk).select_related("uploaded_by"),
        "may_attach": files.may_attach(notice, request.user, "scan"),
    }
    return render(request, "dropout/notice_detail.html", context)


@requires(CHANGE)
@require_safe
@never_cache
def notice_document(request, pk):
    """The document filled in; guarded words whole only for who may see numbers, and on record."""
    notice = notice_or_404(request, pk, CHANGE)
    content = templates.content_of(notice.template, notice.kind, at=notice.recorded_at)
    used, whole = checking.check(content), request.user.has_perm(UNMASK)
    filled = filling.fill(content, fields.values_of(notice, used, whole=whole))
    shown = sorted(used & fields.GUARDED) if whole else []
    audit.record(MADE, notice, by=request.user, after={"kind": notice.kind, "fields": shown})
    return document(filled, f"{notice.get_kind_display()}-{notice.pk}.docx")
