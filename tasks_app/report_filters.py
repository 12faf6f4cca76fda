"""By what the list of duties can be narrowed."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import NotAPeriod, Period
from registry.models import Duty, Unit
from tasks_app.models import ProgressReport, WorkItem
from tasks_app.services import reported

STATES = [
    ("OVERDUE", _("逾期未报")),
    ("OPEN", _("还没报")),
    *[(state.value, state.label) for state in ProgressReport.State],
    ("MET", _("已报齐")),
    ("TIMELY", _("按时报齐")),
    ("WAIVED", _("免报")),
]


# Not asked of the duties themselves: that would read all of them to fill a drop-down.
OWING_KINDS = (
    Unit.Kind.BANNER,
    Unit.Kind.ZONE,
    Unit.Kind.DIRECT,
    Unit.Kind.LEAGUE,
    Unit.Kind.OFFICE,
)


class DutyFilter(django_filters.FilterSet):
    """`under` and `within` are what a figure's address is made of; they have no field on the page."""

    q = django_filters.CharFilter(label=_("查找"), method="search")
    task = django_filters.ModelChoiceFilter(
        label=_("任务"),
        queryset=WorkItem.objects.none(),
        method="of_task",
    )
    unit = django_filters.ModelChoiceFilter(label=_("单位"), queryset=Unit.objects.none())
    period = django_filters.ChoiceFilter(label=_("期别"), choices=())
    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, method="in_state")

    span = django_filters.ChoiceFilter(
        label=_("时间"),
        choices=[("all", _("包括还没到期末的"))],
        empty_label=_("已到期末"),
        method="of_any_time",
    )
    under = django_filters.ModelChoiceFilter(
        queryset=Unit.objects.none(), method="of_any_time", widget=forms.HiddenInput
    )
    within = django_filters.CharFilter(method="of_any_time", widget=forms.HiddenInput)

    class Meta:
        model = Duty
        fields = []

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.filters["task"].queryset = WorkItem.objects.visible_to(user).for_list()
        self.filters["unit"].queryset = (
            Unit.objects.visible_to(user, "registry.view_duty")
            .filter(kind__in=OWING_KINDS)
            .for_list()
        )
        self.filters["under"].queryset = Unit.objects.visible_to(user, "registry.view_duty")
        seen = Duty.objects.visible_to(user, "registry.view_duty")
        # Sorted by the period's end, so that quarters, terms and years stand in order of time.
        periods = seen.values_list("period", "period_end").distinct().order_by("-period_end")
        self.filters["period"].extra["choices"] = [(code, code) for code, _end in periods]

    def filter_queryset(self, queryset):
        """What can be filled in now, unless a period or all of them are asked for."""
        found = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        if chosen.get("within"):
            return self._behind_figure(found)
        if chosen.get("span") or chosen.get("period"):
            return found
        return found.ended(self.today)

    def _behind_figure(self, duties):
        """What a figure has counted: under a unit, within a period."""
        try:
            period = Period.parse(self.form.cleaned_data["within"])
        except NotAPeriod:
            return duties.none()
        found = duties.filter(pk__in=reported.owed_within(period).values("pk"))
        unit = self.form.cleaned_data.get("under")
        return reported.counted_under(found, unit, period.end) if unit else found

    @property
    def narrowed(self) -> str:
        """What the address narrows the list to, in words: there is no field that shows it."""
        if not self.form.is_valid() or not self.form.cleaned_data.get("within"):
            return ""
        try:
            period = Period.parse(self.form.cleaned_data["within"]).label
        except NotAPeriod:
            return ""
        unit = self.form.cleaned_data.get("under")
        words = {"unit": unit.name if unit else "", "period": period}
        return _("%(unit)s期末在%(period)s之内的") % words

    def of_any_time(self, queryset, name, value):
        return queryset

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(unit__name__icontains=value)
            | Q(unit__short_name__icontains=value)
            | Q(task_title__icontains=value)
            | Q(task_title_en__icontains=value)
            | Q(period__icontains=value)
        )

    def of_task(self, queryset, name, value):
        return queryset.filter(code=value.duty_code)

    def in_state(self, queryset, name, value):
        if value == "OVERDUE":
            return queryset.overdue(self.today)
        if value == "OPEN":
            return queryset.open().filter(report_state__in=["", "DRAFT", "RETURNED"])
        if value == "MET":
            return reported.met(queryset)
        if value == "TIMELY":
            return reported.timely(queryset)
        if value == "WAIVED":
            return queryset.exclude(waived_at=None)
        return queryset.filter(report_state=value)
