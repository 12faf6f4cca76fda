"""What the list of units can be narrowed by."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayFilter
from registry.models import Unit

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class UnitFilter(filters.FilterSet):
    """`kind`, `under` and `on` are what a figure's address is made of."""

    q = filters.CharFilter(label=_("名称、别名或代码"), method="by_text")
    kind = filters.ChoiceFilter(label=_("类别"), choices=Unit.Kind.choices)
    under = filters.ModelChoiceFilter(
        label=_("算在哪个单位"), queryset=Unit.objects.none(), method="by_ancestor"
    )
    on = DayFilter(label=_("哪一天的名录"), method="as_it_is", widget=DAY)

    def __init__(self, query, *, user, today):
        mine = Unit.objects.visible_to(user, "registry.view_unit")
        super().__init__(query, queryset=mine)
        self.today = today
        self.filters["under"].queryset = mine.that_hold_others().existing(today).for_list()

    @property
    def day(self):
        return self.form.cleaned_data.get("on") or self.today

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = queryset.existing(self.day).for_directory(self.day)
        return super().filter_queryset(found)

    def by_text(self, queryset, _name, text):
        return queryset.matching(text.strip())

    def by_ancestor(self, queryset, _name, unit):
        return queryset.under(unit, self.day)

    def as_it_is(self, queryset, _name, _day):
        return queryset
