"""By what the second record of a child is looked for; what is typed goes into no address."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from registry import identity

OFF = {"autocomplete": "off", "spellcheck": "false"}


class OtherRecordForm(forms.Form):
    """A number, or a name with the day of birth."""

    number = forms.CharField(
        label=_("证件号或学籍号"),
        max_length=30,
        required=False,
        error_messages={"max_length": _("号码没有这么长")},
        widget=forms.TextInput(attrs=OFF),
    )
    name = forms.CharField(
        label=_("姓名"),
        max_length=60,
        required=False,
        help_text=_("不知道号码时，写姓名和出生日期。"),
        error_messages={"max_length": _("姓名没有这么长")},
        widget=forms.TextInput(attrs=OFF),
    )
    born_on = DayField(
        label=_("出生日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_number(self):
        return identity.normal_number(self.cleaned_data["number"])

    def clean_name(self):
        return identity.normal_name(self.cleaned_data["name"])

    def clean(self):
        facts = self.cleaned_data
        if self.errors or facts.get("number"):
            return facts
        if not facts.get("name"):
            raise ValidationError(_("写证件号或学籍号，或者姓名和出生日期"))
        if not facts.get("born_on"):
            self.add_error("born_on", _("这里要填日期"))
        return facts
