"""What the three ledgers can be narrowed by. Who is looked for stands behind a key."""

import django_filters as filters
from django import forms
from django.db.models import OuterRef, Subquery, TextChoices
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayFilter
from dropout.models import (
    OPEN_CAUSES,
    Episode,
    Kind,
    SchoolAgeEntry,
    SchoolAgeList,
    Schooling,
    Source,
)
from registry.models import (
    SENSITIVE,
    Category,
    Enrolment,
    Grade,
    Student,
    Unit,
    children_on,
)
from registry.services import searches
from registry.students_filters import LISTS

VIEW = "dropout.view_ledger"
SEES_SENSITIVE = "dropout.view_sensitive"
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Stage(TextChoices):
    """Of schooling; a grade's first digit says which."""

    KINDERGARTEN = "0", _("幼儿园")
    PRIMARY = "1", _("小学")
    JUNIOR = "2", _("初中")
    SENIOR = "3", _("高中")
    VOCATIONAL = "4", _("中职")

    @property
    def grades(self) -> list[str]:
        return [grade.value for grade in Grade if grade.value[0] == self.value]


class Settled(TextChoices):
    OPEN = "OPEN", _("没有了结的")
    ENDED = "ENDED", _("已了结的")
    ALL = "ALL", _("全部")


class LedgerFilter(filters.FilterSet):
    """A filter that cannot be read must not pass for "everything"."""

    found = filters.CharFilter(method="as_it_is", widget=forms.HiddenInput)

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.form.is_valid() else queryset.none()

    def as_it_is(self, queryset, _name, _value):
        return queryset

    def offer(self, rows, **lookups: str) -> None:
        """Only places that stand in rows of this person can be chosen."""
        for name, lookup in lookups.items():
            places = Unit.objects.filter(pk__in=rows.order_by().values(lookup))
            self.filters[name].queryset = places.for_list()


# Children of school age ----------------------------------------------------------------------------
class _Lists(filters.ModelChoiceFilter):
    """A list by its day, its office and its unit."""

    class field_class(filters.fields.ModelChoiceField):
        def label_from_instance(self, one):
            return f"{one.listed_on} {one.office} {one.unit.short}"


class SchoolAgeFilter(LedgerFilter):
    """One row is one child of a list: of the newest of each unit, unless a list is asked for."""

    list = _Lists(
        label=_("名单"),
        queryset=SchoolAgeList.objects.none(),
        method="as_it_is",
        empty_label=_("各单位最新的"),
    )
    unit = filters.ModelChoiceFilter(
        label=_("单位"), queryset=Unit.objects.none(), field_name="list__unit"
    )
    township = filters.ModelChoiceFilter(label=_("苏木镇"), queryset=Unit.objects.none())
    schooling = filters.ChoiceFilter(
        label=_("现在就学情况"), choices=Schooling.choices, field_name="schooling_now"
    )
    stage = filters.ChoiceFilter(label=_("学段"), choices=Stage.choices, method="at_stage")

    class Meta:
        model = SchoolAgeEntry
        fields = []

    def __init__(self, query, *, user, today, search=None):
        rows = SchoolAgeEntry.objects.visible_to(user, VIEW)
        super().__init__(query, queryset=rows.with_schooling(today))
        self.today, self.search = today, search
        lists = SchoolAgeList.objects.filter(pk__in=rows.order_by().values("list"))
        self.filters["list"].queryset = lists.for_list()
        self.offer(rows, unit="list__unit", township="township")

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        if not self.form.is_valid():
            return found
        chosen = self.form.cleaned_data["list"]
        found = found.of_list(chosen) if chosen else found.of_newest_lists()
        return searches.narrow(found, self.search) if self.search else found

    def at_stage(self, queryset, _name, stage):
        return queryset.at_stage(Stage(stage).grades, self.today)


# Suspected children and dropouts -------------------------------------------------------------------
class EpisodesFilter(LedgerFilter):
    """One row is one spell out of school; of those that are over only if they are asked for."""

    settled = filters.ChoiceFilter(
        label=_("了结"), choices=Settled.choices, method="as_it_is", empty_label=None
    )
    unit = filters.ModelChoiceFilter(
        label=_("负责单位"), queryset=Unit.objects.none(), field_name="case__unit"
    )
    township = filters.ModelChoiceFilter(
        label=_("苏木镇"), queryset=Unit.objects.none(), field_name="case__township"
    )
    school = filters.ModelChoiceFilter(
        label=_("学校"), queryset=Unit.objects.none(), field_name="case__school"
    )
    stage = filters.ChoiceFilter(label=_("学段"), choices=Stage.choices, method="at_stage")
    group = filters.ChoiceFilter(label=_("特殊群体"), choices=Category.choices, method="in_group")
    since = DayFilter(label=_("发现于"), field_name="found_on", lookup_expr="gte", widget=DAY)
    until = DayFilter(label=_("到"), field_name="found_on", lookup_expr="lte", widget=DAY)

    class Meta:
        model = Episode
        fields = []

    def __init__(self, query, *, user, today, search=None):
        rows = self.of_ledger(Episode.objects.visible_to(user, VIEW).of_living_cases())
        super().__init__(query, queryset=rows)
        self.today, self.search = today, search
        self.offer(rows, unit="case__unit", township="case__township", school="case__school")
        self._offer_groups(user)

    def of_ledger(self, episodes):
        return episodes

    def _offer_groups(self, user) -> None:
        """No list to who reads none, and no sensitive one to who may not see what is sensitive."""
        if not user.has_perm(LISTS):
            del self.filters["group"]
        elif not user.has_perm(SEES_SENSITIVE):
            open_ones = [(code, label) for code, label in Category.choices if code not in SENSITIVE]
            self.filters["group"].extra["choices"] = open_ones

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        if not self.form.is_valid():
            return found
        if self.search:
            children = searches.narrow(Student.objects.all(), self.search)
            found = found.filter(case__student__in=children)
        match self._settled():
            case Settled.OPEN:
                return found.open()
            case Settled.ENDED:
                return found.exclude(ended_on=None)
        return found

    def _settled(self) -> str:
        """A search is for whoever it finds; a list is of what is not over."""
        asked = self.form.cleaned_data.get("settled")
        return asked or (Settled.ALL if self.search else Settled.OPEN)

    def at_stage(self, queryset, _name, stage):
        """By the class that the child was in last."""
        latest = Enrolment.objects.filter(student=OuterRef("case__student"))
        latest = latest.order_by("-valid_from", "-pk").values("grade")[:1]
        return queryset.annotate(last_grade=Subquery(latest)).filter(
            last_grade__in=Stage(stage).grades
        )

    def in_group(self, queryset, _name, category):
        children = Student.objects.filter(children_on(category, self.today))
        return queryset.filter(case__student__in=children)


class SuspectedFilter(EpisodesFilter):
    source = filters.ChoiceFilter(label=_("线索来源"), choices=Source.choices)

    def of_ledger(self, episodes):
        return episodes.filter(confirmed_on=None)


class DropoutsFilter(EpisodesFilter):
    kind = filters.ChoiceFilter(label=_("类型"), choices=Kind.choices)
    cause = filters.ChoiceFilter(
        label=_("原因"), choices=[(one.value, one.label) for one in OPEN_CAUSES]
    )

    def of_ledger(self, episodes):
        return episodes.exclude(confirmed_on=None)
