"""The dashboard of student aid, as its export holds it."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy

from dashboard.board_tables import plain
from dashboard.queries.aid import AidBoard, Line, Share


class AidTable(tables.Table):
    unit = plain(gettext_lazy("单位"))
    entitled = plain(gettext_lazy("应助学生"))
    covered = plain(gettext_lazy("已助学生"))
    coverage = plain(gettext_lazy("应助尽助率（%）"))
    expected = plain(gettext_lazy("应发人次"))
    in_time = plain(gettext_lazy("按时足额人次"))
    timeliness = plain(gettext_lazy("按时足额率（%）"))
    records = plain(gettext_lazy("发放笔数"))
    wrong = plain(gettext_lazy("查实有误笔数"))
    errors = plain(gettext_lazy("差错率（%）"))
    paid = plain(gettext_lazy("已发（元）"))

    def __init__(self, board: AidBoard):
        super().__init__([_line(line) for line in board.lines])


def _line(line: Line) -> dict:
    return {
        "unit": line.unit.short,
        "entitled": line.covered.whole,
        "covered": line.covered.part,
        "coverage": _rate(line.covered),
        "expected": line.in_time.whole,
        "in_time": line.in_time.part,
        "timeliness": _rate(line.in_time),
        "records": line.errors.whole,
        "wrong": line.errors.part,
        "errors": _rate(line.errors),
        "paid": line.paid,
    }


def _rate(share: Share):
    return round(share.rate, 2) if share.whole else share.text
