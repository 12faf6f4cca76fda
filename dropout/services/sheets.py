"""Deeds on cases that a sheet asks for: recorded with what was there before, so that an undo can go.

An undo takes back what the sheet alone did. A case on which anything else was done since no longer
looks as the sheet has left it, and stays (`edited_since`).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from common import changes
from common.changes.sql import stored_raw
from dropout.models import (
    Case,
    CaseTransfer,
    Closing,
    Correction,
    Episode,
    Notice,
    Placement,
    Responsible,
    RulingOut,
    SheetMark,
    Step,
    Visit,
)
from registry.models import Student

DERIVED = {"state", "state_since", "next_on"}  # time moves them too
GUARDED = {"guarded_cause", "cause_detail"}  # no hash of what is sensitive
TOLD = [
    field.attname for field in Episode._meta.concrete_fields if field.name not in DERIVED | GUARDED
]
COLUMNS = [field.column for field in Episode._meta.concrete_fields]
# What hangs on a case, with the columns that say that somebody has touched it.
PARTS = (
    (Visit, "episode__case", ("withdrawn_at",)),
    (Step, "episode__case", ("withdrawn_at",)),
    (Notice, "episode__case", ("withdrawn_at", "served_on")),
    (Placement, "episode__case", ("withdrawn_at", "ended_on", "attended_on")),
    (Responsible, "episode__case", ("replaced_at",)),
    (RulingOut, "episode__case", ()),
    (Closing, "episode__case", ("withdrawn_at", "decided_at")),
    (CaseTransfer, "case", ("withdrawn_at", "decided_at")),
)


def footprint(case: Case) -> int:
    """A number that differs once anything was done on the case or on its episodes."""
    told = [case.unit_id, case.school_id, case.merged_into_id]
    told += case.episodes.order_by("pk").values_list(*TOLD)
    for model, way, columns in PARTS:
        found = model.objects.filter(**{way: case}).order_by("pk").values_list("pk", *columns)
        told.append((model._meta.model_name, [[str(value) for value in row] for row in found]))
    return crc32(repr([str(one) for one in told]).encode())


def worked_on_since(verbs: dict[int, str]) -> dict[int, str]:
    """Of cases that an undo would put back those that no sheet has left as they are now."""
    left = SheetMark.objects.latest_of(verbs)
    cases = Case.objects.in_bulk(list(verbs))
    return {
        pk: "edited_since"
        for pk in verbs
        if pk not in cases or footprint(cases[pk]) != left.get(pk)
    }


changes.frozen_by(Case, worked_on_since)


@contextmanager
def recorded(
    recorder: changes.Recorder,
    student: Student,
    *,
    sheet: int | None = None,
    row: int | None = None,
) -> Iterator[None]:
    """Record what deeds inside do to the child's case: the case, its episodes, and how it is left."""
    known = Case.objects.of_student(student).first()
    before, corrected = _episodes_of(known), set(_corrections(known).values_list("pk", flat=True))
    yield
    case = Case.objects.of_student(student).first()
    if case is None:
        return
    place = {"sheet": sheet, "row": row}
    if known is None:
        recorder.inserted(case, **place)
    has_changed = False
    for episode in case.episodes.order_by("pk"):
        has_changed |= _record(recorder, episode, before.get(episode.pk), case, place)
    for correction in _corrections(case).exclude(pk__in=corrected):
        recorder.inserted(correction, root=case, **place)
    if has_changed:
        mark = SheetMark(case=case, footprint=footprint(case))
        recorder.insert(mark, root=case, **place)
    else:
        recorder.touch(case)  # an earlier sheet is not the only one any more that found the child


def _episodes_of(case: Case | None) -> dict[int, dict]:
    if case is None:
        return {}
    return {one.pk: json.loads(stored_raw(one, COLUMNS)) for one in case.episodes.all()}


def _corrections(case: Case | None):
    return Correction.objects.filter(episode__case=case).order_by("pk")


def _record(recorder, episode: Episode, before: dict | None, case: Case, place: dict) -> bool:
    if before is None:
        recorder.inserted(episode, root=case, **place)
        return True
    now = json.loads(stored_raw(episode, COLUMNS))
    was = {column: value for column, value in before.items() if now[column] != value}
    if was:
        recorder.updated(episode, was, root=case, **place)
    return bool(was)
