"""September: look at what a promotion would do, do it, and take it back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.access import requires
from common.models import Job
from common.templatetags.ax import num
from registry.models import Student, Unit
from registry.promotion_forms import PromotionForm
from registry.services import promotion as services

PROMOTE = "registry.promote_students"
LEFT_SHOWN = 200


def _mine(request):
    return Unit.objects.visible_to(request.user, PROMOTE)


def _sets(request):
    return services.sets_of(_mine(request))


# Looking -----------------------------------------------------------------------------------------
@requires(PROMOTE)
@require_safe
def promotion(request):
    """The unit asked for, or the first of one's own, and what would happen there."""
    first = PromotionForm(mine=_mine(request)).fields["unit"].queryset.first()
    asked = request.GET if "unit" in request.GET else {"unit": first and first.pk}
    form = PromotionForm(asked, mine=_mine(request))
    plan = None
    if form.is_valid():
        facts = form.cleaned_data
        plan = services.plan_promotion(
            facts["unit"], on=clock.today(), edited_too=facts["edited_too"]
        )
    past = Paginator(_sets(request), 20).get_page(request.GET.get("page"))
    context = {"form": form, "plan": plan, "strip": _strip(plan) if plan else [], "past": past}
    return render(request, "registry/promotion.html", context)


def _strip(plan) -> list[dict]:
    """What is to happen, and beside it whom it leaves where they are; nothing to say is not said."""
    blocked = sum(one.waiting for one in plan.without_facts)
    items = [
        {"label": _("升一级"), "value": num(plan.moved)},
        {"label": _("毕业"), "value": num(plan.leaving)},
        {"label": _("本学年新来的，不动"), "value": num(plan.entered)},
        {"label": _("已升过的学校"), "value": num(len(plan.done))},
    ]
    if plan.edited and not plan.edited_too:
        items.append({"label": _("开学后改过，先不动"), "value": num(plan.edited)})
    if blocked:
        items.append({"label": _("学校类型没填，升不了"), "value": num(blocked), "status": "warn"})
    if plan.unclear:
        items.append({"label": _("年级与学制不符"), "value": num(plan.unclear), "status": "warn"})
    return items


@requires(PROMOTE)
@require_safe
def promotion_detail(request, pk):
    """One promotion: its numbers, and the children whom an undo has left."""
    done = get_object_or_404(_sets(request), pk=pk)
    schools = done.promotions.select_related("school").order_by(
        "school__sort_no", "school__sort_key", "pk"
    )
    mine = Student.objects.visible_to(request.user, PROMOTE)
    left = services.left_of(done)
    context = {
        "done": done,
        "unit": _mine(request).get(pk=done.subject_pk),
        "schools": schools,
        "left_count": left.count(),
        "left": mine.filter(pk__in=left.values("pk")).for_list(clock.today())[:LEFT_SHOWN],
        "may_undo": done.undone_at is None,
    }
    return render(request, "registry/promotion_detail.html", context)


# Doing and taking back -----------------------------------------------------------------------------
@requires(PROMOTE)
@require_POST
def promotion_begin(request):
    """The schools that were looked at go up; what others did meanwhile is left out."""
    form = PromotionForm(request.POST, mine=_mine(request))
    if not form.is_valid():
        messages.warning(request, _("从名单里选一个单位"))
        return redirect("registry:promotion")
    facts, today = form.cleaned_data, clock.today()
    schools = [int(pk) for pk in request.POST.getlist("school") if pk.isdecimal()]
    plan = services.plan_promotion(facts["unit"], on=today, edited_too=facts["edited_too"])
    try:
        done = services.ask_to_promote(
            plan, by=request.user, at=clock.now(), on=today, schools=schools
        )
    except services.NothingToDo:
        messages.info(request, _("这些学校本学年已经升过级，没有再动。"))
        return redirect(f"{reverse('registry:promotion')}?unit={facts['unit'].pk}")
    if isinstance(done, Job):
        return redirect(done)
    messages.success(request, _("已升级。看过名单不对，随时可以撤销。"))
    return redirect("registry:promotion-detail", done.pk)


@requires(PROMOTE)
@require_POST
def promotion_undo(request, pk):
    done = get_object_or_404(_sets(request), pk=pk)
    undone = services.ask_to_undo(done, by=request.user, at=clock.now())
    if isinstance(undone, Job):
        return redirect(undone)
    if undone.left:
        said = ngettext(
            "升级已撤销，%(n)s 名学生之后又有改动，留着没动。",
            "升级已撤销，%(n)s 名学生之后又有改动，留着没动。",
            len(undone.left),
        )
        messages.warning(request, said % {"n": num(len(undone.left))})
    else:
        messages.success(request, _("升级已撤销，学生回到原来的年级。"))
    return redirect("registry:promotion-detail", pk)
