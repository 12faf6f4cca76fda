"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "intake.uploaded": _("上传导入的表"),
        "intake.headers_confirmed": _("确认表头对应"),
        "intake.questions_answered": _("回答导入时的问题"),
        "intake.discarded": _("放弃导入"),
        "intake.committed": _("提交导入"),
        "intake.undone": _("撤销导入"),
        "intake.original_fetched": _("下载导入的原件"),
        "intake.marked_fetched": _("下载标红的原表"),
        "intake.row_seen": _("看导入原件的一行"),
        "intake.form_filled": _("下载预填表"),
    }
)
label_fields(
    {
        "kind": _("表种"),
        "period": _("期别"),
        "headers": _("几个表头"),
        "answers": _("几个回答"),
        "good_rows": _("只提交无误的行"),
        "inserted": _("新增行"),
        "updated": _("变更行"),
        "unchanged": _("相同行"),
        "rejected": _("拒收行"),
        "undone": _("撤销行"),
        "left": _("保留行"),
        "sheet": _("工作表"),
        "row": _("行"),
        "unmasked": _("号码完整"),
    }
)
