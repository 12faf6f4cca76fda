"""The first page of student aid."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from subsidies.start_sheet import VIEW, StartSheet


@requires(VIEW)
@require_safe
def start(request):
    """Where this term stands, what waits for the reader, and the ways to the parts."""
    sheet = StartSheet(request.user, today=clock.today())
    return render(request, "subsidies/start.html", {"sheet": sheet})
