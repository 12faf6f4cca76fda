"""One deed on all cases that a filter finds, or on those ticked, without a limit of rows."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from common.models import User
from dropout.bulk_results import BulkLineTable
from dropout.cases_filters import EpisodeFilter
from dropout.cases_forms import BulkForm
from dropout.models import BulkDeed
from dropout.services import bulk
from dropout.views.deed_pages import CHANGE, asked
from registry.models import Posting, Unit
from registry.services import searches

TICKED = "case"  # in the address: only these, of what the filter finds


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
    rows = found.qs.open()
    if request.GET.get("only") != "ticked":
        return rows
    keys = [pk for pk in request.GET.getlist(TICKED) if pk.isdecimal() and len(pk) < 18]
    return rows.of_cases(keys)


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
    count = episodes.count()
    form = BulkForm(asked(request), officers=_officers(units), found=count)
    if form.is_valid() and count:
        cases = episodes.for_list().values_list("case_id", flat=True)
        deed = bulk.ask_bulk(cases, by=request.user, at=clock.now(), **form.cleaned_data)
        return redirect(deed)
    context = {"form": form, "count": count, "asked": request.GET.urlencode()}
    status = 422 if form.errors else 200
    return render(request, "dropout/case_bulk.html", context, status=status)


@requires(CHANGE)
@require_safe
def bulk_detail(request, pk):
    """How far it is, and what became of each case; the page of who asked for it."""
    mine = BulkDeed.objects.asked_by(request.user).for_page()
    deed = get_object_or_404(mine, pk=pk)
    lines = deed.lines.all()
    table = BulkLineTable(lines.for_page(), order_by=request.GET.getlist("sort") or None)
    arrange(request, table)
    title = _("成批安排 %(n)s") % {"n": deed.pk}
    if file := export_response(request, table, title):
        return file
    context = {
        "deed": deed,
        "table": table,
        "all": table.page.paginator.count,
        "done": lines.done().count(),
        "refused": lines.refused_ones().count(),
    }
    return render(request, "dropout/bulk_detail.html", context)
