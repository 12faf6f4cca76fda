"""Why a deed on money is refused: a code, the field it belongs beside, and the words for it."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "required": _("这里要填"),
    "no_rows": _("批次里没有一笔发放"),
    "not_money": _("金额要大于 0，最多两位小数"),
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
    "in_future": _("日期在今天以后"),
    "from_sheet": _("这个批次来自导入：请到导入记录里撤销"),
    "below_arrived": _("少于已经到账的金额"),
    "over_granted": _("到账合计超过下达金额"),
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
    """Somebody changed the batch since the form was opened."""
