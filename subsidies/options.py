"""Settings of student aid that the bureau may change."""

from django.utils.translation import gettext_lazy as _

from common.options import option

option(
    "subsidies.years_open",
    label=_("过了几个学年不再导入发放"),
    help=_("学期所在学年结束后满这么多个学年，就不再接收它的发放花名册。"),
    default=2,
    least=0,
    most=10,
    unit=_("学年"),
)
option(
    "subsidies.late_grace",
    label=_("学期结束后几天内发放不算迟"),
    help=_("补助应当在学期结束前发到卡上；这里写宽限几天。"),
    default=0,
    least=0,
    most=180,
    unit=_("天"),
)
option(
    "subsidies.money_sits_days",
    label=_("资金到账多少天没发完要提醒"),
    help=_("到账超过这么多天，没发的比例又超过下面一项，就提醒资金滞留。"),
    default=60,
    least=1,
    most=365,
    unit=_("天"),
)
option(
    "subsidies.money_sits_share",
    label=_("没发的超过百分之几要提醒"),
    help=_("到账资金里还没发放的比例。"),
    default=10,
    least=0,
    most=100,
    unit="%",
)
option(
    "subsidies.notice_days",
    label=_("认定公示几个工作日"),
    help=_("满这么多个工作日后自动撤下，才能备案。自治区的规定未查到，先按 5 个工作日。"),
    default=5,
    least=1,
    most=20,
    unit=_("工作日"),
)
option(
    "subsidies.counted_after",
    label=_("开学多少天后还在籍的才计应发"),
    help=_("开学后这么多天里转走的，不计这个学期的应发资助；以后转来的照计。"),
    default=30,
    least=0,
    most=90,
    unit=_("天"),
)
