"""Shapes and words of budget lines and arrivals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Unit
from registry.students_forms import REQUIRED, day, words
from subsidies.models import BudgetLine, Programme, Source
from subsidies.payments_forms import money

PICK = {"required": _("选一项"), "invalid_choice": _("从名单里选")}
FIRST_YEAR, LAST_YEAR = 2015, 2100


class LineForm(forms.Form):
    """`line` is the one that is corrected; unit, programme, year and source of it stay."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    year = forms.IntegerField(
        label=_("年度"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages={
            "required": REQUIRED,
            "invalid": _("写年份，如 2025"),
            "min_value": _("年份不对"),
            "max_value": _("年份不对"),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    unit = forms.ModelChoiceField(
        label=_("单位"),
        queryset=Unit.objects.none(),
        empty_label=PICK["required"],
        error_messages=PICK,
    )
    programme = forms.ModelChoiceField(
        label=_("资助项目"),
        queryset=Programme.objects.none(),
        empty_label=PICK["required"],
        error_messages=PICK,
    )
    source = forms.ChoiceField(
        label=_("资金来源"), choices=Source.choices, widget=forms.RadioSelect, error_messages=PICK
    )
    document = words(_("文号"), 120, required=True)
    amount = money(_("下达金额（元）"), digits=14)

    KEYS = ("year", "unit", "programme", "source")

    def __init__(self, *args, units, programmes, line: BudgetLine | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.line = line
        self.fields["unit"].queryset, self.fields["programme"].queryset = units, programmes
        if line is not None:
            for name in self.KEYS:
                del self.fields[name]

    def clean(self):
        """The same document twice would count its money twice."""
        asked = {name: self.cleaned_data.get(name) for name in (*self.KEYS, "document")}
        if self.line is not None:
            asked |= {name: getattr(self.line, name) for name in self.KEYS}
        if not all(asked.values()):
            return
        same = BudgetLine.objects.filter(**asked)
        if same.exclude(pk=self.line.pk if self.line else None).exists():
            self.add_error("document", _("这份文件已经登记过：同一单位、项目、来源"))

    def written(self) -> BudgetLine:
        """The line as it is to be saved."""
        line = self.line or BudgetLine()
        for name, value in self.cleaned_data.items():
            if name != "seen":
                setattr(line, name, value)
        return line


class ArrivalForm(forms.Form):
    amount = money(_("到账金额（元）"))
    on = day(_("到账日期"))
    note = words(_("说明"), 200)
