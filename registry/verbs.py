"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "registry.posting_proposed": _("提出任职"),
        "registry.posting_confirmed": _("确认任职"),
        "registry.posting_refused": _("不同意任职"),
        "registry.posting_withdrawn": _("收回任职申请"),
        "registry.posting_end_proposed": _("提出结束任职"),
        "registry.posting_end_refused": _("不同意结束任职"),
        "registry.posting_ended": _("结束任职"),
        "registry.posting_cancelled": _("取消未开始的任职"),
        "registry.duty_waived": _("免报"),
        "registry.duty_restored": _("恢复填报"),
        "registry.calendar_set": _("改工作日历"),
        "registry.calendar_cleared": _("恢复按星期计"),
        "registry.unit_moved": _("改隶属"),
        "registry.unit_merged": _("并入其他单位"),
        "registry.unit_reporting_set": _("定是否报送教育数据"),
        "registry.students_merged": _("合并学生记录"),
        "registry.students_promoted": _("升级"),
        "registry.promotion_undone": _("撤销升级"),
        "registry.transfer_accepted": _("同意转学"),
        "registry.transfer_refused": _("不同意转学"),
        "registry.transfer_withdrawn": _("收回转学申请"),
        "registry.double_ended": _("结束重复的就读"),
        "registry.findings_settled": _("核对数据"),
        "registry.finding_assigned": _("定线索的责任人和期限"),
        "registry.finding_answered": _("说明线索"),
        "registry.finding_returned": _("退回线索的说明"),
        "registry.finding_ended": _("了结线索"),
    }
)
label_fields(
    {
        "user": _("账号"),
        "role": _("角色"),
        "unit": _("单位"),
        "from": _("自"),
        "to": _("至"),
        "deputy_for": _("代谁办理"),
        "takes_over": _("接谁的岗"),
        "parent": _("上级"),
        "into": _("并入"),
        "children": _("下级数"),
        "reports_education": _("报送教育数据"),
        "moved": _("截止日期动了几项"),
        "at_set_up": _("启用平台时确认"),
        "merged": _("并掉的记录"),
        "repointed": _("移过来几条"),
        "schools": _("几所学校"),
        "moved_up": _("升级几人"),
        "graduated": _("毕业几人"),
        "raised": _("新发现几条"),
        "cleared": _("消除几条"),
        "owner": _("责任人"),
        "due_on": _("期限"),
        "answer": _("结论"),
        "end": _("怎样了结"),
    }
)
