"""Findings of aid: what waits by rule, what one rests on, what was paid while in doubt.

They are listed, answered and looked at with all other findings, under /findings/.
"""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from registry.models import Finding
from registry.services import findings
from registry.students_filters import UNMASK
from subsidies.findings_sheet import PAYMENTS, VIEW, FindingsSheet, Proof
from subsidies.findings_tables import DoubtfulTable
from subsidies.services.screening_doubts import paid_while_doubtful
from subsidies.services.screening_rules import KIND


@requires(VIEW)
@require_safe
def finding_board(request):
    sheet = FindingsSheet(request.user, today=clock.today())
    return render(request, "subsidies/finding_board.html", {"sheet": sheet})


@requires(VIEW)
@require_safe
def finding_proof(request, pk):
    """The child's money, recognition and lists as this person may see them."""
    seen = Finding.objects.visible_to(request.user, VIEW).of_rule(KIND)
    finding = get_object_or_404(seen.select_related("unit"), pk=pk)
    proof = Proof(finding, request.user, today=clock.today())
    if not (proof.student or proof.payment or proof.school):
        raise Http404  # what it was about is gone; the finding clears by itself
    audit.record("subsidies.finding_proof_read", finding, by=request.user)
    context = {"finding": finding, "proof": proof, "said": findings.said(finding)}
    return render(request, "subsidies/finding_proof.html", context)


@requires(PAYMENTS)
@require_safe
def doubtful_list(request):
    """Paid while doubtful, one click from the first page."""
    rows = paid_while_doubtful(request.user).for_list()
    masked = not request.user.has_perm(UNMASK)
    table = DoubtfulTable(rows, user=request.user, masked=masked)
    arrange(request, table)
    if exported := export_response(request, table, _("存疑而已发的")):
        return exported
    if shown := len(table.page.object_list):
        audit.record("subsidies.doubtful_listed", by=request.user, after={"rows": shown})
    return render(request, "subsidies/finding_doubtful.html", {"table": table})
