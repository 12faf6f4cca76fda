"""Shapes and words of targets and baselines. A fault is told at its field."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.periods import NotAPeriod, Period
from registry.models import Unit
from tasks_app.models import Indicator, Target
from tasks_app.models.values import ChangeReason
from tasks_app.services.numbers import AMOUNTS, parse_number

YEARS_BEYOND = 15  # a target may look further than its plan, not for ever
DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}


class ChangeForm(forms.Form):
    """Why a number that others lean on is changed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("变更原因"),
        choices=[("", gettext_lazy("请选一项")), *ChangeReason.choices],
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("原因说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == ChangeReason.OTHER and not cleaned.get("note"):
            self.add_error("note", _("选“其他”时要写明。"))
        return cleaned


class WithdrawForm(ChangeForm):
    """A target that ends without a successor always says why."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = _("选一个撤销的原因。")


class _SetForm(ChangeForm):
    """What targets and baselines share: of whom, from which document, why it changes."""

    field_order = []
    unit = forms.ModelChoiceField(label=gettext_lazy("单位"), queryset=Unit.objects.none())
    source = forms.CharField(
        label=gettext_lazy("依据的文件"),
        max_length=200,
        help_text=gettext_lazy("文件名称和文号，例：阿教体发〔2025〕12号"),
        error_messages={"required": gettext_lazy("写明依据的文件，没有文件就写哪次会议定的。")},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, indicator: Indicator, units, asks_why: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fields["unit"].queryset = units
        if not asks_why:
            del self.fields["reason"], self.fields["note"]
        else:
            self.fields["reason"].help_text = _("已有通过的报告：改动原来的数，要选原因。")
        self.order_fields(self.field_order)

    def _number(self, name: str, *, whole: bool):
        """A number as officials type it; the fault stands at the field."""
        try:
            return parse_number(self.cleaned_data[name], whole=whole)
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from None


class TargetForm(_SetForm):
    field_order = ["year", "unit", "value", "ground", "source", "reason", "note"]
    year = forms.CharField(
        label=gettext_lazy("年份"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("学期、学年按结束的那一年。"),
        error_messages={"required": gettext_lazy("写目标是哪一年的。")},
    )
    value = forms.CharField(
        label=gettext_lazy("目标值"),
        max_length=40,
        widget=forms.TextInput(attrs=DECIMAL),
        error_messages={"required": gettext_lazy("写目标值。还没有定就不用填这一页。")},
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("依据类别"),
        choices=[c for c in Target.Ground.choices if c[0] != Target.Ground.DEMO],
        initial=Target.Ground.DOCUMENT,
    )

    def clean_year(self):
        first = self.indicator.work_item.plan.start_year
        last = self.indicator.work_item.plan.target_year + YEARS_BEYOND
        try:
            year = int(self._number("year", whole=True))
        except forms.ValidationError:
            raise forms.ValidationError(_("年份写四位数字，例：2025。")) from None
        if not first <= year <= last:
            raise forms.ValidationError(
                _("年份要在 %(first)s 到 %(last)s 之间。") % {"first": first, "last": last}
            )
        return year

    def clean_value(self):
        indicator = self.indicator
        typed = self.cleaned_data["value"].strip().removesuffix("%").removesuffix("％")
        self.cleaned_data["value"] = typed
        whole = not indicator.is_rate and indicator.unit_zh not in AMOUNTS
        value = self._number("value", whole=whole)
        if indicator.is_rate and value > 100 and not indicator.may_exceed:
            raise forms.ValidationError(_("这项是比率，不能超过 100。"))
        if indicator.is_rate and 0 < value < 1:
            raise forms.ValidationError(_("这里按百分数填，九成五填 95，不填 0.95。"))
        return value


class BaselineForm(_SetForm):
    field_order = ["period", "unit", "numerator", "denominator", "source", "reason", "note"]
    period = forms.CharField(
        label=gettext_lazy("基期"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("写基期是哪一期的。")},
    )
    numerator = forms.CharField(
        label=gettext_lazy("数值"),
        max_length=40,
        widget=forms.TextInput(attrs=DECIMAL),
        error_messages={"required": gettext_lazy("写基期的数。")},
    )
    denominator = forms.CharField(
        label=gettext_lazy("分母"),
        max_length=40,
        widget=forms.TextInput(attrs=DECIMAL),
        error_messages={"required": gettext_lazy("这项是比率，分母也要写。")},
    )

    def __init__(self, *args, indicator: Indicator, **kwargs):
        super().__init__(*args, indicator=indicator, **kwargs)
        example = Period.of(indicator.period_kind, indicator.work_item.plan.published_on)
        self.fields["period"].help_text = _("%(frequency)s，例：%(code)s") % {
            "frequency": indicator.get_frequency_display(),
            "code": example.previous().code,
        }
        if indicator.is_rate:
            self.fields["numerator"].label = _("分子")
        else:
            del self.fields["denominator"]

    @property
    def _whole(self) -> bool:
        return self.indicator.unit_zh not in AMOUNTS

    def clean_period(self):
        try:
            period = Period.parse(self.cleaned_data["period"].strip())
        except NotAPeriod:
            raise forms.ValidationError(
                _("不是期别。%(help)s") % {"help": self.fields["period"].help_text}
            ) from None
        if period.kind != self.indicator.period_kind:
            raise forms.ValidationError(
                _("这项指标的期别不是这一种。%(help)s") % {"help": self.fields["period"].help_text}
            )
        return period

    def clean_numerator(self):
        return self._number("numerator", whole=self._whole)

    def clean_denominator(self):
        return self._number("denominator", whole=self._whole)

    def clean(self):
        cleaned = super().clean()
        over, under = cleaned.get("numerator"), cleaned.get("denominator")
        if over is None or under is None:
            return cleaned
        if under == 0 and over:
            self.add_error("numerator", _("分母是 0，分子只能是 0。"))
        elif over > under and not self.indicator.may_exceed:
            self.add_error(
                "numerator",
                _("分子 %(over)s 大于分母 %(under)s，请改其中一个。")
                % {"over": over, "under": under},
            )
        return cleaned
