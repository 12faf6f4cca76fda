"""Showing a child's guarded values whole: with a reason, for some minutes, written down."""

from datetime import datetime, timedelta

from common import audit, options
from registry.models import Student

UNMASKED = "registry.student_unmasked"
MINUTES = "registry.unmasked_minutes"
# Fields of the child's page that are masked, by model and name, as the log names them.
STUDENT_FIELDS = ("registered_address", "home_address")
GUARDIAN_FIELDS = ("phone", "id_number")


def unmask(student: Student, *, by, reason: str, at: datetime) -> datetime:
    """Until when the values stand on the page; the event says which fields, and why."""
    audit.record(UNMASKED, student, by=by, after={"fields": fields_of(student), "reason": reason})
    return at + timedelta(minutes=options.get(MINUTES))


def fields_of(student: Student) -> list[str]:
    """Names of the guarded fields that hold something."""
    found = [name for name in STUDENT_FIELDS if getattr(student, name)]
    if student.identifiers.exists():
        found.append("number")
    guardians = list(student.guardians.all())
    found += [
        f"guardian_{name}" for name in GUARDIAN_FIELDS if any(getattr(g, name) for g in guardians)
    ]
    return found
