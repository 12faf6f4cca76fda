"""What the registry learns of cases: who reads a child through one, and what a merge does to two."""

from datetime import datetime

from django.utils.translation import gettext as _

from common import changes
from dropout.models import Case, CaseTransfer, Episode
from dropout.services import touched
from dropout.services.deeds import day_of, grow, hold_case
from registry.models import Student, read_through
from registry.services.merging import BothHave, settled_by

PLACES = ("unit", "school", "township")


@read_through
def children_with_cases(units):
    """Children of whom one of the units keeps the case."""
    return Case.objects.living().filter(unit__in=units).values("student")


@settled_by
def settle_cases(
    keep: Student, drop: Student, recorder: changes.Recorder, *, by, at: datetime
) -> None:
    """Two cases of one child become one; two open episodes must be settled by people first."""
    pair = [Case.objects.of_student(one).first() for one in (keep, drop)]
    if None in pair:
        return  # the one case, if any, is repointed with the other rows
    by_student = {case.student_id: hold_case(case.pk) for case in sorted(pair, key=lambda c: c.pk)}
    stays, goes = by_student[keep.pk], by_student[drop.pk]
    if all(case.episodes.open().exists() for case in (stays, goes)):
        raise BothHave(_("未了结的控辍保学个案"))
    places = {name: getattr(stays, name) for name in PLACES}
    if goes.episodes.open().exists():  # whoever works on it goes on
        places = {name: getattr(goes, name) for name in PLACES}
    units = {stays.unit_id, goes.unit_id}
    recorder.update(stays, root=keep, **places)
    for transfer in CaseTransfer.objects.open().filter(case=goes):
        recorder.update(transfer, root=keep, withdrawn_at=at)
    _join(stays, goes, keep, recorder)
    recorder.update(goes, root=keep, merged_into=stays)
    grow(stays)
    since = stays.episodes.order_by("found_on").values_list("found_on", flat=True).first()
    touched.touch(touched.OF_CASES, units, since=since or day_of(at), on=day_of(at))


def _join(stays: Case, goes: Case, keep: Student, recorder: changes.Recorder) -> None:
    """All episodes in one case, in the order in which they happened; the open one is the last.

    They get numbers that neither case has given, so that an undo meets none of its own.
    """
    episodes = sorted(
        Episode.objects.filter(case__in=(stays, goes)),
        key=lambda one: (one.is_open, one.found_on, one.pk),
    )
    highest = max(one.number for one in episodes)
    for number, one in enumerate(episodes, start=highest + 1):
        recorder.update(one, root=keep, number=number, case=stays)
