"""Home by role, and who has reported."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.access import requires, signed_in
from common.exports import export_response
from dashboard import tables
from dashboard.queries import matrix as matrices
from dashboard.queries import overdue, work
from dashboard.queries.home import home_for, reported
from registry.models import Unit
from tasks_app.services import reminders

PAGES = {"reporting": "dashboard:reporting"}  # where a reminder was sent from; else the home page


@signed_in
@require_safe
def home(request):
    today = clock.today()
    period = matrices.asked_period(request.GET.get("period"), today)
    home = home_for(request.user, today=today, at=clock.now(), period=period)
    context = {"home": home, "matrix": home.matrix}
    if home.matrix:
        context["quarters"] = matrices.quarters(period, today)
    return render(request, "dashboard/home.html", context)


@requires("tasks_app.view_standing")
@require_safe
def reporting(request):
    """Task × unit: who has reported for a quarter. For every business role."""
    user, today = request.user, clock.today()
    period = matrices.asked_period(request.GET.get("period"), today)
    matrix = matrices.build_matrix(user, period, today=today)
    title = _("报送 %(period)s") % {"period": period.label}
    if file := export_response(request, tables.MatrixTable(matrix), title):
        return file
    context = {
        "matrix": matrix,
        "title": reported(matrix),
        "quarters": matrices.quarters(period, today),
        "corrected": work.corrected_values(user, period),
    }
    if user.has_perm(reminders.PERMISSION):
        context["late"] = overdue.late_units(user, today=today, at=clock.now())
    return render(request, "dashboard/reporting.html", context)


@requires(reminders.PERMISSION)
@require_POST
def unit_remind(request, pk):
    unit = get_object_or_404(Unit.objects.visible_to(request.user, reminders.PERMISSION), pk=pk)
    try:
        count = reminders.send_reminder(unit, by=request.user, at=clock.now())
    except reminders.AlreadyReminded:
        messages.warning(
            request, _("%(unit)s今天已经提醒过了，明天再提醒。") % {"unit": unit.short}
        )
    except reminders.NothingOverdue:
        messages.warning(request, _("%(unit)s已经没有逾期的了。") % {"unit": unit.short})
    except reminders.NobodyToRemind:
        messages.warning(request, _("%(unit)s没有填报员，请打电话。") % {"unit": unit.short})
    else:
        said = ngettext("已提醒%(unit)s %(n)d 人。", "已提醒%(unit)s %(n)d 人。", count)
        messages.success(request, said % {"unit": unit.short, "n": count})
    return redirect(PAGES.get(request.POST.get("from"), "home"))
