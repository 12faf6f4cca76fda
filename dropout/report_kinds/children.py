"""Whose case a row is about: the child by its exact number, among the cases that one may tell of."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.crypto import blind_index
from dropout.models import Case
from dropout.models.cases import TOLD_BY_SCHOOLS
from intake.columns import BLANK, CLEAR
from intake.faults import declare
from intake.stores.base import RowFault
from intake.stores.deeds import Row
from registry import identity
from registry.models import Identifier, IdKind, descendants_of

declare(
    {
        "case_unknown": (
            _("“%(header)s”在可填报的范围里没有个案"),
            _("核对号码；还没有个案的，先登记疑似线索。"),
        ),
        "name_differs": (
            _("“%(header)s”与个案里的姓名不一样"),
            _("核对是不是同一个人，改正姓名或号码。"),
        ),
        "no_case_then": (
            _("“%(header)s”那天没有相应的个案或安置"),
            _("核对日期：不早于发现或安置，不晚于了结。"),
        ),
        "recorded_before": (
            _("这一条已经登记过，内容不一样"),
            _("导入不改登记过的。写错了的，到个案页面撤回后重新登记。"),
        ),
    }
)


class Children:
    """The cases of the children that some rows name. A case out of scope is as good as none."""

    def __init__(self, rows: Iterable[Row], context):
        numbers = {row.values.get("id_number") for row in rows} - {BLANK, CLEAR}
        indexes = {blind_index(number, identity.NUMBER): number for number in numbers}
        papers = Identifier.objects.exclude(kind=IdKind.ROLL).current()
        cases = {
            case.student_id: case
            for case in cases_told_of(context).filter(
                student__in=papers.filter(value_index__in=indexes).values("student")
            )
        }
        found = papers.filter(value_index__in=indexes, student__in=cases)
        self.by_number = {
            indexes[index]: cases[child]
            for index, child in found.values_list("value_index", "student")
        }

    def case_of(self, row: Row) -> Case | None:
        return self.by_number.get(row.values.get("id_number"))

    def faults(self, row: Row, columns: dict) -> Iterable[RowFault]:
        """What is wrong with who the row is about."""
        case, name = self.case_of(row), row.values.get("name")
        if row.token or row.values.get("id_number") is BLANK:
            return
        if case is None:
            params = {"header": str(columns["id_number"].header)}
            yield RowFault(row.sheet, row.row, "id_number", "case_unknown", params)
        elif name is not BLANK and name != case.student.name:
            params = {"header": str(columns["name"].header)}
            yield RowFault(row.sheet, row.row, "name", "name_differs", params)


def cases_told_of(context):
    return Case.objects.visible_to(context.user, TOLD_BY_SCHOOLS).select_related("student")


def cases_of_sheet(context):
    """Those that a sheet for its unit may list."""
    under = descendants_of(context.unit, on=context.on)
    return cases_told_of(context).filter(Q(unit__in=under) | Q(school__in=under))


def numbers_of(students: Iterable[int]) -> dict[int, str]:
    """{student: resident number}, for forms that are filled in."""
    papers = Identifier.objects.current().filter(kind=IdKind.RESIDENT, student__in=students)
    return dict(papers.values_list("student", "value"))


def source_of(recorder, row: Row) -> dict:
    return {
        "source_upload": int(recorder.change_set.subject_pk),
        "source_sheet": row.sheet,
        "source_row": row.row,
    }


def said(row: Row, name: str):
    """What a cell says; nothing where it is blank or cleared."""
    value = row.values.get(name)
    return None if value in (BLANK, CLEAR) else value
