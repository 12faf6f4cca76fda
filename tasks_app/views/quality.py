"""Rules that numbers must obey among themselves."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common import clock, options
from common.access import requires
from registry.models import Finding
from tasks_app.models import Indicator, QualityRule
from tasks_app.quality_forms import RuleForm, initial_of
from tasks_app.services import quality

VIEW, CHANGE = "tasks_app.view_qualityrule", "tasks_app.change_qualityrule"


@requires(VIEW)
@require_GET
def quality_list(request):
    """Every rule, those out of use last, with what each has found in the units one may read."""
    rules = QualityRule.objects.visible_to(request.user).for_list()
    open_here = Finding.objects.visible_to(request.user, "registry.view_finding").open()
    context = {
        "rows": [{"rule": r, "count": n} for r, n in quality.counted(rules, open_here)],
        "may_change": request.user.has_perm(CHANGE),
        "limit": options.get("tasks_app.outlier_limit"),
    }
    return render(request, "tasks_app/quality_list.html", context)


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def quality_new(request):
    """Put a rule together; `?from=` begins with another, which it then replaces."""
    rules = QualityRule.objects.visible_to(request.user, CHANGE).in_use().with_terms()
    asked = request.GET.get("from", "")
    old = rules.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 10 else None
    form = RuleForm(
        request.POST or None,
        indicators=Indicator.objects.visible_to(request.user).of_running_plans().for_list(),
        rules=rules,
        initial=initial_of(old),
    )
    if form.is_valid():
        try:
            quality.set_rule(by=request.user, at=clock.now(), **form.cleaned_data)
        except quality.UnknownIndicator:
            form.add_error("left", _("没有这项指标。"))
        except quality.BadRule as bad:
            form.add_error(None, str(bad))
        else:
            messages.success(request, _("规则已定，正在按它核对已有的数。"))
            return redirect("tasks_app:quality-list")
    status = 422 if form.is_bound else 200
    return render(request, "tasks_app/quality_form.html", {"form": form, "old": old}, status=status)


@requires(CHANGE)
@require_http_methods(["GET", "POST"])
def quality_end(request, pk):
    rule = get_object_or_404(
        QualityRule.objects.visible_to(request.user, CHANGE).in_use().with_terms(), pk=pk
    )
    if request.method == "POST":
        quality.end_rule(rule, by=request.user, at=clock.now())
        messages.success(request, _("规则已停用，它列出的线索随之消除。"))
        return redirect("tasks_app:quality-list")
    context = {
        "title": _("停用“%(formula)s”？") % {"formula": rule.formula},
        "text": _("没了结的线索随之消除；已通过的说明都保留。"),
        "yes": _("停用规则"),
        "no": _("先不停用"),
        "back": reverse("tasks_app:quality-list"),
    }
    return render(request, "components/confirm.html", context)
