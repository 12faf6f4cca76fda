"""One number opened: its formula, its period, who stands behind it, and what it replaced."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from common.access import requires
from tasks_app import opened
from tasks_app.models import Observation


@requires("tasks_app.view_standing")
@require_GET
def observation_detail(request, pk):
    """The number is for every business role; people and ways to its source are for its scope."""
    observation = get_object_or_404(
        Observation.objects.shared(request.user).select_related("indicator__work_item", "unit"),
        pk=pk,
    )
    covered = Observation.objects.visible_to(request.user, opened.READ).filter(pk=pk).exists()
    versions = opened.versions_of(observation, request.user, covered=covered)
    asked = next(version for version in versions if version.row.pk == pk)
    context = {
        "observation": asked.row,
        "asked": asked,
        "versions": versions,
        "current": next((v for v in versions if v.row.superseded_at is None), None),
        "covered": covered,
        "origin": opened.origin_of(observation, request.user) if covered else None,
    }
    return render(request, "tasks_app/observation_detail.html", context)
