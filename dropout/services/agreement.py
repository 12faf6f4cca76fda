"""人账相符: our own cases against an export of the national ledger, child by child. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from dropout.models import Episode, LedgerKind, NationalEntry, NationalList
from registry.models import Identifier, IdKind, Membership, Student, descendants_of


class Difference(models.TextChoices):
    ONLY_OURS = "ONLY_OURS", _("只在本台账")
    ONLY_THEIRS = "ONLY_THEIRS", _("只在国家台账")
    DIFFERS = "DIFFERS", _("两边不一致")


class Field(models.TextChoices):
    """What is compared of a child whom both have."""

    KIND = "KIND", _("类型")
    LEFT_ON = "LEFT_ON", _("辍学时间")


@dataclass(frozen=True)
class Line:
    """A child whom the two do not tell alike."""

    what: Difference
    episode: Episode | None = None
    entry: NationalEntry | None = None
    student: Student | None = None  # ours, also where we have no open case
    fields: tuple[Field, ...] = ()
    listed: bool = False  # on a list of poverty-exit or monitored households


@dataclass(frozen=True)
class Agreement:
    lines: list[Line]
    ours: int
    theirs: int

    def count(self, what: Difference) -> int:
        return sum(line.what == what for line in self.lines)

    @property
    def agree(self) -> int:
        return self.theirs - self.count(Difference.ONLY_THEIRS) - self.count(Difference.DIFFERS)


POVERTY = ("POVERTY_EXIT", "MONITORED_UNSTABLE", "MONITORED_EDGE", "MONITORED_SUDDEN")


def agree(one: NationalList, *, on: date) -> Agreement:
    """Open cases of the list's unit against who stands in the export and has not come back.

    The number alone tells who is who; the portal's own link is only a name for it.
    """
    ours = _ours(one, on)
    theirs = _theirs(one)
    poor = _listed(on)
    numbers = set(theirs)
    papers = Identifier.objects.exclude(kind=IdKind.ROLL).filter(value_index__in=numbers)
    known = {
        paper.value_index: paper.student
        for paper in papers.filter(student__merged_into=None).select_related("student")
    }
    lines = list(_differences(ours, theirs, known, poor))
    return Agreement(lines, len({row.pk for row in ours.values()}), len(theirs))


def _ours(one: NationalList, on: date) -> dict:
    """{number: open episode}; a child with several numbers stands under each."""
    episodes = (
        Episode.objects.open()
        .of_living_cases()
        .select_related("case__student", "case__township", "case__school")
    )
    below = descendants_of(one.unit, on=on)
    by_child = {row.case.student_id: row for row in episodes.filter(case__unit__in=below)}
    papers = Identifier.objects.exclude(kind=IdKind.ROLL).filter(student__in=by_child)
    found = {
        index: by_child[child] for index, child in papers.values_list("value_index", "student")
    }
    numbered = {row.pk for row in found.values()}
    unnumbered = {row.pk: row for row in by_child.values() if row.pk not in numbered}
    return found | unnumbered


def _theirs(one: NationalList) -> dict:
    entries = one.entries.filter(returned_on=None).exclude(closed=True)
    return {entry.id_number_index: entry for entry in entries.select_related("township")}


def _listed(on: date) -> set:
    members = Membership.objects.valid(on).filter(category__in=POVERTY)
    return set(members.exclude(student=None).values_list("student", flat=True))


def _differences(ours: dict, theirs: dict, known: dict, poor: set) -> Iterator[Line]:
    both = {ours[number].pk for number in theirs if number in ours}
    told: set[int] = set()
    for episode in ours.values():
        if episode.pk not in both | told:
            told.add(episode.pk)
            student = episode.case.student
            yield Line(Difference.ONLY_OURS, episode, None, student, (), student.pk in poor)
    for number, entry in theirs.items():
        student = known.get(number)
        listed = student is not None and student.pk in poor
        if number not in ours:
            yield Line(Difference.ONLY_THEIRS, None, entry, student, (), listed)
        elif fields := _differing(ours[number], entry):
            episode = ours[number]
            yield Line(Difference.DIFFERS, episode, entry, episode.case.student, fields, listed)


def _differing(episode: Episode, entry: NationalEntry) -> tuple[Field, ...]:
    kind = episode.kind or LedgerKind.SUSPECTED
    found = []
    if kind != entry.kind:
        found.append(Field.KIND)
    left_on = episode.left_on or episode.absent_since
    if left_on is not None and left_on != entry.left_on:
        found.append(Field.LEFT_ON)
    return tuple(found)
