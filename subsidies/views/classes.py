"""What a school's group decides about a whole class, on one page."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common import audit, clock
from common.access import requires
from common.refusals import Stale
from registry.models import Unit
from subsidies.class_sheet import ClassSheet, classes_of
from subsidies.recognitions_forms import ClassForm, WhereForm
from subsidies.services.classes import RefusedFor, recognise_class
from subsidies.start_sheet import CHANGE
from subsidies.views.deed_pages import EDITING, asked

OPENED = "subsidies.class_opened"


def schools_for(user):
    """The schools a person may act for."""
    mine = Unit.objects.visible_to(user, CHANGE).existing(clock.today())
    return mine.of_kinds([Unit.Kind.SCHOOL]).for_list()


@requires(CHANGE)
@require_safe
def class_list(request):
    """The school's classes; who has one school is not asked which."""
    schools = schools_for(request.user)
    only = schools[0] if len(schools[:2]) == 1 else None
    form = WhereForm(
        request.GET if "school" in request.GET else None,
        schools=schools,
        terms=[],
        initial={"school": only},
    )
    school = form.cleaned_data["school"] if form.is_valid() else only
    classes = classes_of(school, today=clock.today()) if school else []
    context = {"form": form, "school": school, "classes": classes, "chooses": only is None}
    return render(request, "subsidies/class_list.html", context)


@requires(CHANGE)
@EDITING
def class_detail(request, school, grade):
    """A line for each child. All that is filled in is written, or nothing."""
    school = get_object_or_404(schools_for(request.user), pk=school)
    class_name = request.GET.get("class_name", "")[:30]
    sheet = ClassSheet(
        school, grade, class_name, user=request.user, today=clock.today(), data=asked(request)
    )
    form = ClassForm(asked(request), initial={"on": clock.today()})
    if request.method == "POST":
        if done := _recognised(request, sheet, form):
            n = {"n": done}
            messages.success(
                request,
                ngettext("已认定 %(n)s 名学生，等公示。", "已认定 %(n)s 名学生，等公示。", done)
                % n,
            )
            return redirect(request.get_full_path())
    elif sheet.lines:
        told = {"rows": len(sheet.lines)}
        audit.record(OPENED, school, by=request.user, after=told)
    context = {"sheet": sheet, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "subsidies/class_detail.html", context, status=status)


def _recognised(request, sheet, form) -> int:
    """How many were; none where something stands in the way, which is said where it belongs."""
    good = [one.is_valid() for one in (form, *sheet.forms)]
    if not all(good):
        return 0
    said = sheet.said()
    if not said:
        form.add_error(None, _("还没有给任何学生选等级。"))
        return 0
    try:
        return recognise_class(
            said,
            school=sheet.school,
            term=sheet.term.code,
            on=form.cleaned_data["on"],
            by=request.user,
            at=clock.now(),
        )
    except Stale:
        form.add_error(None, _("别人刚登记过这个班的学生，什么都没有写入。打开这个班再看一遍。"))
    except RefusedFor as refused:
        _say(sheet.form_of(refused.student), form, refused.why)
    return 0


def _say(child_form, form, why) -> None:
    if why.field == "recognised_on":
        form.add_error("on", why.says)
    else:
        child_form.add_error(why.field if why.field in child_form.fields else None, why.says)
