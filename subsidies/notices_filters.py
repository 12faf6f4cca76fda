"""What the list of notices can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from registry.models import Unit
from subsidies.models import NoticeRun
from subsidies.recognitions_filters import places_for
from subsidies.start_sheet import VIEW
from subsidies.terms import term_choices

UP, RUN, OVER, DOWN = "UP", "RUN", "OVER", "DOWN"
STATES = [
    (UP, _("公示中")),
    (RUN, _("期满，等备案")),
    (OVER, _("期满")),
    (DOWN, _("提前撤下")),
]


class NoticeFilter(filters.FilterSet):
    state = filters.ChoiceFilter(label=_("状态"), choices=STATES, method="of_state")
    unit = filters.ModelChoiceFilter(
        label=_("旗区、学校"), queryset=Unit.objects.none(), method="under"
    )
    term = filters.ChoiceFilter(label=_("学年学期"))

    class Meta:
        model = NoticeRun
        fields = []

    def __init__(self, query, *, user, today):
        super().__init__(query, queryset=NoticeRun.objects.visible_to(user, VIEW))
        self.today = today
        self.filters["unit"].queryset = places_for(user, VIEW, today)
        self.filters["term"].extra["choices"] = term_choices(today)

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset)

    def under(self, queryset, _name, unit):
        return queryset.within(unit, self.today)

    def of_state(self, queryset, _name, state):
        match state:
            case "UP":
                return queryset.up(self.today)
            case "RUN":
                return queryset.to_file(self.today)
            case "OVER":
                return queryset.ran_out(self.today)
        return queryset.taken_down()
