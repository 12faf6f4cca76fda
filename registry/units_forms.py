"""Shape and words of what is done to units."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from registry.models import Unit

# What a unit of a kind may lie under.
MAY_LIE_UNDER = {
    Unit.Kind.LEAGUE: {Unit.Kind.REGION},
    Unit.Kind.BANNER: {Unit.Kind.LEAGUE},
    Unit.Kind.ZONE: {Unit.Kind.LEAGUE, Unit.Kind.BANNER},
    Unit.Kind.DIRECT: {Unit.Kind.LEAGUE},
    Unit.Kind.OFFICE: {Unit.Kind.LEAGUE, Unit.Kind.BANNER, Unit.Kind.ZONE},
    Unit.Kind.TOWNSHIP: {Unit.Kind.BANNER, Unit.Kind.ZONE},
    Unit.Kind.VILLAGE: {Unit.Kind.TOWNSHIP},
    Unit.Kind.SCHOOL: {
        Unit.Kind.DIRECT,
        Unit.Kind.BANNER,
        Unit.Kind.ZONE,
        Unit.Kind.TOWNSHIP,
    },
}


class MoveForm(forms.Form):
    to = forms.ModelChoiceField(
        label=_("新的上级"),
        queryset=Unit.objects.none(),
        empty_label=_("选一个单位"),
        error_messages={"required": _("选一个单位"), "invalid_choice": _("从名单里选一个单位")},
    )
    on = DayField(
        label=_("自哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("这里要填日期")},
    )

    def __init__(self, *args, unit, choices, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = self.narrowed(choices.existing(today), unit)

    @staticmethod
    def narrowed(choices, unit):
        return choices.of_kinds(MAY_LIE_UNDER.get(unit.kind, ())).exclude(pk=unit.pk).for_list()


class MergeForm(MoveForm):
    """A unit goes into one of its own kind."""

    field_order = ("to", "on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].label = _("并入哪个单位")

    @staticmethod
    def narrowed(choices, unit):
        return choices.of_kinds({unit.kind}).exclude(pk=unit.pk).for_list()
