"""The list of indicators, and one with its rules, targets and values."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common import clock
from common.access import requires
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from tasks_app.indicator_filters import IndicatorFilter
from tasks_app.indicator_tables import IndicatorTable, ValueTable
from tasks_app.models import Indicator
from tasks_app.services import series

VIEW = "tasks_app.view_plan"
SHOWN = 12  # periods, unless all are asked for


@requires(VIEW)
@require_GET
def indicator_list(request):
    """All indicators with target, latest value of the league and status."""
    found = IndicatorFilter(
        request.GET,
        queryset=Indicator.objects.visible_to(request.user).for_list(),
        user=request.user,
    )
    viewer = series.Viewer.of(request.user, on=clock.today())
    table = IndicatorTable(found.qs, stands=series.stands(found.qs, viewer))
    arrange(request, table)
    exported = export_response(request, table, _("指标"))
    if exported:
        return exported
    context = {"filter": found, "table": table}
    template = "tasks_app/indicator_list.html"
    return page_or_partial(request, template, template, context)


@requires(VIEW)
@require_GET
def indicator_detail(request, pk):
    """How the number is formed, what it should be, and what it was: periods × units."""
    indicator = get_object_or_404(
        Indicator.objects.visible_to(request.user).for_list(),
        pk=pk,
    )
    today = clock.today()
    viewer = series.Viewer.of(request.user, on=today)
    periods = series.all_periods(indicator, today)
    everything = "all" in request.GET or "export" in request.GET
    book = series.Book(
        {indicator: periods if everything else periods[-SHOWN:]}, viewer, opened=True
    )
    lines = book.lines(indicator)
    exported = export_response(request, ValueTable(lines), indicator.name)
    if exported:
        return exported
    units = series.columns(lines)
    targets = list(indicator.all_targets())
    context = {
        "indicator": indicator,
        "units": units,
        "rows": [{"line": line, "numbers": line.of(units)} for line in lines],
        "stand": series.stands([indicator], viewer)[indicator.pk],
        "hidden_periods": 0 if everything else max(0, len(periods) - SHOWN),
        "targets": [row for row in targets if row.superseded_at is None],
        "past_targets": [row for row in targets if row.superseded_at],
        "baselines": series.baseline_rows(indicator, viewer),
        "masked": any(n.mask for line in lines for n in [line.total, *line.numbers.values()]),
        "may_change": request.user.has_perm("tasks_app.change_target"),
        "neighbours": indicator.neighbours(),
    }
    return render(request, "tasks_app/indicator_detail.html", context)
