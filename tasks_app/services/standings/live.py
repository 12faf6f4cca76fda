"""Ask figures for what nobody has approved yet. A figure that fails spoils nothing but its own."""

import logging
from dataclasses import dataclass, field

from django.db import transaction

from common import audit, figures, inbox
from common.figures import Value
from common.models import User
from common.periods import Period
from registry.models import Posting, Unit
from registry.roles import Role

log = logging.getLogger(__name__)


@dataclass
class Asked:
    """The answers of one recomputation: each figure and period is asked once of a unit.

    A unit without an answer has been asked all the same, and figures that are worked out together
    have all answered when one of them has.
    """

    values: dict[tuple[str, str], dict[int, Value]] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)  # the kind of error
    asked: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def ask(self, code: str, period: Period, units: list[Unit]) -> dict[int, Value]:
        key = (code, period.code)
        asked = self.asked.setdefault(key, set())
        missing = [unit for unit in units if unit.pk not in asked]
        if missing and key not in self.faults:
            for told, found in self._compute(key, period, missing).items():
                self.values.setdefault((told, period.code), {}).update(found)
                self.asked.setdefault((told, period.code), set()).update(u.pk for u in missing)
        return self.values.setdefault(key, {})

    def _compute(self, key, period: Period, units: list[Unit]) -> dict[str, dict[int, Value]]:
        code = key[0]
        try:
            with transaction.atomic():
                return figures.get(code).with_its_kin(period=period, units=units)
        except Exception as error:  # whatever another app's figure does, the rest is computed
            self.faults[key] = type(error).__name__
            # Its words may quote a person: only where it failed and with what kind of error.
            log.error("figure %s failed for %s: %s", code, period, type(error).__name__)
            return {}


def tell(faults: dict[tuple[str, str], str], *, at, on) -> None:
    """Name the figures that failed in the log and to the system administrators."""
    if not faults:
        return
    errors = {code: error for (code, _period), error in faults.items()}
    posted = Posting.objects.in_force(on).filter(role=Role.SYSADMIN)
    people = list(User.objects.filter(pk__in=posted.values("user"), is_active=True))
    for code, error in sorted(errors.items()):
        audit.record(
            "tasks_app.figure_failed",
            by=None,
            after={"figure": code, "error": error},
            title=code,
        )
        text = f"口径 {code} 没有算成（{error}），用到它的数暂缺"  # data
        inbox.send(people, text, by=None, at=at)
