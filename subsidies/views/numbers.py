"""The rows behind a number of aid, as whoever reads the number may see them."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import audit, figures
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from subsidies.number_tables import VIEW, NoSuchNumber, rows_behind
from subsidies.services import counting


@requires(VIEW)
@require_safe
def number_rows(request):
    try:
        table, code, period, unit = rows_behind(request.user, request.GET)
    except NoSuchNumber:
        raise Http404 from None
    arrange(request, table)
    if exported := export_response(request, table, _("资助数据明细")):
        return exported
    if shown := len(table.page.object_list):
        after = {"rows": shown, "figure": code, "period": period.code}
        audit.record("subsidies.number_listed", by=request.user, after=after)
    context = {
        "table": table,
        "figure": figures.get(code),
        "term": counting.term_of(period),
        "unit": unit,
    }
    return render(request, "subsidies/finding_number.html", context)
