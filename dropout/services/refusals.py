"""Why a deed is refused: a code, the field it belongs beside, and the words for it."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "required": _("这里要填"),
    "in_future": _("日期在今天以后"),
    "out_of_order": _("日期先后不对"),
    "before_found": _("早于发现日期"),
    "before_confirmed": _("早于确认日期"),
    "before_begun": _("早于安置日期"),
    "after_end": _("晚于结束日期"),
    "too_soon": _("还没到设置里规定的天数"),
    "age": _("这名学生不在义务教育年龄内"),
    "no_unit": _("找不到负责单位：先补上居住地或就读学校"),
    "already_open": _("这名学生已有没了结的个案"),
    "ended": _("已经了结"),
    "already_verifying": _("已经在核实"),
    "already_confirmed": _("已经确认过"),
    "not_confirmed": _("先确认失学、辍学"),
    "never_left": _("从未入学的没有辍学时间"),
    "guarded_only": _("这里要选具体的原因"),
    "placed": _("已有安置：先撤回安置"),
    "twice": _("同样的一条已经登记过"),
    "step_before": _("前一步还没办，也没写明跳过"),
    "step_done": _("这一步已经办过或跳过"),
    "has_notices": _("这一步还有文书：先撤回文书"),
    "already_served": _("已经登记过送达"),
    "number_taken": _("这个文号用过了"),
    "witness": _("留置送达要写见证人"),
    "not_a_school": _("这里要选学校"),
    "not_at_school": _("不是在校就读的安置"),
    "not_at_home": _("不是送教上门"),
    "already_attended": _("已经核实过在校"),
    "replaced": _("这个安置已经改变或撤回"),
    "not_due": _("还没到观察日期"),
    "already_answered": _("已经回答过"),
    "not_answered": _("还没有回答"),
    "not_settled": _("还没有安置，或安置的依据不全"),
    "watch_open": _("巩固观察还没有全部回答"),
    "watch_left": _("巩固观察里有不在校的回答"),
    "approval_runs": _("批准的延缓入学、休学没有期满，不能销号"),
    "already_asked": _("已经申请过，等审核"),
    "own_closing": _("申请销号的人不能自己审核"),
    "decided": _("别人已经办过"),
    "withdrawn": _("已经撤回"),
    "same_unit": _("就是现在的负责单位"),
    "not_reporting": _("这个单位不报送教育数据"),
    "already_offered": _("已经移交，等对方答复"),
    "not_theirs": _("这个人管不到这个个案"),
    "unchanged": _("没有变化"),
    "waived": _("已经免报"),
    "by_sheet": _("月报按表报送，不能用文字代替"),
    "before_period": _("早于这一期的第一天"),
    "gone": _("找不到这个个案"),
    "not_on_roll": _("名册刚变过：有孩子不在这所学校了，重新打开再报"),
    "after_the_month": _("晚于这个月的最后一天，或在今天以后"),
    "not_yours": _("这个个案不归您办"),
    "failed": _("办理时出错，没有改"),
    "same_answer": _("和原来一样，不用更正"),
}


class Refused(Exception):
    """A deed that the facts do not allow. `field` is the argument it belongs beside, or empty."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(code)
        self.code, self.field = code, field

    @property
    def says(self) -> str:
        return str(WORDS[self.code])


class Stale(Exception):
    """Somebody changed the case since the form was opened."""
