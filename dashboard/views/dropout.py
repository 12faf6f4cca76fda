"""Dropout control for everyone with business here: counts of children, never a child."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from dashboard.dropout_tables import DropoutTable
from dashboard.queries import dropout, dropout_charts
from dashboard.views.trends import answer
from dropout.services.movement import MOVES

VIEW = "tasks_app.view_standing"


def _board(request) -> dropout.DropoutBoard:
    today, unit = clock.today(), request.GET.get("unit", "")
    return dropout.DropoutBoard(
        request.user,
        unit=int(unit) if unit.isdecimal() and len(unit) < 10 else None,
        period=dropout.asked_period(request.GET.get("period"), today),
        today=today,
    )


@requires(VIEW)
@require_safe
def overview(request):
    """One unit, one month or term: what moved, where, why, by which step, how fast."""
    board = _board(request)
    if file := export_response(request, DropoutTable(board), dropout.title_of(board)):
        return file
    shown = [
        (code, dropout_charts.chart_of(code, board))
        for code in dropout_charts.CHARTS
        if board.is_broken_down or code not in dropout_charts.WHOLE
    ]
    context = {
        "board": board,
        "strip": [
            {"label": MOVES[move], "value": one.text, "url": one.url}
            for move, one in zip(board.moves, map(board.count, board.moves), strict=True)
        ],
        "heads": [MOVES[move] for move in board.moves],
        "title": dropout.sentence(board),
        "offered": dropout.offered(board.period, board.today),
        "charts": dict(shown),
    }
    return render(request, "dashboard/dropout.html", context)


@requires(VIEW)
@require_safe
def chart(request, code):
    board = _board(request)
    if code not in dropout_charts.CHARTS:
        raise Http404
    if code in dropout_charts.WHOLE and not board.is_broken_down:
        raise Http404
    return answer(request, dropout_charts.chart_of(code, board))
