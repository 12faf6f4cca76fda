"""Shapes and words of programmes and standards."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Category, Grade
from registry.students_forms import day, words
from subsidies.deed_forms import PICK, MoneyField, Seen, from_rows, one_of, picked, reason
from subsidies.models import Level, Programme, Stage, Standard

BOARDS = [("", _("不分")), ("1", _("寄宿")), ("0", _("不寄宿"))]
FACTS = (
    "stage",
    "level",
    "group",
    "grades",
    "amount",
    "average",
    "least",
    "most",
    "per",
    "document",
    "valid_from",
    "valid_to",
    "note",
)


class ProgrammeForm(Seen):
    name = words(_("项目名称"), 60, required=True)
    unit = from_rows(_("哪里的项目"), required=False, empty_label=_("全盟"))
    form = picked(_("形式"), Programme.Form.choices)
    paid_to = picked(_("发给谁"), Programme.PaidTo.choices)
    entitles = picked(_("谁能享受"), Programme.Entitles.choices)
    note = words(_("说明"), 300)


class StandardForm(Seen):
    stage = one_of(_("学段"), Stage.choices)
    level = one_of(_("困难等级"), Level.choices, empty=_("不分等级"), required=False)
    group = one_of(_("特殊群体"), Category.choices, empty=_("不限"), required=False)
    boards = picked(_("寄宿"), BOARDS, required=False)
    grades = forms.MultipleChoiceField(
        label=_("年级"),
        choices=Grade.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=PICK,
        help_text=_("一个都不选，就是整个学段。"),
    )
    amount = MoneyField(
        label=_("标准（元）"),
        required=False,
        help_text=_("最多两位小数。文件没有写定额的空着，这条标准就不用于判断。"),
    )
    per = picked(_("怎么计"), Standard.Per.choices)
    average = MoneyField(label=_("平均（元）"), required=False)
    least = MoneyField(label=_("最低（元）"), required=False)
    most = MoneyField(label=_("最高（元）"), required=False)
    document = words(_("依据"), 160, required=True, help_text=_("文件名称和文号。"))
    valid_from = day(_("从哪天起"))
    valid_to = day(_("到哪天止"), required=False)
    note = words(_("说明"), 300)
    reason = reason(_("为什么登记或修改"))

    def clean_boards(self):
        return {"": None, "1": True, "0": False}[self.cleaned_data["boards"]]

    @staticmethod
    def beginning(standard: Standard) -> dict:
        """What a form for changing a standard begins with."""
        boards = {None: "", True: "1", False: "0"}[standard.boards]
        facts = {name: getattr(standard, name) for name in FACTS}
        return facts | {"boards": boards, "seen": standard.version}


class CloseForm(Seen):
    valid_to = day(_("到哪天止"), help_text=_("从第二天起另有规定的，另加一条。"))
    reason = reason(_("依据和原因"))


class ConfirmForm(Seen):
    reason = reason(_("凭什么确认"), help_text=_("写核对过的文件名称和文号。记入日志。"))
