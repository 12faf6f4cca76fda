"""My workbook, marked: the same cells, red where something is wrong, and a list in front."""

import io
import os
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.protection import WorkbookProtection

from intake import marked
from intake.faults import Fault, Unusable
from intake.handed_out import LIST_SHEET
from intake.limited.marking import values
from intake.limited.marking.cells import BEGINNING, RED, YELLOW
from intake.limited.marking.places import Job
from intake.limited.marking.serve import marked as marked_here
from intake.marked import mark
from intake.reading import open_book
from intake.reading.book import in_memory
from tests.intake.workbooks import by_hand, packed, parts, xlsx

ROWS = [
    ["某校学生名册"],
    ["学校", "姓名", "身份证号", "出生日期"],
    ["第一小学", "那仁", "152921201509010014", date(2015, 9, 1)],
    [None, "巴图", "15292220130308002", date(2013, 3, 8)],
]
REQUIRED = Fault("required", "Sheet1", 4, "A", {"header": "学校"})
KEY_TWICE = Fault("key_twice", "Sheet1", 4, "C", {"header": "身份证号", "place": "C3"})


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def book_of(rows=ROWS, title="Sheet1") -> Workbook:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def opened(content: bytes):
    return load_workbook(io.BytesIO(content))


def cells_of(content: bytes, name="a.xlsx") -> dict:
    """Sheet -> row -> raw cells, without the list and blank ends, as the intake reads them."""
    with open_book(content, name=name) as book:
        return {
            sheet.name: {
                first + i: row[
                    : max((j + 1 for j, c in enumerate(row) if c is not None), default=0)
                ]
                for first, rows in book.rows(sheet.number)
                for i, row in enumerate(rows)
                if any(cell is not None for cell in row)
            }
            for sheet in book.sheets
            if sheet.name != LIST_SHEET
        }


def is_red(cell) -> bool:
    return cell.fill.fgColor.rgb == RED


# An .xlsx stays what it is ---------------------------------------------------------------------------
def test_faulty_cells_are_red_and_say_why_and_what_to_do():
    sheet = opened(mark(xlsx(ROWS), faults=[REQUIRED]).content)["Sheet1"]
    assert is_red(sheet["A4"]) and not is_red(sheet["A3"]) and not is_red(sheet["B4"])
    assert REQUIRED.wrong in sheet["A4"].comment.text and REQUIRED.cure in sheet["A4"].comment.text


def test_warnings_are_yellow():
    sheet = opened(mark(xlsx(ROWS), faults=[], warnings=[REQUIRED]).content)["Sheet1"]
    assert sheet["A4"].fill.fgColor.rgb == YELLOW


def test_a_fault_weighs_more_than_a_warning_in_one_cell():
    other = Fault("required", "Sheet1", 4, "A", {"header": "旗(区)"})
    sheet = opened(mark(xlsx(ROWS), faults=[REQUIRED], warnings=[other]).content)["Sheet1"]
    assert is_red(sheet["A4"])
    assert REQUIRED.wrong in sheet["A4"].comment.text and other.wrong in sheet["A4"].comment.text


def test_the_first_sheet_lists_the_faults_with_links():
    book = opened(mark(xlsx(ROWS), faults=[REQUIRED, KEY_TWICE]).content)
    assert book.sheetnames == [LIST_SHEET, "Sheet1"] and book.active.title == LIST_SHEET
    lines = [[cell.value for cell in row] for row in book[LIST_SHEET].iter_rows()]
    assert lines[0][0].startswith(LIST_SHEET)
    assert ["Sheet1", "A4", None, REQUIRED.wrong, REQUIRED.cure] in lines
    links = {
        cell.value: cell.hyperlink.location
        for (cell,) in book[LIST_SHEET].iter_rows(min_col=2, max_col=2)
        if cell.hyperlink
    }
    assert links == {"A4": "'Sheet1'!A4", "C4": "'Sheet1'!C4"}


def test_only_the_list_is_selected():
    book = opened(mark(xlsx(ROWS, ROWS), faults=[REQUIRED]).content)
    assert [sheet.sheet_view.tabSelected for sheet in book] == [True, False, False]


def test_everything_else_of_the_sheet_stays():
    book = book_of()
    sheet = book.active
    sheet["A4"].font, sheet["D3"].number_format = Font(bold=True), "yyyy年m月d日"
    sheet["B3"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.column_dimensions["B"].width, sheet.freeze_panes = 33, "A3"
    sheet.merge_cells("A1:D1")
    sheet.auto_filter.ref = "A2:D4"
    sheet.row_dimensions[3].hidden = True
    made = opened(mark(saved(book), faults=[REQUIRED]).content)["Sheet1"]
    assert made["A4"].font.bold and is_red(made["A4"])
    assert made["D3"].number_format == "yyyy年m月d日"
    assert made["B3"].fill.fgColor.rgb == "FF00FF00"
    assert made.column_dimensions["B"].width == 33 and made.freeze_panes == "A3"
    assert str(made.merged_cells) == "A1:D1" and made.auto_filter.ref == "A2:D4"
    assert made.row_dimensions[3].hidden


def test_a_comment_that_was_there_stays_in_front():
    book = book_of()
    book.active["A4"].comment = Comment("问过校长", "李")
    made = opened(mark(saved(book), faults=[REQUIRED]).content)["Sheet1"]["A4"].comment
    assert made.text.startswith("问过校长\n" + BEGINNING) and made.author == "李"


def test_a_fault_inside_a_merged_range_is_shown_on_it():
    book = book_of()
    book.active.merge_cells("A3:A4")
    made = opened(mark(saved(book), faults=[REQUIRED]).content)["Sheet1"]
    assert is_red(made["A3"]) and REQUIRED.wrong in made["A3"].comment.text


FORMULAS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>标题</t></is></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f>A2*3</f><v>6</v></c>'
    '<c r="C2" t="str"><f>"甲"&amp;A2</f><v>甲2</v></c>'
    '<c r="D2" t="b"><f>A2=2</f><v>1</v></c><c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    '<c r="F2"><f t="shared" ref="F2:F3" si="0">A2+1</f><v>3</v></c></row>'
    '<row r="3"><c r="A3"><v>5</v></c><c r="F3"><f t="shared" si="0"/><v>6</v></c></row>'
)


def test_formulas_stay_and_so_do_their_results():
    original = with_parts({})
    made = mark(original, faults=[Fault("required", "表1", 3, "B", {"header": "数"})]).content
    assert opened(made)["表1"]["B2"].value == "=A2*3"
    assert opened(made)["表1"]["F3"].value == "=A3+1"
    assert cells_of(made) == cells_of(original)


def test_marks_do_not_change_what_is_read():
    original = xlsx(ROWS, [["=1+1", 5, 1.5, True, "#N/A", " 前后有空 "]])
    assert cells_of(mark(original, faults=[REQUIRED, KEY_TWICE]).content) == cells_of(original)


def test_words_of_a_header_are_no_formula_in_the_list():
    fault = Fault("required", "Sheet1", 4, "A", {"header": "=1+1"})
    sheet = opened(mark(xlsx(ROWS), faults=[fault]).content)[LIST_SHEET]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert "=1+1" in sheet.cell(sheet.max_row, 4).value


def test_of_a_protected_sheet_only_the_red_cells_are_unlocked():
    book = book_of()
    book.active.protection.set_password("secret")
    book.active.protection.enable()
    book.security = WorkbookProtection(lockStructure=True)
    done = mark(saved(book), faults=[REQUIRED])
    made = opened(done.content)["Sheet1"]
    assert made.protection.sheet and made.protection.password
    assert not made["A4"].protection.locked and made["A3"].protection.locked
    assert any("解锁" in note for note in done.notes)


# What openpyxl cannot carry --------------------------------------------------------------------------
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    "<xdr:twoCellAnchor><xdr:sp/></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic/>"
    "</xdr:twoCellAnchor><xdr:twoCellAnchor><mc:AlternateContent><mc:Choice/><mc:Fallback>"
    "<xdr:sp/></mc:Fallback></mc:AlternateContent></xdr:twoCellAnchor></xdr:wsDr>"
)


SPARKLINE = (
    '<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" xmlns:x14="x">'
    '<x14:sparklineGroup type="line"></x14:sparklineGroup></ext></extLst>'
)


CONTROLS = (
    '<xml xmlns:x="urn:schemas-microsoft-com:office:excel"><x:ClientData ObjectType="Note"/>'
    '<x:ClientData ObjectType="Button"/><x:ClientData ObjectType="Pict"/></xml>'
)


def with_parts(extra: dict, **more) -> bytes:
    return packed(parts(FORMULAS, **more) | {"[Content_Types].xml": TYPES} | extra)


def test_what_is_lost_is_named_with_its_number():
    original = with_parts(
        {
            "xl/drawings/drawing1.xml": DRAWING,
            "xl/slicers/slicer1.xml": "<slicers/>",
            "xl/drawings/vmlDrawing1.vml": CONTROLS,
            "xl/activeX/activeX1.xml": "<ocx/>",
            "xl/cellimages.xml": "<cellImages/>",
        },
        after=SPARKLINE,
    )
    done = mark(original, faults=[Fault("required", "表1", 3, "B", {"header": "数"})])
    said = {
        marked.NOTES[code] % {"count": count}
        for code, count in {
            "shapes": 1,
            "pictures": 1,
            "slicers": 1,
            "controls": 2,
            "cell_pictures": 1,
            "sparklines": 1,
        }.items()
    }
    assert set(done.notes) == said
    listed = {row[0] for row in opened(done.content)[LIST_SHEET].iter_rows(values_only=True)}
    assert said <= listed


def test_macros_are_dropped_and_said():
    original = with_parts({"xl/vbaProject.bin": b"\0" * 50})
    done = mark(original, faults=[Fault("required", "表1", 3, "B", {"header": "数"})])
    assert done.notes == [marked.NOTES["macros"]]
    assert b"vbaProject" not in done.content


def test_a_plain_workbook_loses_nothing():
    assert mark(xlsx(ROWS), faults=[REQUIRED]).notes == []


def test_what_openpyxl_cannot_open_comes_as_values():
    original = by_hand(FORMULAS)  # which says nowhere of its parts what they are
    done = mark(original, faults=[Fault("required", "表1", 3, "B", {"header": "数"})])
    assert done.notes == [marked.NOTES["not_kept"]]
    assert is_red(opened(done.content)["表1"]["B3"])


# Other formats ---------------------------------------------------------------------------------------
CSV = "学校,姓名,身份证号,公式\n第一小学,那仁,152921201509010014,=1+1\n,巴图,0012,-5\n"
IN_CSV = Fault("required", "CSV", 3, "A", {"header": "学校"})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_text_file_becomes_a_workbook_of_texts(encoding):
    done = mark(CSV.encode(encoding), faults=[IN_CSV], heads={"CSV": 1})
    sheet = opened(done.content).worksheets[1]
    assert sheet["C2"].value == "152921201509010014" and sheet["C3"].value == "0012"
    assert sheet["D2"].data_type == "s" and sheet["D2"].quotePrefix
    assert is_red(sheet["A3"]) and IN_CSV.wrong in sheet["A3"].comment.text
    assert marked.NOTES["values"] in done.notes


def test_the_cells_of_a_text_file_are_read_the_same_again():
    (before,) = cells_of(CSV.encode(), "a.csv").values()
    (after,) = cells_of(mark(CSV.encode(), faults=[IN_CSV]).content).values()
    assert after == before


# Long ones -------------------------------------------------------------------------------------------
def job(**more) -> Job:
    said = marked._job([REQUIRED, KEY_TWICE], [], {"Sheet1": 2})
    return Job.of(said | {"format": "xlsx", "only_faulty": False} | more)


def made_here(content: bytes, asked: Job) -> bytes:
    """In this very process, where limits of the numbers of rows can be set low."""
    with in_memory(content) as (memory, _content):
        return marked_here(asked, os.dup(memory), before_values=lambda: None)[0]


def test_a_long_workbook_comes_as_title_header_and_faulty_rows(monkeypatch):
    monkeypatch.setattr(values, "MOST_ROWS", 10)
    rows = [*ROWS, *([f"第{i}小学", "甲", "x"] for i in range(20)), [None, "乙", "y"]]
    book = book_of(rows)
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("A5:A6")
    late = Fault("required", "Sheet1", 25, "A", {"header": "学校"})
    asked = Job.of(marked._job([REQUIRED, late], [], {"Sheet1": 2}) | {"format": "xlsx"})
    made = opened(made_here(saved(book), asked))
    sheet = made["Sheet1"]
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == [None, "姓名", "巴图", "乙"]
    assert is_red(sheet["A3"]) and is_red(sheet["A4"]) and str(sheet.merged_cells) == "A1:D1"
    links = [
        (cell.value, cell.hyperlink.location)
        for (cell,) in made[LIST_SHEET].iter_rows(min_col=2, max_col=2)
        if cell.hyperlink
    ]
    assert links == [("A4", "'Sheet1'!A3"), ("A25", "'Sheet1'!A4")]


def test_wide_sheets_are_long_too(monkeypatch):
    monkeypatch.setattr(values, "MOST_CELLS", 10)
    sheet = opened(made_here(xlsx(ROWS), job()))["Sheet1"]
    assert sheet.max_row == 3


def test_what_is_too_much_as_a_whole_is_made_of_the_faulty_rows(monkeypatch):
    asked, really = [], marked._mark

    def out_of_memory(original, job):
        asked.append(job["only_faulty"])
        if not job["only_faulty"]:
            raise Unusable("reader_out_of_memory")
        return really(original, job)

    monkeypatch.setattr(marked, "_mark", out_of_memory)
    done = mark(xlsx(ROWS), faults=[REQUIRED], heads={"Sheet1": 2})
    assert asked == [False, True] and marked.NOTES["only_faulty"] in done.notes


def test_what_cannot_be_marked_at_all_says_so(monkeypatch):
    def die(_original, _job):
        raise Unusable("reader_died")

    monkeypatch.setattr(marked, "_mark", die)
    with pytest.raises(Unusable) as unusable:
        mark(xlsx(ROWS), faults=[REQUIRED])
    assert unusable.value.code == "cannot_mark"


def test_more_faults_than_a_list_can_hold_are_counted(monkeypatch):
    monkeypatch.setattr(marked, "MOST_LISTED", 1)
    done = mark(xlsx(ROWS), faults=[REQUIRED, KEY_TWICE], warnings=[REQUIRED])
    assert done.notes == [marked.NOTES["left_out"] % {"count": 2}]


def test_faults_that_a_check_did_not_keep_are_counted_too():
    done = mark(xlsx(ROWS), faults=[REQUIRED], more=41)
    assert done.notes == [marked.NOTES["left_out"] % {"count": 41}]
    assert "42" in opened(done.content)[LIST_SHEET]["A1"].value


# A second time ---------------------------------------------------------------------------------------
def test_marks_of_an_earlier_time_are_taken_off():
    book = book_of()
    book.active["A4"].comment = Comment("问过校长", "李")
    first = mark(saved(book), faults=[REQUIRED, KEY_TWICE]).content
    fixed = opened(first)
    fixed["Sheet1"]["A4"] = "第一小学"
    again = opened(mark(saved(fixed), faults=[KEY_TWICE]).content)
    assert again.sheetnames == [LIST_SHEET, "Sheet1"]
    sheet = again["Sheet1"]
    assert not is_red(sheet["A4"]) and sheet["A4"].comment.text == "问过校长"
    assert is_red(sheet["C4"]) and sheet["C4"].comment.text.count(BEGINNING) == 1


def test_a_sheet_of_the_users_with_that_name_stays():
    made = opened(mark(saved(book_of(title=LIST_SHEET)), faults=[]).content)
    assert len(made.sheetnames) == 2 and made.worksheets[1]["B3"].value == "那仁"


@pytest.mark.parametrize(
    ("name", "kept"), [("花名册.xls", "花名册（已标红）.xlsx"), ("x.y.csv", "x.y（已标红）.xlsx")]
)
def test_the_marked_workbook_is_an_xlsx_by_name(name, kept):
    assert marked.marked_name(name) == kept
