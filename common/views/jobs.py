"""Background jobs: how far one's own are, and once more or no more."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import exports, jobs
from common.access import signed_in
from common.htmx import page_or_partial
from common.job_tables import STATUS, AnyJobTable, JobTable
from common.lists import arrange
from common.models import Job, StoredFile

ANY = "common.view_any_job"


def _seen_by(user):
    """One's own jobs; the system administrator sees that of everybody, without what they hold."""
    return Job.objects.all() if user.has_perm(ANY) else Job.objects.of(user)


@signed_in
@require_safe
def job_list(request):
    any_job = request.user.has_perm(ANY)
    table = (AnyJobTable if any_job else JobTable)(_seen_by(request.user).for_list())
    arrange(request, table)
    return render(request, "common/job_list.html", {"table": table, "any": any_job})


@signed_in
@require_safe
def job_detail(request, pk):
    job = get_object_or_404(_seen_by(request.user).for_list(), pk=pk)
    mine = job.asked_by_id == request.user.pk
    context = {
        "job": job,
        "label": jobs.label_of(job.kind),
        "look": STATUS[job.state],
        "moving": job.state in (Job.State.QUEUED, Job.State.RUNNING),
        "mine": mine,
        "export_kind": exports.KIND,
        "files": StoredFile.objects.of("common.job", job.pk) if mine else (),
        "story": job.traceback if request.user.has_perm(ANY) else "",
    }
    return page_or_partial(request, "common/job_detail.html", "common/_job_state.html", context)


@signed_in
@require_POST
def job_retry(request, pk):
    job = get_object_or_404(_seen_by(request.user), pk=pk)
    try:
        jobs.retry(job, by=request.user)
    except jobs.NotYours:
        messages.warning(request, _("现在不用重办：任务还在办，或已经办完。"))
    else:
        messages.success(request, _("已重新排队。"))
    return redirect(job)


@signed_in
@require_POST
def job_cancel(request, pk):
    job = get_object_or_404(_seen_by(request.user), pk=pk)
    try:
        jobs.cancel(job, by=request.user)
    except jobs.NotYours:
        messages.warning(request, _("来不及取消：任务已经停了。"))
    else:
        messages.success(request, _("已取消。"))
    return redirect(job)
