"""This year's reports: past quarters approved, the latest one in every state that a report knows.

What has a way of its own (drafts, checks, returns, corrections) goes through the deeds; the many
approved ones are written in bulk and leave the same rows.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F

from common.figures import State
from common.models import Event, InboxLine, User
from common.periods import Kind, Period
from dashboard.demo.history import moment
from dashboard.demo.numbers import Numbers, chance, read
from dashboard.demo.people import FILLERS
from registry.models import Duty, Unit
from tasks_app.models import (
    DraftRevision,
    Observation,
    Plan,
    ProgressReport,
    ReportValue,
    Review,
    WorkItem,
)
from tasks_app.models.values import ChangeReason
from tasks_app.services import numbers as rules
from tasks_app.services import reports as deeds
from tasks_app.services.duties import has_narrative

NONE, DRAFT, CHECKING, RETURNED = "NONE", "DRAFT", "CHECKING", "RETURNED"
SUBMITTED, APPROVED = "SUBMITTED", "APPROVED"
# The latest ended quarter, by unit and task; what is not listed is approved.
LATEST = {
    "banner-zuoqi": {
        1: RETURNED,
        2: NONE,
        3: CHECKING,
        4: SUBMITTED,
        5: DRAFT,
        6: SUBMITTED,
        7: SUBMITTED,
        8: SUBMITTED,
        12: NONE,
    },
    "banner-youqi": {2: SUBMITTED, 6: SUBMITTED, 14: NONE},
    "banner-ejina": {3: SUBMITTED, 4: SUBMITTED, 10: RETURNED, 12: NONE},
    "zone-gaoxin": {7: SUBMITTED},
    "zone-luanjingtan": {no: SUBMITTED for no in range(1, 16, 2)},
    "zone-wulanbuhe": dict.fromkeys((1, 4, 6, 8, 9, 12, 14), NONE)
    | {2: DRAFT}
    | dict.fromkeys((3, 5, 7, 10), SUBMITTED),
}
CORRECTED = ("banner-youqi", 12)  # in the quarter before: finished
CORRECTING = ("banner-ejina", 8)  # in the quarter before: waits for the league


class Story:
    """What happens to each duty, and who does it."""

    def __init__(self, plan: Plan, numbers: Numbers, *, day: date):
        self.plan, self.numbers, self.day = plan, numbers, day
        self.texts = read("texts.toml")
        self.people = {user.username: user for user in User.objects.all()}
        self.items = {
            item.duty_code: item
            for item in WorkItem.objects.filter(plan=plan).prefetch_related("indicators")
        }
        self.last: dict = {}
        for row in Observation.objects.current().order_by("period_end"):
            self.last[row.indicator_id, row.unit_id] = row

    def indicators_of(self, duty: Duty) -> list:
        league = duty.unit.kind == Unit.Kind.OFFICE
        return sorted(
            (
                indicator
                for indicator in self.items[duty.code].indicators.all()
                if indicator.period_kind == Kind(duty.period_kind)
                and indicator.league_only == league
            ),
            key=lambda indicator: indicator.code,
        )

    def state_of(self, duty: Duty) -> str:
        latest, task = self.numbers.latest, self.items[duty.code].no
        if duty.period_end < latest.start:
            return APPROVED
        if duty.unit.kind == Unit.Kind.OFFICE:
            return NONE
        state = LATEST[duty.unit.key].get(task, APPROVED)
        if duty.period_kind == Kind.QUARTER:
            return state
        if duty.period_kind == Kind.MONTH:
            if duty.period_end < latest.end:
                return APPROVED
            if duty.period_end > latest.end:
                return NONE if state in (NONE, RETURNED) else SUBMITTED
        if state in (DRAFT, CHECKING, RETURNED):
            return SUBMITTED
        return state

    def people_of(self, duty: Duty):
        """(who submits, who checks or None, who approves)."""
        if duty.unit.kind == Unit.Kind.OFFICE:
            return self.people["bureau"], None, self.people["bureau2"]
        names = FILLERS[duty.unit.key]
        checker = self.people[names[1]] if len(names) > 1 else None
        approver = "bureau" if chance("approver", duty.pk) < 0.6 else "bureau2"
        return self.people[names[0]], checker, self.people[approver]

    def moments(self, duty: Duty):
        """Submitted, checked, approved: some days after the period's end, never after the day."""
        start = 2 + round(4 * chance("days", duty.code, duty.unit_id, duty.period))
        return tuple(
            min(
                moment(duty.period_end + timedelta(days=start + step), 9 + step, 12),
                moment(self.day, 0, 10 * (step + 1)),
            )
            for step in range(3)
        )

    def words(self, duty: Duty) -> dict[str, str]:
        if not has_narrative(duty):
            return {}
        number, draw = self.items[duty.code].no, (duty.code, duty.unit.key, duty.period)
        words = self.texts["words"]
        assessed = ProgressReport.SelfAssessment.values
        luck = chance("assess", *draw)
        return {
            "self_assessment": assessed[0 if luck < 0.75 else 1 if luck < 0.95 else 2],
            "done": self.texts["done"][str(number)]
            if chance("done", *draw) < 0.7
            else words["done_again"],
            "problems": words["problems"][int(chance("problems", *draw) * 4.99)],
            "next_step": words["next_step"][int(chance("next", *draw) * 2.99)],
        }

    def entries(self, duty: Duty) -> list[rules.Entry]:
        """The numbers of a duty as the form would read them, warnings answered."""
        found = []
        for indicator in self.indicators_of(duty):
            number = self.numbers.find(indicator, duty.unit, Period.parse(duty.period))
            entry = rules.Entry(indicator, str(number.state), number.numerator, number.denominator)
            if indicator.denominator_figure:
                entry.source = self.texts["village_source"]
            entry.warnings = rules.find_warnings(entry, self.last.get((indicator.pk, duty.unit_id)))
            if entry.warnings:
                entry.why = self.texts["why"][entry.warnings[0]["code"]]
            found.append(entry)
        return found

    def draft(self, duty: Duty, entries: list[rules.Entry]) -> dict[str, str]:
        """What was typed for these numbers."""
        typed = self.words(duty)
        for entry in entries:
            name = entry.indicator
            if entry.why:
                typed[rules.field_name(name, "why")] = entry.why
            if entry.state in (State.NOT_REPORTED, State.NOT_APPLICABLE):
                typed[rules.field_name(name, "state")] = entry.state
                continue
            typed[rules.field_name(name, "num")] = str(entry.numerator)
            if entry.denominator is not None and not name.denominator_figure:
                typed[rules.field_name(name, "den")] = str(entry.denominator)
        return typed


def load_reports(plan: Plan, numbers: Numbers, *, day: date) -> int:
    """Returns how many reports are new."""
    if ProgressReport.objects.exists():
        return 0
    story = Story(plan, numbers, day=day)
    duties = Duty.objects.ended(day).filter(code__in=story.items).select_related("unit")
    written, walked = [], []
    for duty in duties.order_by("period_end", "code", "unit__sort_no"):
        state = story.state_of(duty)
        by_hand = state in (DRAFT, CHECKING, RETURNED) or (
            duty.unit.key == "banner-zuoqi" and duty.period == numbers.latest.code
        )
        if state != NONE:
            (walked if by_hand else written).append((duty, state))
    Bulk(story).write(written)
    for duty, state in walked:
        walk(story, duty, state)
    correct(story, *CORRECTED, finish=True)
    correct(story, *CORRECTING, finish=False)
    _read_old_lines()
    return ProgressReport.objects.count()


def _read_old_lines() -> None:
    """What the inbox said of reports that went on has been read; what still waits has not."""
    waiting = ProgressReport.objects.filter(state__in=(CHECKING, RETURNED))
    keys = [str(pk) for pk in waiting.values_list("pk", flat=True)]
    InboxLine.objects.exclude(subject_pk__in=keys).update(read_at=F("sent_at"))


# One by one --------------------------------------------------------------------------------------
def walk(story: Story, duty: Duty, state: str) -> None:
    """Through the deeds, as people would go."""
    filler, checker, approver = story.people_of(duty)
    submitted, checked, decided = story.moments(duty)
    entries = story.entries(duty)
    typed = story.draft(duty, entries)
    report = deeds.open_report(duty, by=filler, at=submitted)
    if state == DRAFT:  # the numbers are there, the words are not
        typed = {name: text for name, text in typed.items() if name not in deeds.WORDS}
        typed["self_assessment"] = ProgressReport.SelfAssessment.ON_PLAN
    deeds.save_draft(report, by=filler, base_version=0, data=typed, at=submitted)
    if state == DRAFT:
        return
    report = deeds.submit_report(report, by=filler, at=submitted)
    if state == CHECKING:
        return
    if checker:
        seen = report.draft_version
        report = deeds.check_report(report, by=checker, at=checked, seen=seen)
    if state == RETURNED:
        send_back(story, report, entries, by=approver, at=decided)
    elif state == APPROVED:
        deeds.approve_report(report, by=approver, at=decided, seen=report.draft_version)


def send_back(story: Story, report: ProgressReport, entries, *, by, at) -> None:
    texts = story.texts["returned"]
    notes = {"done": texts["words"]} if has_narrative(report.duty) else {}
    for entry in entries[:1]:
        notes[rules.field_name(entry.indicator, "num")] = texts["field"]
    deeds.return_report(
        report, by=by, at=at, seen=report.draft_version, note=texts["note"], field_notes=notes
    )


def correct(story: Story, unit_key: str, task: int, *, finish: bool) -> None:
    """A count of the quarter before turns out too low; the old value stays visible."""
    before = story.numbers.latest.previous()
    approved = ProgressReport.objects.filter(
        state=ProgressReport.State.APPROVED,
        duty__unit__key=unit_key,
        duty__period=before.code,
        work_item__no=task,
        work_item__plan=story.plan,
    ).first()
    if approved is None:
        return
    filler, _checker, approver = story.people_of(approved.duty)
    at = max(approved.approved_at, moment(story.day - timedelta(days=6)))
    texts = story.texts["correction"]
    report = deeds.start_correction(
        approved,
        by=filler,
        at=at,
        reason=ChangeReason.LATE_DATA if finish else ChangeReason.MISCOUNT,
        note=texts["finished" if finish else "running"],
    )
    typed = dict(report.draft)
    for value in approved.values.all():
        if value.state == State.REPORTED:
            name = rules.field_name(value.indicator, "num")
            typed[name] = str(round(value.numerator + max(value.numerator * Decimal("0.08"), 1)))
        typed[rules.field_name(value.indicator, "why")] = texts["finished"]
    deeds.save_draft(report, by=filler, base_version=report.draft_version, data=typed, at=at)
    report = deeds.submit_report(report, by=filler, at=at)
    if finish:
        later = at + timedelta(days=1)
        deeds.approve_report(report, by=approver, at=later, seen=report.draft_version)


# In bulk -----------------------------------------------------------------------------------------
class Bulk:
    """Approved and submitted reports, set by set; the rows are those that the deeds leave."""

    def __init__(self, story: Story):
        self.story = story

    def write(self, planned: list[tuple[Duty, str]]) -> None:
        made = [self._report(duty, state) for duty, state in planned]
        ProgressReport.objects.bulk_create([row[0] for row in made], batch_size=200)
        values, revisions, reviews, observations, events, met = [], [], [], [], [], []
        for report, entries in made:
            values += [self._value(report, entry) for entry in entries]
            reviews += self._reviews(report)
            events += self._events(report)
            if report.state == ProgressReport.State.APPROVED:
                observations += [self._observation(report, entry) for entry in entries]
                report.duty.met_at = report.approved_at
                met.append(report.duty)
            else:
                revisions.append(self._revision(report))
        for model, rows in (
            (ReportValue, values),
            (DraftRevision, revisions),
            (Review, reviews),
            (Observation, observations),
            (Event, events),
        ):
            model.objects.bulk_create(rows, batch_size=300)
        Duty.objects.bulk_update(met, ["met_at"], batch_size=200)

    def _report(self, duty: Duty, state: str):
        story = self.story
        filler, checker, approver = story.people_of(duty)
        submitted, checked, decided = story.moments(duty)
        entries = story.entries(duty)
        for entry in entries:
            if state == APPROVED:
                story.last[entry.indicator.pk, duty.unit_id] = entry_as_observation(entry, duty)
        report = ProgressReport(
            duty=duty,
            work_item=story.items[duty.code],
            state=state,
            draft=story.draft(duty, entries),
            draft_version=2,
            draft_by=filler,
            draft_at=submitted,
            submitted_by=filler,
            submitted_at=submitted,
            checked_by=checker,
            checked_at=checked if checker else None,
            **story.words(duty),
        )
        if state == APPROVED:
            report.approved_by, report.approved_at = approver, decided
        return report, entries

    def _value(self, report, entry) -> ReportValue:
        return ReportValue(
            report=report,
            indicator=entry.indicator,
            state=entry.state,
            numerator=entry.numerator,
            denominator=entry.denominator,
            source=entry.source,
            warnings=[w | {"answer": entry.why} for w in entry.warnings],
        )

    def _observation(self, report, entry) -> Observation:
        row = entry_as_observation(entry, report.duty)
        row.report = report
        row.source = entry.source or report.work_item.title_zh
        row.entered_by, row.approved_by = report.submitted_by, report.approved_by
        row.approved_at = report.approved_at
        return row

    def _revision(self, report) -> DraftRevision:
        return DraftRevision(
            report=report,
            version=1,
            data=report.draft,
            by=report.submitted_by,
            at=report.submitted_at,
        )

    def _reviews(self, report) -> list[Review]:
        rows = []
        if report.checked_by:
            verdict = Review.Verdict.CHECKED
            rows.append(
                Review(report=report, verdict=verdict, by=report.checked_by, at=report.checked_at)
            )
        if report.approved_by:
            verdict = Review.Verdict.APPROVED
            rows.append(
                Review(report=report, verdict=verdict, by=report.approved_by, at=report.approved_at)
            )
        return rows

    def _events(self, report) -> list[Event]:
        steps = [
            ("tasks_app.report_begun", report.submitted_by, report.submitted_at, None),
            (
                "tasks_app.report_submitted",
                report.submitted_by,
                report.submitted_at,
                ProgressReport.State.CHECKING
                if report.checked_by
                else ProgressReport.State.SUBMITTED,
            ),
            (
                "tasks_app.report_checked",
                report.checked_by,
                report.checked_at,
                ProgressReport.State.SUBMITTED,
            ),
            (
                "tasks_app.report_approved",
                report.approved_by,
                report.approved_at,
                ProgressReport.State.APPROVED,
            ),
        ]
        duty = report.duty
        return [
            Event(
                at=at,
                actor_id=by.pk,
                actor=f"{by.name} ({by.username})",
                verb=verb,
                subject_code=ProgressReport._meta.label_lower,
                subject_pk=str(report.pk),
                subject_title=f"{report.work_item.number} {duty.unit.short} {duty.period} v1",
                after={"state": state, "version": 1} if state else None,
            )
            for verb, by, at, state in steps
            if by
        ]


def entry_as_observation(entry: rules.Entry, duty: Duty) -> Observation:
    return Observation(
        indicator=entry.indicator,
        unit_id=duty.unit_id,
        period=duty.period,
        period_end=duty.period_end,
        state=entry.state,
        numerator=entry.numerator,
        denominator=entry.denominator,
    )
