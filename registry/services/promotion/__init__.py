"""September: a school's children go up a year, its last year leaves, merged schools hand theirs on.

One deed for a school or for all of a banner, looked at before it is done and taken back after it.
The children themselves are written by a few statements for each school and grade.
"""

from registry.services.promotion.deeds import (
    JOB,
    UNDO_JOB,
    NothingToDo,
    ask_to_promote,
    ask_to_undo,
    promote,
    undo_promotion,
)
from registry.services.promotion.past import left_of, sets_of
from registry.services.promotion.plans import (
    DONE,
    NO_FACTS,
    PROMOTED,
    Move,
    Plan,
    SchoolPlan,
    plan_promotion,
)

__all__ = [
    "DONE",
    "JOB",
    "NO_FACTS",
    "PROMOTED",
    "UNDO_JOB",
    "Move",
    "NothingToDo",
    "Plan",
    "SchoolPlan",
    "ask_to_promote",
    "ask_to_undo",
    "left_of",
    "plan_promotion",
    "promote",
    "sets_of",
    "undo_promotion",
]
