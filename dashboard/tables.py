"""The matrix as a list: what its export holds."""

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import LOOKS
from dashboard.queries.matrix import Matrix, Row


class MatrixTable(tables.Table):
    number = tables.Column(verbose_name=gettext_lazy("任务号"), orderable=False)
    task = tables.Column(verbose_name=gettext_lazy("任务"), orderable=False)
    status = tables.Column(verbose_name=gettext_lazy("状态"), orderable=False)
    indicator = tables.Column(verbose_name=gettext_lazy("代表指标"), orderable=False)
    period = tables.Column(verbose_name=gettext_lazy("指标期别"), orderable=False)
    value = tables.Column(verbose_name=gettext_lazy("全盟"), orderable=False)
    target = tables.Column(verbose_name=gettext_lazy("目标"), orderable=False)
    owed = tables.Column(verbose_name=gettext_lazy("应报"), orderable=False)
    handed_in = tables.Column(verbose_name=gettext_lazy("已报"), orderable=False)

    def __init__(self, matrix: Matrix):
        units = [
            (f"unit{unit.pk}", tables.Column(verbose_name=unit.short, orderable=False))
            for unit in matrix.units
        ]
        super().__init__([_line(row) for row in matrix.rows], extra_columns=units)


def _line(row: Row) -> dict:
    stand, face = row.stand, row.stand.face if row.stand else None
    line = {
        "number": row.item.number,
        "task": row.item.title,
        "status": str(LOOKS[stand.status].word) if stand else "",
        "indicator": f"{face.indicator.name}（{face.indicator.unit_name}）" if face else "",
        "period": face.period.label if face else "",
        "value": _value(face),
        "target": face.judged.aim.value.normalize() if face and face.judged.aim else "",
        "owed": row.owed,
        "handed_in": row.handed_in,
    }
    return line | {f"unit{cell.unit.pk}": cell.word for cell in row.cells}


def _value(face):
    """Blank is not zero: a number as shown, or the word for why there is none."""
    if face is None:
        return ""
    return face.text or str(LOOKS[face.judged.status].word) or _("未报")
