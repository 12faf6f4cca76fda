"""Overview, one task, one unit: how things stand against 2025, for every business role."""

from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from dashboard import board_tables
from dashboard.queries import attention, board, late, movement
from dashboard.queries import matrix as matrices
from dashboard.queries.overview import Overview
from registry.models import Unit
from tasks_app.models import WorkItem

VIEW = "tasks_app.view_standing"


def asked(request):
    """(viewer, period, context of the switch): the quarter and the day as of which is asked."""
    today = clock.today()
    day = board.asked_day(request.GET.get("asof"), today)
    viewer = board.viewer_of(request.user, today=today, day=day)
    period = matrices.asked_period(request.GET.get("period"), viewer.on)
    quarters = matrices.quarters(period, viewer.on)
    kept = {"period": period.code} | ({"asof": day.isoformat()} if day else {})
    context = {"period": period, "quarters": quarters, "asof": day, "kept": f"?{urlencode(kept)}"}
    return viewer, period, context


@requires(VIEW)
@require_safe
def overview(request):
    """15 tasks × units: lights with values, who has reported, what moved, what needs attention."""
    viewer, period, context = asked(request)
    shown = Overview(request.user, period, viewer)
    if "export" in request.GET:
        title = _("总览 %(period)s") % {"period": period.label}
        if file := export_response(request, board_tables.board_table(shown.board), title):
            return file
    context |= {
        "overview": shown,
        "reports": shown.reports,
        "overdue": late.overdue(request.user, on=viewer.on),
    }
    return render(request, "dashboard/overview.html", context)


@requires(VIEW)
@require_safe
def task(request, pk):
    """One task: all its indicators at every unit."""
    item = get_object_or_404(WorkItem.objects.visible_to(request.user).for_list(), pk=pk)
    viewer, period, context = asked(request)
    found = board.build(request.user, period, viewer, items=[item])
    title = _("任务 %(no)s %(period)s") % {"no": item.number, "period": period.label}
    if file := export_response(request, board_tables.board_table(found), title):
        return file
    better, worse = movement.moves(found)
    context |= {
        "board": found,
        "task": found.tasks[0],
        "reports": late.counts_of(found, on=viewer.on),
        "things": attention.of_task(found.tasks[0]),
        "better": better,
        "worse": worse,
        "neighbours": item.neighbours(),
    }
    return render(request, "dashboard/task.html", context)


@requires(VIEW)
@require_safe
def unit(request, pk):
    """One unit: all its tasks, what is red and why, what it owes. Read before a meeting."""
    viewer, period, context = asked(request)
    shown = get_object_or_404(Unit.objects.with_numbers(viewer.on), pk=pk)
    found = board.build(request.user, period, viewer)
    title = _("%(unit)s %(period)s") % {"unit": shown.short, "period": period.label}
    if file := export_response(request, board_tables.UnitTable(found.rows, shown), title):
        return file
    better, worse = movement.moves_at(found, shown)
    context |= {
        "board": found,
        "unit": shown,
        "lines": board.at_unit(found, shown),
        "things": attention.at_unit(found, shown),
        "better": better,
        "worse": worse,
        "owed": late.of_unit(request.user, shown, on=viewer.on),
        "others": found.units,
    }
    return render(request, "dashboard/unit.html", context)
