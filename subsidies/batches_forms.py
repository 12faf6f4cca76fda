"""Shapes and words of what is done to a batch; what must hold is checked again by the deeds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Unit
from registry.students_forms import day, words
from subsidies.models import Programme

PICK = {"required": _("选一项"), "invalid_choice": _("从名单里选")}


class _Seen(forms.Form):
    """Carries the batch's version: who was overtaken is told so and decides on what is there now."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SeenForm(_Seen):
    """A deed that needs no more words."""


class ReturnForm(_Seen):
    note = words(
        _("退回原因"),
        200,
        required=True,
        help_text=_("制单人看得到，写明要改什么，不写姓名和号码。"),
    )


class NewBatchForm(forms.Form):
    """From the expected awards: whose, of which programme and term, paid on which day."""

    unit = forms.ModelChoiceField(
        label=_("发放单位"),
        queryset=Unit.objects.none(),
        empty_label=PICK["required"],
        error_messages=PICK,
        help_text=_("本单位下面各校还没发的学生都列进去。"),
    )
    programme = forms.ModelChoiceField(
        label=_("资助项目"),
        queryset=Programme.objects.none(),
        empty_label=PICK["required"],
        error_messages=PICK,
    )
    term = forms.ChoiceField(label=_("学期"), error_messages=PICK)
    paid_on = day(_("发放日期"), help_text=_("银行打卡的日期。"))

    def __init__(self, *args, units, programmes, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
        self.fields["programme"].queryset = programmes
        self.fields["term"].choices = terms
