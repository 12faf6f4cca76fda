"""Children whom one school holds and another names, and children who go to two schools at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.lists import PER_PAGE, arrange
from registry.models import Enrolment, Student, Transfer
from registry.services import history
from registry.services import transfers as services
from registry.students_tables import shown_name
from registry.transfers_forms import RefuseForm
from registry.transfers_tables import TransferTable

VIEW, CHANGE = "registry.view_student", "registry.change_student"
UNMASK = "registry.unmask_student"


def _back(request):
    side = "?side=to" if request.GET.get("side") == "to" else ""
    return redirect(reverse("registry:transfer-list") + side)


def _too_late(request):
    messages.warning(request, _("这份申请已经有了答复，没有再动。"))
    return _back(request)


def _told(request, shown: int):
    """A list of children was read: how many, never who."""
    if shown:
        audit.record("registry.students_listed", by=request.user, after={"rows": shown})


# Looking -----------------------------------------------------------------------------------------
@requires(VIEW)
@require_safe
def transfer_list(request):
    side = "to" if request.GET.get("side") == "to" else "from"
    mine = Transfer.objects.visible_to(request.user, VIEW)
    shown = (
        mine.to_units(request.user, VIEW) if side == "to" else mine.from_units(request.user, VIEW)
    )
    table = TransferTable(
        shown.for_list(),
        may=_may(request.user, mine),
        today=clock.today(),
        masked=not request.user.has_perm(UNMASK),
        csrf_token=get_token(request),
        side=side,
    )
    arrange(request, table)
    _told(request, len(table.page.object_list))
    context = {"table": table, "side": side, "waiting": shown.open().count()}
    return render(request, "registry/transfer_list.html", context)


def _may(user, mine) -> dict[str, set[int]]:
    """Which rows this person may decide, take back or undo, and which children they may open."""
    seen = Student.objects.visible_to(user, VIEW).filter(pk__in=mine.values("student"))
    found = {"see": set(seen.values_list("pk", flat=True))}
    if not user.has_perm(CHANGE):
        return found | {"decide": set(), "withdraw": set(), "undo": set()}
    return found | {
        "decide": set(mine.to_decide(user, CHANGE).values_list("pk", flat=True)),
        "withdraw": set(mine.asked_by(user, CHANGE).values_list("pk", flat=True)),
        "undo": set(mine.to_take_back(user, CHANGE).values_list("pk", flat=True)),
    }


@requires(VIEW)
@require_safe
def double_list(request):
    """Enrolled twice: the earlier enrolment counts until a person decides."""
    today = clock.today()
    mine = Student.objects.visible_to(request.user, VIEW).enrolled_twice(today)
    endable = Enrolment.objects.none()
    if request.user.has_perm(CHANGE):
        endable = Enrolment.objects.changeable_by(request.user, CHANGE)
    endable = endable.open(today).filter(student__in=mine.values("pk"))
    ordered = mine.for_list(today).order_by("name", "pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    _told(request, len(page.object_list))
    masked = not request.user.has_perm(UNMASK)
    context = {
        "page": page,
        "endable": set(endable.values_list("pk", flat=True)),
        "rows": [(one, shown_name(one, masked=masked)) for one in page],
    }
    return render(request, "registry/double_list.html", context)


# Deciding ----------------------------------------------------------------------------------------
@requires(CHANGE)
@require_POST
def transfer_accept(request, pk):
    mine = Transfer.objects.visible_to(request.user, CHANGE)
    transfer = get_object_or_404(mine, pk=pk)
    try:
        services.accept_transfer(transfer, by=request.user, at=clock.now(), on=clock.today())
    except services.AlreadyDecided:
        return _too_late(request)
    messages.success(request, _("已转学：原来的就读到昨天为止，今天起在新学校。可以撤销。"))
    return _back(request)


@requires(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_refuse(request, pk):
    mine = Transfer.objects.visible_to(request.user, CHANGE)
    transfer = get_object_or_404(mine.select_related("to_school"), pk=pk)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            services.refuse_transfer(transfer, by=request.user, at=clock.now(), reason=reason)
        except services.AlreadyDecided:
            return _too_late(request)
        messages.success(request, _("没有转：学生还在原来的学校，申请的学校看得到理由。"))
        return _back(request)
    context = {
        "title": _("不同意转入%(school)s？") % {"school": transfer.to_school.name},
        "text": _("学生留在原来的学校；以后可以再申请。"),
        "yes": _("不同意"),
        "back": reverse("registry:transfer-list"),
        "form": form,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@requires(CHANGE)
@require_POST
def transfer_withdraw(request, pk):
    mine = Transfer.objects.visible_to(request.user, CHANGE)
    transfer = get_object_or_404(mine.to_units(request.user, CHANGE), pk=pk)
    try:
        services.withdraw_transfer(transfer, by=request.user, at=clock.now())
    except services.AlreadyDecided:
        return _too_late(request)
    messages.success(request, _("申请已收回。"))
    return _back(request)


@requires(CHANGE)
@require_POST
def transfer_undo(request, pk):
    mine = Transfer.objects.visible_to(request.user, VIEW).to_take_back(request.user, CHANGE)
    transfer = get_object_or_404(mine.select_related("student"), pk=pk)
    behind = services.set_behind(transfer)
    try:
        if behind is None:
            raise history.CannotUndo("done")
        history.undo(behind, student=transfer.student, by=request.user, at=clock.now())
    except history.CannotUndo:
        messages.warning(request, _("这名学生之后又有改动，转学没有撤销；先撤销后来的改动。"))
    else:
        messages.success(request, _("转学已撤销：学生回到原来的学校，申请又等答复。"))
    return _back(request)


@requires(CHANGE)
@require_POST
def double_end(request, pk):
    mine = Enrolment.objects.changeable_by(request.user, CHANGE)
    enrolment = get_object_or_404(mine.select_related("student", "school"), pk=pk)
    try:
        services.end_double(enrolment, by=request.user, at=clock.now(), on=clock.today())
    except services.NotDouble:
        messages.warning(request, _("这名学生现在只在一所学校，没有再动。"))
    else:
        messages.success(
            request,
            _("在%(school)s的就读到昨天为止，在学生页面可以撤销。")
            % {"school": enrolment.school.name},
        )
    return redirect("registry:double-list")
