"""Shapes and words of what people type about reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_app.models.values import ChangeReason


class CorrectionForm(forms.Form):
    """Why an approved report is changed."""

    reason = forms.ChoiceField(
        label=_("更正原因"), choices=ChangeReason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("哪一项、原来怎么错、现在按什么改。"),
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == ChangeReason.OTHER and not cleaned.get("note"):
            self.add_error("note", _("选“其他”时要写明。"))
        return cleaned


class WaiveForm(forms.Form):
    """Why a unit need not report."""

    reason = forms.CharField(
        label=_("免报原因"),
        max_length=200,
        help_text=_("例：本旗没有下达这项计划。"),
    )
