"""Shapes and words of what is said about a finding."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from common.models import User
from registry.models import Finding
from registry.services.findings import TEXT_MOST


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("结论"),
        choices=Finding.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("选一项结论。")},
    )
    text = forms.CharField(
        label=_("说明"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写清原因。不写学生和家长的姓名、证件号、电话。"),
        error_messages={"required": _("写一句说明。")},
    )


class LookForm(forms.Form):
    """The second look: the note is asked for where the answer goes back."""

    note = forms.CharField(label=_("意见"), max_length=300, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_seen(self):
        """The moment of the answer that stood on the page; nonsense is an answer nobody gave."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return datetime.min


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(
        label=_("责任人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("不指定，由单位填报员说明"),
    )
    due_on = DayField(
        label=_("说明期限"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("这里要填日期")},
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people
