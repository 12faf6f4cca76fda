"""In which rows of grades the children of a school rise, by its type and by six-three or five-four."""

from django.utils.translation import gettext_lazy as _

from registry.models import Grade, School

# The years of each type of school, first to last. Where an examination stands between two stages
# (junior to senior) nobody goes up by himself.
_PRIMARY = (Grade.P1, Grade.P2, Grade.P3, Grade.P4, Grade.P5, Grade.P6)
_JUNIOR = (Grade.J1, Grade.J2, Grade.J3)
_KINDERGARTEN = (Grade.K1, Grade.K2, Grade.K3)
_SENIOR = (Grade.S1, Grade.S2, Grade.S3)
_VOCATIONAL = (Grade.V1, Grade.V2, Grade.V3)
_FIVE = _PRIMARY[:5]  # five years of primary school, then four of junior
_FOUR = (*_JUNIOR, Grade.J4)
T = School.Type
_THROUGH = frozenset({T.NINE_YEAR, T.TWELVE_YEAR, T.SPECIAL})  # primary and junior under one roof


def ladders(type_: str, system: str) -> list[tuple[Grade, ...]]:
    """The rows of grades in which a school's children rise; the last of each row leaves."""
    five_four = system == School.System.FIVE_FOUR
    primary, junior = (_FIVE, _FOUR) if five_four else (_PRIMARY, _JUNIOR)
    compulsory = [(*primary, *junior)] if type_ in _THROUGH else [primary, junior]
    return [_KINDERGARTEN, (Grade.K4,), *compulsory, _SENIOR, _VOCATIONAL]


def next_grade(grade: str, type_: str, system: str) -> Grade | None:
    """The grade of next year; None where the child leaves the school."""
    for ladder in ladders(type_, system):
        if grade in ladder:
            place = ladder.index(grade) + 1
            return ladder[place] if place < len(ladder) else None
    raise KeyError(grade)


# Where primary school has five years, 六年级 is the first of junior school: the stage names them.
_OF_FOUR = {Grade.J1: _("初一"), Grade.J2: _("初二"), Grade.J3: _("初三"), Grade.J4: _("初四")}


def label_of(grade: str, system: str) -> str:
    """A grade as the schools of a system call it."""
    if system == School.System.FIVE_FOUR and grade in _OF_FOUR:
        return str(_OF_FOUR[Grade(grade)])
    return str(Grade(grade).label)
