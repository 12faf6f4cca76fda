"""For who looks at what came in: units and sheets, with what is missing."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from common import clock
from common.access import requires
from intake import sent


@requires(sent.VIEW)
@require_GET
def sent_list(request):
    """Who has sent what for which period; a unit outside the postings is not there at all."""
    on = clock.today()
    found = sent.SentFilter(request.GET, user=request.user, on=on)
    context = {"filter": found, "matrix": sent.matrix(found, on=on)}
    return render(request, "intake/sent_list.html", context)
