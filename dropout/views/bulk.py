"""One deed on all cases that a filter finds, without a limit of rows; a result for each."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common import clock
from common.access import requires
from common.models import User
from dropout.bulk_results import results_of
from dropout.cases_filters import EpisodeFilter
from dropout.cases_forms import BulkForm
from dropout.models import Case
from dropout.services import bulk
from dropout.views.deed_pages import CHANGE, asked
from registry.models import Posting, Unit
from registry.services import searches


def _found(request):
    """The open cases of the filter in the address, among those one may change."""
    key, search = request.GET.get("found"), None
    if key:
        try:
            search = searches.find_search(key, by=request.user, at=clock.now())
        except searches.NoSearch:
            raise Http404 from None
    found = EpisodeFilter(
        request.GET, user=request.user, today=clock.today(), search=search, permission=CHANGE
    )
    return found.qs.open()


def _officers(units):
    """Who reports for one of the units."""
    today = clock.today()
    people = {
        posting.user_id for unit in units for posting in Posting.objects.reporting_for(unit, today)
    }
    return User.objects.filter(pk__in=people).order_by("name", "username")


@requires(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_bulk(request):
    episodes = _found(request)
    units = Unit.objects.filter(pk__in=episodes.order_by().values("case__unit"))
    form = BulkForm(asked(request), officers=_officers(units))
    context = {"form": form, "count": episodes.count(), "asked": request.GET.urlencode()}
    if form.is_valid():
        cases = list(episodes.for_list().values_list("case_id", flat=True))
        context["results"] = _done(cases, by=request.user, **form.cleaned_data)
    status = 422 if form.errors else 200
    return render(request, "dropout/case_bulk.html", context, status=status)


def _done(cases, *, officer, planned_on, by):
    """What was filled in is done to each case; what a case refuses does not stop the others."""
    told = {}
    if officer:
        told["officer"] = bulk.bulk_assign(cases, officer=officer, by=by, at=clock.now())
    if planned_on:
        told["planned_on"] = bulk.bulk_next_date(
            cases, planned_on=planned_on, by=by, at=clock.now()
        )
    return results_of(told, Case.objects.for_results(cases))
