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
        "subsidies.standards_loaded": _("载入资助标准"),
        "subsidies.programme_saved": _("登记资助项目"),
        "subsidies.standard_saved": _("登记资助标准"),
        "subsidies.standard_confirmed": _("确认资助标准"),
        "subsidies.recognition_applied": _("登记认定申请"),
        "subsidies.recognition_agreed": _("学校认定"),
        "subsidies.recognition_refused": _("认定未通过"),
        "subsidies.recognition_withdrawn": _("撤回认定"),
        "subsidies.recognition_adjusted": _("调整认定"),
        "subsidies.recognition_ended": _("取消认定"),
        "subsidies.notice_put_up": _("发布认定公示"),
        "subsidies.notice_taken_down": _("撤下认定公示"),
        "subsidies.notice_filed": _("认定备案"),
        "subsidies.finding_proof_read": _("查看资助线索的依据"),
        "subsidies.doubtful_listed": _("查看存疑而已发的清单"),
    }
)
label_fields(
    {
        "level": _("困难等级"),
        "term": _("学年学期"),
        "programmes": _("资助项目"),
        "standards": _("资助标准"),
        "document": _("依据"),
        "code": _("代码"),
        "total": _("金额"),
        "batch": _("批次"),
        "returned_on": _("退回日期"),
    }
)
