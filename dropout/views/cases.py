"""Cases: the list, looking for a child, one case, the board by township."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.exports import NOT_FILTERS, export_response
from common.lists import CappedPaginator, arrange, record_listed
from dropout.board import Board
from dropout.case_sheet import CaseSheet
from dropout.cases_filters import VIEW
from dropout.cases_tables import worklist
from dropout.models import Case, Episode, Watch
from dropout.next_deeds import CHANGE, RECORD, deeds_for, next_for
from dropout.proofs import proofs_of
from registry.models import Student
from registry.services import searches
from registry.students_forms import SearchForm
from registry.views.searching import look_for
from registry.views.students import unmasked_until

LISTED, OPENED = "dropout.cases_listed", "dropout.case_opened"


@requires(VIEW)
@require_safe
def case_list(request):
    """By next date, overdue first; what is open unless something else is asked for."""
    try:
        found, table = worklist(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "dropout.cases")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    mine = Episode.objects.visible_to(request.user, VIEW).of_living_cases()
    context = {
        "filter": found,
        "table": table,
        "late": mine.overdue(clock.today()).count(),
        "bulk_asked": [
            (name, value)
            for name in request.GET
            if name not in NOT_FILTERS
            for value in request.GET.getlist(name)
        ],
        "search_form": SearchForm(auto_id="find-%s"),
        "many": _to_arrange(request, found),
    }
    return render(request, "dropout/case_list.html", context)


def _to_arrange(request, found) -> int:
    """How many of all that the filter shows, on every page, the person may arrange at once."""
    if not request.user.has_perm(CHANGE):
        return 0
    return found.qs.open().visible_to(request.user, CHANGE).count()


@requires(VIEW)
@require_POST
def case_search(request):
    mine = Case.objects.visible_to(request.user, VIEW)

    def case_of(search):
        only = searches.only_one(Student.objects.all(), search)
        return only and mine.of_student(only).first()

    return look_for(request, reverse("dropout:case-list"), case_of)


@requires(VIEW)
@require_safe
def case_detail(request, pk):
    mine = Case.objects.visible_to(request.user, VIEW).for_sheet()
    case = get_object_or_404(mine, pk=pk)
    until, by_timer = unmasked_until(request, case.student), request.headers.get("X-Timer") == "1"
    if not by_timer:
        audit.record(OPENED, case, by=request.user)
    sheet = CaseSheet(case, user=request.user, today=clock.today(), whole=until is not None)
    deeds = deeds_for(sheet)
    coming = next_for(sheet, deeds)
    context = {
        "case": case,
        "sheet": sheet,
        "until": until,
        "seconds": max(int((until - clock.now()).total_seconds()), 1) if until else 0,
        "next": coming,
        "more": [deed for deed in deeds.values() if deed not in coming.deeds],
        "step_deeds": [deeds[code] for code in ("step", "notice") if code in deeds],
        "people_deed": deeds.get("people"),
        "proofs": proofs_of(sheet),
        "watch_deeds": _may_answer(request, sheet),
        "watch_corrections": _may_correct(request, sheet),
        "opens_child": Student.objects.visible_to(request.user, "registry.view_student")
        .filter(pk=case.student_id)
        .exists(),
        "may_unmask": request.user.has_perm("registry.unmask_student"),
    }
    return render(request, "dropout/case_detail.html", context)


def _may_answer(request, sheet) -> set[int]:
    """Which looks of this case the person may answer."""
    if not request.user.has_perm(RECORD) or not sheet.watches:
        return set()
    mine = Watch.objects.visible_to(request.user, RECORD).of_placement(sheet.placement)
    return set(mine.due_by(clock.today()).values_list("pk", flat=True))


def _may_correct(request, sheet) -> set[int]:
    """Which answers of this case the person may correct."""
    if not any(watch.answered_on for watch in sheet.watches) or not request.user.has_perm(RECORD):
        return set()
    mine = Watch.objects.visible_to(request.user, RECORD).of_placement(sheet.placement)
    return set(mine.answered().values_list("pk", flat=True))


@requires(VIEW)
@require_safe
def board(request):
    """How many cases stand where, by township; of what one may open."""
    mine = Episode.objects.visible_to(request.user, VIEW).of_living_cases()
    context = {"board": Board(mine, on=clock.today())}
    return render(request, "dropout/board.html", context)
