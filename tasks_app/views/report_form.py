"""Filling in a duty: the form, its autosave, its submission."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import clock
from common.access import requires
from common.models import StoredFile
from registry.models import Duty, Posting
from tasks_app import sheet as sheets
from tasks_app.models import ProgressReport
from tasks_app.report_forms import WaiveForm
from tasks_app.services import numbers, reports
from tasks_app.services.duties import work_item_of

FILL = "tasks_app.fill_progressreport"


def _own_duty(request, pk):
    return get_object_or_404(Duty.objects.owed_by(request.user, FILL).select_related("unit"), pk=pk)


def _latest(duty):
    """The latest report of a duty, or one not yet stored: opening a page writes nothing."""
    found = (
        duty.progress_reports.select_related(
            "duty__unit", "work_item__plan", "corrects", "draft_by"
        )
        .order_by("-version")
        .first()
    )
    return found or ProgressReport(duty=duty, work_item=work_item_of(duty))


@requires("registry.view_duty")
@require_GET
def duty_detail(request, pk):
    """The form where the duty is one's own and open, else the report that met it."""
    duty = get_object_or_404(
        Duty.objects.visible_to(request.user, "registry.view_duty").select_related("unit"), pk=pk
    )
    report = _latest(duty)
    mine = Duty.objects.owed_by(request.user, FILL).filter(pk=pk).exists()
    if mine and report.is_editable and duty.waived_at is None:
        return _form(request, report)
    readable = report.pk and ProgressReport.objects.readable_by(request.user).filter(pk=report.pk)
    if readable and readable.exists():
        return redirect(report)
    contacts = (
        Posting.objects.visible_to(request.user, "registry.view_contact")
        .who_report(clock.today())
        .filter(unit=duty.unit)
    )
    may_waive = Duty.objects.visible_to(request.user, "registry.waive_duty").filter(pk=pk)
    context = {
        "duty": duty,
        "work_item": report.work_item,
        "contacts": contacts,
        "waive_form": WaiveForm() if may_waive.exists() else None,
    }
    return render(request, "tasks_app/duty_nothing.html", context)


def _form(request, report, *, faults=(), conflicts=(), status=200):
    sheet = sheets.build_sheet(report, user=request.user, faults=faults)
    files = StoredFile.objects.of("tasks_app.progressreport", report.pk) if report.pk else []
    said = [
        {"field": f.field, "label": sheets.label_of_field(report, f.field), "message": f.message}
        for f in faults
    ]
    context = {
        "report": report,
        "duty": report.duty,
        "work_item": report.work_item,
        "sheet": sheet,
        "form_faults": said,
        "conflicts": [_told(report, c) for c in conflicts],
        "files": files,
        "assessments": ProgressReport.SelfAssessment.choices,
        "ended": clock.today() > report.duty.period_end,
    }
    return render(request, "tasks_app/report_form.html", context, status=status)


def _told(report, conflict):
    return {
        "field": conflict.field,
        "label": sheets.label_of_field(report, conflict.field),
        "mine": conflict.mine,
        "theirs": conflict.theirs,
        "pieces": sheets.differences(conflict.mine, conflict.theirs),
    }


def _base(request) -> int:
    raw = request.POST.get("base", "")
    return int(raw) if raw.isdecimal() and len(raw) < 10 else 0


@requires(FILL)
@require_POST
def draft_save(request, pk):
    """Autosave: takes what was typed, tells what another person changed meanwhile."""
    duty = _own_duty(request, pk)
    now = clock.now()
    report = reports.open_report(duty, by=request.user, at=now)
    try:
        saved = reports.save_draft(
            report, by=request.user, base_version=_base(request), data=request.POST.dict(), at=now
        )
    except reports.NotEditable:
        gone = _("这份报告已经提交，这里不能再改。没存上的内容还在本页，可以复制。")
        return JsonResponse({"gone": gone}, status=409)
    report.refresh_from_db()
    return JsonResponse(
        {
            "version": saved.version,
            "at": timezone.localtime(now).strftime("%H:%M"),
            "by": saved.by,
            "merged": [
                {"field": f, "label": sheets.label_of_field(report, f), "value": v}
                for f, v in saved.merged.items()
            ],
            "conflicts": [_told(report, c) for c in saved.conflicts],
            "rows": [_answer(entry) for entry in reports.read_entries(report)],
        }
    )


def _answer(entry):
    """What the page shows for one indicator without a reload. A field not yet typed is no fault."""
    typed = [fault for fault in entry.faults if not fault.missing]
    return {
        "pk": entry.indicator.pk,
        "faults": {fault.field: fault.message for fault in typed},
        "question": numbers.question(entry.warnings) if entry.warnings else "",
    }


@requires(FILL)
@require_http_methods(["GET", "POST"])
def report_submit(request, pk):
    """Save what the page holds, then hand it on; faults come back beside their fields."""
    duty = _own_duty(request, pk)
    if request.method == "GET":  # a page of faults that is opened again
        return redirect("tasks_app:duty-detail", pk=pk)
    now = clock.now()
    report = reports.open_report(duty, by=request.user, at=now)
    try:
        saved = reports.save_draft(
            report, by=request.user, base_version=_base(request), data=request.POST.dict(), at=now
        )
        report = _latest(duty)
        if saved.conflicts:
            mine = {c.field: c.mine for c in saved.conflicts}
            report.draft = report.draft | mine
            return _form(request, report, conflicts=saved.conflicts, status=422)
        if request.POST.get("deed") == "keep":
            messages.success(request, _("草稿已存。"))
            return redirect("home")
        report = reports.submit_report(report, by=request.user, at=now)
    except reports.NotEditable:
        messages.info(request, _("这份报告已经提交过了，没有再提交一次。"))
        return redirect("tasks_app:duty-detail", pk=duty.pk)
    except reports.Waived:
        messages.info(request, _("这一期已经免报，没有提交，写的内容都留着。"))
        return redirect("tasks_app:duty-detail", pk=duty.pk)
    except reports.TooEarly:
        messages.warning(request, _("本期还没有结束，草稿已存，期末之后再提交。"))
        return redirect("tasks_app:duty-detail", pk=duty.pk)
    except reports.NotReady as not_ready:
        return _form(request, report, faults=not_ready.faults, status=422)
    if report.state == ProgressReport.State.CHECKING:
        messages.success(request, _("已提交，等本单位另一位填报员复核。"))
    else:
        messages.success(request, _("已提交，等盟局审核。"))
    return redirect(report)
