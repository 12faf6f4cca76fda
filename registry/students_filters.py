"""What the list of children can be narrowed by. What was searched for stands behind a key."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common import figures
from common.forms.days import DayFilter
from registry.models import (
    SENSITIVE,
    Category,
    Enrolment,
    Ethnicity,
    Grade,
    Student,
    Unit,
    children_on,
)
from registry.services import searches
from registry.services.enrolled import STAGES, grades_of

VIEW = "registry.view_student"
UNMASK = "registry.unmask_student"
LISTS = "registry.view_outsidelist"
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ENROLLED, NOWHERE, TWICE, ANY = "ENROLLED", "NOWHERE", "TWICE", "ANY"
STATES = [(ENROLLED, _("在读")), (NOWHERE, _("不在读")), (TWICE, _("两处在读")), (ANY, _("全部"))]
PLACES = (
    Unit.Kind.LEAGUE,
    Unit.Kind.BANNER,
    Unit.Kind.ZONE,
    Unit.Kind.DIRECT,
    Unit.Kind.SCHOOL,
)
YES_NO = [("1", _("寄宿")), ("0", _("不寄宿"))]


class StudentFilter(filters.FilterSet):
    """`unit`, `stage` and `on` are what a figure's address is made of; `found` is a search's key."""

    unit = filters.ModelChoiceFilter(
        label=_("旗区、学校"), queryset=Unit.objects.none(), method="as_it_is"
    )
    grade = filters.ChoiceFilter(label=_("年级"), choices=Grade.choices, method="as_it_is")
    class_name = filters.CharFilter(label=_("班级"), method="as_it_is", max_length=30)
    boards = filters.ChoiceFilter(label=_("寄宿"), choices=YES_NO, method="as_it_is")
    ethnicity = filters.ChoiceFilter(label=_("民族"), choices=Ethnicity.choices)
    state = filters.ChoiceFilter(
        label=_("就读"), choices=STATES, method="as_it_is", empty_label=None
    )
    category = filters.ChoiceFilter(label=_("部门名单"), choices=Category.choices, method="listed")
    on = DayFilter(method="as_it_is", widget=forms.HiddenInput)
    stage = filters.ChoiceFilter(
        choices=[(code, code) for code in STAGES], method="as_it_is", widget=forms.HiddenInput
    )
    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    def __init__(self, query, *, user, today, search=None):
        super().__init__(query, queryset=Student.objects.visible_to(user, VIEW))
        self.user, self.today, self.search = user, today, search
        places = Unit.objects.visible_to(user, VIEW).of_kinds(PLACES).existing(today)
        self.filters["unit"].queryset = places.for_list()
        self._offer_categories()

    def _offer_categories(self) -> None:
        """No list to who reads none; no sensitive ones to who sees children masked."""
        if not self.user.has_perm(LISTS):
            del self.filters["category"]
        elif not self.user.has_perm(UNMASK):
            open_ones = [(code, label) for code, label in Category.choices if code not in SENSITIVE]
            self.filters["category"].extra["choices"] = open_ones

    @property
    def day(self):
        return self.form.cleaned_data.get("on") or self.today

    @property
    def state_asked(self) -> str:
        """A search is for whoever it finds; a list is of children at school."""
        return self.form.cleaned_data.get("state") or (ANY if self.search else ENROLLED)

    @property
    def is_one_school(self) -> bool:
        unit = self.form.is_valid() and self.form.cleaned_data.get("unit")
        return bool(unit) and unit.kind == Unit.Kind.SCHOOL

    @property
    def stage_words(self) -> str:
        stage = self.form.cleaned_data.get("stage")
        return str(figures.get(stage).label) if stage else ""

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = super().filter_queryset(queryset)
        if self.search:
            found = searches.narrow(found, self.search)
        found = self._by_enrolment(found).for_list(self.day)
        return found.by_class(self.day) if self.is_one_school else found.order_by("pk")

    def _by_enrolment(self, found):
        rows, is_narrowed = self._enrolments()
        match self.state_asked:
            case "ENROLLED":
                return found.with_enrolment(rows)
            case "NOWHERE":
                return found.not_enrolled(self.day).living_or_kept_in(self._unit(), self.day)
            case "TWICE":
                return found.enrolled_twice(self.day).with_enrolment(rows)
        return found.with_enrolment(rows) if is_narrowed else found

    def _unit(self):
        return self.form.cleaned_data.get("unit")

    def _enrolments(self):
        """The enrolments of the day that the filter means, and whether it means some only."""
        asked = self.form.cleaned_data
        rows = Enrolment.objects.in_force(self.day)
        facts = {name: asked[name] for name in ("grade", "class_name") if asked.get(name)}
        if asked.get("boards"):
            facts["boards"] = asked["boards"] == "1"
        if asked.get("stage"):
            facts["grade__in"] = grades_of(asked["stage"])
        if self._unit():
            rows = rows.counted_in([self._unit().pk], self.day)
        return rows.filter(**facts), bool(facts or self._unit())

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def listed(self, queryset, _name, category):
        return queryset.filter(children_on(category, self.day))
