"""What is done to a plan as a whole: end it, and take that back."""

from datetime import date, datetime

from django.db import transaction

from common import audit
from registry.models import Duty
from tasks_app.models import Indicator, Plan
from tasks_app.services.standings.touched import touch_indicators

# Stored with a duty that fell away; by it a reopened plan finds them again.
ENDED = "方案已结束"  # data


class AlreadyClosed(Exception):
    """Someone else ended the plan first."""


class NotClosed(Exception):
    """The plan runs already."""


def duties_beyond(plan: Plan, on: date):
    """Open duties of periods that end after the day: they fall away with the plan."""
    codes = plan.work_items.values("duty_code")
    return Duty.objects.open().filter(code__in=codes, period_end__gt=on)


def _touch(plan: Plan) -> None:
    """No period begins after a plan's end, and nobody owes what fell away with it."""
    found = Indicator.objects.filter(work_item__plan=plan)
    touch_indicators(found.values_list("pk", flat=True))


@transaction.atomic
def close_plan(plan: Plan, *, by, on: date, at: datetime) -> Plan:
    """End a plan: no new duties from this day on; what was reported stays."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.closed_on:
        raise AlreadyClosed(plan)
    waived = duties_beyond(plan, on).update(waived_at=at, waived_reason=ENDED)
    plan.closed_on = on
    plan.save(update_fields=["closed_on"])
    _touch(plan)
    audit.record(
        "tasks_app.plan_closed",
        plan,
        by=by,
        before={"closed_on": None},
        after={"closed_on": on.isoformat(), "duties": waived},
    )
    return plan


@transaction.atomic
def reopen_plan(plan: Plan, *, by) -> Plan:
    """Undo the end of a plan: the duties that fell away with it are owed again."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if not plan.closed_on:
        raise NotClosed(plan)
    before = plan.closed_on
    restored = Duty.objects.filter(
        code__in=plan.work_items.values("duty_code"), waived_reason=ENDED
    ).update(waived_at=None, waived_reason="")
    plan.closed_on = None
    plan.save(update_fields=["closed_on"])
    _touch(plan)
    audit.record(
        "tasks_app.plan_reopened",
        plan,
        by=by,
        before={"closed_on": before.isoformat()},
        after={"closed_on": None, "duties": restored},
    )
    return plan
