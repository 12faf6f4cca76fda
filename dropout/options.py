from django.utils.translation import gettext_lazy as _

from common import jobs
from common.options import on_change, option

NOT_FOUND = _("盟里和自治区的规定没有查到，由盟局确定。")

for code, label, help, default, least, most, unit in (
    (
        "suspect_days",
        _("无故未到校几天算疑似辍学"),
        _("外地有 3 天、5 天、1 周的。盟里和自治区的规定没有查到，由盟局确定。"),
        7,
        1,
        60,
        _("天"),
    ),
    (
        "confirm_days",
        _("离校几天以上才能确认辍学"),
        _("外地多为 1 个月，也有 4 周的。没有查到本地规定，由盟局确定；填 0 不查。"),
        30,
        0,
        120,
        _("天"),
    ),
    (
        "age_from",
        _("义务教育年龄：从几岁"),
        _("义务教育法第十一条：年满六周岁。"),
        6,
        5,
        8,
        _("岁"),
    ),
    (
        "age_to",
        _("义务教育年龄：到几岁"),
        _("发现时满了这个岁数的下一岁就不再立案。法律没有写上限，按到十六周岁掌握，由盟局确定。"),
        16,
        14,
        18,
        _("岁"),
    ),
    ("attend_weeks", _("返校几周后核实在校"), NOT_FOUND, 2, 0, 12, _("周")),
    ("watch_first", _("巩固观察：第一次在安置后"), NOT_FOUND, 30, 0, 365, _("天")),
    ("watch_second", _("巩固观察：第二次在安置后"), NOT_FOUND, 60, 0, 365, _("天")),
    ("watch_third", _("巩固观察：第三次在安置后"), NOT_FOUND, 90, 0, 365, _("天")),
    ("verify_days", _("疑似线索几天内核实"), NOT_FOUND, 7, 1, 60, _("天")),
    (
        "visit_days",
        _("没有安排时，隔几天再劝返"),
        _("没有写下次日期的个案按这个天数排出下次日期。没有查到规定，由盟局确定。"),
        30,
        1,
        120,
        _("天"),
    ),
    (
        "lessons_a_month",
        _("送教上门：每月次数的起始值"),
        _("外地有每周 1 次、每周 2 次的；本地规定没有查到。每名学生的计划可以另定。"),
        4,
        1,
        60,
        _("次"),
    ),
):
    option(
        f"dropout.{code}",
        label=label,
        help=help,
        default=default,
        least=least,
        most=most,
        unit=unit,
    )

option(
    "dropout.steps_in_order",
    label=_("四步要按先后办"),
    help=_("开着时，前一步没办也没写明跳过的，不能办后一步。自治区和盟里没有查到四步的规定。"),
    default=True,
)

option(
    "dropout.month_in_holidays",
    label=_("2 月、7 月、8 月也要报在校情况月报"),
    help=_("这几个月多在寒暑假里，关着时不生成学校的月报任务。部里的通知只说学校每月报。"),
    default=False,
)

for code in ("attend_weeks", "verify_days", "visit_days"):
    on_change(
        f"dropout.{code}",
        lambda code: jobs.enqueue("dropout.refresh", unique_key="dropout.refresh"),
    )
