"""Who has reported: for a quarter in, on its way, late, or not yet; for any period how complete and
how timely it is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from common import figures
from common.periods import Kind, Period
from registry.models import Closure, Duty, Posting, Unit, in_force
from tasks_app.models import ProgressReport, WorkItem
from tasks_app.models.reports import with_report_state

HANDED_IN = (ProgressReport.State.SUBMITTED, ProgressReport.State.APPROVED)


@dataclass(frozen=True)
class Reported:
    """ "n of m units": how many have handed in what they owe."""

    count: int = 0
    due: int = 0

    @property
    def is_complete(self) -> bool:
        return self.count == self.due


@dataclass
class UnitReport:
    """How one unit's report of a quarter stands, as far as the viewer may know."""

    duty: Duty
    look: str
    report: ProgressReport | None = None  # only where it may be read
    contacts: list = None

    @property
    def is_in(self) -> bool:
        return is_in(self.duty)


def is_in(duty: Duty) -> bool:
    return duty.met_at is not None or duty.report_state in HANDED_IN


# Completeness and timeliness ---------------------------------------------------------------------
COMPLETENESS, TIMELINESS = "tasks_app.completeness", "tasks_app.timeliness"
PROGRESS = "tasks."  # the duties that are progress reports


def owed_within(period: Period):
    """What is owed for the period itself and for the shorter ones that end in it."""
    within = (period.start, period.end)
    return Duty.objects.of_code(PROGRESS).filter(period_end__range=within, waived_at=None)


def counted_under(duties, unit: Unit, on: date):
    """Duties of a unit and of all that counts below it on a day."""
    below = Closure.objects.filter(in_force(on), ancestor=unit, counts=True)
    return duties.filter(unit__in=below.values("descendant"))


def met(duties):
    return duties.exclude(met_at=None)


def timely(duties):
    """Met, and handed in by the due day; how long the league took to approve is not the unit's."""
    in_time = ProgressReport.objects.filter(
        duty=OuterRef("pk"), version=1, submitted_at__date__lte=OuterRef("due_on")
    )
    return met(duties).filter(Exists(in_time))


def touch_counts(duties: list[Duty]) -> None:
    """Reports came in: how complete and timely every period is that these duties end in."""
    periods = {Period.of(kind, duty.period_end) for duty in duties for kind in Kind}
    for code in (COMPLETENESS, TIMELINESS):
        figures.touch(code, [duty.unit for duty in duties], periods)


# One quarter -------------------------------------------------------------------------------------
def latest_quarter(on: date) -> Period:
    return Period.of(Kind.QUARTER, on).previous()


def _duties(items, period: Period):
    return with_report_state(
        Duty.objects.filter(
            code__in=[item.duty_code for item in items], period=period.code, waived_at=None
        ).exclude(unit__kind=Unit.Kind.OFFICE)
    ).order_by("unit__sort_no", "unit__sort_key", "pk")


def reported_counts(items, period: Period) -> dict[int, Reported]:
    """{task: n of m units} in one query; that much is shared with every business role."""
    items = list(items)
    task_of = {item.duty_code: item.pk for item in items}
    counts = {item.pk: [0, 0] for item in items}
    for duty in _duties(items, period):
        counts[task_of[duty.code]][0] += is_in(duty)
        counts[task_of[duty.code]][1] += 1
    return {pk: Reported(*both) for pk, both in counts.items()}


def unit_reports(item: WorkItem, period: Period, *, user, on: date) -> list[UnitReport]:
    """Each unit's report of a quarter: the report itself in scope, else its state alone."""
    duties = list(_duties([item], period))
    mine = {
        report.pk: report
        for report in ProgressReport.objects.readable_by(user)
        .filter(pk__in=[duty.report_pk for duty in duties if duty.report_pk])
        .select_related("submitted_by")
    }
    contacts: dict[int, list] = {}
    if user.has_perm("registry.view_contact"):
        for posting in Posting.objects.visible_to(user, "registry.view_contact").who_report(on):
            contacts.setdefault(posting.unit_id, []).append(posting.user)
    return [
        UnitReport(
            duty,
            _look(duty, on),
            mine.get(duty.report_pk),
            [] if is_in(duty) else contacts.get(duty.unit_id, []),
        )
        for duty in duties
    ]


def _look(duty: Duty, on: date) -> str:
    """What everyone may know: passed, handed in, late, not yet. Drafts and returns are "not yet"."""
    if duty.met_at:
        return "passed"
    if duty.report_state in HANDED_IN:
        return "sent"
    return "late" if duty.due_on < on else "none"
