"""By what the list of findings can be narrowed."""

import django_filters
from django.utils.translation import gettext_lazy as _

from registry.models import Finding, Unit
from registry.services import findings

STATES = [
    ("ANSWER", _("等说明")),
    ("LATE", _("过期没说明")),
    ("LOOK", _("等复看")),
    ("ENDED", _("已了结")),
]


class FindingFilter(django_filters.FilterSet):
    unit = django_filters.ModelChoiceFilter(label=_("单位"), queryset=Unit.objects.none())
    kind = django_filters.ChoiceFilter(label=_("查的是什么"), choices=(), method="of_kind")
    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=STATES, method="in_state", empty_label=_("没了结的")
    )

    class Meta:
        model = Finding
        fields = []

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        seen = Finding.objects.visible_to(user, "registry.view_finding")
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=seen.values("unit")).for_list()
        kinds = []
        for kind in findings.all_kinds():
            kinds.append((kind.code, kind.label))
            kinds += [(rule, findings.label_of(rule)) for rule in kind.rules]
        asked = self.data.get("kind", "")
        if findings.is_rule(asked) and asked not in dict(kinds):  # one rule out of a kind
            kinds.append((asked, findings.label_of(asked)))
        self.filters["kind"].extra["choices"] = kinds

    def filter_queryset(self, queryset):
        """What is still open, unless what has ended is asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.open()

    def of_kind(self, queryset, name, value):
        return queryset.of_rule(value)

    def in_state(self, queryset, name, value):
        return {
            "ANSWER": queryset.to_answer,
            "LATE": lambda: queryset.overdue(self.today),
            "LOOK": queryset.to_look_at,
            "ENDED": lambda: queryset.exclude(ended_at=None),
        }[value]()
