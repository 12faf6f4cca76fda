"""Comparing lists: the runs, starting one, deciding pairs one by one, what was found."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock, masks
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from common.templatetags.ax import cndate, num
from dropout.comparisons_forms import RUN, ComparisonForm
from dropout.comparisons_tables import ComparisonTable, found_in_runs, look_of
from dropout.models import Comparison, Pair
from dropout.services import comparisons as services
from registry.match_sheet import rows_of, told_of_student
from registry.matches_forms import VerdictForm
from registry.models import Student, Verdict
from registry.services import matches
from registry.students_filters import UNMASK

READ = "dropout.comparison_read"
VIEW_STUDENT = "registry.view_student"


def _mine(request):
    rows = Comparison.objects.visible_to(request.user, RUN)
    return rows.select_related("unit", "asked_by", "job")


@requires(RUN)
@require_safe
def comparison_list(request):
    table = ComparisonTable(_mine(request).order_by("-asked_at", "-pk"), today=clock.today())
    arrange(request, table)
    return render(request, "dropout/comparison_list.html", {"table": table})


@requires(RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def comparison_new(request):
    """Choose the lists. What was chosen is kept with the run."""
    asked = request.POST if request.method == "POST" else None
    form = ComparisonForm(asked, user=request.user, today=clock.today())
    if form.is_valid():
        comparison = services.start_comparison(
            **form.chosen, by=request.user, at=clock.now(), on=clock.today()
        )
        messages.success(request, _("已开始比对，比完就在这一页。"))
        return redirect(comparison)
    status = 422 if form.is_bound else 200
    return render(request, "dropout/comparison_form.html", {"form": form}, status=status)


@requires(RUN)
@require_safe
def comparison_detail(request, pk):
    """The numbers of a run, and the pair that is to be decided: the one asked for, or the next."""
    comparison = get_object_or_404(_mine(request), pk=pk)
    known = matches.remembered()
    pairs = comparison.pairs.all().to_decide()
    waiting = [pair for pair in pairs.exclude(first=None) if (pair.first, pair.second) not in known]
    chosen = request.GET.get("pair", "")
    wanted = pairs.filter(pk=chosen if chosen.isdigit() else 0).first()
    pair = wanted or (waiting[0] if waiting else None)
    if pair:
        audit.record(READ, comparison, by=request.user, after={"rows": 1})
    context = {
        "comparison": comparison,
        "state": look_of(comparison),
        "strip": _strip(comparison),
        "waiting": len(waiting),
        "sides": _sides(request, pair) if pair else None,
        "to_open": comparison.pairs.all().to_open().count() if comparison.finished_at else 0,
    }
    return render(request, "dropout/comparison_detail.html", context)


def _strip(comparison: Comparison) -> list[dict]:
    counts = comparison.counts
    items = [
        {"label": _("比了几人"), "value": num(counts.get("left", 0))},
        {"label": _("没有问题"), "value": num(counts.get("fine", 0))},
    ]
    return items + [
        {"label": outcome.label, "value": num(counts[outcome])}
        for outcome in Pair.Outcome
        if outcome in counts
    ]


def _sides(request, pair: Pair) -> dict:
    """Both records beside each other, part by part. Numbers are masked for everybody."""
    pair = Pair.objects.filter(pk=pair.pk).for_page().get()
    seen = Student.objects.visible_to(request.user, VIEW_STUDENT).filter(pk=pair.student_id)
    student = seen.prefetch_related("identifiers", "guardians").first()
    masked = not request.user.has_perm(UNMASK)
    left = _told(pair.entry, masked) if pair.entry else {}
    right = told_of_student(student, masked) if student else None
    rows = rows_of(pair, left, right)
    decision = services.decision_of(pair)
    return {"pair": pair, "rows": rows, "student": student, "decision": decision}


def _told(entry, masked: bool) -> dict:
    return {
        "NUMBER": masks.id_number(entry.id_number),
        "NAME": masks.name(entry.name) if masked else entry.name,
        "BIRTH": cndate(entry.born_on) if entry.born_on else "—",
        "TOWNSHIP": entry.township.short if entry.township else "—",
        "GUARDIAN": masks.name(entry.guardian) if entry.guardian else "—",
    }


@requires(RUN)
@require_POST
def pair_decide(request, pk):
    """Same, different, unsure, or take back; then the next pair."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user, RUN), pk=pk)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("没有记下，请再点一次。"))
        return redirect(f"{pair.get_absolute_url()}?pair={pair.pk}")
    verdict = Verdict(form.cleaned_data["verdict"])
    try:
        services.decide_pair(
            pair, verdict=verdict, seen=form.cleaned_data["seen"], by=request.user, at=clock.now()
        )
    except matches.DecidedMeanwhile:
        messages.warning(request, _("别人刚定过这一对，先看一下现在的结论。"))
        return redirect(f"{pair.get_absolute_url()}?pair={pair.pk}")
    except services.NotFinished:
        messages.warning(request, _("名单里有分不开的同样的人，先补上身份证号再比。"))
    else:
        messages.success(request, _("已记下：%(verdict)s") % {"verdict": verdict.label})
    return redirect(pair)


@requires(RUN)
@require_POST
def comparison_again(request, pk):
    """The same lists once more: decisions made since count."""
    old = get_object_or_404(_mine(request), pk=pk)
    new = services.start_comparison(
        old.kind, unit=old.unit, by=request.user, at=clock.now(), on=clock.today(), **old.inputs
    )
    return redirect(new)


@requires(RUN)
@require_POST
def comparison_open(request, pk):
    """Open a suspected case for every child found; whoever has one is told what is new."""
    comparison = get_object_or_404(_mine(request), pk=pk)
    try:
        job = services.ask_for_cases(comparison, by=request.user)
    except services.NotFinished:
        messages.warning(request, _("没有要开的个案。"))
        return redirect(comparison)
    return redirect(job)


@requires(RUN)
@require_safe
def pair_list(request):
    """What was found, of one run or of all of one's own."""
    found, table = found_in_runs(request.user, request.GET)
    arrange(request, table)
    file = export_response(request, table, "dropout.compared")
    if file is not None:
        return file
    shown = len(table.page.object_list)
    if shown:
        audit.record(READ, by=request.user, after={"rows": shown})
    return render(request, "dropout/pair_list.html", {"filter": found, "table": table})
