"""The rows behind a number, as whoever reads the number may see them."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import audit, figures
from common.access import requires
from common.exports import NOT_FILTERS, export_response
from common.lists import CappedPaginator, arrange
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
    shown = len(table.page.object_list)
    if shown:
        asked = {name: request.GET.getlist(name) for name in request.GET if name not in NOT_FILTERS}
        audit.record(LISTED, by=request.user, after={"rows": shown, "filters": asked})
    context = {"table": table, "figure": figures.get(code), "period": period, "unit": unit}
    return render(request, "dropout/number.html", context)
