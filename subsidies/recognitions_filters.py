"""What the list of recognitions can be narrowed by. Who was searched for stands behind a key."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import SENSITIVE, Category, Grade, Student, Unit
from registry.services import searches
from registry.students_filters import UNMASK
from subsidies.models import Level, Recognition
from subsidies.start_sheet import VIEW
from subsidies.terms import term_choices, this_term

ALL, OPEN, OVER = "ALL", "OPEN", "OVER"
BARE = "BARE"  # filed, and no award follows
STATES = [
    (OPEN, _("办理中的")),
    *Recognition.State.choices,
    (OVER, _("已了结的")),
    (BARE, _("已备案、没有应发")),
]
PLACES = (
    Unit.Kind.LEAGUE,
    Unit.Kind.BANNER,
    Unit.Kind.ZONE,
    Unit.Kind.DIRECT,
    Unit.Kind.SCHOOL,
)


def places_for(user, permission: str, on):
    """The banners and schools a list can be narrowed to."""
    return Unit.objects.visible_to(user, permission).of_kinds(PLACES).existing(on).for_list()


def open_groups(user) -> list[tuple[str, str]]:
    """The groups a person may ask for; no sensitive ones for who sees children masked."""
    may = user.has_perm(UNMASK)
    return [(code, label) for code, label in Category.choices if may or code not in SENSITIVE]


class RecognitionFilter(filters.FilterSet):
    """This term's, unless another is asked for; a search is for whomever it finds."""

    term = filters.ChoiceFilter(label=_("学年学期"), method="as_it_is", empty_label=None)
    unit = filters.ModelChoiceFilter(
        label=_("旗区、学校"), queryset=Unit.objects.none(), method="under"
    )
    grade = filters.ChoiceFilter(label=_("年级"), choices=Grade.choices)
    class_name = filters.CharFilter(label=_("班级"), max_length=30)
    level = filters.ChoiceFilter(label=_("等级"), choices=Level.choices)
    group = filters.ChoiceFilter(label=_("特殊群体"))
    state = filters.ChoiceFilter(label=_("状态"), choices=STATES, method="of_state")
    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    class Meta:
        model = Recognition
        fields = []

    def __init__(self, query, *, user, today, search=None):
        super().__init__(query, queryset=Recognition.objects.visible_to(user, VIEW))
        self.today, self.search = today, search
        self.filters["unit"].queryset = places_for(user, VIEW, today)
        self.filters["group"].extra["choices"] = open_groups(user)
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

    def of_state(self, queryset, _name, state):
        match state:
            case "OPEN":
                return queryset.under_way()
            case "OVER":
                return queryset.over()
            case "BARE":
                return queryset.without_award()
        return queryset.filter(state=state)
