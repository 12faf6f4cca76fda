"""Reports in a list, a report to read, and what is decided on it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from common.models import StoredFile
from registry.models import Duty, Unit
from registry.services import duties
from tasks_app import sheet as sheets
from tasks_app.models import ProgressReport
from tasks_app.models.reports import with_report_state
from tasks_app.report_filters import DutyFilter
from tasks_app.report_forms import CorrectionForm, WaiveForm
from tasks_app.report_tables import DutyTable
from tasks_app.services import reports

VIEW = "tasks_app.view_progressreport"
FILL = "tasks_app.fill_progressreport"
CHECK = "tasks_app.check_progressreport"
REVIEW = "tasks_app.review_progressreport"
WAIVE = "registry.waive_duty"


@requires("registry.view_duty")
@require_GET
def report_list(request):
    """What is owed and what has come in, for the units one may read.

    What schools owe fills lists of its own, where it belongs.
    """
    seen = Duty.objects.visible_to(request.user, "registry.view_duty")
    owed = with_report_state(seen.exclude(unit__kind=Unit.Kind.SCHOOL))
    today = clock.today()
    found = DutyFilter(request.GET, queryset=owed, user=request.user, today=today)
    table = DutyTable(found.qs, today=today)
    arrange(request, table)
    if exported := export_response(request, table, _("填报情况")):
        return exported
    context = {"filter": found, "table": table}
    return page_or_partial(
        request, "tasks_app/report_list.html", "tasks_app/report_list.html", context
    )


def _report(request, pk):
    return get_object_or_404(
        ProgressReport.objects.readable_by(request.user).select_related(
            "duty__unit",
            "work_item__plan",
            "submitted_by",
            "checked_by",
            "approved_by",
            "corrects",
            "draft_by",
        ),
        pk=pk,
    )


def _may_decide(report, user) -> str:
    """`check`, `review`, `own` (somebody else must decide), or nothing."""
    waiting = {
        ProgressReport.State.CHECKING: (CHECK, "check"),
        ProgressReport.State.SUBMITTED: (REVIEW, "review"),
    }
    permission, deed = waiting.get(report.state, ("", ""))
    if not deed or not ProgressReport.objects.visible_to(user, permission).filter(pk=report.pk):
        return ""
    return "own" if report.submitted_by_id == user.pk else deed


@requires(VIEW)
@require_GET
def report_detail(request, pk):
    """The report as submitted, last period beside it, and what can be decided."""
    report = _report(request, pk)
    if report.state == ProgressReport.State.DRAFT:
        return redirect("tasks_app:duty-detail", pk=report.duty_id)
    return render(request, "tasks_app/report_detail.html", _detail(request, report))


def _detail(request, report, **more):
    mine = ProgressReport.objects.filled_by(request.user).filter(pk=report.pk).exists()
    versions = report.duty.progress_reports.exclude(pk=report.pk).order_by("-version")
    newest = not any(v.version > report.version for v in versions)
    return {
        "report": report,
        "duty": report.duty,
        "work_item": report.work_item,
        "rows": sheets.read_rows(report, user=request.user),
        "words": sheets.read_words(report),
        "reviews": report.reviews.select_related("by").order_by("-at", "-pk"),
        "versions": versions,
        "may_decide": _may_decide(report, request.user),
        "may_edit": mine and report.is_editable,
        "may_recall": mine and report.state in ("CHECKING", "SUBMITTED"),
        "may_correct": mine and report.state == ProgressReport.State.APPROVED and newest,
        "may_attach": report.may_attach(request.user, "signed"),
        "evidence": StoredFile.objects.of("tasks_app.progressreport", report.pk).filter(
            purpose="evidence"
        ),
        "signed": StoredFile.objects.of("tasks_app.progressreport", report.pk).filter(
            purpose="signed"
        ),
    } | more


def _seen(request) -> int:
    raw = request.POST.get("seen", "")
    return int(raw) if raw.isdecimal() and len(raw) < 10 else -1


def _refused(request, report, why):
    audit.record(
        "tasks_app.decision_refused", report, by=request.user, after={"why": why}, refused=True
    )


def _decide(request, pk, permission, deed, done, **words):
    """One decision: guard, load, deed, answer; a page that has gone stale is told, not obeyed."""
    report = get_object_or_404(ProgressReport.objects.visible_to(request.user, permission), pk=pk)
    try:
        deed(report, by=request.user, at=clock.now(), seen=_seen(request), **words)
    except reports.OwnReport:
        _refused(request, report, "own")
        messages.error(request, _("自己提交的不能自己通过。请另一位审核人办理。"))
    except reports.Stale:
        _refused(request, report, "stale")
        messages.warning(request, _("这份报告在您打开之后变了，请看过现在的内容再办。"))
    else:
        messages.success(request, done)
    return redirect("tasks_app:duty-detail", pk=report.duty_id)


@requires(CHECK)
@require_POST
def report_check(request, pk):
    return _decide(request, pk, CHECK, reports.check_report, _("已复核，交到盟局审核。"))


@requires(REVIEW)
@require_POST
def report_approve(request, pk):
    note = request.POST.get("note", "")[:500]
    done = _("已通过，本期冻结。")
    return _decide(request, pk, REVIEW, reports.approve_report, done, note=note)


@requires(VIEW)
@require_http_methods(["GET", "POST"])
def report_return(request, pk):
    """Send back: the unit's second person while it is checked there, the league after."""
    report = _report(request, pk)
    if request.method == "GET":  # a page without its note that is opened again
        return redirect(report)
    if not _may_decide(report, request.user):
        messages.warning(request, _("这份报告现在不由您审核。"))
        return redirect("tasks_app:duty-detail", pk=report.duty_id)
    notes = {
        name.removeprefix("note-"): text[:300]
        for name, text in request.POST.items()
        if name.startswith("note-")
    }
    note = request.POST.get("note", "")[:500]
    permission = CHECK if report.state == ProgressReport.State.CHECKING else REVIEW
    try:
        return _decide(
            request,
            pk,
            permission,
            reports.return_report,
            _("已退回，对方会看到意见。"),
            note=note,
            field_notes=notes,
        )
    except reports.NoteMissing:
        context = _detail(request, report, note_missing=True)
        return render(request, "tasks_app/report_detail.html", context, status=422)


@requires(FILL)
@require_POST
def report_recall(request, pk):
    """Take one's unit's report back while nobody has approved it."""
    report = get_object_or_404(ProgressReport.objects.filled_by(request.user), pk=pk)
    try:
        reports.recall_report(report, by=request.user, at=clock.now())
    except reports.Stale:
        _refused(request, report, "stale")
        report.refresh_from_db()
        if report.is_editable:
            messages.info(request, _("这份报告已经撤回或退回过了，可以接着改。"))
        else:
            messages.warning(request, _("已经审核，不能撤回。要改请走“更正”。"))
    else:
        messages.success(request, _("已撤回，可以接着改。"))
    return redirect("tasks_app:duty-detail", pk=report.duty_id)


@requires(FILL)
@require_http_methods(["GET", "POST"])
def report_correct(request, pk):
    """Begin a correction of an approved report, with its reason."""
    report = get_object_or_404(
        ProgressReport.objects.filled_by(request.user).select_related("duty__unit", "work_item"),
        pk=pk,
    )
    if report.state != ProgressReport.State.APPROVED:
        messages.info(request, _("只有已通过的报告才需要更正。"))
        return redirect("tasks_app:duty-detail", pk=report.duty_id)
    form = CorrectionForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        context = {"form": form, "report": report, "duty": report.duty}
        status = 200 if request.method == "GET" else 422
        return render(request, "tasks_app/report_correct.html", context, status=status)
    try:
        reports.start_correction(report, by=request.user, at=clock.now(), **form.cleaned_data)
    except reports.NotEditable:  # replaced by another version since the look above
        messages.info(request, _("只有已通过的报告才需要更正。"))
    return redirect("tasks_app:duty-detail", pk=report.duty_id)


@requires(WAIVE)
@require_POST
def duty_waive(request, pk):
    """A unit does not owe a duty after all; the reason is asked for and stays."""
    duty = get_object_or_404(Duty.objects.visible_to(request.user, WAIVE), pk=pk)
    form = WaiveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("免报要写原因，没有改动。"))
        return redirect("tasks_app:duty-detail", pk=pk)
    try:
        reports.waive(duty, by=request.user, reason=form.cleaned_data["reason"])
    except reports.NotEditable:
        messages.warning(request, _("这一期的报告正等着审核，先退回或撤回，再免报。"))
    except duties.AlreadyMet:
        messages.info(request, _("这一期已经报齐或已免报，没有改动。"))
    else:
        messages.success(request, _("已免报，可以随时恢复。"))
    return redirect("tasks_app:duty-detail", pk=pk)


@requires(WAIVE)
@require_POST
def duty_restore(request, pk):
    """The unit owes it again."""
    duty = get_object_or_404(Duty.objects.visible_to(request.user, WAIVE), pk=pk)
    try:
        duties.restore_duty(duty, by=request.user)
    except duties.AlreadyMet:
        messages.info(request, _("这一期没有免报，没有改动。"))
    else:
        messages.success(request, _("已恢复填报。"))
    return redirect("tasks_app:duty-detail", pk=pk)
