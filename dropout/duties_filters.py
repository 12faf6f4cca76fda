"""What the list of duties of dropout control can be narrowed by."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dropout.models import DUTIES, Obligation
from registry.models import Duty, Unit

READ = "dropout.view_ledger"
OWING_KINDS = (Unit.Kind.LEAGUE, Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.SCHOOL)
OPEN, LATE, MET, WAIVED, EVERY = "OPEN", "LATE", "MET", "WAIVED", "ALL"
STATES = [(LATE, _("逾期的")), (MET, _("已办的")), (WAIVED, _("免报的")), (EVERY, _("全部"))]


class ObligationFilter(filters.FilterSet):
    """What is still open of periods that are over, unless something else is asked for."""

    q = filters.CharFilter(label=_("查找单位"), method="search")
    code = filters.ChoiceFilter(label=_("种类"), choices=Obligation.choices)
    unit = filters.ModelChoiceFilter(label=_("单位"), queryset=Unit.objects.none())
    period = filters.ChoiceFilter(label=_("期别"), choices=())
    state = filters.ChoiceFilter(
        label=_("状态"), choices=STATES, empty_label=_("还没办的"), method="as_it_is"
    )

    class Meta:
        model = Duty
        fields = []

    def __init__(self, query, *, user, today):
        mine = Duty.objects.visible_to(user, READ).of_code(DUTIES)
        super().__init__(query, queryset=mine.select_related("unit"))
        self.today = today
        units = Unit.objects.visible_to(user, READ).of_kinds(OWING_KINDS)
        self.filters["unit"].queryset = units.for_list()
        # Sorted by their end, so that months, quarters and terms stand in order of time.
        periods = mine.values_list("period", "period_end").distinct().order_by("-period_end")
        self.filters["period"].extra["choices"] = [(code, code) for code, _end in periods]

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        found = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        if not chosen.get("period") and chosen.get("state") != EVERY:
            found = found.ended(self.today)
        match chosen.get("state") or OPEN:
            case "OPEN":
                return found.open()
            case "LATE":
                return found.overdue(self.today)
            case "MET":
                return found.exclude(met_at=None)
            case "WAIVED":
                return found.exclude(waived_at=None)
            case _every:
                return found

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def search(self, queryset, _name, text):
        return queryset.filter(Q(unit__name__icontains=text) | Q(unit__short_name__icontains=text))
