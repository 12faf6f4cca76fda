"""What the forms of student aid are made of; what must hold is checked again by the deeds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Unit
from registry.students_forms import OFF, REQUIRED

WHY, NO_NAMES = _("原因"), _("记入日志。不要写学生的姓名和号码。")
PICK = {"required": _("选一项"), "invalid_choice": _("从名单里选")}


class MoneyField(forms.DecimalField):
    """Yuan with at most two decimals, as people type it: 1250, 312.50, 1,250.00."""

    default_error_messages = {
        "required": REQUIRED,
        "invalid": _("这里要填金额，例如 312.50"),
        "max_decimal_places": _("最多两位小数"),
        "max_digits": _("金额太大，核对一下"),
        "max_whole_digits": _("金额太大，核对一下"),
        "min_value": _("金额要大于 0"),
    }

    def __init__(self, **options):
        sizes = {"max_digits": 12, "decimal_places": 2, "min_value": 0}
        widget = forms.TextInput(attrs={**OFF, "inputmode": "decimal"})
        super().__init__(**sizes | {"widget": widget} | options)

    def to_python(self, value):
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "").removesuffix("元").strip()  # data
        return super().to_python(value)


def several_lines(label, most, *, required=False, **options):
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        error_messages={"required": REQUIRED},
        widget=forms.Textarea(attrs={**OFF, "rows": 3}),
        **options,
    )


def reason(label=WHY, *, help_text=NO_NAMES):
    return several_lines(label, 300, required=True, help_text=help_text)


def picked(label, choices, *, required=True, **options):
    """A few codes, all in sight."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=required,
        widget=forms.RadioSelect,
        error_messages=PICK,
        **options,
    )


def one_of(label, choices, *, empty=PICK["required"], **options):
    """A code out of many; none is chosen beforehand, so that nobody leaves one standing unread."""
    return forms.ChoiceField(
        label=label, choices=[("", empty), *choices], error_messages=PICK, **options
    )


def from_rows(label, *, required=True, empty_label=PICK["required"], **options):
    """Rows that the page offers; put in by the form's `__init__`."""
    return forms.ModelChoiceField(
        label=label,
        queryset=Unit.objects.none(),
        required=required,
        empty_label=empty_label,
        error_messages=PICK,
        **options,
    )


class Seen(forms.Form):
    """Carries the version that was looked at: who was overtaken is told so and overwrites nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, offered=None, **kwargs):
        """`offered`: {name of a field: the rows it offers}."""
        super().__init__(*args, **kwargs)
        for name, rows in (offered or {}).items():
            self.fields[name].queryset = rows
