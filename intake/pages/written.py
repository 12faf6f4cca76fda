"""What a commit wrote, and what an undo left standing."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.changes.sql import model_of
from common.models import RowChange
from intake.models import Upload

WHY_LEFT = {
    "edited_since": gettext_lazy("后来又改过，保留不动"),
    "leaned_on": gettext_lazy("别的记录用着它，保留不动"),
    "frozen": gettext_lazy("已通过审核或确认，冻结了"),
    "under_way": gettext_lazy("报告已提交，正在审核，先撤回它"),
    "not_yours": gettext_lazy("现在不归您管"),
    "taken": gettext_lazy("它的号码现在归另一条记录"),
}


def undone_of(upload: Upload, kept: dict) -> dict | None:
    """What an undo left standing, line by line, in words."""
    if kept["upload"] != upload.pk:
        return None
    left = [
        {"place": _place(upload, sheet, row), "why": WHY_LEFT.get(code, code)}
        for sheet, row, code in kept["left"]
    ]
    return {"left": left, "count": kept["count"]}


def still_standing(upload: Upload) -> int:
    """How many rows an undo has left; none where nothing was undone yet."""
    if upload.change_set is None:
        return 0
    rows = upload.change_set.rows.aggregate(all=Count("pk"), undone=Count("undone_at"))
    return rows["all"] - rows["undone"] if rows["undone"] else 0


@dataclass(frozen=True)
class Written:
    """A stored record that the commit made or changed, with the line it came from."""

    change: RowChange
    place: str
    address: str  # the record's own page, where there is one

    @property
    def look(self) -> str:
        return "back" if self.change.undone_at else "sent"

    @property
    def word(self) -> str:
        return _("已撤销") if self.change.undone_at else self.change.get_verb_display()


def written_by(upload: Upload):
    """The records of the last commit, in the order of the sheet."""
    return upload.change_set.rows.order_by("sheet", "row", "pk")


def shown_written(upload: Upload, changes) -> list[Written]:
    return [
        Written(one, _place(upload, one.sheet, one.row), _address(one.root, one.root_pk))
        for one in changes
    ]


def _address(table: str, pk: int) -> str:
    """Whether the reader may open it, the record's own page decides."""
    model = model_of(table)
    return model(pk=pk).get_absolute_url() if hasattr(model, "get_absolute_url") else ""


def _place(upload: Upload, sheet: int | None, row: int | None) -> str:
    if row is None:
        return _("不在表里的一行")
    words = _("第 %(row)s 行") % {"row": row}
    if len(upload.sheets) > 1 and sheet and sheet <= len(upload.sheets):
        return f"{upload.sheets[sheet - 1]} {words}"
    return words
