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
        "subsidies.payments_listed": _("查看发放列表"),
        "subsidies.payment_opened": _("查看一笔发放"),
        "subsidies.payment_unmasked": _("查看发放的完整号码"),
        "subsidies.reconciled_listed": _("查看应发与已发"),
        "subsidies.batch_opened": _("查看发放批次"),
        "subsidies.batch_printed": _("打印发放批次"),
        "subsidies.standards_loaded": _("载入资助标准"),
        "subsidies.programme_saved": _("登记资助项目"),
        "subsidies.standard_saved": _("登记资助标准"),
        "subsidies.standard_confirmed": _("确认资助标准"),
        "subsidies.recognitions_listed": _("看困难认定名单"),
        "subsidies.recognition_opened": _("看一名学生的认定"),
        "subsidies.notice_opened": _("看认定公示"),
        "subsidies.class_opened": _("看一个班的认定"),
        "subsidies.awards_listed": _("看应发资助名单"),
        "subsidies.award_opened": _("看一笔应发的依据"),
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
        "subsidies.sample_drawn": _("抽取抽查对象"),
        "subsidies.sample_answered": _("登记抽查结果"),
        "subsidies.sample_listed": _("查看抽查名单"),
        "subsidies.number_listed": _("查看资助数据明细"),
        "subsidies.pair_read": _("查看名单比对"),
        "subsidies.lists_matched": _("比对部门名单"),
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
