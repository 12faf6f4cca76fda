"""The working-day calendar, a year a page."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.access import requires
from registry.calendar_forms import DaysForm
from registry.models import CalendarDay
from registry.services import calendar as services
from registry.services.duties import Workdays

NOTICE_MONTH = 11  # by then the arrangement of the next year has usually been published


@requires("registry.view_unit")
@require_safe
def calendar(request):
    text = request.GET.get("year") or str(clock.today().year)
    if not (text.isdecimal() and len(text) == 4 and 2000 <= int(text) <= 2100):
        raise Http404
    return _page(request, int(text), DaysForm())


def _page(request, year, form, status=200):
    workdays, today = Workdays(), clock.today()
    known = {day.year for day in workdays.exceptions}
    context = {
        "year": year,
        "months": services.year_by_month(year, workdays),
        "days": CalendarDay.objects.of_year(year),
        "years": sorted(known | {today.year, today.year + 1, year}),
        "year_missing": year not in known,
        "next_missing": today.month >= NOTICE_MONTH and today.year + 1 not in known,
        "next_year": today.year + 1,
        "may_change": request.user.has_perm("registry.change_calendarday"),
        "form": form,
    }
    return render(request, "registry/calendar.html", context, status=status)


def _say_moved(request, done, moved):
    more = ngettext(
        "%(n)s 项未报的填报任务截止日随之改了。", "%(n)s 项未报的填报任务截止日随之改了。", moved
    ) % {"n": moved}
    messages.success(request, f"{done}{more}" if moved else done + _("没有截止日受影响。"))


def _year_page(year):
    return redirect(f"{reverse('registry:calendar')}?year={year}")


@requires("registry.change_calendarday")
@require_POST
def calendar_set(request):
    form = DaysForm(request.POST)
    if not form.is_valid():
        first = form.cleaned_data.get("first")
        return _page(request, (first or clock.today()).year, form, status=422)
    moved = services.set_days(by=request.user, **form.cleaned_data)
    _say_moved(request, _("日历已改。"), moved)
    return _year_page(form.cleaned_data["first"].year)


@requires("registry.change_calendarday")
@require_POST
def calendar_clear(request, pk):
    day = get_object_or_404(CalendarDay, pk=pk)
    moved = services.clear_day(day, by=request.user)
    _say_moved(request, _("这一天恢复为平常的星期安排。"), moved)
    return _year_page(day.on.year)
