"""What aid there is and what it gives: the list of standards, one programme, one standard."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import clock
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from registry.models import Unit
from subsidies import programmes_forms as forms
from subsidies.models import Award, Programme, Standard
from subsidies.programmes_filters import VIEW
from subsidies.programmes_tables import StandardTable, rates, stands, whom, worth
from subsidies.services import standards
from subsidies.start_sheet import VIEW as VIEW_AWARDS
from subsidies.views.deed_pages import EDITING, asked, deed_page

CHANGE = "subsidies.change_standard"


def _programmes(request, permission):
    return Programme.objects.offered_to(request.user, permission).distinct()


def _programme(request, pk, permission):
    return get_object_or_404(_programmes(request, permission), pk=pk)


def _standard(request, pk, permission):
    mine = Standard.objects.filter(programme__in=_programmes(request, permission))
    return get_object_or_404(mine.select_related("programme__unit", "confirmed_by"), pk=pk)


# Reading -----------------------------------------------------------------------------------------
@requires(VIEW)
@require_safe
def programme_list(request):
    """What holds today; what nobody has confirmed says so."""
    found, table = rates(request.user, request.GET)
    arrange(request, table)
    file = export_response(request, table, "subsidies.standards")
    if file is not None:
        return file
    mine = _programmes(request, VIEW)
    today = clock.today()
    context = {
        "filter": found,
        "table": table,
        "to_confirm": Standard.objects.filter(programme__in=mine)
        .in_force(today)
        .to_confirm()
        .count(),
        "bare": mine.without_standards().for_list(),
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/programme_list.html", context)


@requires(VIEW)
@require_safe
def programme_detail(request, pk):
    """All its standards, those of the past too."""
    programme = _programme(request, pk, VIEW)
    rows = Standard.objects.of_programme(programme).for_list()
    table = StandardTable(
        rows, exclude=("programme",), order_by=request.GET.getlist("sort") or None
    )
    table.exports = False
    arrange(request, table)
    context = {
        "programme": programme,
        "table": table,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/programme_detail.html", context)


@requires(VIEW)
@require_safe
def standard_detail(request, pk):
    standard = _standard(request, pk, VIEW)
    look, word, why = stands(standard)
    resting = Award.objects.visible_to(request.user, VIEW_AWARDS).by_standard(standard)
    context = {
        "standard": standard,
        "whom": whom(standard),
        "worth": worth(standard),
        "state": {"look": look, "word": word, "why": why},
        "changes": standard.changes.for_page(),
        "awards": resting.count(),
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/standard_detail.html", context)


# Programmes --------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def programme_new(request):
    units = Unit.objects.visible_to(request.user, CHANGE).reporting(clock.today())
    form = forms.ProgrammeForm(asked(request), offered={"unit": units})
    return deed_page(
        request,
        form,
        _add_programme,
        title=_("添加地方项目"),
        text=_("盟里或旗里自己设的资助项目。添加以后再登记它的标准。"),
        done=_("已添加，接着登记标准。"),
        back=reverse("subsidies:programme-list"),
        then=lambda programme: programme,
    )


def _add_programme(*, at, seen, **facts):
    """A programme has no history of its own: when it came is told by the log."""
    return standards.add_local_programme(**facts)


@requires(CHANGE)
@EDITING
def programme_edit(request, pk):
    programme = _programme(request, pk, CHANGE)
    units = Unit.objects.visible_to(request.user, CHANGE).reporting(clock.today())
    names = ("name", "unit", "form", "paid_to", "entitles", "note")
    initial = {name: getattr(programme, name) for name in names} | {"seen": programme.version}
    form = forms.ProgrammeForm(asked(request), initial=initial, offered={"unit": units})
    return deed_page(
        request,
        form,
        partial(_change_programme, programme),
        title=_("改资助项目"),
        done=_("已改。"),
        back=programme.get_absolute_url(),
        thing=programme,
    )


def _change_programme(programme, *, at, **facts):
    return standards.change_programme(programme, **facts)


# Standards ---------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def standard_new(request, programme):
    programme = _programme(request, programme, CHANGE)
    form = forms.StandardForm(asked(request), initial={"per": Standard.Per.YEAR})
    return deed_page(
        request,
        form,
        partial(_add_standard, programme),
        title=_("登记标准"),
        text=_("登记以后由人核对文件、确认，确认以前不用于判断。"),
        facts=[(_("资助项目"), programme.name)],
        done=_("已登记，核对文件以后确认。"),
        back=programme.get_absolute_url(),
        then=lambda standard: standard,
    )


def _add_standard(programme, *, by, at, reason, seen, **facts):
    standard = Standard(programme=programme, **facts)
    return standards.save_standard(standard, reason=reason, by=by, at=at)


@requires(CHANGE)
@EDITING
def standard_edit(request, pk):
    standard = _standard(request, pk, CHANGE)
    form = forms.StandardForm(asked(request), initial=forms.StandardForm.beginning(standard))
    return deed_page(
        request,
        form,
        partial(_change_standard, standard),
        title=_("改标准"),
        text=_("改过以后要重新确认。已有应发按它计算的只能写截止日期，另加一条。"),
        facts=[(_("资助项目"), standard.programme.name)],
        done=_("已改。"),
        back=standard.get_absolute_url(),
        thing=standard,
    )


def _change_standard(standard, *, by, at, reason, seen, **facts):
    changed = Standard.objects.get(pk=standard.pk)
    for name, value in facts.items():
        setattr(changed, name, value)
    return standards.save_standard(changed, reason=reason, by=by, at=at, seen=seen)


@requires(CHANGE)
@EDITING
def standard_close(request, pk):
    standard = _standard(request, pk, CHANGE)
    initial = {"valid_to": standard.valid_to, "seen": standard.version}
    return deed_page(
        request,
        forms.CloseForm(asked(request), initial=initial),
        partial(standards.close_standard, standard),
        title=_("定截止日期"),
        text=_("过了这天不再按它计算。应发资助会重新计算。"),
        facts=_facts(standard),
        done=_("已定下，应发资助正在重新计算。"),
        back=standard.get_absolute_url(),
        thing=standard,
    )


@requires(CHANGE)
@EDITING
def standard_confirm(request, pk):
    """A second click finds it confirmed and says so."""
    standard = _standard(request, pk, CHANGE)
    if standard.judges and request.method != "POST":
        return redirect(standard)
    return deed_page(
        request,
        forms.ConfirmForm(asked(request), initial={"seen": standard.version}),
        partial(standards.confirm_standard, standard),
        title=_("确认这条标准？"),
        text=_("确认以后按它计算应发、判断多发少发。应发资助会重新计算。"),
        yes=_("确认"),
        facts=_facts(standard),
        done=_("已确认，应发资助正在重新计算。"),
        back=standard.get_absolute_url(),
        thing=standard,
    )


def _facts(standard) -> list:
    return [
        (_("资助项目"), standard.programme.name),
        (_("给谁"), whom(standard)),
        (_("标准"), worth(standard)),
        (_("依据"), standard.document),
        (_("可靠程度"), standard.get_confidence_display()),
    ]
