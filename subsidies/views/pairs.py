"""Members of outside lists beside children and guardians of ours: a person decides, pair by pair."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import audit, clock
from common.access import requires
from registry.match_sheet import rows_of, told_of_guardian, told_of_member, told_of_student
from registry.matches_forms import VerdictForm
from registry.models import Student, Verdict
from registry.services import matches
from registry.students_filters import UNMASK
from subsidies.models import MemberPair
from subsidies.services import matching

DECIDE = "registry.change_outsidelist"


@requires(DECIDE)
@require_safe
def pair_list(request):
    """The pair that was asked for, or the likeliest that nobody has decided."""
    mine = MemberPair.objects.visible_to(request.user, DECIDE)
    waiting = mine.to_decide()
    chosen = request.GET.get("pair", "")
    wanted = mine.exclude(member=None).exclude(student=None)
    wanted = wanted.filter(pk=chosen if chosen.isdecimal() and len(chosen) < 18 else 0)
    pair = wanted.for_page().first() or waiting.for_page().first()
    if pair:
        audit.record("subsidies.pair_read", by=request.user, after={"rows": 1})
    context = {"waiting": waiting.count(), "sides": _sides(request, pair) if pair else None}
    return render(request, "subsidies/finding_pairs.html", context)


def _sides(request, pair) -> dict:
    seen = Student.objects.visible_to(request.user, "registry.view_student")
    student = seen.filter(pk=pair.student_id).prefetch_related("identifiers", "guardians").first()
    masked = not request.user.has_perm(UNMASK)
    right = None
    if student:
        right = (
            told_of_guardian(pair.guardian, masked)
            if pair.guardian
            else told_of_student(student, masked)
        )
    return {
        "pair": pair,
        "student": student,
        "rows": rows_of(pair, told_of_member(pair.member, masked), right),
        "decision": matching.decision_of(pair),
    }


@requires(DECIDE)
@require_POST
def pair_decide(request, pk):
    """Same, different, unsure, or take back; then the next pair."""
    pair = get_object_or_404(MemberPair.objects.visible_to(request.user, DECIDE), pk=pk)
    here = reverse("subsidies:pair-list")
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("没有记下，请再点一次。"))
        return redirect(f"{here}?pair={pair.pk}")
    verdict, seen = Verdict(form.cleaned_data["verdict"]), form.cleaned_data["seen"]
    try:
        matching.decide_pair(pair, verdict=verdict, seen=seen, by=request.user, at=clock.now())
    except matches.DecidedMeanwhile:
        messages.warning(request, _("别人刚定过这一对，先看一下现在的结论。"))
        return redirect(f"{here}?pair={pair.pk}")
    except matching.CannotDecide:
        messages.warning(request, _("名单里有分不开的同样的人，先补上身份证号再比。"))
    else:
        messages.success(request, _("已记下：%(verdict)s") % {"verdict": verdict.label})
    return redirect(here)
