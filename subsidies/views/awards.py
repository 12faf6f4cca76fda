"""What each child is to get: the list of a term, and why one amount is what it is."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from common import audit, clock, options
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from registry.models import Student
from registry.services import searches
from registry.students_filters import UNMASK
from registry.students_forms import SearchForm
from registry.students_tables import masked_number, shown_name
from registry.views.searching import look_for
from subsidies.awards_tables import expected, grounds
from subsidies.models import Award, Payment, Standard
from subsidies.programmes_tables import whom, worth
from subsidies.services.reconciling import history_of
from subsidies.start_sheet import PAYMENTS, VIEW

LISTED, OPENED = "subsidies.awards_listed", "subsidies.award_opened"


@requires(VIEW)
@require_safe
def award_list(request):
    """People and person-times stand apart; the sum is to the cent."""
    try:
        found, table = expected(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "subsidies.awards")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    context = {
        "filter": found,
        "table": table,
        "totals": found.qs.totals(),
        "search_form": SearchForm(auto_id="find-%s"),
    }
    return render(request, "subsidies/award_list.html", context)


@requires(VIEW)
@require_POST
def award_search(request):
    return look_for(request, reverse("subsidies:award-list"))


@requires(VIEW)
@require_safe
def award_detail(request, pk):
    """From the amount to the enrolment, the recognition and the standard it follows from."""
    rows = Award.objects.visible_to(request.user, VIEW).for_list().with_papers()
    award = get_object_or_404(rows.select_related("recognition"), pk=pk)
    audit.record(OPENED, award, by=request.user)
    masked = not request.user.has_perm(UNMASK)
    payments = Payment.objects.visible_to(request.user, PAYMENTS)
    told = history_of(
        award.student,
        Award.objects.filter(pk=award.pk),
        payments,
        on=clock.today(),
        grace=options.get("subsidies.late_grace"),
    )[0]
    unsure = Standard.objects.filter(pk__in=award.why.get("unsure", ())).for_list()
    children = Student.objects.visible_to(request.user, "registry.view_student")
    context = {
        "award": award,
        "name": shown_name(award.student, masked=masked),
        "number": masked_number(award.student),
        "grounds": grounds(award, masked=masked),
        "whom": whom(award.standard) if award.standard else "",
        "worth": worth(award.standard) if award.standard else "",
        "unsure": [(one, whom(one), worth(one)) for one in unsure],
        "told": told,
        "opens_child": children.filter(pk=award.student_id).exists(),
    }
    return render(request, "subsidies/award_detail.html", context)
