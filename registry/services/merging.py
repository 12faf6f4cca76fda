"""Two records of one child become one, with everything that points at them; and it can be undone."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q

from common import audit, changes, locks
from common.models import ChangeSet, StoredFile
from registry import identity
from registry.models import Enrolment, Finding, Guardian, Identifier, IdKind, Student, Transfer
from registry.services import history, students
from registry.services.enrolled import touch_enrolled
from registry.services.lists import link_members

MERGED = "registry.students_merged"
# What the record that stays takes over where it has nothing itself.
FACTS = ("sex", "ethnicity", "born_on", "residence", "registered_address", "home_address", "remark")


# What other apps settle before their rows are repointed: (keep, drop, recorder, by=, at=).
_settlers: list[Callable] = []


def settled_by(settler: Callable) -> Callable:
    """Declare what makes room where each of two records may have one of something."""
    _settlers.append(settler)
    return settler


class SameRecord(Exception):
    """A record cannot be merged with itself, or with one that is merged already."""


class BothHave(Exception):
    """Each of the two has one of something of which a child has one only; `what` names it."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


def merge_students(keep: Student, drop: Student, *, by, at: datetime) -> ChangeSet:
    """Everything that points at `drop` points at `keep` from now on; `drop` is seen no more."""
    if keep.pk == drop.pk:
        raise SameRecord(keep.pk)
    with transaction.atomic():
        locks.hold(students.LOCK)
        pair = Student.objects.living().select_for_update(of=("self",))
        found = {one.pk: one for one in pair.filter(pk__in=(keep.pk, drop.pk)).order_by("pk")}
        if len(found) < 2:
            raise SameRecord(keep.pk)
        keep, drop = found[keep.pk], found[drop.pk]
        schools = {one.school_id: one.valid_from for one in Enrolment.objects.filter(student=drop)}
        with changes.record(MERGED, by=by, at=at, subject=keep) as recorder:
            _take_over_facts(keep, drop, recorder)
            _settle_numbers(keep, drop, recorder, on=at.date())
            _settle_enrolments(keep, drop, recorder, on=at.date())
            _settle_transfers(keep, drop, recorder, by=by, at=at)
            for settler in _settlers:
                settler(keep, drop, recorder, by=by, at=at)
            moved = dict(_repoint(keep, drop, recorder))
            _repoint_pointers(keep, drop, recorder)
            recorder.update(drop, merged_into=keep)
        for school, since in schools.items():
            touch_enrolled([school], since=since, on=at.date())
        link_members(students=[keep.pk, drop.pk])
        audit.record(MERGED, keep, by=by, after={"merged": str(drop), "repointed": moved})
    return recorder.change_set


def _take_over_facts(keep: Student, drop: Student, recorder: changes.Recorder) -> None:
    facts = {
        name: getattr(drop, name)
        for name in FACTS
        if getattr(keep, name) in (None, "") and getattr(drop, name) not in (None, "")
    }
    if facts:
        recorder.update(keep, **students.sealed(Student, facts))


def _settle_numbers(keep: Student, drop: Student, recorder, *, on: date) -> None:
    """One paper and one roll number are current: those of the record that stays."""
    for rolls in (True, False):
        mine = keep.identifiers.current().filter(kind=IdKind.ROLL)
        theirs = drop.identifiers.current().filter(kind=IdKind.ROLL)
        if not rolls:
            mine = keep.identifiers.current().exclude(kind=IdKind.ROLL)
            theirs = drop.identifiers.current().exclude(kind=IdKind.ROLL)
        if mine.exists():
            for old in theirs:
                recorder.update(old, root=keep, valid_to=max(old.valid_from, on))


def _settle_enrolments(keep: Student, drop: Student, recorder, *, on: date) -> None:
    """Both open at one school: the later one was entered twice."""
    mine = {one.school_id: one for one in keep.enrolments.filter(valid_to=None)}
    for theirs in drop.enrolments.filter(valid_to=None, school__in=mine):
        pair = sorted((mine[theirs.school_id], theirs), key=lambda one: (one.valid_from, one.pk))
        twice = pair[1]
        reason = Enrolment.End.DOUBLE
        recorder.update(twice, root=keep, valid_to=twice.valid_from, end_reason=reason)


def _settle_transfers(keep: Student, drop: Student, recorder, *, by, at: datetime) -> None:
    """Both asked for by one school: one question is enough."""
    asked = Transfer.objects.open().filter(student=keep).values("to_school")
    for twice in Transfer.objects.open().filter(student=drop, to_school__in=asked):
        recorder.update(twice, root=keep, decided_by=by, decided_at=at, accepted=False)


def _repoint(keep: Student, drop: Student, recorder) -> Iterator[tuple[str, int]]:
    """Every row of every model with a foreign key to a child, later apps' included."""
    next_position = students.next_position(keep)
    for relation in Student._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue  # no far end of a foreign key; a table between two models has keys of its own
        model, name = relation.related_model, relation.field.name
        rows = list(model._base_manager.filter(**{name: drop.pk}).order_by("pk"))
        for row in rows:
            facts = {name: keep}
            if model is Guardian:
                facts["position"], next_position = next_position, next_position + 1
            _point(row, facts, keep, recorder)
        if rows:
            yield str(model._meta.verbose_name), len(rows)


def _repoint_pointers(keep: Student, drop: Student, recorder) -> None:
    """What points by code and number: files at once, findings unless the same is open on both."""
    for model in (StoredFile, Finding):
        there = dict(subject_code=Student._meta.label_lower, subject_pk=str(drop.pk))
        for row in model.objects.filter(**there).order_by("pk"):
            with suppress(BothHave):
                _point(row, {"subject_pk": str(keep.pk)}, keep, recorder)


def _point(row: models.Model, facts: dict, keep: Student, recorder: changes.Recorder) -> None:
    try:
        with transaction.atomic():
            recorder.update(row, root=keep, **facts)
    except IntegrityError:
        raise BothHave(str(row._meta.verbose_name)) from None


@history.undone_from_page(MERGED)
def undo_merge(change_set: ChangeSet, *, by, at: datetime) -> None:
    """Both records as they were, or nothing: half a merge would mix two children."""
    schools = history.schools_of(change_set)
    changes.undo(change_set, by=by, at=at, whole=True)
    history.settle(change_set, schools, on=at.date())


# Who may be the same child -----------------------------------------------------------------------------
def candidates(student: Student, among) -> models.QuerySet:
    """Other records of maybe the same child: same name and birth, or a roll number made of the number.

    A hint for people: nothing is merged by itself.
    """
    alike = Q(pk__in=[])
    if student.born_on:
        alike = Q(name=student.name, born_on=student.born_on)
    indexes = [
        identity.number_index(other)
        for one in student.identifiers.all()
        for other in _other_forms(one)
    ]
    known = Identifier.objects.filter(student=OuterRef("pk"), value_index__in=indexes)
    return among.exclude(pk=student.pk).filter(alike | Exists(known)).order_by("pk")


def other_records(student: Student, among, *, number="", name="", born_on=None) -> models.QuerySet:
    """Records that a person looks for: by a number held now or once, or by name and birth."""
    if number:
        held = Identifier.objects.filter(
            student=OuterRef("pk"), value_index=identity.number_index(number)
        )
        found = among.filter(Exists(held))
    else:
        found = among.filter(name=name, born_on=born_on)
    return found.exclude(pk=student.pk).order_by("pk")


def went_into(pk: int, keep: Student) -> bool:
    """Whether a record was merged into this one already."""
    return Student.objects.filter(pk=pk, merged_into=keep).exists()


def _other_forms(one: Identifier) -> list[str]:
    """A roll number G… is made of the identity number behind it."""
    if one.kind == IdKind.ROLL:
        return [one.value[1:]] if one.value.startswith("G") else []
    return [f"G{one.value}", one.value]
