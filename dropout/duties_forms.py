"""What a unit writes of a look it has taken, and why one need not be taken."""

from django import forms
from django.utils.translation import gettext_lazy as _

from dropout.cases_forms import several_lines
from registry.students_forms import day, words


class DeclarationForm(forms.Form):
    """`seen`: how many declarations stood on the page; who was overtaken is told so."""

    held_on = day(_("完成日期"))
    text = several_lines(
        _("情况"),
        2000,
        required=True,
        help_text=_(
            "查了哪些地方、多少人，发现什么、怎么办的。不写学生姓名和证件号；材料登记后再附。"
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class WithdrawalForm(forms.Form):
    reason = words(_("撤回原因"), 200, required=True)


class WaiveForm(forms.Form):
    reason = words(_("免报原因"), 200, required=True)
