"""Which lists are compared, and what somebody says of a pair."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dropout.models import AttendanceReturn, ComparisonKind, SchoolAgeList
from registry.models import OutsideList, Unit, descendants_of

KINDS = (Unit.Kind.LEAGUE, Unit.Kind.BANNER, Unit.Kind.ZONE)
RUN, LISTS = "dropout.run_comparison", "registry.change_outsidelist"
# kind -> the field that it needs
NEEDS = {
    ComparisonKind.NEVER_ENROLLED: "age_lists",
    ComparisonKind.ABSENT: "month",
    ComparisonKind.POVERTY: "outside_lists",
}


class _Lists(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, one):
        return f"{one} {one.listed_on} {one.unit.short}"


class _AgeLists(_Lists):
    def label_from_instance(self, one):
        return f"{one} {one.unit.short}"


class ComparisonForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("比什么"),
        choices=ComparisonKind.choices,
        error_messages={"invalid_choice": gettext_lazy("从名单里选一种")},
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("单位"),
        queryset=Unit.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("从名单里选一个单位")},
    )
    age_lists = _AgeLists(
        label=gettext_lazy("适龄儿童名单"), queryset=SchoolAgeList.objects.none(), required=False
    )
    month = forms.ChoiceField(label=gettext_lazy("在校情况月报的月份"), required=False)
    outside_lists = _Lists(
        label=gettext_lazy("部门名单"), queryset=OutsideList.objects.none(), required=False
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        mine = Unit.objects.visible_to(user, RUN).of_kinds(KINDS)
        self.fields["unit"].queryset = mine.for_list()
        ages = SchoolAgeList.objects.visible_to(user, RUN).select_related("unit")
        self.fields["age_lists"].queryset = ages.order_by("-listed_on", "pk")
        outside = OutsideList.objects.kept_by(user, LISTS).select_related("unit")
        self.fields["outside_lists"].queryset = outside.order_by("-listed_on", "pk")
        returns = AttendanceReturn.objects.visible_to(user, RUN).order_by("-month")
        months = returns.values_list("month", flat=True).distinct()
        for name in ("age_lists", "outside_lists"):
            if not self.fields[name].queryset.exists():
                self.fields[name].help_text = _("还没有名单，先导入")
        self.fields["month"].choices = [("", "—"), *((month, month) for month in months)]

    def clean(self):
        found = super().clean()
        kind, unit = found.get("kind"), found.get("unit")
        needed = NEEDS.get(kind)
        if needed and needed not in self.errors and not found.get(needed):
            self.add_error(needed, _("选要比对的名单或月份；没有可选的，先导入"))
        if unit and needed and needed.endswith("lists") and found.get(needed):
            below = set(descendants_of(unit, on=self.today).values_list("descendant", flat=True))
            if any(one.unit_id not in below for one in found[needed]):
                self.add_error(needed, _("选了不属于这个单位的名单"))
        return found

    @property
    def chosen(self) -> dict:
        """As the service takes it."""
        data = self.cleaned_data
        needed = NEEDS[data["kind"]]
        facts = {"kind": data["kind"], "unit": data["unit"]}
        if needed == "month":
            return facts | {"month": data["month"]}
        return facts | {"lists": [one.pk for one in data[needed]]}
