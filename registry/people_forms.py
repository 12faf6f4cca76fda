"""Shape and words of what administrators do with accounts and postings."""

from datetime import timedelta

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from common.forms.accounts import PhoneForm
from common.forms.days import DayField
from common.models import User
from registry.models import Posting, Unit
from registry.roles import Role


def day_field(label, **options):
    return DayField(
        label=label,
        error_messages={"required": _("这里要填日期")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **options,
    )


class AccountForm(PhoneForm):
    name = forms.CharField(
        label=_("姓名"),
        max_length=50,
        error_messages={"required": _("这里要填姓名")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["username", "name", "phone"]


class NewAccountForm(AccountForm):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        validators=[UnicodeUsernameValidator(message=_("只用文字、数字和 @ . + - _，中间不空格"))],
        error_messages={"required": _("这里要填用户名")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("登录用，建好后不能改。"),
    )


class PostingForm(forms.Form):
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    unit = forms.ModelChoiceField(
        label=_("单位"),
        queryset=Unit.objects.none(),
        empty_label=_("选单位"),
        error_messages={"required": _("选一个单位")},
    )
    valid_from = day_field(_("自"))
    valid_to = day_field(_("至"), required=False, help_text=_("不填就一直有效"))

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, prefix="posting", **kwargs)
        self.fields["unit"].queryset = Unit.objects.with_people(today)
        self.initial.setdefault("valid_from", today)

    def clean(self):
        _check_order(self, "valid_from", "valid_to")


class EndForm(forms.Form):
    on = day_field(_("最后一天"))

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("on", today)

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on < self.today - timedelta(days=1):  # yesterday: the rights end at once
            raise forms.ValidationError(_("已经过去的日子改不了，最早填昨天，当即失效。"))
        return on


class _PassOnForm(forms.Form):
    to = forms.ModelChoiceField(
        label=_("交给谁"),
        queryset=User.objects.none(),
        empty_label=_("选同事"),
        error_messages={"required": _("选一位同事"), "invalid_choice": _("只能选本单位的同事")},
    )

    def __init__(self, *args, posting: Posting, people, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.posting, self.today = posting, today
        self.fields["to"].queryset = (
            User.objects.active().filter(pk__in=people).order_by("username")
        )
        self.fields["to"].label_from_instance = lambda user: f"{user.name} ({user.username})"


class DeputyForm(_PassOnForm):
    valid_from = day_field(_("自"))
    valid_to = day_field(_("至"))

    def clean(self):
        _check_order(self, "valid_from", "valid_to")
        last = self.cleaned_data.get("valid_to")
        if last and last < self.today:
            self.add_error("valid_to", _("这一天已经过去"))
        if last and self.posting.valid_to and last > self.posting.valid_to:
            self.add_error("valid_to", _("超过了这个任职的最后一天"))


class HandOverForm(_PassOnForm):
    on = day_field(_("从哪天起"))

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on <= self.today:
            raise forms.ValidationError(_("最早从明天起"))
        return on


def _check_order(form, first, last):
    begin, end = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if begin and end and end < begin:
        form.add_error(last, _("比开始那天还早"))
