"""人账相符: which exports of the national ledger there are, and where one differs from our cases."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from common.templatetags.ax import num
from dropout.agreement_tables import AgreementTable
from dropout.models import Case, NationalList
from dropout.services.agreement import Difference, agree
from registry.models import Student
from registry.students_filters import UNMASK

RUN, VIEW_CASE, VIEW_STUDENT = (
    "dropout.run_comparison",
    "dropout.view_case",
    "registry.view_student",
)
READ = "dropout.agreement_read"


def _lists(request):
    rows = NationalList.objects.visible_to(request.user, RUN)
    return rows.select_related("unit").order_by("-listed_on", "unit__sort_no", "pk")


@requires(RUN)
@require_safe
def agreement_list(request):
    return render(request, "dropout/agreement_list.html", {"lists": _lists(request)})


@requires(RUN)
@require_safe
def agreement_detail(request, pk):
    """Child by child: only ours, only theirs, told differently."""
    one = get_object_or_404(_lists(request), pk=pk)
    found = agree(one, on=clock.today())
    asked = request.GET.get("what", "")
    lines = [line for line in found.lines if asked not in Difference or line.what == asked]
    cases = Case.objects.visible_to(request.user, VIEW_CASE)
    children = Student.objects.visible_to(request.user, VIEW_STUDENT)
    table = AgreementTable(
        lines,
        masked=not request.user.has_perm(UNMASK),
        cases=set(cases.in_bulk([line.episode.case_id for line in lines if line.episode])),
        children=set(children.in_bulk([line.student.pk for line in lines if line.student])),
        may_open=request.user.has_perm("dropout.change_case"),
    )
    arrange(request, table)
    file = export_response(request, table, _("人账差别"))
    if file is not None:
        return file
    if lines:
        audit.record(READ, by=request.user, after={"rows": len(table.page.object_list)})
    context = {"list": one, "table": table, "strip": _strip(found)}
    return render(request, "dropout/agreement_detail.html", context)


def _strip(found) -> list[dict]:
    items = [
        {"label": _("本台账"), "value": num(found.ours)},
        {"label": _("国家台账"), "value": num(found.theirs)},
        {"label": _("两边一致"), "value": num(found.agree)},
    ]
    return items + [
        {"label": one.label, "value": num(found.count(one)), "url": f"?what={one}"}
        for one in Difference
    ]
