"""What follows from a month's return: a suspected case for each child that is away too long.

A child of whom there is an open episode is told of there and gets no second one. What a return alone
has raised goes again when the return is undone, unless somebody has worked on it since.
"""

from datetime import datetime

from common import changes
from common.models import ChangeSet
from dropout.models import AttendanceLine, Case, Source
from dropout.services import cases, touched
from dropout.services.deeds import day_of
from dropout.services.ledgers import written_rows
from dropout.services.refusals import Refused
from dropout.services.rules import in_force
from dropout.services.sheets import recorded

RAISED = "dropout.suspected_by_return"


def follow_lines(change_set: ChangeSet, *, by, at: datetime) -> None:
    """What cases must know of lines that were just written, or just taken back."""
    raised = list(ChangeSet.objects.of(change_set).standing().filter(code=RAISED))
    if change_set.rows.exclude(undone_at=None).exists():
        for one in raised:
            take_back(one, by=by, at=at)
    elif not raised:
        raise_suspicions(change_set, by=by, at=at)


def raise_suspicions(change_set: ChangeSet, *, by, at: datetime) -> int:
    """Suspect the children whom the set's lines tell to be away too long; how many they are."""
    lines = [
        line for line in too_long(written_rows(change_set, AttendanceLine), at) if _is_news(line)
    ]
    if not lines:
        return 0
    count = 0
    with changes.record(RAISED, by=by, at=at, subject=change_set) as recorder:
        for line in lines:
            place = {"sheet": line.source_sheet, "row": line.source_row}
            with recorded(recorder, line.student, **place):
                count += _suspect(line, by=by, at=at)
    return count


def too_long(lines, at: datetime) -> list[AttendanceLine]:
    """Of these lines those of children on the roll who are away as many days as the settings say."""
    today, days = day_of(at), in_force().suspect_days
    away = lines.absent().exclude(student=None).of_roll().not_back_since()
    found = away.select_related("student").order_by("school", "grade", "class_name", "pk")
    return [line for line in found if line.days_away_by(today) >= days]


def _is_news(line: AttendanceLine) -> bool:
    """Not of an absence that was looked into before: ruled out, settled, or over since."""
    case = Case.objects.of_student(line.student).first()
    latest = case.latest if case else None
    if latest is None:
        return True
    if not latest.is_open:
        return latest.ended_on < line.absent_since
    placement = latest.placements.in_place().first()
    return placement is None or placement.began_on <= line.absent_since


def _suspect(line: AttendanceLine, *, by, at: datetime) -> bool:
    """A child that is past the age, or of nobody's unit, is none of ours: False."""
    try:
        cases.suspect(
            line.student,
            source=Source.ATTENDANCE,
            found_on=day_of(at),
            absent_since=line.absent_since,
            by=by,
            at=at,
        )
    except Refused:
        return False
    return True


# Taking back ---------------------------------------------------------------------------------------
def take_back(raised: ChangeSet, *, by, at: datetime) -> changes.Undone:
    """Undo the suspicions of a return; those of children who are still told to be away stay."""
    cases_of_set = Case.objects.filter(
        pk__in=raised.rows.filter(root=Case._meta.db_table).values("root_pk")
    )
    units = set(cases_of_set.values_list("unit", flat=True))
    undone = changes.undo(raised, by=by, at=at, may_undo=_no_longer_away)
    codes = (*touched.OF_CASES, touched.LESSONS)
    touched.touch(codes, units, since=day_of(raised.at), on=day_of(at))
    return undone


def _no_longer_away(table: str, pks: set[int]) -> set[int]:
    told = AttendanceLine.objects.absent().not_back_since().values("student")
    return pks - set(Case.objects.filter(pk__in=pks, student__in=told).values_list("pk", flat=True))
