"""What became of each case of a deed on many, as the page lists it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dropout.models import Case


@dataclass(frozen=True)
class Line:
    case: Case
    refusals: list[str]

    @property
    def is_done(self) -> bool:
        return not self.refusals

    @property
    def says(self) -> str:
        return _("；").join(self.refusals) or _("已办")


def results_of(told: dict[str, list], cases: dict[int, Case]) -> list[Line]:
    """A line for each case; those that were refused come first."""
    refusals: dict[int, list[str]] = {}
    for results in told.values():
        for one in results:
            refusals.setdefault(one.case, []).extend([one.says] if one.refused else [])
    lines = [Line(cases[pk], said) for pk, said in refusals.items() if pk in cases]
    return sorted(lines, key=lambda line: line.is_done)
