"""What looks wrong and wants an answer: the list, one finding, its answer and the second look."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import clock, files
from common.access import requires
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from common.models import StoredFile, User
from registry.findings_filters import FindingFilter
from registry.findings_forms import AnswerForm, AssignForm, LookForm
from registry.findings_tables import FindingTable, look_of
from registry.models import Finding, Posting
from registry.services import findings

VIEW, ANSWER, REVIEW = (
    "registry.view_finding",
    "registry.answer_finding",
    "registry.review_finding",
)


@requires(VIEW)
@require_safe
def finding_list(request):
    """What waits first; in the units one may read."""
    today = clock.today()
    mine = Finding.objects.visible_to(request.user, VIEW).for_list()
    found = FindingFilter(request.GET, queryset=mine, user=request.user, today=today)
    table = FindingTable(found.qs, today=today)
    arrange(request, table)
    if exported := export_response(request, table, _("问题线索")):
        return exported
    context = {"filter": found, "table": table}
    template = "registry/finding_list.html"
    return page_or_partial(request, template, template, context)


def _finding(request, pk, permission=VIEW):
    return get_object_or_404(
        Finding.objects.visible_to(request.user, permission).select_related(
            "unit", "owner", "answered_by", "looked_by"
        ),
        pk=pk,
    )


@requires(VIEW)
@require_safe
def finding_detail(request, pk):
    finding = _finding(request, pk)
    return _page(request, finding)


def _page(request, finding, *, status=200, **forms):
    may = {
        permission: Finding.objects.visible_to(request.user, permission).filter(pk=finding.pk)
        for permission in (ANSWER, REVIEW)
    }
    kind = findings.kind_of(finding)
    people = _people(finding)
    context = {
        "finding": finding,
        "kind": kind,
        "said": findings.said(finding),
        "address": kind.address(finding) if kind else "",
        "look": look_of(finding, clock.today()),
        "may_answer": finding.is_open and may[ANSWER].exists(),
        "may_review": finding.is_open and may[REVIEW].exists(),
        "files": StoredFile.objects.of(Finding._meta.label_lower, finding.pk).select_related(
            "uploaded_by"
        ),
        "may_attach": files.may_attach(finding, request.user, "proof"),
        "is_own": finding.answered_by_id == request.user.pk,
        "answer_form": forms.get("answer")
        or AnswerForm(initial={"answer": finding.answer, "text": finding.answer_text}),
        "look_form": forms.get("look") or LookForm(initial={"seen": str(finding.answered_at)}),
        "assign_form": forms.get("assign")
        or AssignForm(people=people, initial={"owner": finding.owner, "due_on": finding.due_on}),
    }
    return render(request, "registry/finding_detail.html", context, status=status)


def _people(finding):
    posted = Posting.objects.reporting_for(finding.unit, clock.today())
    return User.objects.filter(pk__in=posted.values("user")).order_by("name", "username")


def _told_ended(request, finding):
    messages.info(request, _("这条线索已经了结，没有改动。"))
    return redirect(finding)


@requires(ANSWER)
@require_POST
def finding_answer(request, pk):
    finding = _finding(request, pk, ANSWER)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, finding, status=422, answer=form)
    try:
        findings.answer_finding(finding, by=request.user, at=clock.now(), **form.cleaned_data)
    except findings.AlreadyEnded:
        return _told_ended(request, finding)
    messages.success(request, _("已写说明，等另一位复看。"))
    return redirect(finding)


@requires(REVIEW)
@require_POST
def finding_accept(request, pk):
    return _look(request, pk, findings.accept_answer, _("说明通过，线索了结。"))


@requires(REVIEW)
@require_POST
def finding_return(request, pk):
    return _look(request, pk, findings.return_answer, _("已退回，等再说明。"))


def _look(request, pk, deed, done):
    finding = _finding(request, pk, REVIEW)
    form = LookForm(request.POST)
    if not form.is_valid():
        return _page(request, finding, status=422, look=form)
    try:
        deed(finding, by=request.user, at=clock.now(), **form.cleaned_data)
    except findings.NoteMissing:
        form.add_error("note", _("退回要写意见。"))
        return _page(request, finding, status=422, look=form)
    except findings.OwnAnswer:
        messages.warning(request, _("自己写的说明，要由另一位复看。"))
    except findings.NothingToLookAt:
        messages.warning(request, _("您打开这一页之后，说明有改动，看过再定。"))
    except findings.AlreadyEnded:
        return _told_ended(request, finding)
    else:
        messages.success(request, done)
    return redirect(finding)


@requires(REVIEW)
@require_POST
def finding_assign(request, pk):
    finding = _finding(request, pk, REVIEW)
    form = AssignForm(request.POST, people=_people(finding))
    if not form.is_valid():
        return _page(request, finding, status=422, assign=form)
    try:
        findings.assign_finding(finding, by=request.user, **form.cleaned_data)
    except findings.AlreadyEnded:
        return _told_ended(request, finding)
    messages.success(request, _("责任人和期限已定。"))
    return redirect(finding)
