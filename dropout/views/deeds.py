"""What is done to a case on the way from the first suspicion: a page for each deed."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from common import clock
from common.access import requires
from dropout import cases_forms as forms
from dropout.models import Case, ResponsibleRole, Source
from dropout.services import cases, corrections, transfers, visits
from dropout.views.deed_pages import (
    CHANGE,
    EDITING,
    RECORD,
    VIEW,
    asked,
    case_or_404,
    deed_page,
    officers,
    today,
)
from registry.models import Student, Unit


# Opening and arranging ----------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_new(request, student):
    """From the page of a child: a case is opened, or the one that is there is shown."""
    children = Student.objects.visible_to(request.user, "registry.view_student")
    child = get_object_or_404(children, pk=student)
    case = Case.objects.visible_to(request.user, VIEW).of_student(child).first()
    if case:
        return redirect(case)
    units = Unit.objects.visible_to(request.user, CHANGE).reporting(clock.today())
    form = forms.NewCaseForm(
        asked(request),
        offered={"unit": units},
        initial={"source": Source.DOOR_TO_DOOR, "found_on": clock.today()},
    )
    return deed_page(
        request,
        None,
        form,
        partial(_suspect, child),
        title=_("开个案"),
        text=_("先登记为疑似，再去核实。"),
        done=_("已开个案。"),
        back=child.get_absolute_url(),
        then=lambda episode: episode.case,
    )


def _suspect(child, *, seen, **facts):
    """A child has no case yet, or an ended one: there is nothing to be overtaken in."""
    return cases.suspect(child, only_new=True, **facts)


@requires(CHANGE)
@EDITING
def case_reopen(request, pk):
    """Found out of school again after the last spell was over."""
    case = case_or_404(request, pk, CHANGE)
    form = forms.FoundForm(
        asked(request), initial={"source": Source.OTHER} | today(case, "found_on")
    )
    return deed_page(
        request,
        case,
        form,
        partial(_suspect, case.student),
        title=_("重新开案"),
        text=_("还是这名学生的个案，另记一次；销号以后再离校的算反弹。"),
        done=_("已重新开案。"),
    )


@requires(CHANGE)
@EDITING
def case_arrange(request, pk):
    case = case_or_404(request, pk, CHANGE)
    episode = case.latest
    form = forms.ArrangeForm(
        asked(request),
        offered={"officer": officers(case.unit)},
        initial={"officer": episode.officer_id, "planned_on": episode.planned_on} | today(case),
    )
    return deed_page(
        request,
        case,
        form,
        partial(cases.arrange, episode),
        title=_("定经办人和下次日期"),
        done=_("已定下。"),
    )


@requires(CHANGE)
@EDITING
def case_people(request, pk):
    case = case_or_404(request, pk, CHANGE)
    form = forms.ResponsibleForm(
        asked(request), offered={"role": ResponsibleRole.objects.in_use()}, initial=today(case)
    )
    return deed_page(
        request,
        case,
        form,
        partial(cases.name_responsible, case.latest),
        title=_("定责任人"),
        text=_("一个职务一个人；换人时原来的留在记录里。"),
        done=_("已定下。"),
    )


# Finding out --------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_verify(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.VerifyForm(asked(request), initial=today(case, "on")),
        partial(cases.verify, case.latest),
        title=_("开始核实"),
        done=_("已开始核实。"),
    )


@requires(CHANGE)
@EDITING
def case_confirm(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.ConfirmForm(asked(request), initial=today(case, "on")),
        partial(cases.confirm, case.latest),
        title=_("确认失学、辍学"),
        text=_("信教和健康方面的原因另行加密记载，列表、看板和导出里都看不到。"),
        done=_("已确认，接着定责任人、劝返。"),
    )


@requires(CHANGE)
@EDITING
def case_correct_cause(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.CorrectCauseForm(asked(request), initial=today(case)),
        partial(corrections.correct_cause, case.latest),
        title=_("更正原因"),
        text=_("确认时写错了，或查明了别的原因。按原因算的数跟着变，原来的留在经过里。"),
        done=_("已更正。"),
        yes=_("更正"),
    )


@requires(CHANGE)
@EDITING
def case_rule_out(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.RuleOutForm(asked(request), initial=today(case, "on")),
        partial(cases.rule_out, case.latest),
        title=_("排除"),
        text=_("写明为什么不是辍学。以后再发现，还是这名学生的个案。"),
        done=_("已排除，个案了结。"),
    )


# Persuading ---------------------------------------------------------------------------------------
@requires(RECORD)
@EDITING
def case_visit(request, pk):
    case = case_or_404(request, pk, RECORD)
    return deed_page(
        request,
        case,
        forms.VisitForm(asked(request), initial={"visitor": request.user.name} | today(case, "on")),
        partial(visits.record_visit, case.latest),
        title=_("记劝返"),
        text=_("每一次都记，没见到人也记。照片在登记以后上传。"),
        done=_("已记下。照片可以在经过里上传。"),
    )


@requires(CHANGE)
@EDITING
def case_leave_again(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.LeaveAgainForm(asked(request), initial=today(case, "on")),
        partial(cases.left_again, case.latest),
        title=_("又离校了"),
        text=_("这一次了结为再次辍学，同一个案另开一次，算反弹。"),
        done=_("已另开一次。"),
    )


# To another unit ----------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_offer(request, pk):
    case = case_or_404(request, pk, CHANGE)
    others = Unit.objects.reporting(clock.today()).exclude(pk=case.unit_id)
    return deed_page(
        request,
        case,
        forms.OfferForm(asked(request), offered={"to_unit": others}, initial=today(case)),
        partial(transfers.offer_case, case),
        title=_("移交别的单位"),
        done=_("已移交，等对方答复；接收以前仍归本单位。"),
    )
