"""Counts of 1 to 4 people are not shown to a viewer whose posting does not cover the unit.

Pure functions over one row: parts and, where it is shown, their total. Where the total is shown
and a hidden part could be worked out from it, a second part is hidden too; where there is no
second part to hide, the total.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

LEAST = 5  # the smallest count of people that everyone may see
SMALL = f"<{LEAST}"
MASK = "＊"  # data: hidden only so that another cannot be worked out
TOTAL = "TOTAL"  # the key of the total in what `hidden` returns


@dataclass(frozen=True)
class People:
    """A number of people, or a rate of them; None where there is no number to show."""

    number: Decimal | int | None
    of: Decimal | int | None = None  # the denominator of a rate
    covered: bool = False  # the viewer's posting covers the unit: nothing is hidden from them

    @property
    def is_small(self) -> bool:
        """A few people: those counted or, in a rate, those left out. Zero tells of nobody."""
        if self.number is None:
            return False
        return is_small(self.number) or (self.of is not None and is_small(self.of - self.number))

    @property
    def size(self):
        return self.number if self.of is None else self.of


def is_small(number) -> bool:
    return number is not None and 0 < number < LEAST


def hidden(parts: dict[Hashable, People], total: People | None = None) -> set[Hashable]:
    """The keys of what to hide in a row; `TOTAL` among them where the total must go."""
    out = {key for key, part in parts.items() if part.is_small and not part.covered}
    if total is None:
        return out
    if total.is_small and not total.covered:
        return out | {TOTAL}
    while _can_be_worked_out(parts, out):
        others = [
            (part.size, place, key)
            for place, (key, part) in enumerate(parts.items())
            if key not in out and not part.covered and part.size
        ]
        if not others:
            return out | {TOTAL}
        out.add(min(others)[2])
    return out


def _can_be_worked_out(parts: dict, out: set) -> bool:
    """Whether the total, and what "<5" and the mask themselves say, leave only one way."""
    if not out:
        return False
    if any(parts[key].of is not None for key in out):
        return len(out) == 1  # hidden rates all look the same
    few = sum(is_small(parts[key].number) for key in out)
    masked = len(out) - few  # each at least 5, else it would read "<5"
    left = sum(parts[key].number for key in out)
    most = few * (LEAST - 1)
    sums = [
        n for n in range(few, most + 1) if (left - n >= masked * LEAST if masked else n == left)
    ]
    return few > 0 and (len(sums) == 1 if few == 1 else sums in ([few], [most]))


def shown(part: People, *, is_hidden: bool) -> str | None:
    """What stands in the place of a hidden count: "<5", or the mask; None: show the number.

    Of a hidden rate only the light is shown.
    """
    if not is_hidden:
        return None
    return SMALL if part.of is None and is_small(part.number) else MASK
