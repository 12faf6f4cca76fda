"""What a person has to do today: fill in, change, check, review, approve."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.figures import State
from common.languages import in_language
from common.models import Event, InboxLine, Job
from common.periods import Kind, Period
from dashboard.queries.matrix import latest_quarter
from dropout.services import duties
from registry.models import Duty, Posting, Unit
from tasks_app.models import HistoryBatch, Indicator, ProgressReport, Review
from tasks_app.models.reports import with_report_state
from tasks_app.services.reported import PROGRESS

FILL, CHECK = "tasks_app.fill_progressreport", "tasks_app.check_progressreport"
TELL = "dropout.change_ledger"
REVIEW, LOAD = "tasks_app.review_progressreport", "tasks_app.load_history"
SOON = 3  # days before the due day in which a duty is among what comes first
FIRST = 5  # how many things the ranked list shows
ROWS = 30  # how many rows the list of duties shows on the home page
REVIEWS = 12  # and the list of what waits for review
S = ProgressReport.State


@dataclass
class Todo:
    """One duty that waits for this person: to be filled in, changed or checked."""

    duty: Duty
    state: str
    today: date
    indicators: int = 0
    note: str = ""  # the league's word when it sent the report back
    notes: int = 0  # how many fields it marked

    @property
    def number(self) -> str:
        return f"{self.duty.task_no:02}" if self.duty.task_no else ""

    @property
    def title(self) -> str:
        if self.is_progress:
            return in_language(self.duty.task_title, self.duty.task_title_en or "")
        return self.duty.kind.title or self.duty.code

    @property
    def is_progress(self) -> bool:
        """A progress report of a task; else what another app is owed, and seen to there."""
        return bool(self.duty.task_title)

    @property
    def period(self) -> str:
        return Period.parse(self.duty.period).label

    @property
    def is_late(self) -> bool:
        return self.duty.met_at is None and self.duty.due_on < self.today

    @property
    def is_urgent(self) -> bool:
        near = self.duty.met_at is None and (self.duty.due_on - self.today).days <= SOON
        return near or self.state in (S.RETURNED, S.CHECKING)

    @property
    def rank(self) -> tuple:
        """Late ones, what came back, what a colleague waits for, what is due soon."""
        order = {S.RETURNED: 1, S.CHECKING: 2}.get(self.state, 3)
        if self.is_late and order == 3:
            order = 0
        return order, self.duty.due_on, self.duty.code, self.duty.pk

    @property
    def look(self) -> str:
        if self.state == S.RETURNED:
            return "back"
        if self.state == S.CHECKING:
            return "wait"
        if self.is_late:
            return "late"
        return "draft" if self.state == S.DRAFT else "todo"

    @property
    def word(self) -> str:
        if self.state == S.RETURNED:
            return _("退回修改")
        if self.state == S.CHECKING:
            return _("等着复核")
        if self.is_late and not self.is_progress:
            return _("逾期")
        if self.is_late:
            return _("逾期，有草稿") if self.state == S.DRAFT else _("逾期未报")
        return _("草稿") if self.state == S.DRAFT else _("未开始")

    @property
    def verb(self) -> str:
        return {
            S.RETURNED: _("去修改"),
            S.CHECKING: _("去复核"),
            S.DRAFT: _("继续填"),
        }.get(self.state, _("去填") if self.is_progress else _("去办"))

    @property
    def headline(self) -> str:
        words = {"number": self.number, "title": self.title, "period": self.period}
        if not self.is_progress:
            return _("办理「%(title)s」%(period)s") % words
        if self.state == S.RETURNED:
            return _("修改被退回的任务 %(number)s「%(title)s」%(period)s") % words
        if self.state == S.CHECKING:
            return _("复核任务 %(number)s「%(title)s」%(period)s") % words
        if self.is_late:
            return _("补报任务 %(number)s「%(title)s」%(period)s") % words
        return _("填报任务 %(number)s「%(title)s」%(period)s") % words

    @property
    def asks(self) -> str:
        """How much there is to fill in, or what there is to do."""
        if not self.is_progress:
            return self.duty.kind.asks
        if not self.indicators:
            return _("只写进展，没有指标")
        return ngettext("%(n)d 项指标", "%(n)d 项指标", self.indicators) % {"n": self.indicators}

    @property
    def address(self) -> str:
        return self.duty.get_absolute_url()


@dataclass
class FillingWork:
    """What the person's own units owe, and how far the quarter has come."""

    todos: list[Todo]
    period: Period
    progress: Counter = field(default_factory=Counter)

    @property
    def urgent(self) -> list[Todo]:
        return [todo for todo in self.todos if todo.is_urgent]

    @property
    def rows(self) -> list[Todo]:
        return self.todos[:ROWS]

    @property
    def owed(self) -> int:
        return self.progress.total()

    @property
    def handed_in(self) -> int:
        return self.progress["passed"] + self.progress["wait"]


def filling_work(user, *, today: date) -> FillingWork:
    """Open duties of ended periods that wait for this person, ranked. Four queries at most."""
    owed = Duty.objects.owed_by(user, FILL)
    latest = ProgressReport.objects.filter(duty=OuterRef("pk")).order_by("-version")
    on_its_way = ProgressReport.objects.open().filter(duty=OuterRef("pk"))
    waiting = with_report_state(
        owed.ended(today).filter(Q(met_at=None, waived_at=None) | Exists(on_its_way))
    ).annotate(submitted_by_id=Subquery(latest.values("submitted_by")[:1]))
    may_check = user.has_perm(CHECK)
    todos = []
    counts = _indicator_counts()
    for duty in waiting.order_by("due_on", "code", "pk"):
        state = duty.report_state
        if state in (S.SUBMITTED, S.APPROVED, S.REPLACED):
            continue
        if state == S.CHECKING and (duty.submitted_by_id == user.pk or not may_check):
            continue
        office = duty.unit.kind == Unit.Kind.OFFICE
        todos.append(Todo(duty, state, today, counts[duty.code, duty.period_kind, office]))
    _add_notes(todos)
    todos.sort(key=lambda todo: todo.rank)
    period = latest_quarter(today)
    return FillingWork(todos, period, _progress(owed, period))


def school_work(user, *, today: date) -> list[Todo]:
    """What a school has not handed in of months that are over, the latest due day last."""
    owed = duties.open_for(user, TELL, on=today)
    todos = [Todo(duty, "", today) for duty in with_report_state(owed)[:ROWS]]
    return sorted(todos, key=lambda todo: todo.rank)


def _indicator_counts() -> Counter:
    """{(duty code, kind of period, whether an office's): how many indicators fall due}."""
    rows = Indicator.objects.values_list("work_item__duty_code", "frequency", "aggregation")
    return Counter(
        (code, kind, how == Indicator.Aggregation.LEAGUE_ONLY) for code, kind, how in rows
    )


def _add_notes(todos: list[Todo]) -> None:
    """Beside what came back: what the one who sent it back wrote."""
    returned = {todo.duty.report_pk: todo for todo in todos if todo.state == S.RETURNED}
    reviews = Review.objects.filter(
        report__in=list(returned), verdict=Review.Verdict.RETURNED
    ).order_by("at")
    for review in reviews:
        todo = returned[review.report_id]
        todo.note = review.note or next(iter(review.field_notes.values()), "")
        todo.notes = max(1, len(review.field_notes))


def _progress(owed, period: Period) -> Counter:
    """How the duties of a quarter stand: passed, wait, none."""
    waiting = ProgressReport.objects.waiting_for_review().values("duty")
    reports = owed.of_code(PROGRESS).filter(waived_at=None)
    row = reports.filter(period_end__range=(period.start, period.end)).aggregate(
        owed=Count("pk", distinct=True),
        passed=Count("pk", filter=Q(met_at__isnull=False), distinct=True),
        wait=Count("pk", filter=Q(met_at=None, pk__in=waiting), distinct=True),
    )
    return Counter(
        passed=row["passed"],
        wait=row["wait"],
        none=row["owed"] - row["passed"] - row["wait"],
    )


# The bureau --------------------------------------------------------------------------------------
@dataclass
class ReviewWork:
    """Reports and batches that wait for this person's decision."""

    reports: list[ProgressReport]
    count: int
    corrections: int
    batches: list[HistoryBatch]


def review_work(user) -> ReviewWork:
    """What waits for the league, without what this person submitted. Three queries."""
    waiting = ProgressReport.objects.visible_to(user, REVIEW).waiting_for_review().not_by(user)
    totals = waiting.aggregate(count=Count("pk"), corrections=Count("corrects"))
    reports = list(
        waiting.select_related("duty__unit", "work_item", "submitted_by").order_by(
            "submitted_at", "pk"
        )[:REVIEWS]
    )
    for report in reports:
        report.period_label = Period.parse(report.duty.period).label
    batches = []
    if user.has_perm(LOAD):
        batches = list(
            HistoryBatch.objects.filter(state=HistoryBatch.State.SUBMITTED)
            .exclude(submitted_by=user)
            .select_related("submitted_by")
            .annotate(size=Count("values"))
            .order_by("submitted_at")[:FIRST]
        )
    return ReviewWork(reports, totals["count"], totals["corrections"], batches)


# Everyone ----------------------------------------------------------------------------------------
def inbox_lines(user) -> list[InboxLine]:
    return list(InboxLine.objects.of(user).unread_first()[:FIRST])


def corrected_values(user, period: Period) -> list[dict]:
    """Approved numbers of this quarter and the one before that a correction replaced."""
    replaced = (
        ProgressReport.objects.visible_to(user, "tasks_app.view_progressreport")
        .filter(state=S.REPLACED, duty__period_end__range=(period.previous().start, period.end))
        .select_related("duty__unit", "work_item")
        .prefetch_related("values__indicator", "duty__progress_reports__values")
        .order_by("-approved_at")[:FIRST]
    )
    found = []
    for old in replaced:
        new = next((r for r in old.duty.progress_reports.all() if r.state == S.APPROVED), None)
        if new is None:
            continue
        values = {value.indicator_id: value for value in new.values.all()}
        for value in old.values.all():
            now = values.get(value.indicator_id)
            if now and now.state == State.REPORTED and now.value != value.value:
                found.append(
                    {
                        "unit": old.duty.unit,
                        "item": old.work_item,
                        "indicator": value.indicator,
                        "period": Period.parse(old.duty.period).label,
                        "old": value.value,
                        "new": now.value,
                        "reason": new.get_reason_display(),
                    }
                )
    return found[:FIRST]


# The three administrators: counts only -----------------------------------------------------------
@dataclass(frozen=True)
class Fact:
    """One count with the page that lists what it counts."""

    label: str
    value: int
    url_name: str
    note: str = ""
    status: str = ""
    asks: bool = False  # it waits for this very person


def administrator_facts(user, *, since) -> list[Fact]:
    facts = []
    proposed = Posting.objects.proposed()
    if user.has_perm("common.manage_accounts"):
        waiting = proposed.filter(proposed_by=user).count()
        facts.append(Fact(_("提出后还没确认的任职"), waiting, "registry:posting-list"))
    if user.has_perm("common.view_any_job"):
        failed = Job.objects.filter(state=Job.State.FAILED).count()
        facts.append(
            Fact(_("没办成的后台任务"), failed, "common:job-list", status="err" if failed else "")
        )
        queued = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).count()
        facts.append(Fact(_("排队和正在办的后台任务"), queued, "common:job-list"))
    if user.has_perm("common.confirm_rights"):
        waiting = proposed.exclude(proposed_by=user).exclude(user=user).count()
        facts.append(Fact(_("等着确认的任职"), waiting, "registry:posting-list", asks=True))
    if user.has_perm("common.view_event"):
        recent = Event.objects.filter(at__gte=since)
        refused = recent.filter(outcome=Event.Outcome.REFUSED).count()
        facts.append(Fact(_("被拒绝的操作"), refused, "common:event-list", _("近 7 天")))
        facts.append(Fact(_("日志"), recent.count(), "common:event-list", _("近 7 天")))
    return facts


def due_next(user, *, today: date) -> list[dict]:
    """When the running periods of the person's units fall due: one line a kind of period."""
    rows = (
        Duty.objects.owed_by(user, FILL)
        .open()
        .filter(period_end__gte=today)
        .values("period", "period_kind", "due_on")
        .annotate(count=Count("pk"))
        .order_by("due_on")[:FIRST]
    )
    return [
        row | {"label": Period.parse(row["period"]).label, "kind": Kind(row["period_kind"])}
        for row in rows
    ]
