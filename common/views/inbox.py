"""The in-portal inbox of the person who is signed in."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from common import clock, subjects
from common import inbox as service
from common.access import signed_in
from common.models import InboxLine


@signed_in
@require_safe
def inbox(request):
    mine = InboxLine.objects.of(request.user)
    page = Paginator(mine.unread_first(), 50).get_page(request.GET.get("page"))
    for line in page:
        declared = subjects.get(line.subject_code)
        line.about = declared.label if declared else ""
    return render(request, "common/inbox.html", {"page": page, "unread": mine.unread().count()})


@signed_in
@require_GET
def line_open(request, pk):
    """Mark a line as read and go where it points, if that is still there to be seen."""
    line = get_object_or_404(InboxLine.objects.of(request.user), pk=pk)
    service.mark_read(line, at=clock.now())
    thing = subjects.find(line.subject_code, line.subject_pk, request.user)
    if thing is not None:
        return redirect(subjects.get(line.subject_code).address(thing))
    if line.subject_code:
        messages.warning(request, _("这条消息说的内容已不在，或不再归您看。"))
    return redirect("common:inbox")


@signed_in
@require_POST
def read_all(request):
    count = service.mark_all_read(request.user, at=clock.now())
    messages.success(
        request, ngettext("%(n)s 条标为已读。", "%(n)s 条标为已读。", count) % {"n": count}
    )
    return redirect("common:inbox")
