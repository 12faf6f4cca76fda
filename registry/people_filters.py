"""By what the lists of accounts and postings can be narrowed."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import User
from registry.models import Posting, Unit
from registry.roles import Role

ACCOUNT_STATES = [
    ("ACTIVE", _("在用")),
    ("NEW", _("未启用")),
    ("OFF", _("已停用")),
    ("FIRST_PASSWORD", _("还没换一次性密码")),
]
POSTING_STATES = [
    ("WAITING", _("等确认")),
    ("IN_FORCE", _("有效")),
    ("COMING", _("未开始")),
    ("OVER", _("已结束")),
]


class _PeopleFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("姓名或用户名"), method="search")
    unit = django_filters.ModelChoiceFilter(
        label=_("单位"), queryset=Unit.objects.none(), method="at_unit"
    )
    role = django_filters.ChoiceFilter(label=_("角色"), choices=Role.choices, method="with_role")

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.filters["unit"].queryset = Unit.objects.with_postings()


class AccountFilter(_PeopleFilter):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=ACCOUNT_STATES, method="in_state")

    class Meta:
        model = User
        fields = []

    def search(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(username__icontains=value))

    def at_unit(self, queryset, name, value):
        held = Posting.objects.not_over(self.today).filter(unit=value)
        return queryset.filter(pk__in=held.values("user"))

    def with_role(self, queryset, name, value):
        held = Posting.objects.not_over(self.today).filter(role=value)
        return queryset.filter(pk__in=held.values("user"))

    def in_state(self, queryset, name, value):
        match value:
            case "ACTIVE":
                return queryset.filter(is_active=True)
            case "FIRST_PASSWORD":
                return queryset.filter(is_active=True, must_change_password=True)
        return queryset.filter(is_active=False, ever_confirmed=value == "OFF")


class PostingFilter(_PeopleFilter):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=POSTING_STATES, method="in_state")

    class Meta:
        model = Posting
        fields = []

    def search(self, queryset, name, value):
        return queryset.filter(Q(user__name__icontains=value) | Q(user__username__icontains=value))

    def at_unit(self, queryset, name, value):
        return queryset.filter(unit=value)

    def with_role(self, queryset, name, value):
        return queryset.filter(role=value)

    def in_state(self, queryset, name, value):
        match value:
            case "WAITING":
                return queryset.waiting()
            case "IN_FORCE":
                return queryset.in_force(self.today)
            case "COMING":
                return queryset.filter(confirmed_at__isnull=False, valid_from__gt=self.today)
        return queryset.filter(confirmed_at__isnull=False, valid_to__lt=self.today)
