"""Recognition of need: the list, one recognition with what is done to it, a class at one sitting."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from registry.models import Enrolment, Student, Unit
from registry.services import searches
from registry.students_forms import SearchForm
from registry.views.searching import look_for
from subsidies import recognitions_forms as forms
from subsidies.models import Recognition
from subsidies.recognition_sheet import WORDS, RecognitionSheet
from subsidies.recognitions_tables import recognised
from subsidies.services import recognitions
from subsidies.start_sheet import CHANGE, REVIEW, VIEW
from subsidies.terms import term_choices, this_term
from subsidies.views.deed_pages import EDITING, asked, deed_page

LISTED, OPENED = "subsidies.recognitions_listed", "subsidies.recognition_opened"
OFFERED_TERMS = 4  # two school years


def _one(request, pk, permission) -> Recognition:
    mine = Recognition.objects.visible_to(request.user, permission).for_list().with_papers()
    return get_object_or_404(mine, pk=pk)


# Reading -----------------------------------------------------------------------------------------
@requires(VIEW)
@require_safe
def recognition_list(request):
    """This term's, unless another is asked for."""
    try:
        found, table = recognised(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "subsidies.recognitions")
    if file is not None:
        return file
    record_listed(request, table, LISTED)
    context = {
        "filter": found,
        "table": table,
        "search_form": SearchForm(auto_id="find-%s"),
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/recognition_list.html", context)


@requires(VIEW)
@require_POST
def recognition_search(request):
    return look_for(request, reverse("subsidies:recognition-list"))


@requires(VIEW)
@require_safe
def recognition_detail(request, pk):
    one = _one(request, pk, VIEW)
    audit.record(OPENED, one, by=request.user)
    children = Student.objects.visible_to(request.user, "registry.view_student")
    context = {
        "one": one,
        "sheet": RecognitionSheet(one, user=request.user, today=clock.today()),
        "opens_child": children.filter(pk=one.student_id).exists(),
    }
    return render(request, "subsidies/recognition_detail.html", context)


# Deeds -------------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def recognition_new(request, student):
    """From the page of a child: its family asks for it. The one that stands is shown instead."""
    children = Student.objects.visible_to(request.user, "registry.view_student")
    child = get_object_or_404(children, pk=student)
    today = clock.today()
    term = this_term(today).code
    if request.method != "POST":
        mine = Recognition.objects.visible_to(request.user, VIEW).standing()
        standing = mine.of_student(child).of_term(term).first()
        if standing:
            return redirect(standing)
    there = Enrolment.objects.in_force(today).of_student(child).values("school")
    schools = Unit.objects.visible_to(request.user, CHANGE).filter(pk__in=there)
    if not schools:
        messages.warning(request, _("这名学生现在不在归您办的学校就读，由就读的学校登记。"))
        return redirect(child)
    form = forms.ApplyForm(
        asked(request),
        terms=term_choices(today)[:OFFERED_TERMS],
        offered={"school": schools},
        initial={"school": schools[0], "term": term, "applied_on": today},
    )
    return deed_page(
        request,
        form,
        partial(_apply, child),
        title=_("登记困难认定申请"),
        text=_("接着由学校认定小组定等级，公示期满再备案。"),
        done=_("已登记申请。"),
        back=child.get_absolute_url(),
        then=lambda one: one,
    )


def _apply(child, *, seen, applied_on, **facts):
    return recognitions.apply(child, on=applied_on, **facts)


def _deed(request, pk, permission, code, form_class, deed, *, done, begin=(), then=None, **more):
    """The page of one deed on a recognition that stands."""
    one = _one(request, pk, permission)
    sheet = RecognitionSheet(one, user=request.user, today=clock.today())
    initial = {name: getattr(one, name) for name in begin} | {"seen": one.version}
    initial |= {name: clock.today() for name in form_class.base_fields if name == "on"}
    facts = [(_("学生"), sheet.name), (_("年级、班"), sheet.class_shown)]
    if one.level:
        facts.append((_("等级"), one.get_level_display()))
    return deed_page(
        request,
        form_class(asked(request), initial=initial),
        partial(deed, one),
        title=WORDS[code],
        done=done,
        facts=facts,
        back=one.get_absolute_url(),
        thing=one,
        then=then,
        **more,
    )


@requires(CHANGE)
@EDITING
def recognition_agree(request, pk):
    begin = ("level", "group", "has_promise", "recognised_on")
    return _deed(
        request,
        pk,
        CHANGE,
        "agree",
        forms.AgreeForm,
        _agree,
        begin=begin,
        text=_("认定那天的班级、寄宿和部门名单一起存下，以后不随变化改。"),
        done=_("已认定，等公示。"),
    )


def _agree(one, *, recognised_on, **facts):
    return recognitions.agree(one, on=recognised_on, **facts)


@requires(CHANGE)
@EDITING
def recognition_refuse(request, pk):
    return _deed(
        request,
        pk,
        CHANGE,
        "refuse",
        forms.WhyForm,
        recognitions.refuse,
        text=_("认定小组没有通过，或者公示时有人提出异议、查实。"),
        done=_("已登记未通过。"),
    )


@requires(CHANGE)
@EDITING
def recognition_withdraw(request, pk):
    return _deed(
        request,
        pk,
        CHANGE,
        "withdraw",
        forms.WhyForm,
        recognitions.withdraw,
        text=_("家里撤回申请，或者登记错了。"),
        done=_("已撤回。"),
    )


@requires(REVIEW)
@EDITING
def recognition_adjust(request, pk):
    return _deed(
        request,
        pk,
        REVIEW,
        "adjust",
        forms.AdjustForm,
        recognitions.adjust,
        begin=("level", "group"),
        text=_("原来的认定留着可查，从这天起按新的等级，应发资助跟着重算。"),
        done=_("已调整。"),
        then=lambda new: new,
    )


@requires(REVIEW)
@EDITING
def recognition_end(request, pk):
    return _deed(
        request,
        pk,
        REVIEW,
        "end",
        forms.EndForm,
        recognitions.end,
        text=_("已经发的钱对不对，另由人判断。"),
        done=_("已取消认定。"),
    )
