"""One class on one page: who is recognised already, and a line to fill in for each of the others."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from registry.models import Enrolment, Student, Unit
from registry.students_filters import UNMASK
from registry.students_tables import shown_name
from subsidies.models import Recognition
from subsidies.recognitions_forms import ChildForm
from subsidies.services.classes import Said
from subsidies.terms import this_term

State = Recognition.State
FILLED_IN = (None, State.APPLIED)  # of whom the page asks


@dataclass(frozen=True)
class Class:
    """A class of a school with how many are in it and how many of them are recognised this term."""

    grade: str
    label: str
    class_name: str
    children: int
    recognised: int


def classes_of(school: Unit, *, today: date) -> list[Class]:
    here = Enrolment.objects.in_force(today).filter(school=school)
    rows = here.order_by("grade", "class_name").values_list("grade", "class_name")
    standing = Recognition.objects.standing().of_term(this_term(today).code).decided()
    known = here.filter(student__in=standing.values("student")).order_by()
    counted = known.values_list("grade", "class_name").annotate(n=Count("student", distinct=True))
    recognised = {(grade, name): n for grade, name, n in counted}
    labels = dict(Enrolment._meta.get_field("grade").flatchoices)
    return [
        Class(grade, str(labels[grade]), name, n, recognised.get((grade, name), 0))
        for grade, name, n in rows.annotate(n=Count("student", distinct=True))
    ]


@dataclass(frozen=True)
class Line:
    student: Student
    name: str
    recognition: Recognition | None
    last: Recognition | None  # of the term before
    form: ChildForm | None


class ClassSheet:
    """Who goes to the class today, in the order of their names."""

    def __init__(self, school: Unit, grade: str, class_name: str, *, user, today: date, data=None):
        self.school, self.grade, self.class_name = school, grade, class_name
        self.term, self.today, self.data = this_term(today), today, data
        self.masked = not user.has_perm(UNMASK)
        here = Enrolment.objects.in_force(today).filter(
            school=school, grade=grade, class_name=class_name
        )
        children = Student.objects.filter(pk__in=here.values("student"), merged_into=None)
        self.children = list(children.order_by("name", "pk"))
        standing = Recognition.objects.standing().filter(student__in=self.children)
        self.now = self._by_child(standing.of_term(self.term.code))
        self.before = self._by_child(standing.of_term(self.term.previous().code))
        self.lines = [self._line(child) for child in self.children]

    @staticmethod
    def _by_child(rows) -> dict[int, Recognition]:
        return {one.student_id: one for one in rows}

    def _line(self, child: Student) -> Line:
        one = self.now.get(child.pk)
        asks = (one.state if one else None) in FILLED_IN
        return Line(
            child,
            shown_name(child, masked=self.masked),
            one,
            self.before.get(child.pk),
            self._form(child, one) if asks else None,
        )

    def _form(self, child: Student, one: Recognition | None) -> ChildForm:
        initial = {"seen": one.version, "group": one.group} if one else {}
        initial["has_promise"] = bool(one and one.has_promise)
        return ChildForm(self.data, prefix=f"c{child.pk}", initial=initial)

    @property
    def forms(self) -> list[ChildForm]:
        return [line.form for line in self.lines if line.form]

    @property
    def recognised(self) -> int:
        return sum(1 for line in self.lines if line.form is None)

    def said(self) -> list[Said]:
        """Of whom a level was chosen; the forms are valid by now."""
        found = []
        for line in self.lines:
            facts = line.form.cleaned_data if line.form else {}
            if facts.get("level"):
                found.append(Said(student=line.student, **facts))
        return found

    def form_of(self, student: int) -> ChildForm:
        return next(line.form for line in self.lines if line.student.pk == student)
