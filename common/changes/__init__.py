"""Deeds that wrote many rows and can be taken back: what they changed, and taking it back.

Every deed that edits a record which sheets may write (children, schools, members of lists) records
through here, by hand too: an undo of an earlier deed then knows what was edited since.

    with changes.record("registry.student_changed", by=by, at=at) as recorder:
        recorder.update(student, name="那仁", source_upload=None)
        recorder.insert(Guardian(student=student, name="…"), root=student)
    …
    changes.undo(change_set, by=by, at=at)
"""

from common.changes.recording import Recorder, record
from common.changes.register import derived, frozen_by
from common.changes.undoing import Left, Undone, undo

__all__ = [
    "Left",
    "Recorder",
    "Undone",
    "derived",
    "frozen_by",
    "record",
    "undo",
]
