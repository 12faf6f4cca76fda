"""Shape and words of a change to the working-day calendar."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from registry.services.calendar import LONGEST

DAY_WORDS = {"required": _("这里要填日期")}


def _day_input():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysForm(forms.Form):
    is_workday = forms.TypedChoiceField(
        label=_("这些天"),
        choices=[("0", _("放假")), ("1", _("上班"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="0",
        error_messages={"required": _("选放假或上班"), "invalid_choice": _("选放假或上班")},
    )
    first = DayField(label=_("自"), widget=_day_input(), error_messages=DAY_WORDS)
    last = DayField(
        label=_("至"),
        required=False,
        widget=_day_input(),
        error_messages=DAY_WORDS,
        help_text=_("只有一天就不填"),
    )
    note = forms.CharField(
        label=_("说明"),
        max_length=60,
        error_messages={"required": _("写明是什么假，例如 国庆节")},
    )
    source = forms.CharField(label=_("依据"), max_length=120, required=False)

    def clean(self):
        facts = super().clean()
        first, last = facts.get("first"), facts.get("last") or facts.get("first")
        if first and last and last < first:
            self.add_error("last", _("不能早于起始日期"))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("一次最多 %(n)s 天") % {"n": LONGEST})
        facts["last"] = last
        return facts
