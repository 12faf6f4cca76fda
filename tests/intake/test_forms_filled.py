"""A pre-filled form: nobody types twice, and handed in unchanged it changes nothing."""

import io
import shutil
import subprocess
from datetime import date

import pytest
from django.core.files.base import ContentFile
from openpyxl import load_workbook

from common.crypto import blind_index
from common.models import Event
from intake import kinds
from intake.columns.base import Context
from intake.forms import NotAllowed, filled_form
from intake.handed_out import DICTIONARY_SHEET
from intake.sheets import ROW_TOKEN
from registry.models import Enrolment, Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import (
    child,
    children,
    commit,
    hand_in,
    id_number,
    make_school,
    take_in,
)

SECRETS = ("身份证号", "学籍号", "监护人电话", "户籍所在地", "现住址")
STUDENTS = kinds.get("students")


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


def context_for(user, unit, kind=STUDENTS, **more) -> Context:
    return Context(user=user, permission=kind.permission, on=TODAY, unit=unit, **more)


def filled(user, unit, kind=STUDENTS, *, reason="", **more) -> bytes:
    return filled_form(kind, context_for(user, unit, kind, **more), reason=reason).content


class Filled:
    """A form opened to be read and changed as a person would."""

    def __init__(self, content: bytes):
        self.book = load_workbook(io.BytesIO(content))
        self.sheet = self.book.worksheets[0]
        self.head = next(
            row for row in range(1, 12) if self.sheet.cell(row, 3).fill.fgColor.rgb != "00000000"
        )
        self.letters = {
            cell.value: cell.column_letter for cell in self.sheet[self.head] if cell.value
        }

    def __getitem__(self, key):
        header, line = key
        return self.sheet[f"{self.letters[header]}{self.head + 1 + line}"]

    def lines(self) -> list[dict]:
        return [
            {header: self.sheet[f"{letter}{row}"].value for header, letter in self.letters.items()}
            for row in range(self.head + 1, self.sheet.max_row + 1)
        ]

    def file(self) -> ContentFile:
        stream = io.BytesIO()
        self.book.save(stream)
        return ContentFile(stream.getvalue(), name="预填表.xlsx")


def file_of(content: bytes) -> ContentFile:
    return ContentFile(content, name="预填表.xlsx")


NO_DIFFERENCE = {
    "inserted": 0,
    "updated": 0,
    "rejected": 0,
    "cleared": 0,
    "conflicts": 0,
    "missing": 0,
    "errors_total": 0,
}


def assert_no_difference(preview, rows):
    assert not preview.faults, [(f.code, f.place, f.header) for f in preview.faults]
    assert preview.counts == NO_DIFFERENCE | {"rows": rows, "unchanged": rows}
    assert not preview.changes


def test_what_the_portal_holds_stands_in_the_form(school, east, official):
    take_in(children(3, school), by=official, unit=east)
    lines = Filled(filled(official, east)).lines()
    assert [line["姓名"] for line in lines] == ["那仁", "苏日娜", "巴图"]
    assert lines[0]["旗(区)"] == "阿拉善左旗" and lines[0]["学校"] == "阿左旗第一小学"
    assert lines[0]["年级"] == "三年级" and lines[0]["入学年月"] == "2022-09"
    assert lines[1]["出生日期"] == "2010-02-02" and lines[1]["是否寄宿"] == "是"


def test_numbers_phones_and_addresses_are_masked(school, east, official):
    rows = children(2, school)
    take_in(rows, by=official, unit=east)
    content = filled(official, east)
    for line in Filled(content).lines():
        for header in SECRETS:
            assert "***" in line[header]
    text = str(Filled(content).lines())
    assert not any(row[header] in text for row in rows for header in SECRETS)


def test_handed_in_unchanged_it_makes_no_difference(school, east, official):
    take_in(children(5, school), by=official, unit=east)
    _upload, preview = hand_in(file_of(filled(official, east)), by=official, unit=east)
    assert_no_difference(preview, rows=5)
    assert not preview.warnings, [(f.code, f.params) for f in preview.warnings]


def test_what_is_odd_to_read_makes_no_difference_either(school, east, official):
    rows = [
        child(
            1, school, **{"证件类型": "护照", "身份证号": "E1234567", "学籍号": "", "备注": "无"}
        ),
        child(2, school, **{"证件类型": "其他", "身份证号": "", "学籍号": ""}),
        child(
            3,
            school,
            **{"现住址": "左旗", "户籍所在地": "", "监护人": "", "监护人电话": "0483-8330000"},
        ),
        child(4, school, **{"姓名": "Bat·Erdene", "班级": "", "入学年月": "", "民族": "其他"}),
    ]
    take_in(rows, by=official, unit=east)
    Student.objects.filter(name="李娜").update(remark="同上")
    Student.objects.filter(name="王小明").update(remark="清空", ethnicity="")
    Student.objects.filter(name="巴图").update(remark="=1+1")
    assert Student.objects.count() == 4
    _upload, preview = hand_in(file_of(filled(official, east)), by=official, unit=east)
    assert_no_difference(preview, rows=4)


def test_a_mask_with_blanks_around_it_leaves_alone_as_a_blank(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    student = Student.objects.get()
    student.home_address = "\xa0 巴彦浩特镇和平路"
    student.home_address_index = blind_index(student.home_address, "student.home_address")
    student.save()
    content = filled(official, east)
    assert Filled(content).lines()[0]["现住址"] is None
    _upload, preview = hand_in(file_of(content), by=official, unit=east)
    assert_no_difference(preview, rows=1)


def test_a_changed_cell_is_the_only_change(school, east, official):
    take_in(children(3, school), by=official, unit=east)
    form = Filled(filled(official, east))
    form["年级", 1].value = "四年级"
    form["监护人电话", 2].value = "13800000001"
    upload, preview = hand_in(form.file(), by=official, unit=east)
    changed = {(change.header, change.new) for change in preview.changes}
    assert changed == {("年级", "四年级"), ("监护人电话", "138****0001")}
    upload = commit(upload, by=official)
    assert upload.counts["updated"] == 2 and upload.counts["unchanged"] == 1


def test_a_line_added_below_is_a_new_child(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    form = Filled(filled(official, east))
    for header, value in child(7, school).items():
        form[header, 2].value = value
    _upload, preview = hand_in(form.file(), by=official, unit=east)
    assert preview.counts["inserted"] == 1 and preview.counts["unchanged"] == 2


def test_a_mask_that_is_not_the_stored_one_is_refused(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    form = Filled(filled(official, east))
    form["身份证号", 0].value = form["身份证号", 1].value
    _upload, preview = hand_in(form.file(), by=official, unit=east)
    assert [fault.code for fault in preview.faults] == ["mask_differs"]


def test_a_mask_in_a_line_without_a_token_is_refused(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    form = Filled(filled(official, east))
    form[ROW_TOKEN, 0].value = None
    _upload, preview = hand_in(form.file(), by=official, unit=east)
    assert {fault.code for fault in preview.faults} == {"masked_cell"}


def test_a_row_edited_since_is_stale(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    content = filled(official, east)
    take_in([child(0, school, 备注="改过")], by=official, unit=east)
    form = Filled(content)
    form["班级", 0].value = "5班"
    _upload, preview = hand_in(form.file(), by=official, unit=east)
    assert [fault.code for fault in preview.faults] == ["stale"]
    assert preview.counts["conflicts"] == 1


def test_lines_may_be_sorted_and_left_out(school, east, official):
    take_in(children(3, school), by=official, unit=east)
    form = Filled(filled(official, east))
    row, last = form.head + 1, form.head + 3
    first = [cell.value for cell in form.sheet[row]]
    for cell, value, other in zip(form.sheet[row], form.sheet[last], first, strict=True):
        cell.value, value.value = value.value, other
    form.sheet.delete_rows(form.head + 2)
    _upload, preview = hand_in(form.file(), by=official, unit=east)
    assert preview.counts["unchanged"] == 2 and not preview.counts["errors_total"]


# Who gets what ---------------------------------------------------------------------------------------
def test_a_unit_sees_its_own_children_only(school, east, west, official, officer):
    other = make_school("额济纳旗第一小学", west)
    ejina = officer(west)
    take_in(children(2, school), by=official, unit=east)
    take_in([child(n, other, **{"旗(区)": "额济纳旗"}) for n in (20, 21, 22)], by=ejina, unit=west)
    assert len(Filled(filled(official, east)).lines()) == 2
    assert len(Filled(filled(ejina, west)).lines()) == 3


def test_a_form_for_one_school_lists_its_children(school, east, official):
    second = make_school("阿左旗第二小学", east)
    take_in([child(0, school), child(1, second), child(2, second)], by=official, unit=east)
    lines = Filled(filled(official, second)).lines()
    assert {line["学校"] for line in lines} == {"阿左旗第二小学"} and len(lines) == 2


def test_children_who_have_left_are_on_no_form(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    Enrolment.objects.filter(student__name="那仁").update(
        valid_to=date(2025, 10, 1), end_reason=Enrolment.End.LEFT
    )
    assert [line["姓名"] for line in Filled(filled(official, east)).lines()] == ["苏日娜"]


def test_whole_numbers_need_a_reason_and_make_no_difference(school, east, official):
    rows = children(2, school)
    take_in(rows, by=official, unit=east)
    content = filled(official, east, reason="核对户籍")
    assert Filled(content).lines()[0]["身份证号"] == id_number(0)
    assert Filled(content)["身份证号", 0].number_format == "@"
    _upload, preview = hand_in(file_of(content), by=official, unit=east)
    assert_no_difference(preview, rows=2)


def test_whole_numbers_are_refused_to_who_may_not_see_them(school, east, officer, monkeypatch):
    someone = officer(east)
    monkeypatch.setattr(type(someone), "has_perm", lambda self, perm: "unmask" not in perm)
    with pytest.raises(NotAllowed):
        filled(someone, east, reason="看看")


def test_a_kind_that_somebody_does_not_hand_in_is_refused(east, officer):
    with pytest.raises(NotAllowed):
        filled(officer(east, Role.SUPERVISOR), east)


def test_each_form_that_went_out_is_an_event_without_a_name(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    filled(official, east)
    filled(official, east, reason="核对户籍")
    first, second = Event.objects.filter(verb="intake.form_filled").order_by("pk")
    assert first.after == {
        "kind": "students",
        "period": "",
        "rows": 2,
        "unmasked": False,
        "reason": "",
    }
    assert (second.after["unmasked"], second.after["reason"]) == (True, "核对户籍")
    assert (first.actor_id, first.subject_pk) == (official.pk, str(east.pk))


def test_tokens_are_locked_and_out_of_sight(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    form = Filled(filled(official, east))
    assert form[ROW_TOKEN, 0].protection.locked and form.sheet.protection.sheet
    assert form.sheet.column_dimensions[form.letters[ROW_TOKEN]].hidden
    assert not form["姓名", 0].protection.locked


def test_a_form_asks_few_questions_however_many_children(
    school, east, official, django_assert_max_num_queries
):
    take_in(children(40, school), by=official, unit=east)
    with django_assert_max_num_queries(60):
        filled(official, east)


def test_our_own_hidden_sheet_is_not_worth_a_word(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    content = filled(official, east)
    assert DICTIONARY_SHEET in load_workbook(io.BytesIO(content)).sheetnames
    _upload, preview = hand_in(file_of(content), by=official, unit=east)
    assert not any(f.params.get("name") == DICTIONARY_SHEET for f in preview.warnings)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_saved_by_another_program_it_makes_no_difference_either(
    ending, school, east, official, tmp_path
):
    take_in(children(3, school), by=official, unit=east)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "form.xlsx").write_bytes(filled(official, east))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        + ["--convert-to", ending, "--outdir", str(tmp_path), str(tmp_path / "in" / "form.xlsx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    saved = ContentFile((tmp_path / f"form.{ending}").read_bytes(), name=f"form.{ending}")
    _upload, preview = hand_in(saved, by=official, unit=east)
    assert_no_difference(preview, rows=3)
