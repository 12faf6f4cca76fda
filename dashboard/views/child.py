"""A child's aid of all terms on one page, with its case beside it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import audit, clock
from common.access import requires
from dashboard.queries.child import RECOGNITIONS, ChildAid
from registry.models import Student
from registry.students_filters import VIEW

OPENED = "dashboard.child_aid_opened"


@requires(VIEW, RECOGNITIONS)
@require_safe
def aid(request, pk):
    """A child that one may see; of its aid what one may see; a case only to who may see cases."""
    today = clock.today()
    mine = Student.objects.visible_to(request.user, VIEW).for_list(today)
    child = get_object_or_404(mine, pk=pk)
    audit.record(OPENED, child, by=request.user)
    sheet = ChildAid(child, user=request.user, today=today)
    return render(request, "dashboard/child_aid.html", {"child": child, "sheet": sheet})
