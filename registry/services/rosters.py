"""What a roster means beyond the rows it writes: children whom another school holds, or none lists."""

from datetime import date, datetime

from common import changes
from common.models import ChangeSet
from registry.models import Enrolment, Student, Transfer, Unit, descendants_of
from registry.services.transfers import tell_holders


def earliest_open(children: set[int], on: date) -> dict[int, Enrolment]:
    """The enrolment that counts for each child, where one is open."""
    found: dict[int, Enrolment] = {}
    open_ones = Enrolment.objects.open(on).filter(student__in=children)
    for enrolment in open_ones.order_by("-valid_from", "-pk"):
        found[enrolment.student_id] = enrolment
    return found


def propose_transfers(
    wanted: list[dict], *, by, at: datetime, on: date, recorder: changes.Recorder
) -> int:
    """Ask the units that hold the children; part of the deed that found them in a sheet.

    Each of `wanted` says student, to_school, grade, class_name and source. Who is already asked
    about, or goes to that school anyway, is not asked about again. Returns how many are new.
    """
    children = {one["student"] for one in wanted}
    held = earliest_open(children, on)
    asked = set(
        Transfer.objects.open()
        .filter(student__in=children)
        .values_list("student_id", "to_school_id")
    )
    proposed: list[Transfer] = []
    for one in wanted:
        key = (one["student"], one["to_school"])
        holder = held.get(one["student"])
        if key in asked or (holder and holder.school_id == one["to_school"]):
            continue
        asked.add(key)
        transfer = Transfer(
            student_id=one["student"],
            from_school_id=holder.school_id if holder else None,
            to_school_id=one["to_school"],
            grade=one["grade"],
            class_name=one["class_name"],
            proposed_by=by,
            proposed_at=at,
            **one["source"],
        )
        source = one["source"]
        recorder.insert(transfer, sheet=source["source_sheet"], row=source["source_row"])
        proposed.append(transfer)
    tell_holders(proposed, by=by, at=at)
    return len(proposed)


def schools_about(change_set: ChangeSet, unit: Unit, *, on: date) -> set[int]:
    """The schools whose children a roster may have changed: those under the unit that handed it in,
    where children came that an undo has removed, and those of all children that it wrote."""
    under = Unit.objects.of_kinds([Unit.Kind.SCHOOL]).filter(pk__in=descendants_of(unit, on=on))
    written = change_set.rows.filter(root=Student._meta.db_table).values("root_pk")
    gone_to = Enrolment.objects.filter(student__in=written).order_by().values_list("school")
    return {*under.values_list("pk", flat=True), *(pk for (pk,) in gone_to.distinct())}


def places_of(enrolments: list[int]) -> dict[int, tuple[str, str]]:
    """{enrolment: (the child's name, school and class)} for lists of who is missing."""
    found = Enrolment.objects.filter(pk__in=enrolments).select_related("student", "school")
    return {
        one.pk: (
            one.student.name,
            f"{one.school.short} {one.get_grade_display()} {one.class_name}".rstrip(),
        )
        for one in found
    }
