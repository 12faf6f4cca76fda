"""Steps, documents, placements, lessons at home, and the end of a case: a page for each deed."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common import clock
from common.access import requires
from dropout import measures_forms as forms
from dropout.cases_forms import WithdrawForm
from dropout.models import Closing, Notice, NoticeTemplate, Placement, Step, Visit, Watch
from dropout.services import closings, corrections, placements, rules, steps
from dropout.services.refusals import Refused
from dropout.views.deed_pages import (
    CHANGE,
    EDITING,
    RECORD,
    REVIEW,
    asked,
    case_or_404,
    deed_page,
    today,
)
from dropout.views.notices import notice_or_404
from registry.models import Enrolment, Unit


# Steps and documents ------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_step(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.StepForm(asked(request), initial=today(case, "taken_on")),
        partial(_step, case.latest),
        title=_("办理四步"),
        text=_("按先后办；不走的一步写明原因跳过。"),
        done=_("已记下。"),
    )


def _step(episode, *, done, taken_on, skipped_because, legal_basis, **facts):
    """One form for both: a step is taken, or skipped with a reason."""
    if done == forms.SKIPPED:
        return steps.skip_step(episode, skipped_because=skipped_because, **facts)
    return steps.take_step(episode, taken_on=taken_on, legal_basis=legal_basis, **facts)


@requires(CHANGE)
@EDITING
def case_notice(request, pk):
    case = case_or_404(request, pk, CHANGE)
    guardian = case.student.guardians.order_by("position").first()
    form = forms.NoticeForm(
        asked(request),
        offered={
            "template": NoticeTemplate.objects.in_use(),
            "step": Step.objects.of_episode(case.latest).taken(),
        },
        initial={"issuer": case.unit.name, "addressee": guardian.name if guardian else ""}
        | today(case, "issued_on"),
    )
    return deed_page(
        request,
        case,
        form,
        partial(steps.issue_notice, case.latest),
        title=_("制发文书"),
        text=_("登记以后下载 Word 文档，打印盖章；送达以后再登记怎样送的。"),
        done=_("已登记，下载文档去打印。"),
        then=lambda notice: _page_of(notice),
    )


@requires(CHANGE)
@EDITING
def notice_serve(request, pk):
    notice = notice_or_404(request, pk, CHANGE)
    case = notice.episode.case
    return deed_page(
        request,
        case,
        forms.ServeForm(asked(request), initial=today(case, "served_on")),
        partial(steps.serve_notice, notice),
        title=_("登记送达"),
        done=_("已登记。送达回证的扫描件在这里上传。"),
        back=_page_of(notice),
    )


def _page_of(notice) -> str:
    return reverse("dropout:notice-detail", args=[notice.pk])


# What was recorded wrongly ------------------------------------------------------------------------
RECORDS = {"visit": Visit, "step": Step, "notice": Notice, "placement": Placement}


@requires(CHANGE)
@EDITING
def record_withdraw(request, kind, pk):
    model = RECORDS.get(kind)
    if model is None:
        raise Http404
    mine = model.objects.visible_to(request.user, CHANGE).select_related("episode__case")
    record = get_object_or_404(mine, pk=pk)
    case = record.episode.case
    return deed_page(
        request,
        case,
        WithdrawForm(asked(request), initial=today(case)),
        partial(corrections.withdraw, record),
        title=_("撤回一条登记"),
        text=_("登记错了才撤回。记录留着，状态按剩下的事实重新推出。"),
        done=_("已撤回。"),
        yes=_("撤回"),
    )


# Placements ---------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_place(request, pk):
    case = case_or_404(request, pk, CHANGE)
    schools = Unit.objects.existing(clock.today()).of_kinds({Unit.Kind.SCHOOL}).for_list()
    form = forms.PlaceForm(
        asked(request),
        offered={"school": schools},
        initial=_last_class(case) | today(case, "began_on"),
    )
    return deed_page(
        request,
        case,
        form,
        partial(placements.place, case.latest),
        title=_("登记安置"),
        text=_("每种安置要自己的依据：在校的要年级和班，送教的要计划和记录，延缓、休学要批文。"),
        done=_("已登记。"),
    )


def _last_class(case) -> dict:
    """Where the child went to school last: most go back there."""
    last = Enrolment.objects.of_student(case.student).order_by("-valid_from", "-pk").first()
    if last is None:
        return {}
    return {"school": last.school_id, "grade": last.grade, "class_name": last.class_name}


def _placement_or_404(case) -> Placement:
    found = Placement.objects.of_episode(case.latest).in_place().first()
    if found is None:
        raise Http404
    return found


@requires(CHANGE)
@EDITING
def case_attend(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.AttendForm(asked(request), initial=today(case, "on")),
        partial(placements.confirm_attendance, _placement_or_404(case)),
        title=_("核实在校"),
        text=_("返校满几周才能核实，几周在设置里定。"),
        done=_("已核实，开始巩固观察。"),
    )


@requires(CHANGE)
@EDITING
def case_plan(request, pk):
    case = case_or_404(request, pk, CHANGE)
    placement = _placement_or_404(case)
    usual = rules.in_force().lessons_a_month
    initial = {"valid_from": placement.began_on, "lessons_a_month": usual} | today(case)
    return deed_page(
        request,
        case,
        forms.PlanForm(asked(request), initial=initial),
        partial(placements.plan_lessons, placement),
        title=_("定送教计划"),
        text=_("一人一案。新计划从写的那天起用，原来的到前一天为止。"),
        done=_("计划已定。"),
    )


@requires(RECORD)
@EDITING
def case_lesson(request, pk):
    case = case_or_404(request, pk, RECORD)
    initial = {"teacher": request.user.name} | today(case, "on")
    return deed_page(
        request,
        case,
        forms.LessonForm(asked(request), initial=initial),
        partial(placements.record_lesson, _placement_or_404(case)),
        title=_("记送教"),
        done=_("已记下。"),
    )


@requires(RECORD)
@EDITING
def watch_answer(request, pk):
    """Is the child there? One question, and back to the next child."""
    mine = Watch.objects.visible_to(request.user, RECORD).unanswered()
    watch = get_object_or_404(mine.select_related("placement__episode__case"), pk=pk)
    return deed_page(
        request,
        watch.placement.episode.case,
        forms.WatchForm(asked(request)),
        partial(placements.answer_watch, watch),
        title=_("第 %(n)s 天回访") % {"n": watch.days},
        done=_("已回答。"),
        back=reverse("dropout:watch-list"),
    )


@requires(RECORD)
@EDITING
def watch_correct(request, pk):
    """The answer was wrong: another one, and why."""
    mine = Watch.objects.visible_to(request.user, RECORD).answered()
    watch = get_object_or_404(mine.select_related("placement__episode__case"), pk=pk)
    case = watch.placement.episode.case
    return deed_page(
        request,
        case,
        forms.CorrectWatchForm(asked(request), initial=today(case)),
        partial(corrections.correct_watch, watch),
        title=_("更正第 %(n)s 天回访") % {"n": watch.days},
        text=_("原来回答的是：%(answer)s") % {"answer": watch.get_answer_display()},
        done=_("已更正。"),
        yes=_("更正"),
    )


# The end ------------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def case_ask_closing(request, pk):
    case = case_or_404(request, pk, CHANGE)
    return deed_page(
        request,
        case,
        forms.AskClosingForm(asked(request), initial=today(case)),
        partial(closings.ask_to_close, case.latest),
        title=_("申请销号"),
        text=_("由另一个人审核。"),
        done=_("已申请，等另一人审核。"),
        yes=_("申请"),
    )


@requires(REVIEW)
@EDITING
def case_decide_closing(request, pk):
    case = case_or_404(request, pk, REVIEW)
    waiting = Closing.objects.of_episode(case.latest).waiting().select_related("episode").first()
    if waiting is None:
        messages.info(request, _("没有等审核的销号，别人可能已经办过。"))
        return redirect(case)
    return deed_page(
        request,
        case,
        forms.DecideForm(asked(request), initial=today(case)),
        partial(closings.decide_closing, waiting),
        title=_("审核销号"),
        text=_("先看经过、安置和回访。依据要在个案页上看完整信息以后才显示。"),
        done=_("已审核。"),
        yes=_("定下"),
        back=case.get_absolute_url(),
    )


@requires(CHANGE)
@require_POST
def closing_withdraw(request, pk):
    mine = Closing.objects.visible_to(request.user, CHANGE).select_related("episode__case")
    closing = get_object_or_404(mine, pk=pk)
    try:
        closings.withdraw_closing(closing, by=request.user, at=clock.now())
    except Refused as refused:
        messages.warning(request, refused.says)
    else:
        messages.success(request, _("申请已收回。"))
    return redirect(closing.episode.case)
