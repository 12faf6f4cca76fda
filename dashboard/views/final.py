"""The final account of a plan."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from dashboard.queries import board, final
from tasks_app.models import Plan


@requires("tasks_app.view_standing")
@require_safe
def account(request, pk=None):
    """The target year against baseline and target, by task; of the running plan unless one is named."""
    plans = Plan.objects.visible_to(request.user).order_by("-target_year", "pk")
    plan = get_object_or_404(plans, pk=pk) if pk else plans.first()
    today = clock.today()
    day = board.asked_day(request.GET.get("asof"), today)
    viewer = board.viewer_of(request.user, today=today, day=day)
    context = {"plan": plan, "plans": plans, "asof": day}
    if plan:
        found = final.account(plan, viewer)
        title = _("终期账 %(year)s") % {"year": found.year}
        if file := export_response(request, final.AccountTable(found), title):
            return file
        context["account"] = found
    return render(request, "dashboard/final.html", context)
