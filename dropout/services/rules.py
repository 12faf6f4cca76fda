"""The thresholds and times in force. Few of them stand in an official document; see the settings."""

from dataclasses import dataclass
from datetime import date

from common import options

CODES = (
    "suspect_days",
    "confirm_days",
    "age_from",
    "age_to",
    "attend_weeks",
    "watch_first",
    "watch_second",
    "watch_third",
    "verify_days",
    "visit_days",
    "steps_in_order",
    "lessons_a_month",
)


@dataclass(frozen=True)
class Rules:
    suspect_days: int
    confirm_days: int
    age_from: int
    age_to: int
    attend_weeks: int
    watch_first: int
    watch_second: int
    watch_third: int
    verify_days: int
    visit_days: int
    steps_in_order: bool
    lessons_a_month: int

    @property
    def watch_days(self) -> list[int]:
        """After how many days somebody looks; 0 in the settings means not at all."""
        return sorted({self.watch_first, self.watch_second, self.watch_third} - {0})

    def is_of_age(self, born_on: date | None, on: date) -> bool:
        """Whether a child is of the age of compulsory schooling; unknown counts as yes."""
        return born_on is None or self.age_from <= age_on(born_on, on) <= self.age_to


def in_force() -> Rules:
    """All of them, in one query."""
    found = options.get_many(*(f"dropout.{code}" for code in CODES))
    return Rules(**{code: found[f"dropout.{code}"] for code in CODES})


def age_on(born_on: date, on: date) -> int:
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
