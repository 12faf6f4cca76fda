"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "subsidies.batch_made": _("制作发放批次"),
        "subsidies.batch_submitted": _("提交发放批次"),
        "subsidies.batch_approved": _("审批发放批次"),
        "subsidies.batch_returned": _("退回发放批次"),
        "subsidies.batch_withdrawn": _("撤销发放批次"),
        "subsidies.payment_reversed": _("冲销发放"),
        "subsidies.payment_corrected": _("更正发放"),
        "subsidies.payment_returned": _("登记银行退回"),
        "subsidies.budget_line_saved": _("登记资金下达"),
        "subsidies.money_arrived": _("登记资金到账"),
        "subsidies.payment_repeated": _("重新发放"),
    }
)
label_fields({"total": _("金额"), "batch": _("批次"), "returned_on": _("退回日期")})
