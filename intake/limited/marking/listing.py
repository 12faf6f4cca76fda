"""The first sheet of a marked workbook: what is wrong where, each with a link to its cell."""

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.hyperlink import Hyperlink

from common.workbooks import put_text
from intake.limited.marking.places import Job, Notes, Place

COLUMNS = (("sheet", 22), ("cell", 10), ("header", 20), ("wrong", 44), ("cure", 44))
LINK = Font(color="FF0563C1", underline="single")
WRAPPED = Alignment(wrap_text=True, vertical="top")


def add_list(
    book, job: Job, notes: Notes, titles: dict[str, str], moved: dict[Place, Place] | None = None
) -> None:
    """Put the list in front. `titles` says how the sheets of the original are called here, `moved`
    where a place is now; what is not in it has no link, and without it nothing moved."""
    sheet = book.create_sheet(job.list_title, 0)
    words = job.words
    lines = [words["title"], words["how"], *notes.in_words(words)]
    for number, text in enumerate(lines, 1):
        put_text(sheet.cell(number, 1), text)
    sheet["A1"].font = Font(bold=True, size=14)
    head = len(lines) + 1
    for column, (name, width) in enumerate(COLUMNS, 1):
        cell = sheet.cell(head, column)
        put_text(cell, words[name])
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for row, place in enumerate(job.places, head + 1):
        _add_line(sheet, row, place)
        target = place if moved is None else moved.get(place)
        if target and place.sheet in titles:
            _link(sheet.cell(row, 2), titles[place.sheet], target.address)
    sheet.freeze_panes = f"A{head + 1}"
    if job.places:
        sheet.auto_filter.ref = f"A{head}:E{head + len(job.places)}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    _show_first(book)


def _add_line(sheet, row: int, place: Place) -> None:
    address = place.address if place.row or place.column else ""
    texts = (place.sheet, address, place.header, place.wrong, place.cure)
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column)
        put_text(cell, text)
        cell.alignment = WRAPPED


def _link(cell, title: str, address: str) -> None:
    quoted = title.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{address}")
    cell.font = LINK


def _show_first(book) -> None:
    """Open on the list; sheets selected together would all be edited at once."""
    book.active = 0
    for window in book.views:
        window.firstSheet = 0
    for number, sheet in enumerate(book.worksheets):
        sheet.sheet_view.tabSelected = number == 0
    for sheet in book.chartsheets:
        for view in sheet.sheetViews.sheetView:
            view.tabSelected = False
