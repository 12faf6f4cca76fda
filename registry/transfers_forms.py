"""Why a transfer is refused."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("申请的学校看得到。不要写学生的姓名和号码。"),
        error_messages={"required": _("这里要写理由"), "max_length": _("理由最多 200 字")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
