"""Which numbers a change of enrolments moves: children at school, by stage, of every unit above."""

from collections.abc import Iterable
from datetime import date

from common import figures
from common.periods import Kind, between
from registry.models import Grade, Unit

ALL = "registry.enrolled"
# Code of the figure → the grades it counts, by their first digit.
STAGES = {
    ALL: "01234",
    "registry.enrolled_kindergarten": "0",
    "registry.enrolled_compulsory": "12",
    "registry.enrolled_senior": "34",
}


def grades_of(code: str) -> list[str]:
    """The grades of a stage."""
    return [grade.value for grade in Grade if grade.value[0] in STAGES[code]]


def touch_enrolled(schools: Iterable[int], *, since: date, on: date) -> None:
    """Say that from a day on other children go to these schools than before."""
    units = Unit.objects.filter(below__descendant__in=set(schools)).distinct()
    periods = [period for kind in Kind for period in between(kind, since, max(since, on))]
    for code in STAGES:
        figures.touch(code, units, periods)
