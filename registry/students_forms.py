"""Shape and words of what is done to one child by hand."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from registry import identity
from registry.id_numbers import checker, roll_checker
from registry.models import Enrolment, Ethnicity, Grade, IdKind, Relation, Sex, Unit

REQUIRED = _("这里要填")
UNKNOWN = ("", _("不清楚"))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
OFF = {"autocomplete": "off"}


def words(label, most, *, required=False, **options):
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        error_messages={"required": REQUIRED},
        widget=forms.TextInput(attrs=OFF),
        **options,
    )


def choice(label, choices, *, required=False):
    offered = list(choices) if required else [UNKNOWN, *choices]
    return forms.ChoiceField(
        label=label, choices=offered, required=required, error_messages={"required": REQUIRED}
    )


def day(label, *, required=True, **options):
    return DayField(
        label=label,
        required=required,
        widget=DAY,
        error_messages={"required": _("这里要填日期")},
        **options,
    )


class SearchForm(forms.Form):
    """Posted, so that no name or number stands in an address."""

    text = forms.CharField(
        label=_("找人"),
        max_length=60,
        error_messages={"required": _("写姓名、证件号、学籍号或监护人电话")},
        help_text=_("姓名、证件号、学籍号或监护人电话"),
        widget=forms.TextInput(attrs={**OFF, "spellcheck": "false"}),
    )


class UnmaskForm(forms.Form):
    """Why somebody wants to see the numbers whole; the reason goes into the log as it is written."""

    REASONS = [
        ("CONTACT", _("联系监护人")),
        ("CHECK", _("核对证件")),
        ("PAPER", _("制作文书")),
        ("OTHER", _("其他")),
    ]
    reason = forms.ChoiceField(
        label=_("原因"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("选一个原因")},
    )
    note = words(_("说明"), 100, help_text=_("选“其他”时要写。不写姓名和号码。"))

    def clean_note(self):
        note = self.cleaned_data["note"].strip()
        if re.search(r"\d{6}", identity.normal_number(note)):
            raise forms.ValidationError(_("说明会进日志，不写号码。"))
        return note

    def clean(self):
        asked = self.cleaned_data
        if asked.get("reason") == "OTHER" and not asked.get("note") and "note" not in self.errors:
            self.add_error("note", _("写明是什么事"))

    @property
    def said(self) -> str:
        reason = str(dict(self.REASONS)[self.cleaned_data["reason"]])
        return f"{reason} | {self.cleaned_data['note']}" if self.cleaned_data["note"] else reason


class _Seen(forms.Form):
    """Carries the child's version: who was overtaken is told so and overwrites nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    leaves_out = False  # guarded fields are not shown now, so nobody edits them blind


class FactsForm(_Seen):
    name = words(_("姓名"), 60, required=True)
    sex = choice(_("性别"), Sex.choices)
    ethnicity = choice(_("民族"), Ethnicity.choices)
    born_on = day(_("出生日期"), required=False)
    residence = forms.ModelChoiceField(
        label=_("居住地"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=_("不清楚"),
        help_text=_("住在哪个苏木镇（街道）或旗区；不在读的学生由居住地负责。"),
    )
    registered_address = words(_("户籍所在地"), 200)
    home_address = words(_("现住址"), 200)
    remark = words(_("备注"), 200)

    def __init__(self, *args, places, masked_addresses=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["residence"].queryset = places
        self.leaves_out = masked_addresses
        if masked_addresses:
            del self.fields["registered_address"], self.fields["home_address"]

    def clean_name(self):
        return identity.normal_name(self.cleaned_data["name"])


class NumberForm(_Seen):
    kind = choice(_("证件类型"), IdKind.choices, required=True)
    number = words(
        _("新的号码"), 40, required=True, help_text=_("原来的号码留在记录里，从今天起不再用。")
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_number(self):
        return identity.normal_number(self.cleaned_data["number"])

    def clean(self):
        kind, number = self.cleaned_data.get("kind"), self.cleaned_data.get("number")
        if not number:
            return
        if kind == IdKind.RESIDENT and checker(self.today)(number):
            self.add_error("number", _("居民身份证号不对：查一查位数、出生日期和末位。"))
        if kind == IdKind.ROLL and roll_checker(self.today)(number):
            self.add_error("number", _("学籍号不对：19 位，G、J 或 L 开头。"))


class GuardianForm(_Seen):
    """Masked values are left out unless they are shown: nobody edits what he does not see."""

    name = words(_("监护人"), 60, required=True)
    relation = choice(_("与学生关系"), Relation.choices)
    phone = words(_("电话"), 20)
    id_number = words(_("身份证号"), 20)

    def __init__(self, *args, masked=False, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.leaves_out = today, masked
        if masked:
            del self.fields["phone"], self.fields["id_number"]

    def clean_name(self):
        return identity.normal_name(self.cleaned_data["name"])

    def clean_phone(self):
        phone = identity.normal_phone(self.cleaned_data["phone"])
        if phone and not (phone.isascii() and phone.isdigit() and 10 <= len(phone) <= 12):
            raise forms.ValidationError(_("手机写 11 位，座机写区号和号码。"))
        return phone

    def clean_id_number(self):
        number = identity.normal_number(self.cleaned_data["id_number"])
        if number and checker(self.today)(number):
            raise forms.ValidationError(_("身份证号不对：查一查位数、出生日期和末位。"))
        return number


class _PlaceForm(_Seen):
    grade = choice(_("年级"), Grade.choices, required=True)
    class_name = words(_("班级"), 30)
    boards = forms.ChoiceField(
        label=_("是否寄宿"), choices=[UNKNOWN, ("1", _("是")), ("0", _("否"))], required=False
    )
    entered_on = day(_("入学年月"), required=False)

    def clean_boards(self):
        return {"1": True, "0": False}.get(self.cleaned_data["boards"])


class EnrolForm(_PlaceForm):
    school = forms.ModelChoiceField(
        label=_("学校"),
        queryset=Unit.objects.none(),
        empty_label=_("选学校"),
        error_messages={"required": _("选一所学校"), "invalid_choice": _("从名单里选学校")},
    )
    on = day(_("从哪天起"))
    field_order = ("school", "grade", "class_name", "boards", "entered_on", "on")

    def __init__(self, *args, schools, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools


class EnrolmentForm(_PlaceForm):
    pass


class LeaveForm(_Seen):
    on = day(_("最后一天"))
    reason = choice(_("离开原因"), (), required=True)
    # What a person decides; the others are written by the deeds of their name.
    BY_HAND = (
        Enrolment.End.TRANSFERRED,
        Enrolment.End.LEFT,
        Enrolment.End.GRADUATED,
        Enrolment.End.DOUBLE,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(one.value, one.label) for one in self.BY_HAND]
