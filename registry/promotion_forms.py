"""For which unit, and whether children whom somebody has edited since September go up as well."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Unit

KINDS = (
    Unit.Kind.LEAGUE,
    Unit.Kind.BANNER,
    Unit.Kind.ZONE,
    Unit.Kind.DIRECT,
    Unit.Kind.SCHOOL,
)


class PromotionForm(forms.Form):
    unit = forms.ModelChoiceField(
        label=_("单位或学校"),
        queryset=Unit.objects.none(),
        empty_label=None,
        error_messages={"required": _("选一个单位"), "invalid_choice": _("从名单里选一个单位")},
    )
    edited_too = forms.BooleanField(label=_("开学后改过的学生也一起升"), required=False)

    def __init__(self, *args, mine, **kwargs):
        """`mine`: units whose children this person may let go up."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = mine.of_kinds(KINDS).for_list()
