"""Student aid: what there is, who is in need, what each child is to get."""

from subsidies.models.awards import Award
from subsidies.models.programmes import Confidence, Level, Programme, Stage, Standard, stage_of
from subsidies.models.recognitions import NoticeRun, Recognition

__all__ = [
    "Award",
    "Confidence",
    "Level",
    "NoticeRun",
    "Programme",
    "Recognition",
    "Stage",
    "Standard",
    "stage_of",
]
