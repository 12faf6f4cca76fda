"""The four ones: what is owed, by whom, what met it, and telling of a look that was taken."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import clock, files
from common.access import requires
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from common.models import StoredFile
from common.refusals import Stale
from common.templatetags.ax import num
from dropout.duties_filters import READ
from dropout.duties_forms import DeclarationForm, WaiveForm, WithdrawalForm
from dropout.duties_tables import duties_owed, look_of
from dropout.models import (
    DUTIES,
    TOLD_IN_WORDS,
    AttendanceLine,
    AttendanceReturn,
    Comparison,
    Declaration,
    Obligation,
)
from dropout.services import duties as services
from dropout.services.refusals import Refused
from registry.models import Duty
from registry.services import duties as registry_duties

DECLARE, WAIVE, COMPARE = "dropout.change_ledger", "registry.waive_duty", "dropout.run_comparison"
PROOF = "proof"


@requires(READ)
@require_GET
def duty_list(request):
    found, table = duties_owed(request.user, request.GET)
    arrange(request, table)
    if file := export_response(request, table, "dropout.duties"):
        return file
    mine = Duty.objects.visible_to(request.user, READ).of_code(DUTIES)
    late = mine.overdue(clock.today()).count()
    head = ngettext("%(n)s 项逾期没办", "%(n)s 项逾期没办", late) % {"n": num(late)}
    context = {"filter": found, "table": table, "head": head if late else _("四个一没有逾期的")}
    return page_or_partial(request, "dropout/duty_list.html", "dropout/duty_list.html", context)


def _duty(request, pk, permission=READ) -> Duty:
    mine = Duty.objects.visible_to(request.user, permission).of_code(DUTIES)
    return get_object_or_404(mine.select_related("unit"), pk=pk)


def _own(request):
    """What this person's own units owe: who only reads it from above does not tell of it."""
    return Duty.objects.owed_by(request.user, DECLARE).of_code(DUTIES)


@requires(READ)
@require_GET
def duty_detail(request, pk):
    return _page(request, _duty(request, pk))


def _page(request, duty: Duty, *, form=None, waive_form=None):
    """What is asked for, the facts that stand for it, what was told, and what can be done."""
    told = list(Declaration.objects.of_duty(duty).latest_first())
    own = request.user.has_perm(DECLARE) and _own(request).filter(pk=duty.pk).exists()
    may_declare = own and duty.code in TOLD_IN_WORDS and not duty.waived_at
    if may_declare and form is None:
        standing = sum(not one.is_withdrawn for one in told)
        form = DeclarationForm(initial={"held_on": clock.today(), "seen": standing})
    may_waive = Duty.objects.visible_to(request.user, WAIVE).filter(pk=duty.pk).exists()
    context = {
        "duty": duty,
        "state": look_of(duty, clock.today()),
        "told": _with_files(request, told),
        "may_withdraw": own,
        "form": form,
        "waive_form": (waive_form or WaiveForm()) if may_waive and not duty.met_at else None,
        "may_hand_in": own and duty.code == Obligation.MONTH,
        **_facts(request, duty),
    }
    bound = (form and form.is_bound) or (waive_form and waive_form.is_bound)
    return render(request, "dropout/duty_detail.html", context, status=422 if bound else 200)


def _with_files(request, told: list[Declaration]) -> list[dict]:
    """Each declaration with its papers, found for all at once; only a standing one takes more."""
    code = Declaration._meta.label_lower
    held: dict[str, list] = {}
    keys = [one.pk for one in told]
    for file in StoredFile.objects.of_several(code, keys).select_related("uploaded_by"):
        held.setdefault(file.subject_pk, []).append(file)
    return [
        {
            "declaration": one,
            "files": held.get(str(one.pk), []),
            "may_attach": files.may_attach(one, request.user, PROOF),
        }
        for one in told
    ]


def _facts(request, duty: Duty) -> dict:
    """A month's sheet, or the comparisons of a quarter."""
    if duty.code == Obligation.MONTH:
        lines = AttendanceLine.objects.of_month(duty.period).of_school(duty.unit)
        sheet = AttendanceReturn.objects.of_month(duty.period).of_school(duty.unit)
        return {
            "is_month": True,
            "sheet": sheet.select_related("handed_in_by").first(),
            "children": lines.count(),
            "away": lines.absent().count(),
        }
    if duty.code == Obligation.QUARTER:
        runs = Comparison.objects.visible_to(request.user, READ).filter(
            unit=duty.unit, on__range=(duty.span.start, duty.period_end), finished_at__isnull=False
        )
        return {
            "is_quarter": True,
            "runs": runs.order_by("-on", "-pk"),
            "may_compare": request.user.has_perm(COMPARE),
        }
    return {}


@requires(DECLARE)
@require_POST
def duty_declare(request, pk):
    """Tell of a look that was taken; a page that has gone stale is told, and what was typed stays."""
    duty = get_object_or_404(_own(request).select_related("unit"), pk=pk)
    form = DeclarationForm(request.POST)
    if not form.is_valid():
        return _page(request, duty, form=form)
    try:
        services.declare(duty, by=request.user, at=clock.now(), **form.cleaned_data)
    except Stale:
        messages.info(request, _("这一期刚才已经登记过，看下面；要补充就再登记一条。"))
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        duty.refresh_from_db()
        return _page(request, duty, form=form)
    else:
        messages.success(request, _("已登记。材料在下面附上。"))
    return redirect(duty)


@requires(DECLARE)
@require_http_methods(["GET", "HEAD", "POST"])
def declaration_withdraw(request, pk):
    mine = Declaration.objects.filter(duty__in=_own(request))
    told = get_object_or_404(mine.select_related("duty__unit"), pk=pk)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.withdraw_declaration(
                told, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            messages.info(request, refused.says)
        else:
            messages.success(request, _("已撤回。"))
        return redirect(told)
    context = {
        "form": form,
        "title": _("撤回办理情况"),
        "text": _("登记错了才撤回。记录留着；没有别的依据时，这一期又算没办。"),
        "yes": _("撤回"),
        "back": told.get_absolute_url(),
    }
    return render(request, "dropout/deed_form.html", context, status=422 if form.is_bound else 200)


@requires(WAIVE)
@require_POST
def duty_waive(request, pk):
    """A unit does not owe it after all; the reason is asked for and stays."""
    duty = _duty(request, pk, WAIVE)
    form = WaiveForm(request.POST)
    if not form.is_valid():
        return _page(request, duty, waive_form=form)
    try:
        registry_duties.waive_duty(duty, by=request.user, **form.cleaned_data)
    except registry_duties.AlreadyMet:
        messages.info(request, _("这一期已经办过或已免报，没有改动。"))
    else:
        messages.success(request, _("已免报，可以随时恢复。"))
    return redirect(duty)


@requires(WAIVE)
@require_POST
def duty_restore(request, pk):
    """The unit owes it again; what was handed in meanwhile meets it at once."""
    duty = _duty(request, pk, WAIVE)
    try:
        services.restore(duty, by=request.user, at=clock.now())
    except registry_duties.AlreadyMet:
        messages.info(request, _("这一期没有免报，没有改动。"))
    else:
        messages.success(request, _("已恢复。"))
    return redirect(duty)
