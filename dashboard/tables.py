"""The matrix as a list: what its export holds."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy

from common.templatetags.ax import LOOKS
from dashboard.board_tables import plain, target_of, value_of
from dashboard.queries.matrix import Matrix, Row


class MatrixTable(tables.Table):
    number = plain(gettext_lazy("任务号"))
    task = plain(gettext_lazy("任务"))
    status = plain(gettext_lazy("状态"))
    indicator = plain(gettext_lazy("代表指标"))
    period = plain(gettext_lazy("指标期别"))
    value = plain(gettext_lazy("全盟"))
    target = plain(gettext_lazy("目标"))
    owed = plain(gettext_lazy("应报"))
    handed_in = plain(gettext_lazy("已报"))

    def __init__(self, matrix: Matrix):
        units = [(f"unit{unit.pk}", plain(unit.short)) for unit in matrix.units]
        super().__init__([_line(row) for row in matrix.rows], extra_columns=units)


def _line(row: Row) -> dict:
    face = row.task.face
    line = {
        "number": row.item.number,
        "task": row.item.title,
        "status": str(LOOKS[row.task.status].word) if row.task.rows else "",
        "indicator": f"{face.indicator.name}（{face.indicator.unit_name}）" if face else "",
        "period": face.period.label if face else "",
        "value": value_of(face.total) if face else "",
        "target": target_of(face.total) if face else "",
        "owed": row.owed,
        "handed_in": row.handed_in,
    }
    return line | {f"unit{cell.unit.pk}": cell.word for cell in row.cells}
