"""Other departments' lists: which there are, who is on one, and whose child it is."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common import audit
from common.access import requires
from common.lists import arrange
from registry.lists_tables import MemberTable, OutsideListTable
from registry.models import Membership, OutsideList, Student
from registry.services import lists as services
from registry.students_filters import LISTS, UNMASK, VIEW

KEEP = "registry.change_outsidelist"


@requires(LISTS)
@require_safe
def list_list(request):
    members = Membership.objects.visible_to(request.user, LISTS)
    mine = OutsideList.objects.visible_to(request.user, LISTS).for_list(members)
    table = arrange(request, OutsideListTable(mine))
    return render(request, "registry/list_list.html", {"table": table})


@requires(LISTS)
@require_safe
def list_detail(request, pk):
    members = Membership.objects.visible_to(request.user, LISTS)
    mine = OutsideList.objects.visible_to(request.user, LISTS)
    found = get_object_or_404(mine.for_list(members), pk=pk)
    shown = members.of_list(found).for_page()
    table = MemberTable(
        shown,
        masked=not request.user.has_perm(UNMASK),
        readable=set(),
        looks_at_sheets=request.user.has_perm("intake.view_upload"),
    )
    arrange(request, table)
    page = [row.record.student_id for row in table.page.object_list]
    table.readable = set(
        Student.objects.visible_to(request.user, VIEW).in_bulk([pk for pk in page if pk])
    )
    if page:
        audit.record("registry.list_read", found, by=request.user, after={"rows": len(page)})
    kept = OutsideList.objects.kept_by(request.user, KEEP)
    may_link = request.user.has_perm(KEEP) and kept.contains(found)
    context = {"list": found, "table": table, "may_link": may_link}
    return render(request, "registry/list_detail.html", context)


@requires(KEEP)
@require_POST
def list_link(request, pk):
    """Compare the list anew with the children of today."""
    found = get_object_or_404(OutsideList.objects.kept_by(request.user, KEEP), pk=pk)
    changed = services.compare_list(found, by=request.user)
    said = ngettext("已重新比对，%(n)s 人有变化。", "已重新比对，%(n)s 人有变化。", changed)
    messages.success(request, said % {"n": changed} if changed else _("已重新比对，没有变化。"))
    return redirect(found)
