"""Why a deed on aid is refused: a code, its field, and the words for it."""

from django.utils.translation import gettext_lazy as _

from common.refusals import Refusal

WORDS = {
    # standards and recognition
    "required": _("这里要填"),
    "not_money": _("金额要大于 0，最多两位小数"),
    "no_amount": _("没有金额的标准不能确认：先填金额"),
    "confirmed": _("已经确认过"),
    "overlaps": _("同一时间已有另一条同样范围的标准在用"),
    "out_of_order": _("日期先后不对"),
    "in_use": _("已经有应发资助按这条标准计算：请写截止日期，另加一条"),
    "not_a_term": _("这里要填学年学期"),
    "term_ahead": _("学期还没有开始"),
    "in_future": _("日期在今天以后"),
    "not_enrolled": _("这名学生现在不在这所学校就读"),
    "recognised_already": _("这名学生这个学期已有认定"),
    "no_promise": _("还没有监护人的书面承诺"),
    "level_unknown": _("等级只有 A、B、C"),
    "not_applied": _("不是刚申请的状态"),
    "not_agreed": _("学校还没有认定，或已经公示"),
    "nobody": _("没有等公示的学生"),
    "other_school": _("不是同一所学校、同一个学期的"),
    "notice_over": _("公示已经期满或撤下"),
    "notice_runs": _("公示还没有期满"),
    "not_noticed": _("还没有公示"),
    "not_filed": _("还没有备案"),
    "over": _("已经了结"),
    "unchanged": _("没有变化"),
    "out_of_range": _("填 1 到 100 的整数"),
    "nothing_paid": _("这个范围里还没有已发放的"),
    "own_payment": _("这笔是你制单的，要由别人核实"),
    "name_taken": _("已有叫这个名称的项目"),
    "same_person": _("公示是您发布的，要另一人备案"),
    # money
    "no_rows": _("批次里没有一笔发放"),
    "not_open": _("批次已经提交、审批或撤销，不能再改"),
    "not_submitted": _("批次不在待审批状态：别人已经办过，或还没有提交"),
    "own_batch": _("制单的人不能自己审批"),
    "not_approved": _("这一笔还没有审批，直接在批次里改"),
    "is_reversal": _("冲销的记录不能再冲销"),
    "reversed": _("这一笔已经冲销，或冲销正在等审批"),
    "returned": _("银行已经退回这一笔：请重新发放"),
    "not_returned": _("银行没有退回这一笔"),
    "repaid": _("这一笔已经重新发放，或重发正在等审批"),
    "before_paid": _("早于发放日期"),
    "from_sheet": _("这个批次来自导入：请到导入记录里撤销"),
    "below_arrived": _("少于已经到账的金额"),
    "over_granted": _("到账合计超过下达金额"),
}


class Refused(Refusal):
    words = WORDS
