"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "tasks_app.plan_loaded": _("载入方案"),
        "tasks_app.plan_closed": _("关闭方案"),
        "tasks_app.plan_reopened": _("重开方案"),
        "tasks_app.target_set": _("定目标"),
        "tasks_app.target_withdrawn": _("撤回目标"),
        "tasks_app.baseline_set": _("定基期"),
        "tasks_app.report_begun": _("开始填报"),
        "tasks_app.report_submitted": _("提交报告"),
        "tasks_app.report_recalled": _("撤回提交"),
        "tasks_app.report_checked": _("旗区复核"),
        "tasks_app.report_returned": _("退回报告"),
        "tasks_app.report_approved": _("通过报告"),
        "tasks_app.correction_begun": _("开始更正"),
        "tasks_app.decision_refused": _("没有办成的审核"),
        "tasks_app.history_form": _("下载历年数据表"),
        "tasks_app.history_submitted": _("提交历年数据"),
        "tasks_app.history_approved": _("通过历年数据"),
        "tasks_app.history_returned": _("退回历年数据"),
        "tasks_app.history_withdrawn": _("撤回历年数据"),
        "tasks_app.figure_failed": _("口径没有算成"),
        "tasks_app.quality_rule_set": _("定核对规则"),
        "tasks_app.quality_rule_ended": _("停用核对规则"),
        "tasks_app.standings_differed": _("进展状态与从头重算不一致"),
    }
)
label_fields(
    {
        "state": _("状态"),
        "why": _("缘由"),
        "version": _("版次"),
        "note": _("说明"),
        "closed_on": _("关闭日期"),
        "restored": _("恢复几项"),
        "values": _("几个数"),
        "replaced": _("替换几个数"),
        "new": _("新增几个数"),
        "unchanged": _("跳过几个数"),
        "warnings": _("几个数有提醒"),
        "figure": _("口径"),
        "form": _("形式"),
        "numbers": _("数"),
        "error": _("出错的种类"),
        "standings": _("几个进展状态"),
        "indicators": _("指标"),
    }
)
