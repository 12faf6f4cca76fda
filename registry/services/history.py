"""What was changed on a child, by whom and when, and taking back what was done by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models, transaction
from django.utils.dateparse import parse_date

from common import audit, changes, locks
from common.audit import verb_label
from common.changes.undoing import NotAsAWhole
from common.crypto import EncryptedField
from common.models import ChangeSet, RowChange
from registry.models import Enrolment, Guardian, Identifier, Membership, Student, Transfer
from registry.services import students
from registry.services.enrolled import touch_enrolled
from registry.services.lists import link_members

UNDONE = "registry.change_undone"
# The parts of a child's record; `RowChange` names their tables.
PARTS: dict[str, type[models.Model]] = {
    model._meta.db_table: model
    for model in (Student, Identifier, Guardian, Enrolment, Membership, Transfer)
}
ROOT = Student._meta.db_table
# Columns that say nothing to a reader.
SILENT = {"version", "source_upload", "source_sheet", "source_row", "kept_by_id", "student_id"}


class CannotUndo(Exception):
    """Something speaks against it; `code` as `common.changes` names it."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Was:
    """One field that a deed changed. Guarded values are not told, only that they were others."""

    label: str
    value: str = ""
    guarded: bool = False


@dataclass(frozen=True)
class Entry:
    """One deed on a child, as its history tells it."""

    change: RowChange
    label: str
    fields: list[Was] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    may_undo: bool = False

    @property
    def change_set(self) -> ChangeSet:
        return self.change.change_set


# Deeds that are taken back from the child's own page: code → (change_set, by=, at=).
_undoers: dict[str, Callable] = {}


def undone_from_page(*codes: str):
    """Declare how deeds of these codes are taken back, one at a time, from the child's page."""

    def register(function):
        _undoers.update(dict.fromkeys(codes, function))
        return function

    return register


def history_of(student: Student) -> list[Entry]:
    """The latest deed first. Only the last one that stands can be taken back from here."""
    rows = (
        RowChange.objects.filter(root=ROOT, root_pk=student.pk)
        .select_related("change_set__by")
        .order_by("-pk")
    )
    entries, top = [], True
    for row in rows:
        standing = row.undone_at is None
        entries.append(
            Entry(
                row,
                verb_label(row.change_set.code),
                list(_changed(row.parts)),
                list(_added(row.parts)),
                may_undo=standing and top and row.change_set.code in _undoers,
            )
        )
        top = top and not standing
    return entries


def _changed(parts: list):
    for table, _pk, verb, *before in parts:
        if verb != RowChange.Verb.UPDATED or table not in PARTS:
            continue
        for column, value in before[0].items():
            if column in SILENT or column.endswith("_index"):
                continue
            found = _field(PARTS[table], column)
            if isinstance(found, EncryptedField) or column == "name":
                yield Was(str(found.verbose_name), guarded=True)
            else:
                yield Was(str(found.verbose_name), _said(found, value))


def _added(parts: list):
    for table, _pk, verb, *_before in parts:
        if verb == RowChange.Verb.INSERTED and table in PARTS:
            yield str(PARTS[table]._meta.verbose_name)


def _field(model: type[models.Model], column: str) -> models.Field:
    return next(one for one in model._meta.concrete_fields if one.column == column)


def _said(found: models.Field, value) -> str:
    """A stored value in words; a foreign key is looked up by the page, not here."""
    if value is None or value == "":
        return ""
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(found, models.DateField):
        day = parse_date(str(value)[:10])
        return day.isoformat() if day else ""
    return "" if found.is_relation else str(value)


def change_and_child(pk: int, among) -> tuple[RowChange, Student] | None:
    """One line of a history and its child, if the child is among these."""
    found = RowChange.objects.filter(root=ROOT, pk=pk).select_related("change_set").first()
    student = found and among.filter(pk=found.root_pk).first()
    return (found, student) if student else None


# Taking back -----------------------------------------------------------------------------------------
def undo(change_set: ChangeSet, *, student: Student, by, at: datetime) -> ChangeSet:
    """Take a deed on this child back, whole or not at all. CannotUndo says what stands in the way."""
    if change_set.undone_at or change_set.code not in _undoers:
        raise CannotUndo("done")
    try:
        with transaction.atomic():
            locks.hold(students.LOCK)
            _undoers[change_set.code](change_set, by=by, at=at)
            audit.record(UNDONE, student, by=by, after={"deed": verb_label(change_set.code)})
    except NotAsAWhole as refused:
        raise CannotUndo(refused.left[0].code) from None
    change_set.refresh_from_db()
    return change_set


@undone_from_page(
    students.CHANGED,
    students.NUMBER,
    students.GUARDIAN,
    students.ENROLLED,
    students.ENROLMENT,
    students.ENDED,
)
def undo_by_hand(change_set: ChangeSet, *, by, at: datetime) -> None:
    schools = schools_of(change_set)
    changes.undo(change_set, by=by, at=at, whole=True)
    settle(change_set, schools, on=at.date())


def schools_of(change_set: ChangeSet) -> dict[int, date]:
    """{school: since when} of the enrolments that a set wrote, as they stand before it is undone."""
    table = Enrolment._meta.db_table
    pks = {
        part[1]
        for parts in change_set.rows.values_list("parts", flat=True)
        for part in parts
        if part[0] == table
    }
    found: dict[int, date] = {}
    ordered = sorted(pks)
    for start in range(0, len(ordered), 900):
        some = Enrolment.objects.filter(pk__in=ordered[start : start + 900])
        for school, first in some.values_list("school", "valid_from"):
            found[school] = min(first, found.get(school, first))
    return found


def settle(change_set: ChangeSet, schools: dict[int, date], *, on: date) -> None:
    """After children were written or put back: figures, and who on outside lists they are."""
    for school, since in schools.items():
        touch_enrolled([school], since=since, on=on)
    pks = list(change_set.rows.filter(root=ROOT).values_list("root_pk", flat=True))
    link_members(students=pks) if len(pks) <= 500 else link_members()
