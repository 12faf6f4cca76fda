"""The plan as a whole, one task of it, and the end of a plan."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import clock
from common.access import requires
from common.models import StoredFile
from common.templatetags.ax import cndate
from tasks_app.models import Plan, WorkItem
from tasks_app.services import judging, plans, reported, series

VIEW = "tasks_app.view_plan"
CHANGE = "tasks_app.change_plan"


@requires(VIEW)
@require_GET
def plan_list(request):
    """The running plan itself; a list where there is none, or where all are asked for."""
    found = list(Plan.objects.visible_to(request.user).for_list())
    running = [plan for plan in found if plan.closed_on is None]
    if running and "all" not in request.GET:
        return redirect(running[0])
    closed = [plan for plan in found if plan.closed_on]
    context = {"running": running, "closed": closed}
    return render(request, "tasks_app/plan_list.html", context)


@requires(VIEW)
@require_GET
def plan_detail(request, pk):
    """Verdict first, then the goal and the sections with their tasks."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user), pk=pk)
    today = clock.today()
    quarter = reported.latest_quarter(today)
    items = list(plan.work_items.for_plan_page())
    viewer = series.Viewer.of(request.user, on=today)
    lights = series.task_lights(items, viewer)
    counts = reported.reported_counts(items, quarter)
    rows = [{"item": i, "light": lights[i.pk], "reported": counts[i.pk]} for i in items]
    context = {
        "plan": plan,
        "others": Plan.objects.visible_to(request.user).exclude(pk=plan.pk).for_list(),
        "verdict": _verdict(plan, rows, today),
        "quarter": quarter,
        "strip": _strip(rows),
        "sections": [
            {"section": section, "rows": [r for r in rows if r["item"].section_id == section.pk]}
            for section in plan.sections.order_by("no")
        ],
        "safeguards": plan.safeguards.order_by("no"),
        "official": StoredFile.objects.of("tasks_app.plan", plan.pk).filter(purpose="official"),
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "tasks_app/plan_detail.html", context)


def _verdict(plan, rows, on) -> str:
    """One sentence about today."""
    if plan.closed_on:
        return _("%(start)s—%(end)s 年的方案，已结束") % {
            "start": plan.start_year,
            "end": plan.target_year,
        }
    behind = sum(row["light"].status == judging.BEHIND for row in rows)
    risk = sum(row["light"].status == judging.RISK for row in rows)
    said = []
    if behind:
        said.append(ngettext("%(n)d 项落后", "%(n)d 项落后", behind) % {"n": behind})
    if risk:
        said.append(ngettext("%(n)d 项有风险", "%(n)d 项有风险", risk) % {"n": risk})
    if not said:
        judged = sum(row["light"].judged > 0 for row in rows)
        said.append(
            _("能判定的 %(n)d 项任务都达标") % {"n": judged} if judged else _("还没有能判定的任务")
        )
    return _("截至%(day)s：%(said)s") % {"day": cndate(on), "said": _("，").join(said)}


def _strip(rows) -> list[dict]:
    """How many tasks stand where, and how much has come in."""
    strip = []
    for status in (judging.OK, judging.RISK, judging.BEHIND, judging.PROGRESS, judging.UNSET):
        numbers = [r["item"].number for r in rows if r["light"].status == status]
        note = ""
        if status in (judging.RISK, judging.BEHIND) and numbers:
            note = _("、").join(numbers)
        strip.append({"status": status, "label": "", "value": len(numbers), "note": note})
    count = sum(row["reported"].count for row in rows)
    due = sum(row["reported"].due for row in rows)
    strip.append({"label": _("报送"), "value": count, "note": f"/ {due}"})
    return strip


@requires(VIEW)
@require_GET
def task_detail(request, pk):
    """A task with its actions, indicators, offices, and what the units last reported."""
    item = get_object_or_404(
        WorkItem.objects.visible_to(request.user).select_related("plan", "section", "lead_office"),
        pk=pk,
    )
    today = clock.today()
    quarter = reported.latest_quarter(today)
    viewer = series.Viewer.of(request.user, on=today)
    indicators = list(item.indicators.for_list())
    numbers = series.stands(indicators, viewer)
    reports = reported.unit_reports(item, quarter, user=request.user, on=today)
    context = {
        "item": item,
        "actions": item.actions.order_by("no"),
        "rows": [{"indicator": i, "n": numbers[i.pk]} for i in indicators],
        "light": series.light_of(numbers.values()),
        "offices": item.offices.order_by("sort_no"),
        "quarter": quarter,
        "reports": reports,
        "reported": reported.Reported(sum(r.is_in for r in reports), len(reports)),
        "neighbours": item.neighbours(),
    }
    return render(request, "tasks_app/task_detail.html", context)


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def plan_close(request, pk):
    """Ask, then end the plan."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user, CHANGE), pk=pk)
    today = clock.today()
    if request.method == "GET" and plan.closed_on is None:
        count = plans.duties_beyond(plan, today).count()
        context = {
            "title": _("结束“%(title)s”？") % {"title": plan.title},
            "text": ngettext(
                "以后不再生成填报任务，期末在今天之后的 %(n)d 项填报任务随之取消。已报的数、目标和文件都保留。"
                "结束以后随时可以撤销。",
                "以后不再生成填报任务，期末在今天之后的 %(n)d 项填报任务随之取消。已报的数、目标和文件都保留。"
                "结束以后随时可以撤销。",
                count,
            )
            % {"n": count},
            "yes": _("结束方案"),
            "no": _("先不结束"),
            "back": plan.get_absolute_url(),
        }
        return render(request, "components/confirm.html", context)
    try:
        plans.close_plan(plan, by=request.user, on=today, at=clock.now())
    except plans.AlreadyClosed:
        messages.info(request, _("方案已经结束。"))
    else:
        messages.success(request, _("方案已结束，填报任务不再生成。可以撤销。"))
    return redirect(plan)


@requires(CHANGE)
@require_POST
def plan_reopen(request, pk):
    """Undo the end of a plan."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user, CHANGE), pk=pk)
    try:
        plans.reopen_plan(plan, by=request.user)
    except plans.NotClosed:
        messages.info(request, _("方案正在执行。"))
    else:
        messages.success(request, _("已撤销结束，方案接着执行。"))
    return redirect(plan)
