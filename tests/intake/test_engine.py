"""The life of an upload: small ones at once, every state, what is kept and for how long."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from common import clock, jobs, options, vault
from common.models import Job
from intake import keeping
from intake.column_readers import ColumnReader, Keys
from intake.columns import BLANK, IdNumber, Text
from intake.columns.base import Context
from intake.kinds import Chunk, ReportKind
from intake.models import HeaderMapping, Upload
from intake.services import previews, uploads
from intake.services.checks import run_check
from registry.models import Student
from tests.intake.rosters import (
    child,
    children,
    commit,
    hand_in,
    id_number,
    make_school,
    take_in,
    workbook,
)

State = Upload.State


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def take(official, east):
    """take(file) as a request does it: a small one is checked before it returns."""

    def hand(file, **more):
        return uploads.take_upload(
            file, kind="students", by=official, unit=east, at=clock.now(), **more
        )

    return hand


# One upload --------------------------------------------------------------------------------------
def test_a_small_sheet_is_checked_and_committed_in_the_request(take, school, official):
    upload = take(workbook(children(3, school)))
    assert (upload.state, upload.job.state) == (State.CHECKED, Job.State.DONE)
    assert (upload.format, upload.sheets) == ("xlsx", ["名册"])
    upload = uploads.commit_upload(upload, by=official, at=clock.now())
    assert upload.state == State.COMMITTED and Student.objects.count() == 3


def test_what_takes_longer_than_people_wait_is_left_to_the_queue(take, school, monkeypatch):
    monkeypatch.setattr(uploads, "INLINE_SECONDS", 1e-9)
    upload = take(workbook(children(3, school)))
    assert (upload.state, upload.job.state) == (State.CHECKING, Job.State.QUEUED)
    assert upload.job.attempts == 0, "the request's try does not count"
    assert jobs.run(upload.job_id)
    upload.refresh_from_db()
    assert upload.state == State.CHECKED


def test_a_large_file_goes_to_the_queue_at_once(take, school, monkeypatch):
    monkeypatch.setattr(uploads, "SMALL", 10)
    upload = take(workbook(children(3, school)))
    assert (upload.state, upload.job.state) == (State.RECEIVED, Job.State.QUEUED)


def test_a_file_that_is_no_workbook_says_why_and_can_be_discarded(take, official):
    upload = take(ContentFile("这不是表格".encode() * 50, name="说明.docx"))
    assert upload.state == State.UNUSABLE and upload.fault
    with pytest.raises(uploads.NotYours):
        uploads.commit_upload(upload, by=official, at=clock.now())
    with pytest.raises(previews.PreviewGone):
        previews.read_preview(upload, official)
    uploads.discard_upload(upload, by=official, at=clock.now())


@pytest.mark.parametrize("size", [0, 3 * 1024 * 1024])
def test_an_empty_and_a_huge_file_are_refused_and_leave_nothing(take, settings, size):
    settings.FILE_MAX_BYTES = 2 * 1024 * 1024
    before = kept_files(settings)
    with pytest.raises(uploads.UploadRefused):
        take(ContentFile(b"x" * size, name="大.xlsx"))
    assert not Upload.objects.exists() and kept_files(settings) == before


def test_the_same_bytes_before_a_commit_are_the_same_upload(
    take, school, django_capture_on_commit_callbacks
):
    file = workbook(children(1, school))
    first = take(file)
    with django_capture_on_commit_callbacks(execute=True):
        second = take(file)
    assert first == second and Upload.objects.count() == 1
    assert second.state == State.CHECKED
    with pytest.raises(vault.Gone):
        list(vault.read(first.file_key))


def test_a_discarded_upload_leaves_no_bytes(
    take, school, official, settings, django_capture_on_commit_callbacks
):
    before = kept_files(settings)
    upload = take(workbook(children(1, school)))
    assert len(kept_files(settings)) == len(before) + 2, "the original and its preview"
    with django_capture_on_commit_callbacks(execute=True):
        uploads.discard_upload(upload, by=official, at=clock.now())
    assert kept_files(settings) == before


def kept_files(settings) -> set:
    return {path for path in (settings.FILES_ROOT / "vault").rglob("*") if path.is_file()}


# States ------------------------------------------------------------------------------------------
def test_a_check_that_died_cannot_be_committed_but_checked_again(take, school, official):
    upload = take(workbook(children(1, school)))
    Upload.objects.filter(pk=upload.pk).update(state=State.CHECKING)
    Job.objects.filter(pk=upload.job_id).update(state=Job.State.FAILED)
    with pytest.raises(uploads.NotYours):
        uploads.commit_upload(upload, by=official, at=clock.now())
    assert uploads.check_again(upload, by=official, at=clock.now()).state == State.CHECKED


def test_a_commit_that_died_can_be_asked_for_again(take, school, official):
    upload = take(workbook(children(1, school)))
    upload = uploads.commit_upload(upload, by=official, at=clock.now(), inline=False)
    Job.objects.filter(pk=upload.job_id).update(state=Job.State.CANCELLED)
    upload = uploads.commit_upload(upload, by=official, at=clock.now())
    assert upload.state == State.COMMITTED and Student.objects.count() == 1


def test_nobody_touches_an_upload_that_is_on_its_way(take, school, official, monkeypatch):
    monkeypatch.setattr(uploads, "SMALL", 10)
    upload = take(workbook(children(1, school)))
    for deed in (uploads.commit_upload, uploads.discard_upload, uploads.check_again):
        with pytest.raises(uploads.NotYours):
            deed(upload, by=official, at=clock.now())


def test_a_check_repeated_after_a_commit_changes_nothing(take, school, official):
    upload = take_in(children(1, school), by=official, unit=official.postings.get().unit)
    assert run_check(upload, by=official, at=clock.now()).state == State.COMMITTED


def test_a_job_cancelled_in_the_middle_of_a_commit_writes_nothing(
    take, school, official, monkeypatch
):
    upload = take(workbook(children(1, school)))
    upload = uploads.commit_upload(upload, by=official, at=clock.now(), inline=False)

    def cancel(self, done, total):
        Job.objects.filter(pk=self.pk).update(state=Job.State.CANCELLED)
        raise jobs.Cancelled(self.pk)

    monkeypatch.setattr(jobs.Running, "progress", cancel)
    assert not jobs.run(upload.job_id)
    assert not Student.objects.exists()


# Headers and questions -----------------------------------------------------------------------------
def test_a_header_that_is_only_alike_is_asked_about_once(take, school, official):
    rows = [child(1, school)]
    rows[0]["学生的姓名"] = rows[0].pop("姓名")
    upload = take(workbook(rows))
    assert upload.state == State.MAPPING
    assert upload.counts["rejected"] == upload.counts["rows"] == 1
    upload = uploads.confirm_headers(upload, {"学生的姓名": "name"}, by=official, at=clock.now())
    assert (upload.state, upload.counts["inserted"]) == (State.CHECKED, 1)
    assert HeaderMapping.objects.get().column == "name"
    rows[0]["备注"] = "第二次"
    assert take(workbook(rows)).state == State.CHECKED, "remembered for the unit and kind"


def test_a_mapping_to_no_column_is_refused(take, school, official):
    upload = take(workbook(children(1, school)))
    with pytest.raises(ValueError):
        uploads.confirm_headers(upload, {"备注": "no_such"}, by=official, at=clock.now())


def test_every_fault_of_a_row_is_told_at_once(school, east, official):
    row = child(1, school, 姓名="", 年级="一百年级", 监护人电话="123", 民族="外星族")
    _upload, preview = hand_in([row], by=official, unit=east)
    assert {one.header for one in preview.faults} == {"姓名", "年级", "监护人电话", "民族"}
    assert preview.counts["rejected"] == 1 and preview.counts["errors_total"] == 4
    for one in preview.faults:
        assert one.wrong and one.cure and "123" not in one.message


def test_a_faulty_number_is_shown_masked_and_told_in_no_words(school, east, official):
    wrong = id_number(1)[:-1] + ("1" if id_number(1)[-1] != "1" else "2")
    _upload, preview = hand_in([child(1, school, 身份证号=wrong)], by=official, unit=east)
    fault = next(one for one in preview.faults if one.header == "身份证号")
    assert fault.value == f"{wrong[:4]}{'*' * 10}{wrong[-4:]}"
    assert wrong[6:14] not in fault.message


# What is kept --------------------------------------------------------------------------------------
def test_originals_and_previews_go_after_their_time(take, school, official):
    upload = commit(take(workbook(children(1, school))), by=official)
    keys = upload.file_key, upload.preview_key
    later = clock.now() + timedelta(days=options.get("intake.keep_previews") + 1)
    keeping.clear_kept(at=later)
    upload.refresh_from_db()
    assert (upload.file_key, upload.preview_key) == (keys[0], "")
    assert list(vault.read(keys[0]))
    later = clock.now() + timedelta(days=options.get("intake.keep_originals") + 1)
    keeping.clear_kept(at=later)
    upload.refresh_from_db()
    assert upload.file_key == "" and Student.objects.count() == 1
    with pytest.raises(vault.Gone):
        list(vault.read(keys[0]))


def test_bytes_that_no_row_names_are_swept_after_a_day(take, school):
    upload = take(workbook(children(1, school)))
    orphan = vault.put([b"nobody names me"])
    keeping.clear_kept(at=clock.now())
    assert list(vault.read(orphan)), "a deed under way may still name it"
    keeping.clear_kept(at=clock.now() + timedelta(days=2))
    with pytest.raises(vault.Gone):
        list(vault.read(orphan))
    assert list(vault.read(upload.file_key))


def test_a_commit_whose_original_is_gone_says_so(take, school, official):
    upload = take(workbook(children(1, school)))
    vault.remove(upload.file_key)
    upload = uploads.commit_upload(upload, by=official, at=clock.now())
    assert (upload.state, upload.fault) == (State.UNUSABLE, "original_gone")


# How much it asks ------------------------------------------------------------------------------------
def test_a_check_asks_as_little_for_many_rows_as_for_few(
    take, school, official, django_assert_max_num_queries, settings
):
    few, many = workbook(children(3, school)), workbook(children(300, school))
    take(few)
    with django_assert_max_num_queries(130):
        take(many)
    upload = take(many)
    with django_assert_max_num_queries(170):
        uploads.commit_upload(upload, by=official, at=clock.now())


# Its parts -----------------------------------------------------------------------------------------
def context(**more):
    return Context(user=None, permission="", on=clock.today(), **more)


def test_a_column_reads_equal_cells_once_and_blames_each():
    read = []

    class Once(Text):
        def bind(self, context):
            inner = super().bind(context)
            return lambda cell: read.append(cell) or inner(cell)

    reader = ColumnReader(Once("备注", most=3), context())
    values, told = reader.read(["一", "二", "一", "太长太长", "太长太长"])
    assert values == ["一", "二", "一", BLANK, BLANK]
    assert [(at, what.code) for at, what in told] == [(3, "text_long"), (4, "text_long")]
    assert sorted(read) == sorted({"一", "二", "太长太长"})


def test_a_column_of_distinct_cells_is_read_without_remembering(monkeypatch):
    monkeypatch.setattr(ColumnReader, "TRIED", 3)
    reader = ColumnReader(IdNumber("身份证号"), context())
    numbers = [id_number(n) for n in range(6)]
    reader.read(numbers)
    assert not reader.remembers
    values, told = reader.read([numbers[0], "错", numbers[1], "也错", numbers[2]])
    assert values == [numbers[0], BLANK, numbers[1], BLANK, numbers[2]]
    assert [at for at, _what in told] == [1, 3]


def test_truth_is_not_taken_for_one():
    reader = ColumnReader(Text("备注"), context())
    assert reader.read([1, True, 1.0])[0] == ["1", "TRUE", "1"]


def test_keys_of_several_columns_need_all_of_them():
    class Kind(ReportKind):
        key = ("a", "b")
        a = Text("甲")
        b = Text("乙")

    keys = Keys(Kind())
    chunk = Chunk(1, [2, 3, 4, 5], {"a": ["x", "x", "x", BLANK], "b": ["1", "2", "1", "1"]})
    assert list(keys.twice(chunk, 0)) == [(2, 0, "a")]
