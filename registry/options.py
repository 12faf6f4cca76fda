from django.utils.translation import gettext_lazy as _

from common.options import on_change, option
from registry.services import duties, unmasking

for code, label, days in (
    ("registry.due_month", _("月报截止：期末后"), 5),
    ("registry.due_quarter", _("季报截止：期末后"), 10),
    ("registry.due_term", _("学期报截止：期末后"), 15),
    ("registry.due_year", _("年报截止：期末后"), 20),
):
    option(
        code,
        label=label,
        help=_("按工作日历计算；改动后，未报任务的截止日期随之重算。"),
        default=days,
        least=0,
        most=120,
        unit=_("个工作日"),
    )

option(
    "registry.finding_days",
    label=_("问题线索几天内说明"),
    help=_("从发现那天起按工作日历计算；已有的线索期限不变。"),
    default=10,
    least=1,
    most=120,
    unit=_("个工作日"),
)

option(
    unmasking.MINUTES,
    label=_("看完整信息显示几分钟"),
    help=_("写明原因后，学生的号码、电话和地址显示这么久，然后自动隐去。"),
    default=5,
    least=1,
    most=30,
    unit=_("分钟"),
)

on_change("registry.due_", lambda code: duties.move_due_days())
