"""A new value for a setting, and why."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.options import BadValue


class OptionForm(forms.Form):
    value = forms.CharField(
        label=_("新值"),
        max_length=40,
        error_messages={"required": _("这里要填数字")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("依据"),
        max_length=200,
        error_messages={"required": _("写明依据，例如文件名和文号")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, shown, **kwargs):
        super().__init__(*args, prefix=shown.declared.code.replace(".", "-"), **kwargs)
        self.declared = shown.declared
        if self.declared.kind is bool:
            self.fields["value"] = forms.ChoiceField(
                label=_("新值"), choices=[("1", _("是")), ("0", _("否"))]
            )
            self.initial["value"] = "1" if shown.value else "0"
        else:
            self.initial["value"] = str(shown.value)

    def clean_value(self):
        raw = self.cleaned_data["value"]
        try:
            self.declared.parse(raw)
        except BadValue as fault:
            raise ValidationError(str(fault)) from None
        return raw
