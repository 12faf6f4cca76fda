"""Children: the list, looking for a person, one child's page, seeing guarded values whole."""

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock, options
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from registry.models import Student
from registry.services import searches, unmasking
from registry.student_sheet import StudentSheet
from registry.students_filters import UNMASK, VIEW
from registry.students_forms import SearchForm, UnmaskForm
from registry.students_tables import roll
from registry.views.searching import look_for

CHANGE = "registry.change_student"
UNMASKED = "unmasked"  # in the session: {child: until when}


@requires(VIEW)
@require_safe
def student_list(request):
    try:
        found, table = roll(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    # A figure's address names a stage: there the number itself is asked for.
    exact = "stage" in request.GET
    arrange(request, table, paginator_class=Paginator if exact else CappedPaginator)
    file = export_response(request, table, "registry.students")
    if file is not None:
        return file
    record_listed(request, table, "registry.students_listed")
    context = {"filter": found, "table": table, "search_form": SearchForm(auto_id="find-%s")}
    return render(request, "registry/student_list.html", context)


@requires(VIEW)
@require_POST
def student_search(request):
    mine = Student.objects.visible_to(request.user, VIEW)
    return look_for(
        request, reverse("registry:student-list"), lambda search: searches.only_one(mine, search)
    )


@requires(VIEW)
@require_safe
def student_detail(request, pk):
    student = get_object_or_404(Student.objects.visible_to(request.user, VIEW), pk=pk)
    until, by_timer = unmasked_until(request, student), request.headers.get("X-Timer") == "1"
    if not by_timer:
        audit.record("registry.student_opened", student, by=request.user)
    edits = _in_scope(request, student, CHANGE)
    context = {
        "student": student,
        "sheet": StudentSheet(
            student,
            user=request.user,
            today=clock.today(),
            whole=until is not None,
            edits=edits,
        ),
        "until": until,
        "seconds": max(int((until - clock.now()).total_seconds()), 1) if until else 0,
        "edits": edits,
        "may_unmask": _in_scope(request, student, UNMASK),
    }
    return render(request, "registry/student_detail.html", context)


@requires(UNMASK)
@require_http_methods(["GET", "HEAD", "POST"])
def student_unmask(request, pk):
    """A reason, then the values for some minutes, in this session only."""
    student = get_object_or_404(Student.objects.visible_to(request.user, UNMASK), pk=pk)
    form = UnmaskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        until = unmasking.unmask(student, by=request.user, reason=form.said, at=clock.now())
        kept = request.session.get(UNMASKED, {})
        request.session[UNMASKED] = {**kept, str(student.pk): int(until.timestamp())}
        return redirect(student)
    minutes = options.get(unmasking.MINUTES)
    context = {
        "title": _("为什么要看完整信息？"),
        "text": _("会记下您的姓名、时间和原因，审计员可见。显示 %(n)s 分钟后自动隐去。")
        % {"n": minutes},
        "yes": _("显示 %(n)s 分钟") % {"n": minutes},
        "no": _("不看了"),
        "form": form,
        "back": student.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _in_scope(request, student, permission) -> bool:
    if not request.user.has_perm(permission):
        return False
    return Student.objects.visible_to(request.user, permission).filter(pk=student.pk).exists()


def unmasked_until(request, student) -> datetime | None:
    """Until when this session sees the child whole; what is over is forgotten."""
    kept = request.session.get(UNMASKED)
    if not kept:
        return None
    now = int(clock.now().timestamp())
    standing = {key: until for key, until in kept.items() if until > now}
    if standing != kept:
        request.session[UNMASKED] = standing
    until = standing.get(str(student.pk))
    return datetime.fromtimestamp(until, UTC) if until else None
