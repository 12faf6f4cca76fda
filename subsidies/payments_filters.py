"""By what the list of payments can be narrowed."""

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Kind, Period
from registry import identity
from registry.models import Student, Unit
from registry.services import searches
from registry.students_filters import PLACES
from subsidies.models import Award, Fate, Holder, Payment, Programme
from subsidies.payments_periods import period_choices
from subsidies.services import reconciling

VIEW = "subsidies.view_payment"
NOBODY, UNEXPECTED = "NOBODY", "UNEXPECTED"
WHOSE = [(NOBODY, _("查不到学生的")), (UNEXPECTED, _("没有应发记录的"))]


class PaymentFilter(filters.FilterSet):
    """A calendar year is that of the day of payment: money is budgeted by it."""

    term = filters.ChoiceFilter(label=_("学期、学年、年度"), method="in_period")
    programme = filters.ModelChoiceFilter(
        label=_("资助项目"), queryset=Programme.objects.none(), field_name="programme"
    )
    unit = filters.ModelChoiceFilter(
        label=_("旗区、学校"), queryset=Unit.objects.none(), method="in_unit"
    )
    fate = filters.ChoiceFilter(label=_("状态"), choices=Fate.choices, method="with_fate")
    relation = filters.ChoiceFilter(
        label=_("打到谁的卡"), choices=[*Holder.choices, ("NONE", _("没写关系"))], method="held_by"
    )
    whose = filters.ChoiceFilter(label=_("对应"), choices=WHOSE, method="of_whom")
    batch = filters.NumberFilter(widget=forms.HiddenInput, max_value=10**15)
    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    class Meta:
        model = Payment
        fields = []

    def __init__(self, query, *, user, today, search=None):
        rows = Payment.objects.visible_to(user, VIEW)
        super().__init__(query, queryset=rows)
        self.user, self.today, self.search = user, today, search
        self.filters["term"].extra["choices"] = period_choices(today, _("年度（按发放日期）"))
        self.filters["programme"].queryset = Programme.objects.offered_to(user, VIEW).for_list()
        places = Unit.objects.visible_to(user, VIEW).of_kinds(PLACES).existing(today)
        self.filters["unit"].queryset = places.for_list()

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = super().filter_queryset(queryset)
        return found.filter(self._searched()) if self.search else found

    def _searched(self) -> Q:
        """The child that is meant, and money that names it and means nobody we know."""
        text = self.search.text
        children = Q(student__in=searches.narrow(Student.objects.all(), self.search))
        if searches.is_number(text):
            return children | Q(id_number_index=identity.number_index(text))
        return children | Q(name__startswith=text)

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def in_period(self, queryset, _name, code):
        period = Period.parse(code)
        if period.kind is Kind.YEAR:
            return queryset.of_year(period.year)
        return queryset.of_terms(reconciling.terms_of(period))

    def in_unit(self, queryset, _name, unit):
        return queryset.within(unit, self.today)

    def with_fate(self, queryset, _name, fate):
        return queryset.of_fate(fate)

    def held_by(self, queryset, _name, relation):
        return queryset.filter(relation="" if relation == "NONE" else relation)

    def of_whom(self, queryset, _name, value):
        if value == NOBODY:
            return queryset.filter(student=None)
        awards = Award.objects.visible_to(self.user, VIEW)
        return reconciling.without_award(queryset.standing(), awards)
