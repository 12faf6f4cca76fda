"""The pictures of the dashboard of student aid."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from common.templatetags.ax import cndate, num
from dashboard.charts import BAR, Chart, Point, Series
from dashboard.queries.aid import AidBoard, Share


def _address(code: str, board: AidBoard) -> str:
    query = {"unit": board.unit.pk, "term": board.term.code}
    return f"{reverse('dashboard:chart-aid', args=[code])}?{urlencode(query)}"


def _source(board: AidBoard, formula: str) -> str:
    return _("口径：%(formula)s。来源：资助台账，%(day)s 所知。") % {
        "formula": formula,
        "day": cndate(board.today),
    }


def _coverage(code: str, board: AidBoard, shares: dict[str, Share], first: str, formula: str):
    ranked = sorted(shares.items(), key=lambda one: (one[1].rate, one[0]))
    title = _("还没有可算覆盖的学生")
    if ranked:
        words = {"name": ranked[0][0], "rate": ranked[0][1].text}
        title = _("%(name)s最低：%(rate)s") % words
    return Chart(
        title,
        f"{board.unit.short} | {board.term.label} | %",
        [f"{name} {share.part}/{share.whole}" for name, share in ranked],
        [
            Series(
                _("应助尽助率"),
                [Point(round(share.rate, 2), share.text) for _name, share in ranked],
            )
        ],
        _source(board, formula),
        _address(code, board),
        first=first,
        is_rate=True,
        shape=BAR,
    )


def stages(board: AidBoard) -> Chart:
    formula = _("部门名单上的学生里，本学期发到困难资助的；按在读学段")
    return _coverage("stages", board, board.stages, _("学段"), formula)


def groups(board: AidBoard) -> Chart:
    formula = _(
        "部门名单上的学生里，本学期发到困难资助的；按名单类别，在两份名单上的两处都数；孤儿、残疾等敏感类别不列"
    )
    return _coverage("groups", board, board.groups, _("困难类别"), formula)


def months(board: AidBoard) -> Chart:
    return Chart(
        _("%(year)s 年每月发放") % {"year": board.year},
        f"{board.unit.short} | {_('元')}",
        [_("%(n)s月") % {"n": n} for n in range(1, 13)],
        [
            Series(
                name,
                [Point(paid, "" if paid is None else num(paid, 2)) for paid in sums],
            )
            for name, sums in board.months.items()
        ],
        _source(board, _("按发放日期，已审批的，银行退回的不算，冲销的减去")),
        _address("months", board),
    )


CHARTS: dict[str, Callable[[AidBoard], Chart]] = {
    "stages": stages,
    "groups": groups,
    "months": months,
}
