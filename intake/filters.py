"""By what lists of uploads can be narrowed."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayFilter
from common.periods import Period
from intake import kinds
from intake.models import Upload
from registry.models import Unit

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def period_choices(codes) -> list[tuple[str, str]]:
    """Stored period codes with their names, the latest first."""
    found = sorted((Period.parse(code) for code in codes), key=lambda p: (p.end, p.start))
    return [(period.code, period.label) for period in reversed(found)]


class UploadFilter(filters.FilterSet):
    q = filters.CharFilter(label=_("文件名"), field_name="name", lookup_expr="icontains")
    kind = filters.ChoiceFilter(label=_("哪张表"), choices=())
    state = filters.ChoiceFilter(label=_("状态"), choices=Upload.State.choices)
    unit = filters.ModelChoiceFilter(label=_("单位"), queryset=Unit.objects.none())
    period = filters.ChoiceFilter(label=_("期别"), choices=())
    since = DayFilter(label=_("从哪天"), method="from_day", widget=DAY)
    until = DayFilter(label=_("到哪天"), method="to_day", widget=DAY)
    whose = filters.ChoiceFilter(
        label=_("谁传的"), choices=[("me", _("我传的"))], method="of_person"
    )

    def __init__(self, query, *, user):
        seen = Upload.objects.visible_to(user)
        super().__init__(query, queryset=seen.for_list())
        self.user = user
        used = set(seen.order_by().values_list("kind", "period").distinct())
        self.filters["kind"].extra["choices"] = [
            (kind.slug, kind.title)
            for kind in kinds.all_kinds()
            if kind.slug in {slug for slug, _period in used}
        ]
        self.filters["period"].extra["choices"] = period_choices({p for _slug, p in used if p})
        self.filters["unit"].queryset = Unit.objects.filter(
            pk__in=seen.order_by().values("unit")
        ).for_list()

    def filter_queryset(self, queryset):
        # A filter that cannot be read must not pass for "everything".
        if not self.form.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset)

    def from_day(self, queryset, _name, day):
        return queryset.filter(at__date__gte=day)

    def to_day(self, queryset, _name, day):
        return queryset.filter(at__date__lte=day)

    def of_person(self, queryset, _name, _value):
        return queryset.filter(by=self.user)
