"""Notices: the list, one notice for the wall, putting one up, taking it down, filing who stood on it."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import audit, clock, options
from common.access import requires
from common.exports import export_response
from common.lists import arrange
from registry.students_filters import UNMASK
from registry.students_tables import shown_name
from subsidies.deed_forms import Seen
from subsidies.models import NoticeRun, Recognition
from subsidies.notice_sheet import NoticeSheet
from subsidies.notices_tables import notices, stands
from subsidies.recognitions_forms import PutUpForm, WhereForm, WhyForm
from subsidies.recognitions_tables import class_shown
from subsidies.services import recognitions
from subsidies.services.refusals import Refused
from subsidies.start_sheet import CHANGE, REVIEW, VIEW
from subsidies.terms import term_choices, term_label, this_term
from subsidies.views.classes import schools_for
from subsidies.views.deed_pages import EDITING, asked, deed_page

OPENED = "subsidies.notice_opened"


def _notice(request, pk, permission) -> NoticeRun:
    return get_object_or_404(
        NoticeRun.objects.visible_to(request.user, permission).for_list(), pk=pk
    )


@requires(VIEW)
@require_safe
def notice_list(request):
    found, table = notices(request.user, request.GET)
    arrange(request, table)
    file = export_response(request, table, _("认定公示"))
    if file is not None:
        return file
    context = {
        "filter": found,
        "table": table,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "subsidies/notice_list.html", context)


@requires(VIEW)
@require_safe
@never_cache
def notice_detail(request, pk):
    """For the wall while it hangs: names, classes, levels, and nothing else of a child."""
    notice = _notice(request, pk, VIEW)
    today = clock.today()
    sheet = NoticeSheet(notice, user=request.user, today=today)
    audit.record(OPENED, notice, by=request.user, after={"rows": len(sheet.told)})
    look, word = stands(notice, today)
    context = {
        "notice": notice,
        "sheet": sheet,
        "term": term_label(notice.term),
        "state": {"look": look, "word": word},
    }
    return render(request, "subsidies/notice_detail.html", context)


@requires(CHANGE)
@EDITING
def notice_new(request):
    """Which school and term, then who of those that the group agreed on; all of them are ticked."""
    today = clock.today()
    schools = schools_for(request.user)
    where = _where(request, schools, today)
    school, term = where.chosen
    waiting = Recognition.objects.to_notice(school, term).for_list() if school else []
    masked = not request.user.has_perm(UNMASK)
    offered = [
        (one.pk, f"{class_shown(one)} {shown_name(one.student, masked=masked)} {one.level}")
        for one in waiting
    ]
    form = PutUpForm(
        asked(request), waiting=offered, initial={"recognitions": [pk for pk, _said in offered]}
    )
    if school and form.is_valid():
        try:
            notice = recognitions.put_up_notice(
                school, term=term, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("recognitions", refused.says)
        else:
            messages.success(request, _("已公示，期满自动撤下。"))
            return redirect(notice)
    context = {
        "where": where,
        "form": form,
        "school": school,
        "term": term_label(term),
        "count": len(offered),
        "until": recognitions.last_day_of_notice(today),
        "days": options.get("subsidies.notice_days"),
        "schools": _schools_waiting(request) if school is None else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "subsidies/notice_new.html", context, status=status)


def _schools_waiting(request) -> list[dict]:
    rows = Recognition.objects.visible_to(request.user, CHANGE).schools_to_notice()
    return [{**row, "term_label": term_label(row["term"])} for row in rows]


def _where(request, schools, today) -> WhereForm:
    """What the address asks for; who has one school is not asked which."""
    only = schools[0] if len(schools[:2]) == 1 else None
    term = this_term(today).code
    query = request.GET.copy()
    if only:
        query.setdefault("school", only.pk)
    bound = query if "school" in query else None
    form = WhereForm(bound, schools=schools, terms=term_choices(today)[:4], initial={"term": term})
    facts = form.cleaned_data if form.is_valid() else {}
    form.chosen = facts.get("school"), facts.get("term") or term
    return form


@requires(CHANGE)
@EDITING
def notice_take_down(request, pk):
    notice = _notice(request, pk, CHANGE)
    return deed_page(
        request,
        WhyForm(asked(request), initial={"seen": notice.version}),
        partial(recognitions.take_down_notice, notice),
        title=_("提前撤下这份公示？"),
        text=_("名单立即看不到，上面的学生回到“学校已认定”，改好再公示。"),
        yes=_("撤下"),
        done=_("已撤下。"),
        back=notice.get_absolute_url(),
        thing=notice,
    )


@requires(REVIEW)
@EDITING
def notice_file(request, pk):
    """Filed by another than who put it up; a second click finds nobody left."""
    notice = _notice(request, pk, REVIEW)
    sheet = NoticeSheet(notice, user=request.user, today=clock.today())
    n = {"n": sheet.waiting}
    return deed_page(
        request,
        Seen(asked(request), initial={"seen": notice.version}),
        partial(recognitions.file_notice, notice),
        title=ngettext("备案 %(n)s 名学生？", "备案 %(n)s 名学生？", sheet.waiting) % n,
        text=_("备案以后按等级计算应发资助。"),
        yes=_("备案"),
        facts=[(_("学校"), notice.unit.name), (_("学年学期"), term_label(notice.term))],
        done=lambda count: (
            ngettext(
                "已备案 %(n)s 名学生，应发已计算。", "已备案 %(n)s 名学生，应发已计算。", count
            )
            % {"n": count}
        ),
        back=reverse("subsidies:notice-detail", args=[notice.pk]),
        thing=notice,
    )
