"""By what the list of indicators can be narrowed."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_app.models import Indicator, Plan, WorkItem

TARGETS = [
    ("TARGET", _("有目标")),
    ("REFERENCE", _("只有参考值")),
    ("NONE", _("目标待定，也没有参考值")),
]


class IndicatorFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("查找"), method="search")
    plan = django_filters.ModelChoiceFilter(
        label=_("方案"),
        queryset=Plan.objects.none(),
        field_name="work_item__plan",
        empty_label=_("执行中的"),
    )
    task = django_filters.ModelChoiceFilter(
        label=_("任务"), queryset=WorkItem.objects.none(), field_name="work_item"
    )
    frequency = django_filters.ChoiceFilter(label=_("频次"), choices=Indicator.Frequency.choices)
    stated = django_filters.ChoiceFilter(label=_("依据"), choices=Indicator.Stated.choices)
    target = django_filters.ChoiceFilter(label=_("目标"), choices=TARGETS, method="of_target")

    class Meta:
        model = Indicator
        fields = []

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        plans = Plan.objects.visible_to(user).for_list()
        self.filters["task"].queryset = WorkItem.objects.visible_to(user).for_list()
        self.filters["plan"].queryset = plans
        if len(plans) < 2:
            del self.filters["plan"]

    def filter_queryset(self, queryset):
        """Those of the running plans, unless a plan or a task is asked for."""
        found = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        if chosen.get("plan") or chosen.get("task"):
            return found
        return found.of_running_plans()

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(code__icontains=value)
            | Q(name_zh__icontains=value)
            | Q(name_en__icontains=value)
            | Q(numerator__icontains=value)
            | Q(quote__icontains=value)
        )

    def of_target(self, queryset, name, value):
        return queryset.with_target(value)
