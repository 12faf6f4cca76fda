"""Shapes and words of what is done to a payment; what must hold is checked again by the deeds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.columns import BankCard
from intake.faults import BadCell, words_of
from registry.students_forms import OFF, choice, day, words
from subsidies.models import Holder


def money(label, *, required=True, digits=12, **options):
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=digits,
        decimal_places=2,
        error_messages={
            "required": _("这里要填金额"),
            "invalid": _("写数字，最多两位小数，如 312.50"),
            "max_digits": _("数字太长了"),
            "max_whole_digits": _("数字太长了"),
            "max_decimal_places": _("最多两位小数"),
        },
        widget=forms.TextInput(attrs={**OFF, "inputmode": "decimal"}),
        **options,
    )


class ReasonForm(forms.Form):
    reason = words(
        _("原因"), 200, required=True, help_text=_("写为什么，不写姓名和号码；审批的人看得到。")
    )


class _CardForm(forms.Form):
    """Another card: what is left empty stays as it was."""

    card_holder = words(_("卡主姓名"), 60)
    relation = choice(_("与学生关系"), Holder.choices)
    bank = words(_("开户行"), 60)
    card = words(_("银行卡号"), 30, help_text=_("换卡才填；空着就还用原来的卡。"))

    def clean_card(self):
        """As a sheet's cell is checked: length, digits, check digit."""
        card = self.cleaned_data["card"].strip()
        if not card:
            return ""
        try:
            return BankCard(str(self.fields["card"].label)).bind(None)(card)
        except BadCell as bad:
            said = words_of(bad.code)
            raise forms.ValidationError(
                f"{said.wrong % bad.params} {said.cure % bad.params}"
            ) from None

    def clean(self):
        asked = self.cleaned_data
        if asked.get("card") and not (asked.get("card_holder") and asked.get("relation")):
            for name in ("card_holder", "relation"):
                if not asked.get(name) and name not in self.errors:
                    self.add_error(name, _("换卡要写是谁的卡"))

    @property
    def facts(self) -> dict:
        """What the deed is told: the fields that say something."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


class CorrectForm(_CardForm):
    amount = money(_("应为金额（元）"), required=False, help_text=_("金额不错就空着。"))
    reason = words(_("原因"), 200, required=True, help_text=_("审批的人看得到，不写姓名和号码。"))
    field_order = ("amount", "card_holder", "relation", "bank", "card", "reason")

    def clean(self):
        super().clean()
        if not self.errors and not set(self.facts) - {"reason"}:
            raise forms.ValidationError(_("写应为多少，或换成哪张卡。"))


class RepeatForm(_CardForm):
    pass


class BankReturnForm(forms.Form):
    on = day(_("退回日期"))
    reason = words(_("银行写的原因"), 200, required=True, help_text=_("如户名不符、账户已销户。"))
