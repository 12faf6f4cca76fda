"""Shapes and words of what the bureau types about past years."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_app.models import HistoryBatch, Indicator, WorkItem
from tasks_app.models.values import ChangeReason
from tasks_app.services.grids import FIRST_YEAR

MOST_TEXT = 800_000  # characters; what the server takes in one go


class HistoryForm(forms.Form):
    """A paste with where it comes from. The hidden fields make a second click harmless."""

    title = forms.CharField(
        label=_("批次说明"),
        max_length=120,
        help_text=_("例如：2021-2025年年度指标，第一批。"),
    )
    source = forms.CharField(
        label=_("数据来源"),
        max_length=200,
        help_text=_("统计年报、台账或文件的名称，会跟着每个数走。"),
    )
    indicator = forms.ModelChoiceField(
        label=_("横表是哪一项指标"),
        queryset=Indicator.objects.none(),
        required=False,
        empty_label=_("表里有“指标”列，不用选"),
        help_text=_("单位在行、年份在列，又没有“指标”列时才选。"),
    )
    text = forms.CharField(
        label=_("从 Excel 或 WPS 复制的单元格，连表头一起粘贴"),
        max_length=MOST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "wrap": "off", "spellcheck": "false"}),
    )
    reason = forms.ChoiceField(
        label=_("为什么替换"),
        choices=ChangeReason.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    reason_note = forms.CharField(label=_("原因说明"), max_length=300, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    corrects = forms.ModelChoiceField(
        queryset=HistoryBatch.objects.none(), widget=forms.HiddenInput, required=False
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["indicator"].queryset = Indicator.objects.visible_to(user).order_by("code")
        self.fields["corrects"].queryset = HistoryBatch.objects.visible_to(user)
        # The browser would cut a long paste off without a word.
        self.fields["text"].widget.attrs.pop("maxlength", None)
        self.fields["text"].error_messages["max_length"] = _("粘贴的内容太多，分几次录。")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == ChangeReason.OTHER and not cleaned.get("reason_note"):
            self.add_error("reason_note", _("选“其他”时要写明。"))
        return cleaned


class ReturnForm(forms.Form):
    note = forms.CharField(
        label=_("退回意见"),
        max_length=300,
        error_messages={"required": _("写一句要改什么。")},
    )


class BlankForm(forms.Form):
    """Which part of the sheet to fill in is wanted."""

    first = forms.IntegerField(min_value=FIRST_YEAR, max_value=2100)
    last = forms.IntegerField(min_value=FIRST_YEAR, max_value=2100)
    task = forms.ModelChoiceField(queryset=WorkItem.objects.none(), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].queryset = WorkItem.objects.visible_to(user)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not first <= last <= first + 14:
            raise forms.ValidationError(_("年份从小到大，一次最多 15 年。"))
        return cleaned
