"""The pictures of dropout control: lines over months or terms, bars by cause, group and step."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import cndate
from dashboard.charts import BAR, Chart, Point, Series
from dashboard.queries.dropout import SHARED, Count, DropoutBoard, until
from dropout.models import Cause, StepKind
from dropout.services import movement
from registry.models import Category

PEOPLE = gettext_lazy("人")


def chart_of(code: str, board: DropoutBoard) -> Chart:
    """KeyError: there is no such picture."""
    return CHARTS[code](board)


def _point(count: Count) -> Point:
    return Point(count.number, count.text, url=count.url)


def _address(code: str, board: DropoutBoard) -> str:
    query = {"unit": board.unit.pk, "period": board.period.code}
    return f"{reverse('dashboard:chart-dropout', args=[code])}?{urlencode(query)}"


def _source(board: DropoutBoard, formula: str) -> str:
    hidden = "" if board.is_covered else _("不归您看的单位，1 至 4 人不显示。")
    return _("口径：%(formula)s。来源：控辍保学个案，%(day)s 所知。%(hidden)s") % {
        "formula": formula,
        "day": cndate(board.today),
        "hidden": hidden,
    }


# Lines -------------------------------------------------------------------------------------------
def _lines(code: str, board: DropoutBoard, title: str, unit: str, formula: str, series) -> Chart:
    return Chart(
        title,
        f"{board.unit.short} | {unit}",
        [period.short for period in until(board.period)],
        series,
        _source(board, formula),
        _address(code, board),
    )


def trend(board: DropoutBoard) -> Chart:
    periods = until(board.period)
    now, before = (board.count(movement.OPEN, period=one) for one in periods[:-3:-1])
    return _lines(
        "trend",
        board,
        _("未销号%(change)s") % {"change": _change(now, before)},
        PEOPLE,
        _("未销号按期末，其余按期内，一名孩子在一个数里只数一次"),
        [
            Series(
                str(movement.MOVES[move]),
                [_point(board.count(move, period=period)) for period in periods],
            )
            for move in SHARED
        ],
    )


def _change(now: Count, before: Count) -> str:
    if now.is_hidden:
        return _("：%(word)s") % {"word": now.text}
    if before.is_hidden or now.number == before.number:
        return _(" %(n)s 人") % {"n": now.text}
    words = {"n": now.text, "by": abs(now.number - before.number)}
    if now.number > before.number:
        return _(" %(n)s 人，比上期多 %(by)s 人") % words
    return _(" %(n)s 人，比上期少 %(by)s 人") % words


def days(board: DropoutBoard) -> Chart:
    periods = until(board.period)
    now = board.days_to_return(periods[-1])
    return _lines(
        "days",
        board,
        _("从发现到复学：%(n)s")
        % {"n": _("%(n)s 天") % {"n": now.text} if now.number is not None else now.text},
        _("天，中位数"),
        _("期内复学或安置的孩子，从发现日期到第一次安置的天数，取中位数"),
        [Series(_("天数"), [_point(board.days_to_return(one)) for one in periods])],
    )


def visits(board: DropoutBoard) -> Chart:
    periods = until(board.period)
    now = board.visits_a_case(periods[-1])
    return _lines(
        "visits",
        board,
        _("每件劝返：%(n)s")
        % {"n": _("%(n)s 次") % {"n": now.text} if now.number is not None else now.text},
        _("次"),
        _("期内劝返次数 ÷ 期内劝返过的孩子"),
        [Series(_("每件次数"), [_point(board.visits_a_case(one)) for one in periods])],
    )


# Bars --------------------------------------------------------------------------------------------
def _bars(code: str, board: DropoutBoard, title: str, first: str, labels, series, formula) -> Chart:
    return Chart(
        title,
        f"{board.unit.short} | {board.period.label} | {PEOPLE}",
        labels,
        series,
        _source(board, formula),
        _address(code, board),
        first=first,
        shape=BAR,
    )


def _ranked(counts: dict[str, Count]) -> list[tuple[str, Count]]:
    """The most first; what is hidden comes last, so that its place tells nothing."""
    shown = sorted(counts.items(), key=lambda one: -(one[1].number or 0))
    return [one for one in shown if not one[1].is_hidden] + sorted(
        one for one in shown if one[1].is_hidden
    )


def _most(counts: Iterable[tuple[str, Count]], label: Callable, nobody: str) -> str:
    for code, count in counts:
        if count.number:
            return _("%(name)s最多：%(n)s 人") % {"name": label(code), "n": count.text}
        return _("人数少，不显示")
    return nobody


def causes(board: DropoutBoard) -> Chart:
    ranked = _ranked(board.causes)
    return _bars(
        "causes",
        board,
        _most(ranked, lambda code: Cause(code).label, _("没有未销号的孩子")),
        _("原因"),
        [str(Cause(code).label) for code, _count in ranked],
        [Series(_("未销号"), [_point(count) for _code, count in ranked])],
        _("期末未销号的孩子，按确认的原因；另行记载的并入其他"),
    )


def groups(board: DropoutBoard) -> Chart:
    ranked = _ranked(board.groups)
    return _bars(
        "groups",
        board,
        _most(ranked, lambda code: Category(code).label, _("未销号的孩子不在这些名单上")),
        _("特殊群体"),
        [str(Category(code).label) for code, _count in ranked],
        [Series(_("未销号"), [_point(count) for _code, count in ranked])],
        _("期末未销号的孩子，按当日有效的部门名单；在两份名单上的两处都数；敏感的名单不列"),
    )


def steps(board: DropoutBoard) -> Chart:
    rows = board.steps
    taken = {kind: count for kind, (count, _came) in rows.items()}
    said = _("这一期没有办过四步")
    if any(count.is_hidden or count.number for count in taken.values()):
        label = _("办了“%(step)s”的")
        said = _most(_ranked(taken), lambda kind: label % {"step": StepKind(kind).label}, said)
    return _bars(
        "steps",
        board,
        said,
        _("步骤"),
        [str(StepKind(kind).label) for kind in rows],
        [
            Series(str(label), [_point(pair[at]) for pair in rows.values()])
            for at, label in enumerate(movement.STEPS.values())
        ],
        _("期内办了这一步的孩子；期内复学的孩子，按复学前办的最后一步"),
    )


CHARTS: dict[str, Callable[[DropoutBoard], Chart]] = {
    "trend": trend,
    "days": days,
    "visits": visits,
    "causes": causes,
    "groups": groups,
    "steps": steps,
}
WHOLE = ("causes", "groups", "steps")  # broken down: not of a unit that is not the viewer's
