"""The standing's card: one number with its formula, its parts, who stands behind it, its rows."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from dashboard.queries import cards
from tasks_app.models import Standing


@requires("tasks_app.view_standing")
@require_safe
def standing_card(request, pk):
    """The number is for every business role; people, rows and sources are for its scope."""
    standings = Standing.objects.shared(request.user).with_grounds()
    standing = get_object_or_404(standings.select_related("indicator__work_item__plan"), pk=pk)
    card = cards.open_card(standing, request.user, on=clock.today())
    if card is None:
        raise Http404
    return render(request, "dashboard/card.html", {"card": card})
