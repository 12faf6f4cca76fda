"""Two records of one child: find the second, look at both, make them one."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import audit, clock
from common.access import requires
from registry.merging_forms import OtherRecordForm
from registry.merging_sheet import side_by_side
from registry.models import Student
from registry.services import merging as services

CHANGE = "registry.change_student"
FOUND_SHOWN = 10


def _mine(request):
    """Both records must be one's own to change."""
    return Student.objects.visible_to(request.user, CHANGE)


@requires(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_choose(request, pk):
    """Which other record is the same child's: likely ones, or one that is looked for by POST."""
    student, mine = get_object_or_404(_mine(request), pk=pk), _mine(request)
    form = OtherRecordForm(request.POST if request.method == "POST" else None)
    found, today = [], clock.today()
    if form.is_valid():
        others = services.other_records(student, mine, **form.cleaned_data)
        found = list(others.for_list(today)[:FOUND_SHOWN])
        if len(found) == 1:
            return redirect("registry:merge-confirm", student.pk, found[0].pk)
        if not found:
            form.add_error(None, _("没有找到：您能改的学生里没有这样一条别的记录"))
    context = {
        "student": student,
        "form": form,
        "found": found,
        "likely": services.candidates(student, mine).for_list(today)[:FOUND_SHOWN],
    }
    audit.record("registry.student_opened", student, by=request.user)
    return render(
        request, "registry/merge_choose.html", context, status=422 if form.errors else 200
    )


@requires(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_confirm(request, pk, other):
    """Side by side, then one deed; the record in the address first is the one that stays."""
    keep = get_object_or_404(_mine(request).select_related("residence"), pk=pk)
    if services.went_into(other, keep):
        messages.info(request, _("这两条记录已经合并过了。"))
        return redirect(keep)
    drop = get_object_or_404(_mine(request).select_related("residence"), pk=other)
    if keep == drop:
        return redirect("registry:merge-choose", keep.pk)
    if request.method == "POST":
        return _merge(request, keep, drop)
    for one in (keep, drop):
        audit.record("registry.student_opened", one, by=request.user)
    context = {"keep": keep, "drop": drop, "lines": side_by_side(keep, drop, today=clock.today())}
    return render(request, "registry/merge_confirm.html", context)


def _merge(request, keep, drop):
    try:
        services.merge_students(keep, drop, by=request.user, at=clock.now())
    except services.SameRecord:
        messages.info(request, _("这两条记录已经合并过了。"))
    except services.BothHave as both:
        said = _("两条记录各有一份“%(what)s”，一名学生只能有一份：先处理其中一份，再合并。")
        messages.warning(request, said % {"what": both.what})
        return redirect("registry:merge-confirm", keep.pk, drop.pk)
    else:
        messages.success(request, _("两条记录已合并。不对的话，在下面的变更记录里撤销。"))
    return redirect(keep)
