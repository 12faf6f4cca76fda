"""The directory of units, one unit, and what is done to it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from registry.models import Posting, Unit
from registry.services import units as services
from registry.units_forms import MergeForm, MoveForm
from registry.units_tables import directory

REPORTING_KINDS = {Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT}


@requires("registry.view_unit")
@require_safe
def unit_list(request):
    found, table = directory(request.user, request.GET)
    arrange(request, table)
    file = export_response(request, table, "registry.units")
    if file is not None:
        return file
    return render(request, "registry/unit_list.html", {"filter": found, "table": table})


@requires("registry.view_unit")
@require_safe
def unit_detail(request, pk):
    mine = Unit.objects.visible_to(request.user, "registry.view_unit")
    unit = get_object_or_404(mine.select_related("successor"), pk=pk)
    today = clock.today()
    contacts = Posting.objects.none()
    if request.user.has_perm("registry.view_contact"):
        seen = Posting.objects.visible_to(request.user, "registry.view_contact")
        contacts = seen.reporting_for(unit, today)
    below = mine.lying_under(unit, today)
    context = {
        "unit": unit,
        "parents": unit.parents.select_related("parent").order_by("-valid_from"),
        "run_by": unit.run_by.select_related("zone").order_by("-valid_from"),
        "runs": unit.runs.select_related("township").order_by("-valid_from"),
        "codes": unit.codes.order_by("system", "-year"),
        "aliases": unit.aliases.order_by("name"),
        "contacts": contacts,
        "below": below,
        "merged": unit.valid_to is not None and unit.valid_to < today,
        "may_change": _changeable(request).filter(pk=pk).exists(),
        "may_report": unit.kind in REPORTING_KINDS,
    }
    return render(request, "registry/unit_detail.html", context)


def _changeable(request):
    """Units that this person may change today; what was merged is history."""
    if not request.user.has_perm("registry.change_unit"):
        return Unit.objects.none()
    mine = Unit.objects.visible_to(request.user, "registry.change_unit")
    return mine.existing(clock.today())


@requires("registry.change_unit")
@require_http_methods(["GET", "HEAD", "POST"])
def unit_reporting(request, pk):
    """Tick or untick a unit as one that files returns, after a page that says what follows."""
    unit = get_object_or_404(_changeable(request).of_kinds(REPORTING_KINDS), pk=pk)
    ticked = unit.reports_education
    to = "0" if ticked else "1"
    if request.method == "POST" and request.POST.get("to") != to:
        messages.info(request, _("现在已经是这样，没有改动。"))
        return redirect(unit)
    if request.method == "POST":
        services.set_reporting(unit, by=request.user, reports=not ticked)
        messages.success(
            request,
            _("%(unit)s不再报送教育数据。") % {"unit": unit.name}
            if ticked
            else _("%(unit)s今后报送教育数据，明天起有填报任务。") % {"unit": unit.name},
        )
        return redirect(unit)
    text = (
        _("它托管的苏木镇改算在原来的旗；已冻结的期别不变，已有的填报任务留着。")
        if ticked
        else _("它托管的苏木镇从此算在它名下，不再算在旗里；已冻结的期别不变。")
    )
    context = {
        "title": (_("%(unit)s不再报送教育数据？") if ticked else _("%(unit)s要报送教育数据？"))
        % {"unit": unit.name},
        "text": text,
        "yes": _("取消报送") if ticked else _("设为报送"),
        "to": to,
        "back": unit.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@requires("registry.change_unit")
@require_http_methods(["GET", "HEAD", "POST"])
def unit_move(request, pk):
    unit = get_object_or_404(_changeable(request), pk=pk)
    words = {
        "title": _("%(unit)s改隶属") % {"unit": unit.name},
        "text": _("自那天起算在新的上级；之前各期和已冻结的期别不变。"),
        "yes": _("改隶属"),
        "done": _("已改隶属。"),
    }
    return _deed_page(request, unit, MoveForm, services.move_unit, "to", words)


@requires("registry.change_unit")
@require_http_methods(["GET", "HEAD", "POST"])
def unit_merge(request, pk):
    unit = get_object_or_404(_changeable(request), pk=pk)
    words = {
        "title": _("%(unit)s并入其他单位") % {"unit": unit.name},
        "text": _("它的下级随之并入；它自己的记录留着，在并入的单位里能看到。并了不能撤销。"),
        "yes": _("并入"),
        "done": _("已并入。"),
    }
    return _deed_page(request, unit, MergeForm, services.merge_unit, "into", words)


def _deed_page(request, unit, form_class, deed, target, words):
    """A form with the unit it goes to and the day, the deed, and what the deed refuses."""
    asked = request.POST if request.method == "POST" else None
    form = form_class(
        asked,
        unit=unit,
        choices=Unit.objects.visible_to(request.user, "registry.change_unit"),
        today=clock.today(),
        initial={"on": clock.today()},
    )
    if form.is_valid():
        facts = form.cleaned_data
        try:
            deed(unit, by=request.user, on=facts["on"], **{target: facts["to"]})
        except services.BadMove as bad:
            form.add_error("on", str(bad))
        else:
            messages.success(request, words["done"])
            return redirect(unit)
    context = {**words, "form": form, "back": unit.get_absolute_url(), "danger": target == "into"}
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)
