"""An indicator over time, units and years side by side, and the charts behind them."""

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from dashboard import charts
from dashboard.forms import Comparison
from dashboard.queries import board, comparing
from dashboard.queries.paths import Story
from registry.models import Unit
from tasks_app.models import Indicator

VIEW = "tasks_app.view_standing"


def story_of(request, pk, *, years=None) -> Story:
    """The indicator as of the day that the address names."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user).for_list(), pk=pk)
    today = clock.today()
    day = board.asked_day(request.GET.get("asof"), today)
    viewer = board.viewer_of(request.user, today=today, day=day)
    return Story(indicator, viewer, years=years)


def answer(request, chart):
    """A chart as JSON, or its data as a file."""
    if file := export_response(request, charts.ChartTable(chart), chart.title):
        return file
    return JsonResponse(chart.as_json())


@requires(VIEW)
@require_safe
def chart_path(request, pk):
    story = story_of(request, pk)
    numbered = Unit.objects.with_numbers(story.viewer.on)
    unit = get_object_or_404(numbered, pk=_number(request.GET.get("unit"), story.viewer.league.pk))
    return answer(request, story.path(unit))


@requires(VIEW)
@require_safe
def chart_units(request, pk):
    asked = Comparison(request.GET, user=request.user, on=clock.today())
    story = story_of(request, pk, years=asked.years)
    return answer(request, story.side_by_side(asked.units_or_all))


def _number(text, default):
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


@requires(VIEW)
@require_safe
def indicator(request, pk):
    """The way to the target, the units as small multiples, what was changed when."""
    story = story_of(request, pk)
    context = {
        "indicator": story.indicator,
        "asof": story.viewer.on if story.viewer.moment else None,
        "whole": story.path(story.viewer.league),
        "parts": [story.path(unit) for unit in story.units],
        "stand": story.latest,
        "neighbours": story.indicator.neighbours(),
    }
    return render(request, "dashboard/indicator.html", context)


@requires(VIEW)
@require_safe
def comparison(request):
    """Units and years of one indicator side by side."""
    form = Comparison(request.GET, user=request.user, on=clock.today())
    context = {"form": form}
    if form.is_valid():
        story = story_of(request, form.cleaned_data["indicator"].pk, years=form.years)
        found = comparing.compare(story, form.units_or_all)
        if file := export_response(request, comparing.ComparisonTable(found), found.title):
            return file
        context |= {"found": found, "indicator": story.indicator}
    return render(request, "dashboard/comparison.html", context)
