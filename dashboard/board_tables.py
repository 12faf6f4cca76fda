"""The dashboards as lists: what their exports hold."""

from collections.abc import Iterable

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import LOOKS
from dashboard.queries.board import Board, Place, Row
from registry.models import Unit


def plain(title) -> tables.Column:
    return tables.Column(verbose_name=title, orderable=False)


class BoardTable(tables.Table):
    """One line an indicator: its target, the league's number, each unit's."""

    task = plain(gettext_lazy("任务"))
    code = plain(gettext_lazy("代号"))
    indicator = plain(gettext_lazy("指标"))
    measure = plain(gettext_lazy("计量单位"))
    period = plain(gettext_lazy("期别"))
    target = plain(gettext_lazy("目标"))
    source = plain(gettext_lazy("目标依据"))
    status = plain(gettext_lazy("全盟状态"))
    league = plain(gettext_lazy("全盟"))
    reported = plain(gettext_lazy("已报单位"))
    due = plain(gettext_lazy("应报单位"))

    def __init__(self, rows: Iterable[Row], units: list[Unit]):
        columns = [(f"unit{unit.pk}", plain(unit.short)) for unit in units]
        super().__init__([_line(row) for row in rows], extra_columns=columns)


def board_table(board: Board) -> BoardTable:
    return BoardTable(board.rows, board.units)


def _line(row: Row) -> dict:
    number, indicator = row.total.number, row.indicator
    line = {
        "task": indicator.work_item.number,
        "code": indicator.code,
        "indicator": indicator.name,
        "measure": "%" if indicator.is_rate else indicator.unit_name,
        "period": row.period.label,
        "target": target_of(row.total),
        "source": number.aim.target.source if number.aim else "",
        "status": str(LOOKS[number.status].word),
        "league": value_of(row.total),
        "reported": number.reported,
        "due": number.due,
    }
    return line | {f"unit{place.unit.pk}": value_of(place) for place in row.places}


def target_of(place: Place):
    """The target, or that it is to be set."""
    aim = place.number.aim if place.number else None
    return aim.value.normalize() if aim else _("待定")


def value_of(place: Place):
    """The number, or the word for why there is none: blank is not zero."""
    number = place.number
    if number is not None and number.has_number and not number.mask:
        return round(number.value, 4)
    return place.text or str(LOOKS[place.status].word)


class UnitTable(tables.Table):
    """One line an indicator, at one unit beside the league."""

    task = plain(gettext_lazy("任务"))
    indicator = plain(gettext_lazy("指标"))
    measure = plain(gettext_lazy("计量单位"))
    period = plain(gettext_lazy("期别"))
    target = plain(gettext_lazy("目标"))
    status = plain(gettext_lazy("状态"))
    value = plain(gettext_lazy("本单位"))
    league = plain(gettext_lazy("全盟"))

    def __init__(self, rows: Iterable[Row], unit: Unit):
        super().__init__([_line_of(row, row.at(unit)) for row in rows])


def _line_of(row: Row, place: Place) -> dict:
    return _line(row) | {
        "target": target_of(place),
        "status": str(LOOKS[place.status].word),
        "value": value_of(place),
    }
