"""One child edited by hand: facts, numbers, guardians, enrolments, and taking a change back."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from common import clock
from common.access import requires
from registry.models import Enrolment, Guardian, IdKind, Student, Unit
from registry.services import history, students
from registry.students_forms import (
    EnrolForm,
    EnrolmentForm,
    FactsForm,
    GuardianForm,
    LeaveForm,
    NumberForm,
)
from registry.views.students import CHANGE, unmasked_until

LIVING_PLACES = (Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.TOWNSHIP)
EDITING = require_http_methods(["GET", "HEAD", "POST"])
# What a deed refuses: at which field, in which words.
REFUSALS = {
    students.NumberTaken: (
        "number",
        gettext_lazy("这个号码是另一名学生的。先查是不是同一个人，是就合并两条记录。"),
    ),
    students.AlreadyThere: ("school", gettext_lazy("已经在这所学校就读。")),
    students.TooEarly: ("on", gettext_lazy("比入读那天还早。")),
}


def _child(request, pk) -> Student:
    return get_object_or_404(Student.objects.visible_to(request.user, CHANGE), pk=pk)


def _asked(request):
    return request.POST if request.method == "POST" else None


def _edit(request, student, form, deed, *, title, text="", done):
    """A form, its deed, and the child's page again; what the deed refuses stands at its field."""
    if form.is_valid():
        try:
            deed(by=request.user, at=clock.now(), **form.cleaned_data)
        except students.Stale:
            form.add_error(
                None,
                _("别人刚改过这名学生。您填的还在，看过现在的内容再提交一次，就以您的为准。"),
            )
            form.data = {**form.data.dict(), "seen": _child(request, student.pk).version}
        except tuple(REFUSALS) as refused:
            field, said = REFUSALS[type(refused)]
            form.add_error(field, str(said))
        else:
            messages.success(request, done)
            return redirect(student)
    context = {"student": student, "form": form, "title": title, "text": text}
    status = 422 if form.is_bound else 200
    return render(request, "registry/student_form.html", context, status=status)


@requires(CHANGE)
@EDITING
def student_edit(request, pk):
    student = _child(request, pk)
    fields = ("name", "sex", "ethnicity", "born_on", "residence")
    guarded = ("registered_address", "home_address", "remark")
    form = FactsForm(
        _asked(request),
        initial={name: getattr(student, name) for name in fields + guarded}
        | {"seen": student.version},
        places=_places(request, student),
        masked_addresses=unmasked_until(request, student) is None,
    )
    return _edit(
        request,
        student,
        form,
        partial(students.change_facts, student),
        title=_("改基本情况"),
        done=_("已改。在变更记录里可以撤销。"),
    )


def _places(request, student):
    """Where one's units reach, and where the child lives now."""
    mine = Unit.objects.visible_to(request.user, CHANGE).existing(clock.today())
    return (mine.of_kinds(LIVING_PLACES) | Unit.objects.home_of(student)).for_list()


@requires(CHANGE)
@EDITING
def student_number(request, pk):
    student = _child(request, pk)
    today = clock.today()
    form = NumberForm(
        _asked(request),
        today=today,
        initial={"kind": IdKind.RESIDENT, "seen": student.version},
    )
    return _edit(
        request,
        student,
        form,
        partial(students.correct_number, student, on=today),
        title=_("更正证件号、学籍号"),
        text=_("号码写错了才更正；原来的号码留着，以后按它也能找到。"),
        done=_("已更正，部门名单已按新号码重新比对。"),
    )


@requires(CHANGE)
@EDITING
def guardian_add(request, pk):
    student = _child(request, pk)
    form = GuardianForm(_asked(request), today=clock.today(), initial={"seen": student.version})
    return _edit(
        request,
        student,
        form,
        partial(students.keep_guardian, student),
        title=_("添监护人"),
        done=_("已添上。"),
    )


@requires(CHANGE)
@EDITING
def guardian_edit(request, pk):
    guardian = get_object_or_404(
        Guardian.objects.visible_to(request.user, CHANGE).select_related("student"), pk=pk
    )
    student = guardian.student
    names = ("name", "relation", "phone", "id_number")
    form = GuardianForm(
        _asked(request),
        today=clock.today(),
        masked=unmasked_until(request, student) is None,
        initial={name: getattr(guardian, name) for name in names} | {"seen": student.version},
    )
    return _edit(
        request,
        student,
        form,
        partial(students.keep_guardian, student, guardian),
        title=_("改监护人"),
        done=_("已改。在变更记录里可以撤销。"),
    )


# Enrolments ----------------------------------------------------------------------------------------
@requires(CHANGE)
@EDITING
def enrolment_add(request, pk):
    student = _child(request, pk)
    schools = Unit.objects.visible_to(request.user, CHANGE).existing(clock.today())
    form = EnrolForm(
        _asked(request),
        schools=schools.of_kinds({Unit.Kind.SCHOOL}).for_list(),
        initial={"on": clock.today(), "seen": student.version},
    )
    return _edit(
        request,
        student,
        form,
        partial(students.open_enrolment, student),
        title=_("登记就读"),
        text=_("在别处的就读不会自动结束；两处在读的，要定下哪一处结束。"),
        done=_("已登记。"),
    )


def _enrolment(request, pk) -> Enrolment:
    mine = Enrolment.objects.changeable_by(request.user, CHANGE)
    return get_object_or_404(mine.standing().select_related("student", "school"), pk=pk)


@requires(CHANGE)
@EDITING
def enrolment_edit(request, pk):
    enrolment = _enrolment(request, pk)
    student = enrolment.student
    form = EnrolmentForm(
        _asked(request),
        initial={
            "grade": enrolment.grade,
            "class_name": enrolment.class_name,
            "boards": {True: "1", False: "0"}.get(enrolment.boards, ""),
            "entered_on": enrolment.entered_on,
            "seen": student.version,
        },
    )
    return _edit(
        request,
        student,
        form,
        partial(students.change_enrolment, enrolment),
        title=_("更正就读"),
        text=_("写错了才在这里改；九月升级在“升级”里成批办。"),
        done=_("已改。在变更记录里可以撤销。"),
    )


@requires(CHANGE)
@EDITING
def enrolment_end(request, pk):
    enrolment = _enrolment(request, pk)
    student = enrolment.student
    form = LeaveForm(_asked(request), initial={"on": clock.today(), "seen": student.version})
    return _edit(
        request,
        student,
        form,
        partial(students.end_enrolment, enrolment),
        title=_("结束在%(school)s的就读") % {"school": enrolment.school.name},
        text=_("记录留着；办错了在变更记录里撤销。"),
        done=_("已结束。"),
    )


# Taking back ----------------------------------------------------------------------------------------
SAID = {
    "edited_since": gettext_lazy("后来又改过，先撤销后来的。"),
    "leaned_on": gettext_lazy("后来有别的记录用到它，撤不了。"),
    "frozen": gettext_lazy("这一期已冻结，撤不了。"),
    "taken": gettext_lazy("原来的号码或学校现在另有记录占着，撤不了。"),
    "done": gettext_lazy("已经撤销过，或不能在这里撤销。"),
}


@requires(CHANGE)
@require_POST
def change_undo(request, pk):
    """One line of the child's history is taken back."""
    found = history.change_and_child(pk, Student.objects.visible_to(request.user, CHANGE))
    if found is None:
        raise Http404
    change, student = found
    try:
        history.undo(change.change_set, student=student, by=request.user, at=clock.now())
    except history.CannotUndo as refused:
        messages.warning(request, SAID.get(refused.code, SAID["done"]))
    else:
        messages.success(request, _("已撤销。"))
    return redirect(student)
