"""Shape and words of a template of documents."""

from django import forms
from django.utils.translation import gettext_lazy as _

from dropout.models import NoticeKind
from registry.students_forms import REQUIRED, words


class TemplateForm(forms.Form):
    kind = forms.ChoiceField(label=_("文书种类"), choices=NoticeKind.choices)
    name = words(_("模板名称"), 80, required=True, help_text=_("登记文书时按名称选。"))
    legal_basis = words(
        _("法律依据"),
        300,
        help_text=_("由本局工作人员写，平台不代写。登记文书时带出来，可以改。"),
    )
    file = forms.FileField(
        label=_("模板文件（.docx）"),
        required=False,
        help_text=_("不传就用平台自带的文字。先下载自带的，在 Word 或 WPS 里改好再传。"),
        error_messages={"required": REQUIRED, "empty": _("文件是空的，没有收下。")},
        widget=forms.FileInput(
            attrs={
                "accept": ".docx",
            }
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
