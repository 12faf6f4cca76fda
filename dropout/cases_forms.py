"""Shapes and words of what is done to a case; what must hold is checked again by the deeds."""

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from common.models import User
from dropout.models import Cause, Kind, NotDropout, Source, VisitResult, Way
from registry.models import Unit
from registry.students_forms import OFF, REQUIRED, day, words

PICK = {"required": _("选一项"), "invalid_choice": _("从名单里选")}


def several_lines(label, most, *, required=False, **options):
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        error_messages={"required": REQUIRED},
        widget=forms.Textarea(attrs={**OFF, "rows": 3}),
        **options,
    )


def picked(label, choices, *, help_text=""):
    """A few codes, all in sight."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages=PICK,
        help_text=help_text,
    )


def one_of(label, choices, **options):
    """A code out of many; none is chosen beforehand, so that nobody leaves one standing unread."""
    return forms.ChoiceField(
        label=label,
        choices=[("", PICK["required"]), *choices],
        error_messages=PICK,
        **options,
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
    """Carries the case's version: who was overtaken is told so and overwrites nothing.

    `asked_for` says of a field for which answers of which other it is asked: a script hides it else.
    Without one all fields stand there, and the deed looks at those that matter.
    """

    asked_for: dict[str, tuple[str, list[str]]] = {}
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, offered=None, **kwargs):
        """`offered`: {name of a field: the rows it offers}."""
        super().__init__(*args, **kwargs)
        for name, rows in (offered or {}).items():
            self.fields[name].queryset = rows

    @property
    def rules(self) -> str:
        """The same for the script."""
        return json.dumps(self.asked_for) if self.asked_for else ""


class FoundForm(Seen):
    """A child may be out of school: who says so, and since when."""

    source = one_of(
        _("线索来源"), [(one.value, one.label) for one in Source if one != Source.LEFT_AGAIN]
    )
    found_on = day(_("发现日期"))
    absent_since = day(_("未到校起始日期"), required=False)


class NewCaseForm(FoundForm):
    unit = from_rows(
        _("负责单位"),
        required=False,
        empty_label=_("按居住地和就读学校定"),
        help_text=_("居住地和学校都不清楚时才选。"),
    )


class ArrangeForm(Seen):
    officer = from_rows(_("经办人"), required=False, empty_label=_("先不定"))
    planned_on = day(_("下次日期"), required=False)


class VerifyForm(Seen):
    on = day(_("开始核实日期"))


class ConfirmForm(Seen):
    asked_for = {"left_on": ("kind", [Kind.DROPPED_OUT.value])}
    kind = picked(
        _("类型"), Kind.choices, help_text=_("到了年龄从未入学的是失学，入学以后离开的是辍学。")
    )
    on = day(_("确认日期"))
    left_on = day(_("辍学时间"), required=False)
    cause = one_of(_("原因"), [(one.value, one.label) for one in Cause if one != Cause.GUARDED])
    cause_detail = several_lines(
        _("原因说明"), 300, help_text=_("选“其他”时要写。加密保存，看的人要有权限并写原因。")
    )

    def clean(self):
        asked = self.cleaned_data
        if asked.get("cause") == Cause.OTHER and not asked.get("cause_detail"):
            self.add_error("cause_detail", _("选“其他”时要写明是什么。"))


class CorrectCauseForm(Seen):
    cause = one_of(
        _("正确的原因"), [(one.value, one.label) for one in Cause if one != Cause.GUARDED]
    )
    cause_detail = several_lines(_("原因说明"), 300, help_text=_("选“其他”时要写。加密保存。"))
    reason = several_lines(
        _("为什么更正"), 200, required=True, help_text=_("加密保存，和原来的原因一起留在经过里。")
    )

    def clean(self):
        asked = self.cleaned_data
        if asked.get("cause") == Cause.OTHER and not asked.get("cause_detail"):
            self.add_error("cause_detail", _("选“其他”时要写明是什么。"))


class RuleOutForm(Seen):
    reason = one_of(_("排除原因"), NotDropout.choices)
    on = day(_("排除日期"))
    proof = several_lines(
        _("佐证"),
        500,
        required=True,
        help_text=_("凭什么认定：证明名称、文号、出具单位。加密保存。扫描件在登记以后上传。"),
    )


class VisitForm(Seen):
    on = day(_("劝返日期"))
    way = picked(_("方式"), Way.choices)
    visitor = words(_("劝返人"), 60, required=True)
    position = words(_("职务"), 40)
    result = picked(_("结果"), VisitResult.choices)
    guardian_word = several_lines(_("监护人意见"), 500)
    note = several_lines(_("经过"), 500)
    next_on = day(_("下次日期"), required=False, help_text=_("到那天会排在“我的个案”前面。"))


class ResponsibleForm(Seen):
    role = from_rows(_("职务"))
    name = words(_("姓名"), 60, required=True)
    phone = words(_("电话"), 20)


class LeaveAgainForm(Seen):
    on = day(_("发现日期"))
    absent_since = day(_("未到校起始日期"), required=False)


class OfferForm(Seen):
    to_unit = from_rows(_("移交给"))
    reason = several_lines(
        _("移交原因"),
        300,
        required=True,
        help_text=_("接收单位看得到。不要写学生的姓名和号码。对方接收以前仍归本单位。"),
    )


class WithdrawForm(Seen):
    reason = words(_("撤回原因"), 200, required=True)


class BulkForm(forms.Form):
    """What is left empty is left as it is. Carries how many cases were seen: others are not touched."""

    count = forms.IntegerField(widget=forms.HiddenInput, required=False)
    officer = forms.ModelChoiceField(
        label=_("经办人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("不改"),
        error_messages=PICK,
    )
    planned_on = day(_("下次日期"), required=False, help_text=_("空着就不改。"))

    def __init__(self, *args, officers, found: int, **kwargs):
        super().__init__(*args, initial={"count": found}, **kwargs)
        self.fields["officer"].queryset = officers
        self.found = found

    def clean(self):
        asked = self.cleaned_data
        seen = asked.pop("count", None)
        if not self.errors and not any(asked.values()):
            raise forms.ValidationError(_("选经办人，或写下次日期。"))
        if seen is not None and seen != self.found:
            self.data = {**self.data.dict(), "count": self.found}
            raise forms.ValidationError(
                _("现在是 %(now)s 件，刚才是 %(then)s 件。看过再提交一次。")
                % {"now": self.found, "then": seen}
            )
        return asked
