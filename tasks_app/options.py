from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.options import on_change, option
from tasks_app.services.standings import touched

option(
    "tasks_app.second_check",
    label=_("旗区提交前由本单位第二人复核"),
    help=_(
        "开着时，单位另有填报员的报告先由第二人复核，再到盟局；只有一名填报员的单位直接到盟局。"
    ),
    default=True,
)
option(
    "tasks_app.jump_percent",
    label=_("变动多大要写明原因"),
    help=_("与上一期相比，数值或分母变动超过这个比例时，填报人须写一句原因。"),
    default=Decimal("30"),
    least=Decimal("1"),
    most=Decimal("1000"),
    unit="%",
)
option(
    "tasks_app.jump_least",
    label=_("变动少于多少不问"),
    help=_("数很小时一两个的变动也超过 30%，差额小于这个数就不问原因。"),
    default=5,
    least=0,
    most=100000,
)
option(
    "tasks_app.risk_margin",
    label=_("离目标多近算有风险"),
    help=_("没达到目标、但差距不超过目标值的这个比例，显示“有风险”；差得更多显示“落后”。"),
    default=Decimal("5"),
    least=Decimal("0"),
    most=Decimal("50"),
    unit="%",
)
option(
    "tasks_app.risk_grace",
    label=_("年度结束后宽限几天"),
    help=_(
        "年度刚结束，资料还在补。这几天里没达到目标的先显示“有风险”，过了这几天再按差距判“落后”。"
        "始终要守住的底线（如零辍学）没有宽限。"
    ),
    default=30,
    least=0,
    most=366,
    unit=_("天"),
)

option(
    "tasks_app.outlier_limit",
    label=_("与以往差多远要核对"),
    help=_(
        "新报的数离本单位以往各期的中间值超过这么多倍的通常偏差，列入核对。"
        "以往不足 5 期的不查；填 0 不查。"
    ),
    default=Decimal("5"),
    least=Decimal("0"),
    most=Decimal("100"),
    unit=_("倍"),
)

on_change("tasks_app.risk_", lambda code: touched.touch_all())
