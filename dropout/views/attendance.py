"""What schools say of a month: which have said it, one school's month, and saying it class by class."""

from collections import Counter

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import audit, clock
from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange
from common.refusals import Stale
from common.templatetags.ax import num
from dropout.attendance_forms import ClassForm
from dropout.attendance_sheet import ClassCount, MonthOfSchool, away_last_month
from dropout.attendance_tables import VIEW, month_called, schools_of_month
from dropout.services import attendance
from dropout.services.attendance import Standing
from dropout.services.refusals import Refused
from registry.models import Enrolment, Unit
from registry.students_filters import UNMASK
from registry.students_tables import shown_name

TELL = "dropout.change_ledger"
READ = "dropout.attendance_read"


def _month_or_404(code: str):
    found = month_called(code, clock.today())
    if found is None:
        raise Http404
    return found


def _school_or_404(request, pk: int, month, permission: str) -> Unit:
    mine = Unit.objects.visible_to(request.user, permission)
    return get_object_or_404(attendance.schools_asked(mine, month, clock.today()), pk=pk)


@requires(VIEW)
@require_safe
def attendance_list(request):
    """The schools of a month: who has not said it stands first."""
    found, table = schools_of_month(request.user, request.GET)
    counts = {one.value: 0 for one in Standing}
    for standing in found.queryset.order_by().values_list("standing", flat=True):
        counts[standing] += 1
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, "dropout.attendance")
    if file is not None:
        return file
    context = {
        "filter": found,
        "table": table,
        "month": found.month,
        "untold": counts[Standing.UNTOLD],
        "strip": [{"label": one.label, "value": num(counts[one])} for one in Standing],
    }
    return render(request, "dropout/attendance_list.html", context)


@requires(VIEW)
@require_safe
def attendance_month(request, school, month):
    """One school's month: its classes, who is away, and the children whom nobody has told of."""
    period = _month_or_404(month)
    unit = _school_or_404(request, school, period, VIEW)
    sheet = MonthOfSchool(unit, period, on=clock.today())
    if sheet.lines:
        after = {"month": period.code, "children": len(sheet.lines)}
        audit.record(READ, unit, by=request.user, after=after)
    cases = sheet.cases(request.user, VIEW)
    masked = not request.user.has_perm(UNMASK)
    context = {
        "school": unit,
        "month": period,
        "sheet": sheet,
        "away": [
            (
                shown_name(line, masked=masked),
                line,
                sheet.days_away(line),
                cases.get(line.student_id),
            )
            for line in sheet.away
        ],
        "missing": [(shown_name(one.student, masked=masked), one) for one in sheet.missing],
        "strangers": [(shown_name(line, masked=masked), line) for line in sheet.strangers],
        "may_tell": _may_tell(request, unit),
        "may_upload": request.user.has_perm("intake.add_upload"),
        "strip": _strip(sheet),
    }
    return render(request, "dropout/attendance_month.html", context)


def _may_tell(request, unit: Unit) -> bool:
    mine = Unit.objects.visible_to(request.user, TELL)
    return request.user.has_perm(TELL) and mine.filter(pk=unit.pk).exists()


def _strip(sheet: MonthOfSchool) -> list[dict]:
    """Of a month that nobody has told it is not known that nobody was away."""
    told = len(sheet.roll) - len(sheet.missing)
    return [
        {"label": _("名册人数"), "value": num(len(sheet.roll))},
        {"label": _("已报"), "value": num(told) if sheet.is_told else _("未报")},
        {"label": _("不在校"), "value": num(len(sheet.away)) if sheet.is_told else _("未报")},
        {"label": _("没报到的孩子"), "value": num(len(sheet.missing))},
    ]


@requires(TELL)
@require_http_methods(["GET", "HEAD", "POST"])
def attendance_class(request, school, month):
    """The children of one class, with a tick for who is away; nothing is kept before it is handed in."""
    period = _month_or_404(month)
    unit = _school_or_404(request, school, period, TELL)
    sheet = MonthOfSchool(unit, period, on=clock.today())
    children = _class_or_404(request, sheet)
    form = _class_form(request, sheet, children)
    if form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            changed = attendance.tell_class(
                unit, period, form.told(), by=request.user, at=clock.now(), seen=seen
            )
        except Stale:
            form.add_error(
                None, _("别人刚报过这个班。您填的还在，看过现在的再报一次，就以您的为准。")
            )
            form.data = {**form.data.dict(), "seen": form.initial["seen"]}
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.says)
        else:
            messages.success(request, _done(sheet.count_of(children), form.told(), changed))
            return redirect("dropout:attendance-month", school=unit.pk, month=period.code)
    if not form.is_bound:
        after = {"month": period.code, "children": len(children)}
        audit.record(READ, unit, by=request.user, after=after)
    masked = not request.user.has_perm(UNMASK)
    context = {
        "school": unit,
        "month": period,
        "form": form,
        "rows": [
            (shown_name(one.student, masked=masked), born, *fields)
            for born, (one, *fields) in zip(_told_apart(children), form.rows(), strict=True)
        ],
        "class": sheet.count_of(children),
        "back": reverse("dropout:attendance-month", args=[unit.pk, period.code]),
    }
    status = 422 if form.is_bound else 200
    return render(request, "dropout/attendance_class.html", context, status=status)


def _done(of: ClassCount, told: dict, changed: int) -> str:
    if not changed:
        return _("和已经报的一样，没有变化。")
    away = sum(not one.is_present for one in told.values())
    words = {"name": of.name, "children": len(told), "away": away}
    return _("%(name)s 已报：%(children)s 人，%(away)s 人不在校。") % words


def _class_or_404(request, sheet: MonthOfSchool) -> list[Enrolment]:
    """The class that the address names; without a name the first that is not told whole."""
    coming = sheet.next_class or next(iter(sheet.classes), None)
    if coming is None:
        raise Http404
    grade = request.GET.get("grade", coming.grade)
    children = sheet.of_class(grade, request.GET.get("class", coming.class_name))
    if not children:
        raise Http404
    return children


def _told_apart(children) -> list:
    """The birth date of a child whose name another one of the class has too, else None."""
    names = Counter(one.student.name for one in children)
    return [one.student.born_on if names[one.student.name] > 1 else None for one in children]


def _class_form(request, sheet: MonthOfSchool, children) -> ClassForm:
    students = [one.student for one in children]
    lines = {one.pk: sheet.by_child[one.pk] for one in students if one.pk in sheet.by_child}
    return ClassForm(
        request.POST if request.method == "POST" else None,
        children=children,
        lines=lines,
        before=away_last_month(sheet.school, sheet.month, students),
        last_day=attendance.last_day(sheet.month, sheet.on),
    )
