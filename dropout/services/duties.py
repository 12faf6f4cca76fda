"""The four ones (四个一): who owes which look at the children, and what meets it.

Schools report each month, units that report education look each quarter, the league each term, and
at the end of a school year the units and the league sum it up. A sheet handed in or a comparison
that was run meets a duty by itself; what no fact can show is told in words, with papers.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext as _

from common import audit, inbox, options
from common.models import User
from common.periods import between
from common.refusals import Stale
from dropout.models import (
    DUTIES,
    PERIOD_OF,
    TOLD_IN_WORDS,
    AttendanceLine,
    AttendanceReturn,
    Comparison,
    Declaration,
    Obligation,
)
from dropout.models.attendance import COMPULSORY
from dropout.services.deeds import given, not_before, not_in_future
from dropout.services.refusals import Refused
from registry.models import Duty, Enrolment, Posting, School, Unit
from registry.roles import Role
from registry.services.duties import (
    Owed,
    duties_since,
    open_duties,
    reporting_units,
    restore_duty,
)

DECLARED, WITHDRAWN = "dropout.look_declared", "dropout.declaration_withdrawn"
SETTLED = "dropout.duties_settled"
IN_HOLIDAYS = "dropout.month_in_holidays"
HOLIDAYS = (2, 7, 8)  # months of which the greater part is winter or summer holidays
OF_COMPULSORY_AGE = (
    School.Type.PRIMARY,
    School.Type.TEACHING_POINT,
    School.Type.JUNIOR,
    School.Type.NINE_YEAR,
    School.Type.TWELVE_YEAR,
    School.Type.COMPLETE,
    School.Type.SPECIAL,
)
NO_LONGER_THERE = "单位已撤销或并走"  # data


# Which there are -----------------------------------------------------------------------------------
def owed(*, since: date, on: date) -> list[Owed]:
    """All that is owed for periods that touch the days from `since` to `on`."""
    units = [unit.pk for unit in reporting_units(on)]
    league = list(
        Unit.objects.of_kinds([Unit.Kind.LEAGUE]).existing(on).values_list("pk", flat=True)
    )
    owing = {
        Obligation.QUARTER: units,
        Obligation.TERM: league,
        Obligation.YEAR: [*units, *league],
    }
    found = [
        Owed(code, pk, period)
        for code, owners in owing.items()
        for period in between(PERIOD_OF[code], since, on)
        for pk in owners
    ]
    return found + _owed_by_schools(since, on)


def _owed_by_schools(since: date, on: date) -> list[Owed]:
    """A month of every school of the compulsory stage that was still there at its end."""
    schools = list(Unit.objects.filter(school__type__in=OF_COMPULSORY_AGE))
    in_holidays = options.get(IN_HOLIDAYS)
    return [
        Owed(Obligation.MONTH, school.pk, month)
        for month in between(PERIOD_OF[Obligation.MONTH], since, on)
        if in_holidays or month.end.month not in HOLIDAYS
        for school in schools
        if school.existed(month.end)
    ]


def open_obligations(*, on: date) -> int:
    """Make those that do not exist yet. Returns how many are new; none before the portal began."""
    since = duties_since()
    return open_duties(owed(since=since, on=on)) if since else 0


def waive_of_the_gone(*, at: datetime) -> int:
    """What a unit would owe for a period at whose end it was no longer there."""
    gone = Duty.objects.of_code(DUTIES).open().filter(unit__valid_to__lt=F("period_end"))
    return gone.update(waived_at=at, waived_reason=NO_LONGER_THERE)


# What meets them -----------------------------------------------------------------------------------
def with_what_met(duties):
    """Duties that carry `is_seen_to`, whether a fact or a declaration of today meets it, and `is_begun`,
    whether anything stands for it at all.

    A month is met once every child on the roll of its last day has been told of: whom a school
    leaves out may be who is missing.
    """
    sheet = AttendanceReturn.objects.filter(school=OuterRef("unit"), month=OuterRef("period"))
    told_of = AttendanceLine.objects.filter(
        school=OuterRef("school"),
        student=OuterRef("student"),
        month=OuterRef(OuterRef("period")),
    )
    left_out = Enrolment.objects.in_force(OuterRef("period_end")).filter(
        ~Exists(told_of),
        school=OuterRef("unit"),
        grade__in=COMPULSORY,
        student__merged_into=None,
    )
    compared = Comparison.objects.filter(
        unit=OuterRef("unit"),
        finished_at__isnull=False,
        on__year=OuterRef("period_end__year"),
        on__quarter=OuterRef("period_end__quarter"),
    )
    told = Declaration.objects.standing().filter(duty=OuterRef("pk"))
    others = [
        When(Q(code=Obligation.QUARTER) & Exists(compared), then=Value(True)),
        When(Exists(told), then=Value(True)),
    ]
    of_month = Q(code=Obligation.MONTH) & Exists(sheet)
    whole = When(of_month & ~Exists(left_out), then=Value(True))
    return duties.annotate(
        is_seen_to=Case(whole, *others, default=Value(False)),
        is_begun=Case(When(of_month, then=Value(True)), *others, default=Value(False)),
    )


@transaction.atomic
def settle(duties=None, *, at: datetime) -> dict[str, int]:
    """Bring `met_at` in line with the facts: of these duties, or of all.

    Called by each deed that may meet one and each night. A sheet that was taken back opens the duty
    anew, a child who was put on the roll later does not; a waived one is left alone.
    """
    mine = Duty.objects.of_code(DUTIES) if duties is None else duties
    found = with_what_met(mine.filter(waived_at=None))
    met = _keys(found.filter(is_seen_to=True, met_at=None))
    opened = _keys(found.filter(is_begun=False).exclude(met_at=None))
    Duty.objects.filter(pk__in=met).update(met_at=at)
    Duty.objects.filter(pk__in=opened).update(met_at=None)
    return {"met": len(met), "opened_again": len(opened)}


def _keys(duties) -> list[int]:
    return list(duties.order_by().values_list("pk", flat=True))


def settle_months(month: str, schools, *, at: datetime) -> None:
    """Sheets of these schools came in or were taken back."""
    of_month = Duty.objects.of_code(Obligation.MONTH).filter(period=month, unit__in=schools)
    settle(of_month, at=at)


def settle_quarter(unit: Unit, on: date, *, at: datetime) -> None:
    """A comparison of the unit was run on that day."""
    quarter = PERIOD_OF[Obligation.QUARTER]
    codes = [period.code for period in between(quarter, on, on)]
    settle(Duty.objects.of_code(Obligation.QUARTER).filter(unit=unit, period__in=codes), at=at)


# Deeds ---------------------------------------------------------------------------------------------
@transaction.atomic
def declare(
    duty: Duty, *, held_on: date, text: str, by, at: datetime, seen: int | None = None
) -> Declaration:
    """Tell that the look was taken. `seen`: how many declarations stood on the page."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    before = Declaration.objects.of_duty(duty).standing().count()
    if seen is not None and seen != before:
        raise Stale(duty.pk)
    if duty.waived_at:
        raise Refused("waived")
    if duty.code not in TOLD_IN_WORDS:
        raise Refused("by_sheet")
    not_in_future(held_on, at, "held_on")
    not_before(held_on, duty.span.start, "before_period", "held_on")
    told = Declaration.objects.create(
        duty=duty, held_on=held_on, text=given(text, "text"), recorded_by=by, recorded_at=at
    )
    audit.record(DECLARED, duty, by=by, after={"held_on": held_on.isoformat()})
    settle(Duty.objects.filter(pk=duty.pk), at=at)
    return told


@transaction.atomic
def withdraw_declaration(told: Declaration, *, reason: str, by, at: datetime) -> Declaration:
    """It was told by mistake; the duty is open again unless something else meets it."""
    duty = Duty.objects.select_for_update().get(pk=told.duty_id)
    told = Declaration.objects.select_for_update().get(pk=told.pk)
    if told.is_withdrawn:
        raise Refused("withdrawn")
    told.withdrawn_by, told.withdrawn_at = by, at
    told.withdrawn_reason = given(reason, "reason")
    told.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    audit.record(WITHDRAWN, duty, by=by, after={"held_on": told.held_on.isoformat()})
    settle(Duty.objects.filter(pk=duty.pk), at=at)
    return told


@transaction.atomic
def restore(duty: Duty, *, by, at: datetime) -> Duty:
    """Take a waiver back; what came in meanwhile meets the duty."""
    duty = restore_duty(duty, by=by)
    settle(Duty.objects.filter(pk=duty.pk), at=at)
    return duty


# Each night ----------------------------------------------------------------------------------------
def keep_up(*, at: datetime, on: date) -> dict[str, int]:
    """What a new day brings; a second run of the same day opens and settles nothing more."""
    counts = {"opened": open_obligations(on=on), "gone": waive_of_the_gone(at=at)}
    counts |= settle(at=at)
    if any(counts.values()):
        audit.record(SETTLED, by=None, after=counts)
    told = tell_schools(at=at, on=on) + tell_units(at=at, on=on)
    return counts | {"told": told}


def tell_schools(*, at: datetime, on: date) -> int:
    """A line to each school whose sheet is due today, or to the unit's officials where it has nobody."""
    due = Duty.objects.of_code(Obligation.MONTH).open().filter(due_on=on).for_list()
    told = 0
    for duty in due:
        text = _("%(month)s的在校情况月报今天到期，还没有报。") % {"month": duty.span.label}
        told += inbox.send(_who_reports(duty.unit, on), text, duty, by=None, at=at)
    return told


def tell_units(*, at: datetime, on: date) -> int:
    """The day after, a line to each unit's officials of how many of its schools are late."""
    late = Duty.objects.of_code(Obligation.MONTH).open().filter(due_on=on - timedelta(days=1))
    told = 0
    for unit in reporting_units(on) if late.exists() else ():
        here = late.filter(unit__in=Unit.objects.under(unit, on)).for_list()
        if not (n := here.count()):
            continue
        month = here[0].span.label
        text = _("有 %(n)s 所学校过了截止日期还没有报%(month)s的在校情况。") % {
            "n": n,
            "month": month,
        }
        people = Posting.objects.who_report(on).filter(unit=unit)
        told += inbox.send([one.user for one in people], text, here[0], by=None, at=at)
    return told


def _who_reports(school: Unit, on: date):
    posted = Posting.objects.in_force(on).filter(unit=school, role=Role.SCHOOL)
    own = User.objects.active().filter(pk__in=posted.order_by().values("user"))
    if own.exists():
        return own
    above = Posting.objects.reporting_for(school, on).order_by()
    return User.objects.filter(pk__in=above.values("user"))


# For pages -----------------------------------------------------------------------------------------
def open_for(user, permission: str, *, on: date):
    """What this person's own units owe for periods that are over."""
    owed_here = Duty.objects.owed_by(user, permission).of_code(DUTIES)
    return owed_here.open().ended(on).for_list()
