"""What the pages of past years show, and the workbook to fill in. Words and numbers, no deeds."""

from dataclasses import dataclass, field
from itertools import groupby

from django.core.paginator import Paginator
from django.utils import translation
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import HistoryBatch, HistoryValue, Indicator
from tasks_app.models.values import ValueState
from tasks_app.services.grids import Row
from tasks_app.services.history import warning_text

SHOWN = 200  # rows of a preview
FAULTS_SHOWN = 1000
INDICATORS_A_PAGE = 20
HEADS = ("指标", "指标名称", "单位", "期别", "分子或数值", "分母", "计量单位")  # data
WIDTHS = (12, 44, 28, 26, 14, 14, 10)


@dataclass
class Block:
    """One indicator of a batch: units down, periods across."""

    indicator: Indicator
    periods: list[Period]
    lines: list[tuple[Unit, list[HistoryValue | None]]] = field(default_factory=list)


def blocks_page(batch: HistoryBatch, number):
    """One page of a batch's indicators as (page, blocks), in two queries whatever its size."""
    indicators = (
        Indicator.objects.filter(pk__in=batch.values.values("indicator"))
        .select_related("work_item")
        .order_by("work_item__plan", "code")
    )
    page = Paginator(indicators, INDICATORS_A_PAGE).get_page(number)
    values = (
        batch.values.filter(indicator__in=[indicator.pk for indicator in page])
        .select_related("unit", "replaces")
        .order_by("indicator", "unit__sort_no", "unit__sort_key", "unit")
    )
    of_indicator = {pk: list(rows) for pk, rows in groupby(values, lambda v: v.indicator_id)}
    return page, [_block(indicator, of_indicator[indicator.pk]) for indicator in page]


def _block(indicator: Indicator, values: list[HistoryValue]) -> Block:
    block = Block(indicator, sorted({value.span for value in values}))
    for unit, rows in groupby(values, lambda value: value.unit):
        cells = {}
        for value in rows:
            value.indicator = indicator  # no query for what is at hand
            value.questions = [warning_text(warning) for warning in value.warnings]
            if value.replaces:
                value.replaces.indicator = indicator
            cells[value.span] = value
        block.lines.append((unit, [cells.get(period) for period in block.periods]))
    return block


def preview_rows(rows: list[Row]) -> list[dict]:
    """The first rows of a paste as they would be written, those that replace or warn on top."""
    for row in rows:
        if row.old:
            row.old.indicator = row.indicator  # no query for what is at hand
    order = sorted(rows, key=lambda row: (row.old is None, not row.warnings, row.line, row.column))
    return [
        {"row": row, "questions": [warning_text(warning) for warning in row.warnings]}
        for row in order[:SHOWN]
    ]


# The workbook ------------------------------------------------------------------------------------
def write_blank(rows: list[Row], stream) -> None:
    """The long sheet with what is stored filled in; it can be pasted back as it is."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("历年数据")  # data
    sheet.freeze_panes = "E2"
    for number, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    bold, locked = Font(bold=True), PatternFill("solid", fgColor="F1EEE6")
    sheet.append([_text(sheet, head, font=bold) for head in HEADS])
    with translation.override("zh-hans"):  # the sheet's language is the bureau's
        for row in rows:
            indicator = row.indicator
            cells = (indicator.code, indicator.name_zh, row.unit.name, row.period.label)
            numerator, denominator = _stored(row)
            if denominator is None and not indicator.is_rate:
                denominator = _text(sheet, "", fill=locked)
            named = [_text(sheet, cell, fill=locked) for cell in cells]
            unit = _text(sheet, indicator.unit_zh, fill=locked)
            sheet.append([*named, numerator, denominator, unit])
    book.save(stream)


def _stored(row: Row):
    if row.old is None:
        return None, None
    if row.old.state != State.REPORTED:
        return str(ValueState(row.old.state).label), None
    return row.old.numerator, row.old.denominator


def _text(sheet, text, *, font=None, fill=None):
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # never a formula or an error, whatever a name begins with
    cell.number_format = "@"
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
    return cell
