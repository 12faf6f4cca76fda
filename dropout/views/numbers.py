"""The rows behind a number, as whoever reads the number may see them."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import figures
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from dropout.moved_tables import NoSuchList, rows_moved
from dropout.number_tables import VIEW, NoSuchNumber, rows_behind

LISTED = "dropout.number_listed"


@requires(VIEW)
@require_safe
def number_rows(request):
    try:
        table, code, period, unit = rows_behind(request.user, request.GET)
    except NoSuchNumber:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "dropout.number")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    found = figures.get(code)
    context = {"table": table, "title": found.label, "source": found.source}
    return render(request, "dropout/number.html", context | {"period": period, "unit": unit})


@requires(VIEW)
@require_safe
def moved_rows(request):
    """The episodes behind a number of the dashboard."""
    try:
        table, asked = rows_moved(request.user, request.GET)
    except NoSuchList:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "dropout.moved")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    context = {"table": table, "title": asked.title, "source": asked.township}
    context |= {"period": asked.period, "unit": asked.unit}
    return render(request, "dropout/number.html", context)
