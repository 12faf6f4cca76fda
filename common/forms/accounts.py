"""Shape and words of sign-in and of one's own account."""

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        error_messages={"required": _("这里要填用户名"), "max_length": _("用户名没有这么长")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=256,
        error_messages={"required": _("这里要填密码"), "max_length": _("密码没有这么长")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PhoneForm(forms.Form):
    phone = forms.RegexField(
        r"^[0-9+()（）\-－ ]*$",
        label=_("办公电话"),
        required=False,
        max_length=30,
        error_messages={"invalid": _("只填数字、空格、加号、括号和短横")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text=_("单位没报齐时，盟局按这个电话找您。"),
    )


class PreferenceForm(forms.Form):
    """What the page header and the table foot send; only what is sent is changed."""

    text_size = forms.ChoiceField(choices=[("", ""), ("large", "")], required=False)
    density = forms.ChoiceField(choices=[("", ""), ("dense", ""), ("loose", "")], required=False)


def _new_password(label):
    return forms.CharField(
        label=label,
        strip=False,
        max_length=256,
        error_messages={"required": _("这里要填新密码")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


# Django's own texts are not all in Chinese.
BAD_PASSWORD = {
    "password_too_short": _("太短，至少 10 位"),
    "password_too_common": _("太常见，容易被猜到，换一个"),
    "password_entirely_numeric": _("全是数字，加上字母或符号"),
    "password_too_similar": _("和用户名、姓名或电话太像，换一个"),
}


class PasswordForm(forms.Form):
    current = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        max_length=256,
        error_messages={"required": _("这里要填现在的密码")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = _new_password(_("新密码"))
    again = _new_password(_("再填一遍新密码"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["new"].help_text = _(
            "至少 10 位，不能全是数字，不要用常见密码或自己的姓名、用户名。"
        )

    def clean_current(self):
        current = self.cleaned_data["current"]
        if not self.user.check_password(current):
            raise ValidationError(_("现在的密码不对"))
        return current

    def clean(self):
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", _("两次填的新密码不一样"))
        if new:
            if new == self.cleaned_data.get("current"):
                self.add_error("new", _("新密码要和现在的不一样"))
            try:
                password_validation.validate_password(new, self.user)
            except ValidationError as faults:
                for fault in faults.error_list:
                    self.add_error("new", BAD_PASSWORD.get(fault.code, fault))
