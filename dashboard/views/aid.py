"""Student aid for who keeps the payments of a unit: coverage, timeliness, errors, money."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from dashboard.aid_tables import AidTable
from dashboard.queries import aid, aid_charts
from dashboard.queries.aid import VIEW
from dashboard.views.trends import answer


def _board(request) -> aid.AidBoard:
    today, unit = clock.today(), request.GET.get("unit", "")
    board = aid.AidBoard(
        request.user,
        unit=int(unit) if unit.isdecimal() and len(unit) < 10 else None,
        term=aid.asked_term(request.GET.get("term"), today),
        today=today,
    )
    if board.unit is None:
        raise Http404
    return board


@requires(VIEW)
@require_safe
def overview(request):
    """One term of the units that are the viewer's, and one of them by stage, group and month."""
    board = _board(request)
    title = _("学生资助 %(term)s") % {"term": board.term.label}
    if file := export_response(request, AidTable(board), title):
        return file
    context = {
        "board": board,
        "title": aid.sentence(board),
        "terms": aid.offered(board.term, board.today),
        "charts": {code: made(board) for code, made in aid_charts.CHARTS.items()},
    }
    return render(request, "dashboard/aid.html", context)


@requires(VIEW)
@require_safe
def chart(request, code):
    if code not in aid_charts.CHARTS:
        raise Http404
    return answer(request, aid_charts.CHARTS[code](_board(request)))
