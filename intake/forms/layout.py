"""The sheet of a form: title, what to know, facts, header, and empty cells that take any text.

Numbers of people are texts, so that no spreadsheet rounds them; what is given out is locked without
a password, what is to be filled in is not.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from common.workbooks import Look, put_text, sheet_title, shown_width, style_number
from intake.columns.base import Column, Context
from intake.forms.dictionary import Dictionary
from intake.kinds import ReportKind
from intake.sheets import ROW_TOKEN

ROWS_READY = 20_000  # below what is filled in; drop-downs and hints reach that far
NUMBERS = {"money": "#,##0.00", "number": "General", "count": "0"}
TEXT = "@"
OPEN = Protection(locked=False)
NEEDED = PatternFill("solid", fgColor="FF1F4E79")
WISHED = PatternFill("solid", fgColor="FFDDEBF7")
GREY = Font(color="FF808080")
THIN = Side(style="thin", color="FF9BB7D4")
NARROWEST, WIDEST = 9, 32
# Of a protected sheet these stay allowed; the attributes say what is forbidden.
ALLOWED = ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort")


@dataclass
class Layout:
    """A form's workbook, with everything but its lines."""

    book: Workbook
    sheet: object
    first_row: int  # of the lines
    looks: list[Look]  # of their cells; the last one is the token's where the form is filled


def lay_out(kind: ReportKind, context: Context, *, lines: int, with_tokens: bool) -> Layout:
    book = Workbook()
    book.properties.creator, book.properties.title = "", str(kind.title)
    sheet = book.active
    sheet.title = sheet_title(str(kind.title))
    head = _above(sheet, kind, context, with_tokens) + 1
    columns = list(kind.columns.values())
    choices = {c.name: [str(one) for one in c.choices(context)] for c in columns}
    for number, column in enumerate(columns, 1):
        _put_header(sheet.cell(head, number), column)
        _set_column(sheet, number, column, choices[column.name])
    if with_tokens:
        _put_token_header(sheet.cell(head, len(columns) + 1))
    dictionary = Dictionary(book, kind.columns, choices, context)
    _add_hints(sheet, kind.columns, dictionary, head + 1, head + lines + ROWS_READY)
    _protect(book, sheet, head)
    looks = [_look(sheet, column) for column in columns]
    if with_tokens:
        looks.append(Look(text=style_number(sheet, font=GREY, number_format=TEXT)))
    return Layout(book, sheet, head + 1, looks)


# Above the header --------------------------------------------------------------------------------
def _above(sheet, kind: ReportKind, context: Context, with_tokens: bool) -> int:
    """Title, hint and facts; returns the last row of them."""
    put_text(sheet["A1"], str(kind.title))
    sheet["A1"].font = Font(bold=True, size=15)
    put_text(sheet["A2"], _hint(with_tokens))
    sheet["A2"].font = GREY
    facts = [(_("填报单位"), context.unit.name if context.unit else "")]
    if context.period:
        facts.append((_("期别"), context.period.label))
    for number, (label, value) in enumerate(facts):
        _put_fact(sheet, 3, 2 * number + 1, label, value)
    for row, fact in enumerate(kind.facts, 4):
        value = context.facts.get(fact.name)
        shown = fact.column.shown(value) if value is not None else ""
        _put_fact(sheet, row, 1, str(fact.column.header), shown)
        sheet.cell(row, 2).protection = OPEN
        _offer_fact(sheet, row, fact.column, context)
    return 3 + len(kind.facts)


def _hint(with_tokens: bool) -> str:
    hint = _("深蓝表头的列必填；空着的格子不改平台里已有的，要去掉就写“清空”；从表头下一行填起。")
    if with_tokens:
        hint += _("打星号的是平台里已有的，不改就不要动；增加的行写在最下面。")
    return hint


def _put_fact(sheet, row: int, column: int, label: str, value: str) -> None:
    put_text(sheet.cell(row, column), _("%(label)s：") % {"label": label})
    put_text(sheet.cell(row, column + 1), value)
    sheet.cell(row, column + 1).number_format = TEXT


def _offer_fact(sheet, row: int, column: Column, context: Context) -> None:
    choices = ",".join(column.choices(context))
    if choices and len(choices) < 250:  # Excel takes no longer list in a rule itself
        rule = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
        rule.add(sheet.cell(row, 2))
        sheet.add_data_validation(rule)


# Header and columns ------------------------------------------------------------------------------
def _put_header(cell, column: Column) -> None:
    put_text(cell, str(column.header))
    cell.fill = NEEDED if column.required else WISHED
    cell.font = Font(bold=True, color="FFFFFFFF" if column.required else "FF1F3047")
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
    told = about(column)
    height = 20 * (told.count("\n") + 2 + len(told) // 20)
    cell.comment = Comment(told, "", height=height, width=260)


def about(column: Column) -> str:
    """What whoever fills it in should know: needed or not, an example, a note."""
    parts = [_("必填。") if column.required else _("可以不填。")]
    if column.example:
        parts.append(_("例：%(example)s") % {"example": column.example})
    if column.note:
        parts.append(str(column.note))
    return "\n".join(parts)


def _put_token_header(cell) -> None:
    put_text(cell, ROW_TOKEN)
    cell.font = GREY
    cell.parent.column_dimensions[cell.column_letter].hidden = True


def _set_column(sheet, number: int, column: Column, choices: list[str]) -> None:
    """Every cell of the column, also where nothing stands yet; wide enough for what it may hold."""
    dimension = sheet.column_dimensions[get_column_letter(number)]
    dimension.number_format, dimension.protection = _number_format(column), OPEN
    texts = [str(column.header), column.example, *choices]
    longest = max(map(shown_width, texts)) + 3
    if column.type_name == "address":
        longest = WIDEST
    dimension.width = min(max(longest, NARROWEST), WIDEST)


def _number_format(column: Column) -> str:
    return NUMBERS.get(column.type_name, TEXT)


def _look(sheet, column: Column) -> Look:
    def style(number_format, **more):
        return style_number(sheet, number_format=number_format, protection=OPEN, **more)

    return Look(
        text=style(TEXT),
        quoted=style(TEXT, quotePrefix=True),
        number=style(_number_format(column)),
    )


def _add_hints(sheet, columns: dict, dictionary: Dictionary, first: int, last: int) -> None:
    """A drop-down where there is a list, and beside each cell what belongs into it."""
    letters = {name: get_column_letter(no) for no, name in enumerate(columns, 1)}
    for name, column in columns.items():
        rule = DataValidation(
            allow_blank=True,
            showInputMessage=True,
            promptTitle=str(column.header)[:32],
            prompt=about(column)[:255],
        )
        if name in dictionary.listed:
            rule.type, rule.formula1 = "list", dictionary.formula(name, letters, first)
            # Aliases and synonyms are understood as well: a word outside the list is no mistake.
            rule.errorStyle, rule.showErrorMessage = "information", True
            rule.error = _("下拉表里没有这一项。确定要用这个写法吗？")
        rule.add(f"{letters[name]}{first}:{letters[name]}{last}")
        sheet.add_data_validation(rule)


# Protection and paper ----------------------------------------------------------------------------
def _protect(book, sheet, head: int) -> None:
    book.security = WorkbookProtection(lockStructure=True)
    for name in ALLOWED:
        setattr(sheet.protection, name, False)
    sheet.protection.enable()
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    sheet.row_dimensions[head].height = 32
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{head}:{head}"
