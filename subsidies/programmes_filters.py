"""What the list of standards can be narrowed by."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subsidies.models import Programme, Stage, Standard

VIEW = "subsidies.view_standard"
NOW, ALL = "NOW", "ALL"
WHEN = [(NOW, _("现行的")), (ALL, _("全部，含以前的"))]
JUDGES, TO_CONFIRM, NO_AMOUNT = "JUDGES", "TO_CONFIRM", "NO_AMOUNT"
STATES = [(JUDGES, _("确认")), (TO_CONFIRM, _("待确认")), (NO_AMOUNT, _("没有定额"))]


class StandardFilter(filters.FilterSet):
    """What holds today is shown unless more is asked for."""

    text = filters.CharFilter(label=_("项目、依据"), method="named", max_length=60)
    stage = filters.ChoiceFilter(label=_("学段"), choices=Stage.choices)
    state = filters.ChoiceFilter(label=_("是否确认"), choices=STATES, method="of_state")
    when = filters.ChoiceFilter(label=_("时间"), choices=WHEN, method="as_it_is", empty_label=None)

    class Meta:
        model = Standard
        fields = []

    def __init__(self, query, *, user, today):
        offered = Programme.objects.offered_to(user, VIEW)
        super().__init__(query, queryset=Standard.objects.filter(programme__in=offered))
        self.today = today

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("when") != ALL:
            found = found.in_force(self.today)
        return found

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def named(self, queryset, _name, text):
        return queryset.filter(Q(programme__name__icontains=text) | Q(document__icontains=text))

    def of_state(self, queryset, _name, state):
        match state:
            case "JUDGES":
                return queryset.judging()
            case "TO_CONFIRM":
                return queryset.to_confirm()
        return queryset.without_amount()
