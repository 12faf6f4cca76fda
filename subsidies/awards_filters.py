"""What the list of expected awards can be narrowed by. Who was searched for stands behind a key."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Student, Unit
from registry.services import searches
from subsidies.models import Award, Level, Programme, Standard
from subsidies.recognitions_filters import ALL, places_for
from subsidies.start_sheet import VIEW
from subsidies.terms import term_choices, this_term

NO_LEVEL = "NONE"
LEVELS = [*Level.choices, (NO_LEVEL, _("不看等级"))]


class AwardFilter(filters.FilterSet):
    """This term's, unless another is asked for; `standard` is what a standard's page asks."""

    term = filters.ChoiceFilter(label=_("学年学期"), method="as_it_is", empty_label=None)
    unit = filters.ModelChoiceFilter(
        label=_("旗区、学校"), queryset=Unit.objects.none(), method="under"
    )
    programme = filters.ModelChoiceFilter(label=_("资助项目"), queryset=Programme.objects.none())
    level = filters.ChoiceFilter(label=_("等级"), choices=LEVELS, method="of_level")
    standard = filters.ModelChoiceFilter(queryset=Standard.objects.none(), widget=forms.HiddenInput)
    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    class Meta:
        model = Award
        fields = []

    def __init__(self, query, *, user, today, search=None):
        super().__init__(query, queryset=Award.objects.visible_to(user, VIEW))
        self.today, self.search = today, search
        offered = Programme.objects.offered_to(user, VIEW).distinct()
        self.filters["unit"].queryset = places_for(user, VIEW, today)
        self.filters["programme"].queryset = offered.child_by_child().for_list()
        self.filters["standard"].queryset = Standard.objects.filter(programme__in=offered)
        self.filters["term"].extra["choices"] = [*term_choices(today), (ALL, _("全部学期"))]

    @property
    def term_asked(self) -> str:
        if not self.form.is_valid():
            return ""
        return self.form.cleaned_data["term"] or (
            ALL if self.search else this_term(self.today).code
        )

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = super().filter_queryset(queryset)
        if self.term_asked != ALL:
            found = found.of_term(self.term_asked)
        if self.search:
            found = found.filter(student__in=searches.narrow(Student.objects.all(), self.search))
        return found

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def under(self, queryset, _name, unit):
        return queryset.within(unit, self.today)

    def of_level(self, queryset, _name, level):
        return queryset.of_level("" if level == NO_LEVEL else level)
