"""What a deed changed is kept as it was stored, and put back as it was stored."""

from datetime import date

import pytest
from django.db import connection, transaction

from common import changes, clock
from common.changes import undoing
from common.changes.sql import stored_raw
from common.models import ChangeSet, RowChange
from registry.models import Guardian, Identifier, IdKind, Student
from tests.cast import NOW


@pytest.fixture
def by(officer, east):
    return officer(east)


@pytest.fixture
def deed(by):
    """deed(what) does it, recorded, in a transaction of its own; gives the change set."""

    def do(what, code="test.deed", **more):
        with transaction.atomic(), changes.record(code, by=by, at=NOW, **more) as recorder:
            what(recorder)
        return recorder.change_set

    return do


@pytest.fixture
def child(deed):
    made = Student(name="那仁", born_on=date(2015, 9, 1), home_address="新华街1号")
    deed(lambda recorder: recorder.insert(made))
    return made


def undo(change_set, by, **more):
    return changes.undo(change_set, by=by, at=clock.now(), **more)


def test_a_deed_is_recorded_in_its_transaction_or_not_at_all(transactional_db, officer):
    with (
        pytest.raises(RuntimeError),
        changes.record("test.deed", by=None, at=NOW),
    ):
        pass


def test_an_insert_and_its_parts_are_one_record(child, deed, by):
    def add(recorder):
        recorder.insert(Guardian(student=child, name="巴图"), root=child, sheet=1, row=7)

    change_set = deed(add, subject=child)
    row = RowChange.objects.get(change_set=change_set)
    assert (row.root, row.root_pk, row.verb, row.sheet, row.row) == (
        "registry_student",
        child.pk,
        "U",
        1,
        7,
    )
    child.refresh_from_db()
    assert child.version == 2, "a child grows with its parts"
    assert list(ChangeSet.objects.of(child)) == [change_set]
    assert undo(change_set, by).undone == 1
    assert not Guardian.objects.exists()
    child.refresh_from_db()
    assert child.version == 3


def test_only_what_differs_is_written_and_recorded(child, deed):
    change_set = deed(lambda recorder: recorder.update(child, name="那仁", remark="新"))
    (part,) = RowChange.objects.get(change_set=change_set).parts
    assert part == ["registry_student", child.pk, "U", {"remark": ""}]
    nothing = deed(lambda recorder: recorder.update(child, name="那仁"))
    assert not nothing.rows.exists()


def test_the_first_word_on_a_row_stands(child, deed, by):
    def twice(recorder):
        recorder.update(child, name="一")
        recorder.update(child, name="二", remark="新")

    change_set = deed(twice)
    (part,) = RowChange.objects.get(change_set=change_set).parts
    assert part[3] == {"name": "那仁", "remark": ""}
    undo(change_set, by)
    child.refresh_from_db()
    assert (child.name, child.remark) == ("那仁", "")


def test_ciphertext_is_copied_and_never_made_anew(child, deed, by):
    before = stored_raw(child, ["home_address", "born_on", "source_upload"])
    assert "新华街" not in before
    change_set = deed(
        lambda recorder: recorder.update(
            child, home_address="和平路2号", born_on=None, source_upload=5
        )
    )
    assert "新华街" not in str(RowChange.objects.get(change_set=change_set).parts)
    undo(change_set, by)
    assert stored_raw(child, ["home_address", "born_on", "source_upload"]) == before


def test_a_later_deed_that_was_undone_stands_in_nobodys_way(child, deed, by):
    first = deed(lambda recorder: recorder.update(child, remark="一"))
    second = deed(lambda recorder: recorder.update(child, remark="二"))
    assert [one.code for one in undo(first, by).left] == ["edited_since"]
    undo(second, by)
    assert undo(first, by).left == []
    first.refresh_from_db()
    assert (first.undone_by, RowChange.objects.filter(undone_at=None).count()) == (by, 1)


def test_a_deed_undone_as_a_whole_is_undone_whole_or_not(child, deed, by):
    other = Student(name="巴图")
    deed(lambda recorder: recorder.insert(other))

    def both(recorder):
        recorder.update(child, remark="一")
        recorder.update(other, remark="一")

    change_set = deed(both)
    deed(lambda recorder: recorder.update(other, remark="二"))
    with pytest.raises(undoing.NotAsAWhole) as told:
        undo(change_set, by, whole=True)
    assert [one.root_pk for one in told.value.left] == [other.pk]
    child.refresh_from_db()
    assert child.remark == "一"


def test_who_may_not_write_a_record_does_not_put_it_back(child, deed, by):
    change_set = deed(lambda recorder: recorder.update(child, remark="一"))
    undone = undo(change_set, by, may_undo=lambda table, pks: set())
    assert [(one.code, one.root) for one in undone.left] == [("not_yours", "registry_student")]


def test_a_row_that_a_left_one_leans_on_is_left_too(deed, by):
    """Two records of one deed, one pointing at the other; the pointing one was edited since."""
    into, merged = Student(name="甲"), Student(name="乙")

    def make(recorder):
        recorder.insert(into)
        merged.merged_into = into
        recorder.insert(merged)

    change_set = deed(make)
    deed(lambda recorder: recorder.update(merged, remark="后来"))
    left = {one.root_pk: one.code for one in undo(change_set, by).left}
    assert left == {merged.pk: "edited_since", into.pk: "leaned_on"}
    assert Student.objects.count() == 2


def test_an_old_value_that_is_taken_is_found_among_many(deed, by):
    """One in eight cannot be put back: the others are, and it alone is told."""
    people = [Student(name=str(n)) for n in range(8)]
    papers = []

    def make(recorder):
        for number, one in enumerate(people):
            recorder.insert(one)
            paper = Identifier(
                student=one,
                kind=IdKind.PASSPORT,
                value=f"P{number}",
                value_index=f"{number:032x}",
                valid_from=date(2020, 1, 1),
            )
            papers.append(recorder.insert(paper, root=one))

    deed(make)

    def end(recorder):
        for one, paper in zip(people, papers, strict=True):
            recorder.update(paper, root=one, valid_to=date(2025, 1, 1))

    ended = deed(end)
    Identifier.objects.create(
        student=people[0],
        kind=IdKind.PASSPORT,
        value="P5",
        value_index=f"{5:032x}",
        valid_from=date(2025, 2, 1),
    )
    undone = undo(ended, by)
    assert undone.undone == 7
    assert [(one.code, one.root_pk) for one in undone.left] == [("taken", people[5].pk)]
    still_ended = Identifier.objects.exclude(valid_to=None)
    assert [paper.student for paper in still_ended] == [people[5]]


def test_an_undo_leaves_no_table_behind(child, deed, by):
    change_set = deed(lambda recorder: recorder.update(child, remark="一"))
    undo(change_set, by)
    assert undoing.CHANGES not in temporary_tables()


def temporary_tables() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_temp_master WHERE type = 'table'")
        else:
            cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 't'")
        return {name for (name,) in cursor.fetchall()}
