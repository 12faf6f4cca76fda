"""By what the list of batches can be narrowed."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import User
from tasks_app.models import HistoryBatch


class HistoryFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("查找"), method="search")
    state = django_filters.ChoiceFilter(label=_("状态"), choices=HistoryBatch.State.choices)
    by = django_filters.ModelChoiceFilter(
        label=_("提交人"), field_name="submitted_by", queryset=User.objects.none()
    )

    class Meta:
        model = HistoryBatch
        fields = []

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        seen = HistoryBatch.objects.visible_to(user)
        self.filters["by"].queryset = User.objects.filter(
            pk__in=seen.values("submitted_by")
        ).order_by("name", "username")

    def search(self, queryset, name, value):
        return queryset.filter(Q(title__icontains=value) | Q(source__icontains=value))
