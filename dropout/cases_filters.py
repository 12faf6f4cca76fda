"""What the list of cases can be narrowed by. Who was searched for stands behind a key."""

from datetime import timedelta

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from dropout.models import ENDED, OPEN_CAUSES, Episode, Kind, State
from registry.models import SENSITIVE, Category, Student, Unit, children_on
from registry.services import searches

VIEW = "dropout.view_case"
SEES_SENSITIVE = "dropout.view_sensitive"
LISTS = "registry.view_outsidelist"
OPEN, OVER = "OPEN", "ENDED"
STATES = [(OPEN, _("办理中")), *State.choices, (OVER, _("已了结的"))]
LATE, WEEK, UNSET = "LATE", "WEEK", "UNSET"
DUES = [(LATE, _("已逾期")), (WEEK, _("七天以内")), (UNSET, _("没有日期"))]
MINE, NOBODYS = "MINE", "NOBODY"
WHOSE = [(MINE, _("我经办的")), (NOBODYS, _("还没有经办人"))]


class EpisodeFilter(filters.FilterSet):
    """One row is one spell out of school; what is open is shown unless another state is asked for."""

    state = filters.ChoiceFilter(
        label=_("状态"), choices=STATES, method="as_it_is", empty_label=None
    )
    due = filters.ChoiceFilter(label=_("下次日期"), choices=DUES, method="due_in")
    whose = filters.ChoiceFilter(label=_("经办人"), choices=WHOSE, method="looked_after")
    unit = filters.ModelChoiceFilter(
        label=_("负责单位"), queryset=Unit.objects.none(), field_name="case__unit"
    )
    township = filters.ModelChoiceFilter(
        label=_("苏木镇"), queryset=Unit.objects.none(), field_name="case__township"
    )
    school = filters.ModelChoiceFilter(
        label=_("学校"), queryset=Unit.objects.none(), field_name="case__school"
    )
    kind = filters.ChoiceFilter(label=_("类型"), choices=Kind.choices)
    cause = filters.ChoiceFilter(
        label=_("原因"), choices=[(one.value, one.label) for one in OPEN_CAUSES]
    )
    group = filters.ChoiceFilter(label=_("特殊群体"), choices=Category.choices, method="in_group")
    again = filters.ChoiceFilter(label=_("反弹"), choices=[("1", _("是"))], method="relapsed")
    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    class Meta:
        model = Episode
        fields = []

    def __init__(self, query, *, user, today, search=None, permission=VIEW):
        rows = Episode.objects.visible_to(user, permission).of_living_cases()
        super().__init__(query, queryset=rows)
        self.user, self.today, self.search = user, today, search
        for name in ("unit", "township", "school"):
            places = Unit.objects.filter(pk__in=rows.values(f"case__{name}"))
            self.filters[name].queryset = places.for_list()
        self._offer_groups()

    def _offer_groups(self) -> None:
        """No list to who reads none, and no sensitive one to who may not see what is sensitive."""
        if not self.user.has_perm(LISTS):
            del self.filters["group"]
        elif not self.user.has_perm(SEES_SENSITIVE):
            open_ones = [(code, label) for code, label in Category.choices if code not in SENSITIVE]
            self.filters["group"].extra["choices"] = open_ones

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = self._of_state(super().filter_queryset(queryset))
        if self.search:
            children = searches.narrow(Student.objects.all(), self.search)
            found = found.filter(case__student__in=children)
        return found

    def _of_state(self, found):
        """A search is for whoever it finds; a list is of what is not over."""
        asked = self.form.cleaned_data.get("state")
        if not asked and self.search:
            return found
        match asked or OPEN:
            case "OPEN":
                return found.open()
            case "ENDED":
                return found.of_state(ENDED)
            case state:
                return found.of_state([state])

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def due_in(self, queryset, _name, value):
        if value == LATE:
            return queryset.overdue(self.today)
        if value == UNSET:
            return queryset.without_date()
        return queryset.due_between(self.today, self.today + timedelta(days=7))

    def looked_after(self, queryset, _name, value):
        return queryset.looked_after_by(self.user if value == MINE else None)

    def in_group(self, queryset, _name, category):
        children = Student.objects.filter(children_on(category, self.today))
        return queryset.filter(case__student__in=children)

    def relapsed(self, queryset, _name, _value):
        return queryset.relapses()
