"""For whom, by whom and for when a sheet is read, and which figures a commit changes."""

from datetime import datetime

from django.utils import timezone

from common import figures
from common.periods import Kind, Period
from intake import kinds
from intake.columns.base import Context
from intake.models import Upload
from registry.models import Closure, Unit, descendants_of, in_force, units_seen_by


def context_of(upload: Upload, user, at: datetime) -> Context:
    """What columns, rules and stores may know of an upload as this person handles it now."""
    kind = kinds.get(upload.kind)
    return Context(
        user=user,
        permission=kind.permission,
        on=timezone.localdate(at),
        unit=upload.unit,
        period=Period.parse(upload.period) if upload.period else None,
        answers=upload.answers,
    )


def units_of(context: Context):
    """Ids of the units where this person's deeds count, at and under the one of the sheet."""
    seen = units_seen_by(context.user, context.permission, on=context.on)
    return seen.filter(descendant__in=descendants_of(context.unit, on=context.on))


def touch_figures(kind, context: Context) -> None:
    """Tell that the kind's figures have changed, for the unit and all above it, in what runs now."""
    if not kind.figures:
        return
    above = Closure.objects.filter(in_force(context.on), descendant=context.unit)
    units = list(Unit.objects.filter(pk__in=above.values("ancestor")))
    periods = [context.period] if context.period else [Period.of(k, context.on) for k in Kind]
    for code in kind.figures:
        figures.touch(code, units, periods)
