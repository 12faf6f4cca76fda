"""A roster goes in, changes what it says, leaves alone what it does not, and comes out again."""

from datetime import date

import pytest

from common import clock
from common.models import RowChange
from intake.models import Upload
from intake.services import uploads
from registry.models import Enrolment, Guardian, Identifier, IdKind, Student
from tests.intake.rosters import (
    child,
    children,
    commit,
    domain_rows,
    hand_in,
    id_number,
    make_school,
    take_in,
    undo,
    workbook,
)

State = Upload.State
TABLES = (Student, Identifier, Guardian, Enrolment)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


def test_a_roster_of_new_children_is_written_whole(school, east, official):
    upload, preview = hand_in(children(12, school), by=official, unit=east)
    assert upload.state == State.CHECKED
    assert preview.counts == {
        "rows": 12,
        "inserted": 12,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "cleared": 0,
        "conflicts": 0,
        "missing": 0,
        "errors_total": 0,
    }
    assert not Student.objects.exists(), "a preview writes nothing"
    assert "义务教育在校生数" in {one.label for one in preview.touched}
    upload = commit(upload, by=official)
    assert upload.state == State.COMMITTED
    assert Student.objects.count() == 12
    assert Identifier.objects.filter(kind=IdKind.RESIDENT).count() == 12
    assert Identifier.objects.filter(kind=IdKind.ROLL).count() == 12
    one = Student.objects.get(name="那仁", born_on=date(2009, 1, 1))
    assert (one.sex, one.ethnicity, one.version) == ("2", "02", 1)
    assert one.home_address.startswith("阿拉善左旗巴彦浩特镇和平路")
    assert (one.source_upload, one.source_sheet, one.source_row) == (upload.pk, 1, 2)
    guardian = one.guardians.get()
    assert (guardian.position, guardian.relation, guardian.phone) == (1, "FATHER", "13900000000")
    enrolment = one.enrolments.get()
    assert (enrolment.school, enrolment.grade, enrolment.class_name) == (school, "13", "2班")
    assert enrolment.boards is False and enrolment.entered_on == date(2022, 9, 1)


def test_the_same_rows_again_are_unchanged(school, east, official):
    rows = children(5, school)
    take_in(rows, by=official, unit=east)
    before = domain_rows(*TABLES)
    upload, preview = hand_in(rows[::-1], by=official, unit=east)
    assert (preview.counts["unchanged"], preview.counts["inserted"]) == (5, 0)
    commit(upload, by=official)
    assert domain_rows(*TABLES) == before
    assert RowChange.objects.count() == 5, "nothing was changed by the second"


def test_a_changed_cell_is_told_old_and_new_and_written(school, east, official):
    take_in(children(3, school), by=official, unit=east)
    rows = children(3, school)
    rows[1] |= {"班级": "5班", "监护人电话": "13811112222", "民族": "汉族"}
    upload, preview = hand_in(rows, by=official, unit=east)
    assert (preview.counts["updated"], preview.counts["unchanged"]) == (1, 2)
    told = {(one.header, one.old, one.new) for one in preview.changes}
    assert told == {
        ("班级", "2班", "5班"),
        ("监护人电话", "139****0001", "138****2222"),
        ("民族", "蒙古族", "汉族"),
    }
    assert {one.subject for one in preview.changes} == {"苏**"}
    commit(upload, by=official)
    one = Student.objects.get(name="苏日娜")
    assert (one.ethnicity, one.version, one.source_upload) == ("01", 2, upload.pk)
    assert one.guardians.get().phone == "13811112222"
    assert one.enrolments.get().class_name == "5班"


def test_a_blank_cell_leaves_alone_and_a_clear_empties(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    rows = children(2, school)
    rows[0] |= {"现住址": None, "民族": None, "班级": ""}
    rows[1] |= {"现住址": "清空", "监护人电话": "清空", "学籍号": "清空", "班级": "清空"}
    upload, preview = hand_in(rows, by=official, unit=east)
    assert (preview.counts["updated"], preview.counts["unchanged"]) == (1, 1)
    assert preview.counts["cleared"] == 4
    assert all(one.is_clear and not one.new for one in preview.changes)
    commit(upload, by=official)
    kept, cleared = Student.objects.order_by("pk")
    assert kept.home_address and kept.ethnicity == "02"
    assert (cleared.home_address, cleared.home_address_index) == ("", None)
    guardian = cleared.guardians.get()
    assert (guardian.phone, guardian.phone_index, guardian.name) == ("", None, "李娜")
    assert not Identifier.objects.current().filter(student=cleared, kind=IdKind.ROLL).exists()
    assert cleared.enrolments.get().class_name == ""


def test_a_required_cell_is_never_cleared(school, east, official):
    _upload, preview = hand_in([child(1, school, 姓名="清空")], by=official, unit=east)
    assert [(one.code, one.place) for one in preview.faults] == [("clear_required", "E2")]


def test_birth_date_and_sex_come_from_the_number_and_change_nothing_stored(school, east, official):
    row = child(4, school)
    del row["性别"]
    take_in([row], by=official, unit=east)
    one = Student.objects.get()
    assert one.sex and one.born_on
    Student.objects.update(sex="", born_on=date(2001, 1, 1))
    take_in([row], by=official, unit=east)
    one.refresh_from_db()
    assert one.sex, "what is empty is filled"
    assert one.born_on == date(2001, 1, 1), "what is stored stays"


def test_another_school_ends_one_enrolment_and_opens_the_next(school, east, official, clock_at):
    clock_at(date(2025, 9, 10))
    take_in([child(1, school)], by=official, unit=east)
    other = make_school("阿左旗第二小学", east)
    clock_at(date(2026, 3, 2))
    upload, preview = hand_in([child(1, other)], by=official, unit=east)
    assert [(c.header, c.old, c.new) for c in preview.changes] == [
        ("学校", "阿左旗第一小学", "阿左旗第二小学")
    ]
    commit(upload, by=official)
    first, second = Enrolment.objects.order_by("valid_from")
    assert (first.school, first.valid_to, first.end_reason) == (
        school,
        date(2026, 3, 1),
        Enrolment.End.TRANSFERRED,
    )
    assert (second.school, second.valid_from, second.valid_to) == (other, date(2026, 3, 2), None)


def test_a_new_enrolment_begins_with_the_school_year_or_later(school, east, official, clock_at):
    clock_at(date(2025, 11, 20))
    rows = [child(1, school, 入学年月="2022-09"), child(2, school, 入学年月="2025-10")]
    take_in(rows, by=official, unit=east)
    begins = Enrolment.objects.order_by("pk").values_list("valid_from", flat=True)
    assert list(begins) == [date(2025, 9, 1), date(2025, 10, 1)]


def test_a_corrected_number_ends_the_old_one(school, east, official, clock_at):
    clock_at(date(2025, 9, 10))
    take_in([child(1, school)], by=official, unit=east)
    clock_at(date(2025, 10, 10))
    row = child(1, school, 身份证号=id_number(300))  # found by its roll number
    del row["性别"]
    upload, preview = hand_in([row], by=official, unit=east)
    assert preview.counts["updated"] == 1
    commit(upload, by=official)
    papers = Identifier.objects.exclude(kind=IdKind.ROLL).order_by("pk")
    assert [(p.value, p.valid_to) for p in papers] == [
        (id_number(1), date(2025, 10, 9)),
        (id_number(300), None),
    ]


def test_undo_removes_what_came_and_restores_what_was(school, east, official):
    take_in(children(4, school), by=official, unit=east)
    before = domain_rows(*TABLES)
    rows = children(6, school)
    rows[0] |= {"姓名": "改了名", "现住址": "阿拉善左旗新地址", "监护人": "清空"}
    rows[1] |= {"学籍号": "清空", "班级": "9班", "备注": "转来"}
    upload = take_in(rows, by=official, unit=east)
    assert Student.objects.count() == 6
    undone = undo(upload, by=official)
    assert (undone.undone, undone.left) == (4, [])
    assert domain_rows(*TABLES) == before
    upload.refresh_from_db()
    assert upload.state == State.UNDONE
    assert set(Student.objects.values_list("version", flat=True)) == {1, 3}, "versions only grow"


def test_an_undone_upload_can_be_committed_again(school, east, official):
    rows = children(3, school)
    first = take_in(rows, by=official, unit=east)
    undo(first, by=official)
    assert not Student.objects.exists()
    again = take_in(rows, by=official, unit=east)
    assert again.state == State.COMMITTED and Student.objects.count() == 3
    undo(again, by=official)
    assert domain_rows(*TABLES) == {model._meta.db_table: [] for model in TABLES}


def test_a_repeated_commit_of_the_same_bytes_reuses_the_upload(school, east, official):
    file = workbook(children(3, school))
    first, _preview = hand_in(file, by=official, unit=east)
    commit(first, by=official)
    second, preview = hand_in(file, by=official, unit=east)
    assert second != first
    assert [one.code for one in preview.warnings] == ["same_file"]
    committed = commit(second, by=official)
    second.refresh_from_db()
    assert committed == first and second.state == State.DISCARDED
    assert committed.counts["unchanged"] == 3
    assert undo(committed, by=official).undone == 3, "the commit that stands is the first"


def test_faults_forbid_everything_unless_the_good_rows_are_chosen(school, east, official):
    rows = children(4, school)
    rows[2]["身份证号"] = rows[2]["身份证号"][:-1]
    upload, preview = hand_in(rows, by=official, unit=east)
    assert preview.counts["rejected"] == 1 and not preview.is_faultless
    assert [(one.code, one.place, one.header) for one in preview.faults] == [
        ("id_length", "H4", "身份证号")
    ]
    upload = commit(upload, by=official)
    assert upload.state == State.CHECKED
    assert not Student.objects.exists() and not RowChange.objects.exists()
    upload = commit(upload, by=official, good_rows=True)
    assert upload.state == State.COMMITTED and upload.good_rows
    assert Student.objects.count() == 3


def test_a_number_twice_in_the_file_names_both_places(school, east, official):
    rows = [child(1, school), child(2, school), child(1, school, 姓名="同号人")]
    _upload, preview = hand_in(rows, by=official, unit=east)
    twice = {(one.place, one.params["place"]) for one in preview.faults if one.header == "身份证号"}
    assert twice == {("H2", "H4"), ("H4", "H2")}
    assert preview.counts["rejected"] == 2 and preview.counts["inserted"] == 1


def test_two_rows_that_mean_one_child_by_different_numbers_are_refused(school, east, official):
    take_in([child(1, school)], by=official, unit=east)
    by_roll = child(1, school, 身份证号=id_number(300))
    del by_roll["性别"]
    _upload, preview = hand_in([child(1, school, 学籍号=None), by_roll], by=official, unit=east)
    assert {one.code for one in preview.faults} == {"key_twice"}
    assert preview.counts["rejected"] == 2


def test_a_number_of_another_child_is_refused(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    row = child(1, school, 学籍号=child(0, school)["学籍号"])
    _upload, preview = hand_in([row], by=official, unit=east)
    assert [(one.code, one.header) for one in preview.faults] == [("number_of_another", "学籍号")]


def test_a_roll_number_copied_to_somebody_else_overwrites_nobody(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    stranger = child(7, school, 学籍号=child(0, school)["学籍号"])
    _upload, preview = hand_in([stranger], by=official, unit=east)
    assert [(one.code, one.header) for one in preview.faults] == [("number_of_another", "学籍号")]


def test_a_child_without_numbers_is_never_matched_by_itself(school, east, official):
    row = child(1, school, 证件类型="其他", 身份证号=None, 学籍号=None)
    first = take_in([row], by=official, unit=east)
    assert first.counts["inserted"] == 1
    upload, preview = hand_in([row | {"备注": "又报"}], by=official, unit=east)
    assert [one.code for one in preview.faults] == ["needs_answer"]
    assert preview.questions[0].params["about"] == "alike"
    same = uploads.answer(upload, {"alike": "same"}, by=official, at=clock.now())
    assert same.counts["updated"] == 1
    new = uploads.answer(upload, {"alike": "new"}, by=official, at=clock.now())
    assert new.counts["inserted"] == 1
    by_other_name, _preview = hand_in([row | {"姓名": "另一人"}], by=official, unit=east)
    assert by_other_name.counts["inserted"] == 1
