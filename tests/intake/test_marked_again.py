"""Marked, put right, handed in again: what was accepted is unchanged, what was wrong comes in."""

import io

import pytest
from django.core.files.base import ContentFile
from openpyxl import load_workbook

from common import vault
from intake.handed_out import LIST_SHEET
from intake.limited.marking.cells import RED
from intake.marked import mark, marked_name
from tests.cast import TODAY
from tests.intake.rosters import child, children, commit, hand_in, id_number, make_school, workbook


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east)


@pytest.fixture
def faulty(school):
    """Five children, of whom two are written wrongly."""
    rows = children(5, school)
    rows[1]["身份证号"] = rows[1]["身份证号"][:-1] + "?"
    rows[3]["年级"] = "十三年级"
    return workbook(rows, title="阿左旗第一小学学生名册")


def marked(upload, preview) -> bytes:
    return mark(
        b"".join(vault.read(upload.file_key)),
        faults=preview.faults,
        warnings=preview.warnings,
        heads=preview.heads,
    ).content


def red_cells(book) -> dict[str, str]:
    return {
        cell.coordinate: cell.comment.text
        for row in book["名册"].iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == RED
    }


def file_of(book) -> ContentFile:
    stream = io.BytesIO()
    book.save(stream)
    return ContentFile(stream.getvalue(), name=marked_name("名册.xlsx"))


def test_each_fault_of_the_preview_is_a_red_cell(faulty, official, east):
    upload, preview = hand_in(faulty, by=official, unit=east)
    book = load_workbook(io.BytesIO(marked(upload, preview)))
    assert set(red_cells(book)) == {fault.place for fault in preview.faults} == {"H4", "C6"}
    for fault in preview.faults:
        assert fault.wrong in red_cells(book)[fault.place]


def test_marks_alone_change_nothing(faulty, official, east):
    upload, preview = hand_in(faulty, by=official, unit=east)
    again = ContentFile(marked(upload, preview), name="again.xlsx")
    _second, seen = hand_in(again, by=official, unit=east)
    assert seen.counts == preview.counts
    assert [(f.code, f.place) for f in seen.faults] == [(f.code, f.place) for f in preview.faults]
    assert not any(LIST_SHEET in str(fault.params) for fault in seen.warnings)


def test_put_right_only_the_faulty_rows_are_new(faulty, official, east, school):
    upload, preview = hand_in(faulty, by=official, unit=east)
    upload = commit(upload, by=official, good_rows=True)
    assert upload.counts["inserted"] == 3 and upload.counts["rejected"] == 2
    book = load_workbook(io.BytesIO(marked(upload, preview)))
    book["名册"]["H4"], book["名册"]["C6"] = id_number(1), "三年级"
    second, seen = hand_in(file_of(book), by=official, unit=east)
    assert not seen.faults, [(f.code, f.place) for f in seen.faults]
    assert (seen.counts["unchanged"], seen.counts["inserted"]) == (3, 2)
    commit(second, by=official)


def test_another_format_is_put_right_in_a_new_workbook(official, east, school):
    rows = [child(1, school), child(2, school, 年级="十三年级")]
    text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    upload, preview = hand_in(
        ContentFile(text.encode("gb18030"), name="名册.csv"), by=official, unit=east
    )
    (fault,) = preview.faults
    book = load_workbook(io.BytesIO(marked(upload, preview)))
    sheet = book.worksheets[1]
    assert sheet[fault.place].fill.fgColor.rgb == RED
    sheet[fault.place] = "三年级"
    _second, seen = hand_in(file_of(book), by=official, unit=east)
    assert not seen.faults and seen.counts["inserted"] == 2
