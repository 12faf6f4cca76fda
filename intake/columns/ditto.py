# data
"""同上 and its signs: a cell that stands for the one above it."""

from django.utils.translation import gettext_lazy as _

from intake.columns.base import NOTHING_ABOVE
from intake.faults import declare

DITTOS = frozenset(
    ("同上", "上同", "同 上", "同上。", "″", "〃", '"', "''", "＂", "”", "“", "“”", "′′", "´´", "↑")
)
_BLANKS = ("", " ", "  ", "\u3000", "\xa0")
# As they stand in cells, so that a column is asked for them in one quick pass.
_WRITTEN = frozenset(a + sign + b for sign in DITTOS for a in _BLANKS for b in _BLANKS)

declare(
    {
        "nothing_above": (
            _("写了“同上”，上面一格却是空的"),
            _("写出内容。"),
        ),
    }
)


def fill_dittos(cells: list, above=None) -> list:
    """The raw cells of one column with each ditto replaced by the cell above it.

    `above` is the last cell of the chunk before (its filled form). Where nothing stands above, the
    cell becomes NOTHING_ABOVE, for which a column's reader raises the fault. The list itself comes
    back where it holds no ditto, as most do.
    """
    if _WRITTEN.isdisjoint(cells):
        return cells
    filled = []
    for cell in cells:
        if cell in _WRITTEN:
            cell = NOTHING_ABOVE if above is None else above
        filled.append(cell)
        above = cell
    return filled
