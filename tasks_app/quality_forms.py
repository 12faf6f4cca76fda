"""A rule is put together from lists: there is nothing to spell."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_app.models import QualityRule, QualityTerm
from tasks_app.services import quality

MANY = forms.SelectMultiple(attrs={"size": 10})
Role = QualityTerm.Role


class RuleForm(forms.Form):
    form = forms.ChoiceField(
        label=_("形式"),
        choices=QualityRule.Form.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("选一种形式。")},
    )
    left = forms.ChoiceField(
        label=_("甲"),
        help_text=_("要核对的数；“期末 = 上期末 + 增 − 减”里就是期末数"),
        error_messages={"required": _("选要核对的数。"), "invalid_choice": _("没有这项指标。")},
    )
    right = forms.MultipleChoiceField(
        label=_("乙"),
        required=False,
        widget=MANY,
        help_text=_("拿来比的数；合计可选几项（按住 Ctrl 点选）"),
        error_messages={"invalid_choice": _("没有这项指标。")},
    )
    plus = forms.MultipleChoiceField(
        label=_("增"),
        required=False,
        widget=MANY,
        help_text=_("只用于“期末 = 上期末 + 增 − 减”"),
        error_messages={"invalid_choice": _("没有这项指标。")},
    )
    minus = forms.MultipleChoiceField(
        label=_("减"),
        required=False,
        widget=MANY,
        error_messages={"invalid_choice": _("没有这项指标。")},
    )
    note = forms.CharField(
        label=_("依据"),
        max_length=200,
        help_text=_("哪份报表说明、哪条口径"),
        error_messages={"required": _("写明依据。")},
    )
    replaces = forms.ModelChoiceField(
        queryset=QualityRule.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, indicators, rules, **kwargs):
        super().__init__(*args, **kwargs)
        numbers = quality.choices(indicators)
        self.fields["left"].choices = [("", _("请选一项")), *numbers]
        for name in ("right", "plus", "minus"):
            self.fields[name].choices = numbers
        self.fields["replaces"].queryset = rules


def initial_of(rule: QualityRule | None) -> dict:
    """A rule as the form shows it, to be set anew with a change."""
    if rule is None:
        return {}

    def named(role):
        return [f"{term.indicator.code}:{term.part}" for term in rule.of_role(role)]

    return {
        "form": rule.form,
        "left": named(Role.LEFT)[0],
        "right": named(Role.RIGHT),
        "plus": named(Role.IN),
        "minus": named(Role.OUT),
        "note": rule.note,
        "replaces": rule,
    }
