"""Who may write which child, and what happens when two people change the same ones."""

import threading
from datetime import date

import pytest
from django.db import connection, connections, transaction

from common import audit, changes, clock, locks
from common.models import ChangeSet, Event, RowChange
from intake import tokens
from intake.models import Upload
from intake.services import uploads
from intake.services.commits import run_commit
from intake.sheets import ROW_TOKEN
from registry.models import Guardian, Identifier, Student, Transfer
from registry.roles import Role
from tests.intake.rosters import (
    child,
    children,
    commit,
    domain_rows,
    hand_in,
    id_number,
    make_school,
    run_job,
    take_in,
    undo,
)

State = Upload.State


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, name="左旗填报员")


@pytest.fixture
def neighbour(west, officer):
    return officer(west, name="额旗填报员")


def edit_by_hand(student, *, by, **fields):
    """As every deed on a child does it: locked, recorded, in one transaction."""
    with (
        transaction.atomic(),
        changes.record("registry.student_changed", by=by, at=clock.now()) as recorder,
    ):
        recorder.update(Student.objects.select_for_update().get(pk=student.pk), **fields)


# Scope -------------------------------------------------------------------------------------------
def test_nobody_hands_in_for_a_unit_of_others(school, east, neighbour):
    with pytest.raises(uploads.NotYours):
        hand_in(children(1, school), by=neighbour, unit=east)


def test_nobody_without_the_kinds_permission_hands_in(school, east, officer):
    with pytest.raises(uploads.NotYours):
        hand_in(children(1, school), by=officer(east, Role.SUPERVISOR), unit=east)


def test_a_school_of_another_banner_is_refused(school, west, neighbour):
    _upload, preview = hand_in([child(1, school)], by=neighbour, unit=west)
    assert {one.code for one in preview.faults} <= {"unit_not_yours", "unit_unknown"}
    assert preview.counts["rejected"] == 1


def test_a_child_of_another_unit_is_proposed_and_not_written(
    school, east, west, official, neighbour
):
    take_in([child(1, school)], by=official, unit=east)
    before = domain_rows(Student, Identifier, Guardian)
    other = make_school("额旗第一小学", west)
    row = child(1, other, 姓名="改了名") | {"旗(区)": "额济纳旗"}
    upload, preview = hand_in([row, child(2, other) | {"旗(区)": None}], by=neighbour, unit=west)
    assert (preview.counts["conflicts"], preview.counts["inserted"]) == (1, 1)
    fault = preview.faults[0]
    assert (fault.code, fault.params["unit"]) == ("other_unit", "阿左旗第一小学")
    upload = commit(upload, by=neighbour)
    assert upload.state == State.CHECKED and not Transfer.objects.exists()
    upload = commit(upload, by=neighbour, good_rows=True)
    transfer = Transfer.objects.get()
    assert (transfer.from_school, transfer.to_school) == (school, other)
    assert (transfer.source_upload, transfer.source_row) == (upload.pk, 2)
    east_rows = domain_rows(Student, Identifier, Guardian)
    assert all(set(before[table]) <= set(east_rows[table]) for table in before)
    commit(hand_in([row], by=neighbour, unit=west)[0], by=neighbour, good_rows=True)
    assert Transfer.objects.count() == 1, "nobody is asked twice"


def test_a_decided_transfer_outlives_the_undo_of_its_sheet(school, east, west, official, neighbour):
    take_in(children(2, school), by=official, unit=east)
    other = make_school("额旗第一小学", west)
    rows = [child(n, other) | {"旗(区)": None} for n in range(2)]
    upload, _preview = hand_in(rows, by=neighbour, unit=west)
    upload = commit(upload, by=neighbour, good_rows=True)
    decided = Transfer.objects.first()
    Transfer.objects.filter(pk=decided.pk).update(
        decided_at=clock.now(), decided_by=official, accepted=False
    )
    undone = undo(upload, by=neighbour)
    assert [(one.code, one.root_pk) for one in undone.left] == [("frozen", decided.pk)]
    assert list(Transfer.objects.all()) == [decided]


def test_only_who_may_write_there_undoes(school, east, official, neighbour):
    upload = take_in(children(1, school), by=official, unit=east)
    with pytest.raises(uploads.NotYours):
        undo(upload, by=neighbour)
    assert not Upload.objects.visible_to(neighbour).exists()


# Conflicts ---------------------------------------------------------------------------------------
def test_a_row_changed_since_the_preview_is_a_conflict(school, east, official):
    take_in(children(3, school), by=official, unit=east)
    rows = children(3, school)
    rows[0]["备注"], rows[1]["备注"] = "甲", "乙"
    upload, _preview = hand_in(rows, by=official, unit=east)
    edit_by_hand(Student.objects.get(name="那仁"), by=official, ethnicity="01")
    edit_by_hand(Student.objects.get(name="巴图"), by=official, ethnicity="02", remark="手改")
    upload = commit(upload, by=official)
    assert upload.state == State.CHECKED
    assert (upload.counts["conflicts"], upload.counts["updated"]) == (1, 1)
    upload = commit(upload, by=official)
    assert upload.state == State.CHECKED, "asking again does not overlook it"
    upload = commit(upload, by=official, good_rows=True)
    assert upload.state == State.COMMITTED
    remarks = dict(Student.objects.values_list("name", "remark"))
    assert remarks == {"那仁": "", "苏日娜": "乙", "巴图": "手改"}


def test_a_second_commit_of_the_same_children_sees_the_first(school, east, official, officer):
    colleague = officer(east, name="同事")
    one, _preview = hand_in(children(4, school), by=official, unit=east)
    rows = children(6, school)
    rows[1]["姓名"] = "改了名"
    two, preview = hand_in(rows, by=colleague, unit=east)
    assert preview.counts["inserted"] == 6
    commit(one, by=official)
    two = commit(two, by=colleague, good_rows=True)
    assert {name: two.counts[name] for name in ("inserted", "unchanged", "conflicts")} == {
        "inserted": 2,
        "unchanged": 3,
        "conflicts": 1,
    }
    assert Student.objects.count() == 6
    assert not Student.objects.filter(name="改了名").exists()


def test_a_token_finds_its_row_and_tells_that_it_moved_on(school, east, official):
    take_in(children(2, school), by=official, unit=east)
    one, two = Student.objects.order_by("pk")
    make = tokens.maker("students")
    rows = [
        child(0, school, 身份证号=None, 学籍号=None, 备注="有标识"),
        child(1, school, 备注="旧标识"),
    ]
    rows[0]["身份证号"] = "1529**********0009"
    for row, student in zip(rows, (one, two), strict=True):
        row[ROW_TOKEN] = make(student.pk, student.version)
    edit_by_hand(two, by=official, remark="手改")
    rows[0]["身份证号"] = masked(one)
    upload, preview = hand_in(rows, by=official, unit=east)
    assert [(f.code, f.row) for f in preview.faults] == [("stale", 3)]
    assert preview.counts["updated"] == 1
    commit(upload, by=official, good_rows=True)
    assert set(Student.objects.values_list("remark", flat=True)) == {"有标识", "手改"}


def masked(student) -> str:
    number = student.identifiers.exclude(kind="ROLL").get().value
    return f"{number[:4]}{'*' * 10}{number[-4:]}"


def test_a_mask_that_is_not_the_stored_ones_is_a_fault(school, east, official):
    take_in(children(1, school), by=official, unit=east)
    one = Student.objects.get()
    row = child(0, school, 身份证号="1529**********9999")
    row[ROW_TOKEN] = tokens.maker("students")(one.pk, one.version)
    _upload, preview = hand_in([row], by=official, unit=east)
    assert [f.code for f in preview.faults] == ["mask_differs"]
    row[ROW_TOKEN] = None
    _upload, preview = hand_in([row], by=official, unit=east)
    assert [f.code for f in preview.faults] == ["masked_cell"], "a mask says nothing without a row"


# Undo --------------------------------------------------------------------------------------------
def test_undoing_the_earlier_leaves_what_the_later_changed(school, east, official):
    base = take_in(children(3, school), by=official, unit=east)
    rows = children(3, school)
    for row in rows:
        row["班级"] = "甲班"
    a = take_in(rows, by=official, unit=east)
    rows[0]["班级"] = "乙班"
    b = take_in(rows, by=official, unit=east)

    def classes():
        found = Student.objects.order_by("pk").values_list("enrolments__class_name", flat=True)
        return list(found)

    undone = undo(a, by=official)
    assert undone.undone == 2
    assert [(one.code, one.row) for one in undone.left] == [("edited_since", 2)]
    assert classes() == ["乙班", "2班", "2班"]
    assert undo(b, by=official).undone == 1
    assert classes() == ["甲班", "2班", "2班"], "the value of A is back"
    undone = undo(a, by=official)
    assert (undone.undone, undone.left) == (1, [])
    assert classes() == ["2班", "2班", "2班"]
    assert undo(base, by=official).undone == 3
    assert not Student.objects.exists()


def test_what_something_newer_leans_on_stays(school, east, official):
    upload = take_in(children(2, school), by=official, unit=east)
    kept = Student.objects.order_by("pk").first()
    Guardian.objects.create(student=kept, position=2, name="李四")
    undone = undo(upload, by=official)
    assert [(one.code, one.root_pk) for one in undone.left] == [("leaned_on", kept.pk)]
    upload.refresh_from_db()
    assert upload.state == State.COMMITTED
    assert list(Student.objects.all()) == [kept]
    assert kept.identifiers.count() == 2, "a child is left whole"


def test_a_child_edited_by_hand_since_stays(school, east, official):
    upload = take_in(children(2, school), by=official, unit=east)
    kept = Student.objects.order_by("pk").first()
    edit_by_hand(kept, by=official, remark="手改")
    assert [one.code for one in undo(upload, by=official).left] == ["edited_since"]
    assert Student.objects.get().remark == "手改"


def test_an_old_number_that_somebody_else_has_now_is_left(school, east, official):
    take_in([child(1, school)], by=official, unit=east)
    row = child(1, school, 身份证号=id_number(300))
    del row["性别"]
    upload = take_in([row], by=official, unit=east)
    take_in([child(1, school, 学籍号=None)], by=official, unit=east)  # the old number, a new child
    assert Student.objects.count() == 2
    undone = undo(upload, by=official)
    assert (undone.undone, [one.code for one in undone.left]) == (0, ["taken"])


def test_undo_has_a_limit_where_the_bureau_wants_one(school, east, official, settings, clock_at):
    clock_at(date(2025, 9, 10))
    upload = take_in(children(1, school), by=official, unit=east)
    settings.UNDO_DAYS = 30
    clock_at(date(2025, 11, 1))
    with pytest.raises(uploads.CannotUndo):
        undo(upload, by=official)
    settings.UNDO_DAYS = 0
    assert undo(upload, by=official).undone == 1


# What a sheet omits ------------------------------------------------------------------------------
def test_who_is_not_listed_is_told_and_ended_only_by_choice(school, east, official, clock_at):
    clock_at(date(2025, 9, 10))
    take_in(children(3, school), by=official, unit=east)
    elsewhere = make_school("阿左旗第二小学", east)
    take_in([child(9, elsewhere)], by=official, unit=east)
    clock_at(date(2025, 10, 10))
    rows = children(2, school)
    upload, preview = hand_in(rows, by=official, unit=east)
    assert preview.counts["missing"] == 1
    assert [one.subject for one in preview.missing] == ["巴**"]
    before = domain_rows(Student)
    commit(upload, by=official)
    assert domain_rows(Student) == before
    upload, _preview = hand_in(rows + [child(5, school)], by=official, unit=east)
    upload = commit(upload, by=official, end_missing=True)
    ended = Student.objects.get(name="巴图").enrolments.get()
    assert (ended.valid_to, ended.end_reason) == (date(2025, 10, 9), "NOT_LISTED")
    undo(upload, by=official)
    ended.refresh_from_db()
    assert (ended.valid_to, ended.end_reason) == (None, "")


# The log, and what must not be in clear --------------------------------------------------------------
def test_an_import_is_one_event_without_a_personal_value(school, east, official):
    upload = take_in(children(3, school), by=official, unit=east)
    events = Event.objects.filter(verb__startswith="intake.").order_by("pk")
    assert [event.verb for event in events] == ["intake.uploaded", "intake.committed"]
    assert events[1].after["inserted"] == 3
    undo(upload, by=official)
    assert Event.objects.filter(verb="intake.undone").get().after == {"undone": 3, "left": 0}
    told = " ".join(str(event.after) + event.subject_title for event in Event.objects.all())
    for secret in (id_number(1), "13900000001", "那仁", "和平路"):
        assert secret not in told
    assert all(audit.has_label(event.verb) for event in events)


def test_nothing_guarded_lies_in_clear_in_the_database_or_the_files(
    school, east, official, settings
):
    rows = children(4, school)
    rows[3]["身份证号"] = id_number(3)[:-1] + "5"
    upload = take_in(rows, by=official, unit=east, good_rows=True)
    rows[0] |= {"监护人电话": "13811112222", "现住址": "阿拉善左旗秘密路8号"}
    changed = take_in(rows, by=official, unit=east, good_rows=True)
    hand_in([child(7, school)], by=official, unit=east)
    undo(changed, by=official)
    undo(upload, by=official)
    secrets = [id_number(n) for n in (*range(4), 7)] + ["13900000001", "13811112222", "和平路"]
    found = dump() + b"".join(
        path.read_bytes() for path in settings.FILES_ROOT.rglob("*") if path.is_file()
    )
    assert b"intake.committed" in found, "the dump holds something"
    assert [secret for secret in secrets if secret.encode() in found] == []


def dump() -> bytes:
    """Every cell of every table as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found).encode()


# Two at once -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_two_officials_commit_the_same_children_at_once(east, school, officer):
    people = [officer(east, name=f"填报员{n}") for n in range(2)]
    handed = []
    for number, person in enumerate(people):
        rows = children(40, school, first=20 * number)
        for row in rows:
            row["备注"] = f"第{number}份"
        handed.append(hand_in(rows, by=person, unit=east)[0])
    for upload, person in zip(handed, people, strict=True):
        uploads.commit_upload(upload, by=person, at=clock.now(), good_rows=True, inline=False)
    start = threading.Barrier(2)

    def write(pk):
        start.wait()
        run_job(Upload.objects.get(pk=pk))
        connections.close_all()

    threads = [threading.Thread(target=write, args=[upload.pk]) for upload in handed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for upload in handed:
        upload.refresh_from_db()
    assert {upload.state for upload in handed} == {State.COMMITTED}
    assert Student.objects.count() == 60, "no child twice, none lost"
    assert sorted(upload.counts["inserted"] for upload in handed) == [20, 40]
    assert sorted(upload.counts["conflicts"] for upload in handed) == [0, 20]
    assert RowChange.objects.count() == 60


def test_a_commit_waits_for_the_locks_of_its_tables(school, east, official, monkeypatch):
    held = []
    monkeypatch.setattr(locks, "hold", held.append)
    take_in(children(1, school), by=official, unit=east)
    assert held[-1] == "registry.children"


def test_a_job_that_is_run_again_writes_nothing_twice(school, east, official):
    upload = take_in(children(2, school), by=official, unit=east)
    again = run_commit(upload, by=official, at=clock.now())
    assert again.wrote is True
    assert (Student.objects.count(), ChangeSet.objects.count()) == (2, 1)
