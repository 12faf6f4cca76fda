"""Targets and baselines: set, changed and withdrawn. The old row stays, with why it was replaced."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from common import audit
from common.figures import State
from common.periods import Period
from registry.models import Unit
from tasks_app.models import Baseline, Indicator, Target
from tasks_app.models.values import ChangeReason
from tasks_app.services.standings.touched import touch


class ReasonMissing(Exception):
    """Reports lean on the old number: changing it asks for a coded reason."""


class NoteMissing(Exception):
    """ "Other" says nothing without a note."""


class Unchanged(Exception):
    """What was entered is what already holds."""


class ChangedSince(Exception):
    """Somebody else set it after the page was opened; carries the row that holds now."""

    def __init__(self, current):
        super().__init__(current)
        self.current = current


class AlreadyGone(Exception):
    """The target was replaced or withdrawn before."""


def needs_reason(indicator: Indicator) -> bool:
    """Whether approved reports already rest on the indicator's targets and baselines."""
    return indicator.observations.filter(report__isnull=False).exists()


def _check_reason(indicator: Indicator, old, reason: str, note: str) -> None:
    if old is not None and not reason and needs_reason(indicator):
        raise ReasonMissing(indicator)
    if reason == ChangeReason.OTHER and not note.strip():
        raise NoteMissing(indicator)


def _lock(indicator: Indicator) -> Indicator:
    return Indicator.objects.select_for_update().get(pk=indicator.pk)


def _supersede(old, *, at: datetime) -> None:
    if old is not None:
        old.superseded_at = at
        old.save(update_fields=["superseded_at"])


@transaction.atomic
def set_target(
    indicator: Indicator,
    *,
    by,
    at: datetime,
    unit: Unit,
    year: int,
    value: Decimal,
    ground: str,
    source: str,
    reason: str = "",
    note: str = "",
    seen: int | None = None,
) -> Target:
    """Set the target of a unit for a year; a new row supersedes the old one.

    `seen` is the newest row that stood on the page; one set since is told and not overwritten.
    """
    indicator = _lock(indicator)
    old = indicator.targets.current().filter(unit=unit, year=year).select_related("unit").first()
    if old is not None and seen is not None and old.pk > seen:
        raise ChangedSince(old)
    if old is not None and (old.value, old.ground, old.source) == (value, ground, source):
        raise Unchanged(old)
    _check_reason(indicator, old, reason, note)
    _supersede(old, at=at)
    target = Target.objects.create(
        indicator=indicator,
        unit=unit,
        year=year,
        value=value,
        ground=ground,
        source=source,
        set_by=by,
        set_at=at,
        reason=reason,
        reason_note=note.strip(),
    )
    _touch(target)
    audit.record(
        "tasks_app.target_set",
        indicator,
        by=by,
        before=_target_facts(old),
        after=_target_facts(target),
    )
    return target


def _target_facts(target: Target | None) -> dict | None:
    if target is None:
        return None
    return {
        "unit": target.unit.name,
        "year": target.year,
        "value": plain(target.value),
        "source": target.source,
        "reason": target.reason,
    }


def _touch(row: Target | Baseline) -> None:
    """Every period of the unit is held against it; the league's target may hold for every unit."""
    for_all = isinstance(row, Target) and row.unit.kind == Unit.Kind.LEAGUE
    touch([(row.indicator_id, None if for_all else row.unit_id, "")])


def plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


@transaction.atomic
def withdraw_target(target: Target, *, by, at: datetime, reason: str, note: str = "") -> Target:
    """End a target without a successor: the indicator is "to be set" again from here on."""
    indicator = _lock(target.indicator)
    target = Target.objects.select_related("unit").get(pk=target.pk)
    if target.superseded_at is not None:
        raise AlreadyGone(target)
    if not reason:
        raise ReasonMissing(indicator)
    _check_reason(indicator, target, reason, note)
    target.superseded_at = at
    target.withdrawn_by, target.withdrawn_reason = by, reason
    target.withdrawn_note = note.strip()
    target.save(
        update_fields=["superseded_at", "withdrawn_by", "withdrawn_reason", "withdrawn_note"]
    )
    _touch(target)
    audit.record(
        "tasks_app.target_withdrawn",
        indicator,
        by=by,
        before=_target_facts(target),
        after={"reason": reason, "note": target.withdrawn_note},
    )
    return target


@transaction.atomic
def set_baseline(
    indicator: Indicator,
    *,
    by,
    at: datetime,
    unit: Unit,
    period: Period,
    numerator: Decimal,
    denominator: Decimal | None = None,
    source: str,
    reason: str = "",
    note: str = "",
    seen: int | None = None,
) -> Baseline:
    """Set where a unit started from; a new row supersedes the old one."""
    indicator = _lock(indicator)
    old = indicator.baselines.current().filter(unit=unit).select_related("unit").first()
    if old is not None and seen is not None and old.pk > seen:
        raise ChangedSince(old)
    new = (period.code, numerator, denominator, source)
    if old is not None and (old.period, old.numerator, old.denominator, old.source) == new:
        raise Unchanged(old)
    _check_reason(indicator, old, reason, note)
    _supersede(old, at=at)
    baseline = Baseline.objects.create(
        indicator=indicator,
        unit=unit,
        period=period.code,
        state=State.NO_CASE if denominator == 0 else State.REPORTED,
        numerator=numerator,
        denominator=denominator,
        source=source,
        set_by=by,
        set_at=at,
        reason=reason,
        reason_note=note.strip(),
    )
    _touch(baseline)
    audit.record(
        "tasks_app.baseline_set",
        indicator,
        by=by,
        before=_baseline_facts(old),
        after=_baseline_facts(baseline),
    )
    return baseline


def _baseline_facts(baseline: Baseline | None) -> dict | None:
    if baseline is None:
        return None
    return {
        "unit": baseline.unit.name,
        "period": baseline.period,
        "numerator": plain(baseline.numerator),
        "denominator": plain(baseline.denominator),
        "source": baseline.source,
        "reason": baseline.reason,
    }
