"""The way of a progress report: draft, submit, second person, review, approval, correction.

Nobody decides on what they submitted. Approval freezes the report; a correction is a new version
with a reason, and the old value counts until another person approves the new one.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common import audit, figures, inbox, options
from common.figures import State
from common.periods import Period
from common.refusals import Stale
from registry import roles
from registry.models import Duty, Posting, Unit
from registry.services import duties as registry_duties
from tasks_app.models import (
    DraftRevision,
    Observation,
    ProgressReport,
    ReportValue,
    Review,
)
from tasks_app.services import numbers
from tasks_app.services.duties import has_narrative, indicators_of, work_item_of
from tasks_app.services.reported import touch_counts
from tasks_app.services.standings.live import Asked
from tasks_app.services.standings.people import freeze_league
from tasks_app.services.standings.touched import touch_values

WORDS = ("self_assessment", "done", "problems", "next_step")
WORDS_MOST = 2000


class NotEditable(Exception):
    """The report is on its way or frozen: there is nothing to write into."""


class OwnReport(Exception):
    """Nobody decides on what they submitted."""


class Waived(Exception):
    """The unit does not owe it: there is nothing to hand in."""


class TooEarly(Exception):
    """The period is not over: a draft can be kept, not handed in."""


class NoteMissing(Exception):
    """Sending back needs a word about what to change."""


class NotReady(Exception):
    """The draft has faults: `.faults` lists them by field."""

    def __init__(self, faults):
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Conflict:
    """Two people changed one field: theirs is stored, mine is not lost."""

    field: str
    mine: str
    theirs: str


@dataclass
class Saved:
    """What a save did. `merged`: fields of the other writer that this page does not show yet."""

    version: int
    conflicts: list[Conflict] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None


# Drafting ----------------------------------------------------------------------------------------
@transaction.atomic
def open_report(duty: Duty, *, by, at: datetime) -> ProgressReport:
    """The report on its way for a duty, begun if there is none; the approved one if it is done."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    latest = duty.progress_reports.order_by("-version").first()
    if latest:
        return latest
    report = ProgressReport.objects.create(duty=duty, work_item=work_item_of(duty))
    audit.record("tasks_app.report_begun", report, by=by)
    return report


def fields_of(report: ProgressReport) -> list[str]:
    """The names of every field the draft of a report may hold."""
    names = list(WORDS) if has_narrative(report.duty) else []
    for indicator in indicators_of(report.duty, report.work_item):
        names += [numbers.field_name(indicator, part) for part in ("state", "num", "den", "why")]
    return names


@transaction.atomic
def save_draft(report: ProgressReport, *, by, base_version: int, data: dict, at: datetime) -> Saved:
    """Merge what one person typed into the draft, field by field.

    A field that only one person changed since `base_version` is taken; one that both changed is
    left as stored and told as a conflict.
    """
    report = ProgressReport.objects.select_for_update().get(pk=report.pk)
    if not report.is_editable:
        raise NotEditable(report)
    mine = {name: _typed_text(data[name]) for name in fields_of(report) if name in data}
    stored, saved = report.draft, Saved(report.draft_version)
    if base_version != report.draft_version:
        base_row = report.revisions.filter(version=base_version).first()
        base = base_row.data if base_row else {}
        saved.by, saved.at = str(report.draft_by or ""), report.draft_at
    else:
        base = stored
    fresh = dict(stored)
    for name, value in mine.items():
        now, then = stored.get(name, ""), base.get(name, "")
        if value == now:
            continue
        if value == then:
            saved.merged[name] = now
        elif now == then:
            fresh[name] = value
        else:
            saved.conflicts.append(Conflict(name, value, now))
    if fresh != stored:
        saved.version = _write_draft(report, fresh, by=by, at=at)
    return saved


@transaction.atomic
def restore_draft(
    report: ProgressReport, texts: dict[str, str | None], *, by, at: datetime
) -> None:
    """Let fields say again what they said before; None takes one away that was not there."""
    fresh = report.draft | texts
    fresh = {name: text for name, text in fresh.items() if text is not None}
    if fresh != report.draft:
        _write_draft(report, fresh, by=by, at=at)


def _typed_text(raw) -> str:
    """Words as they are stored: a line break is one character, as the page counts it; no NUL."""
    return str(raw).replace("\r\n", "\n").replace("\0", "")[:WORDS_MOST]


def _write_draft(report: ProgressReport, data: dict, *, by, at: datetime) -> int:
    report.draft, report.draft_by, report.draft_at = data, by, at
    report.draft_version += 1
    report.save(update_fields=["draft", "draft_by", "draft_at", "draft_version"])
    DraftRevision.objects.create(
        report=report, version=report.draft_version, data=data, by=by, at=at
    )
    return report.draft_version


# Numbers -----------------------------------------------------------------------------------------
def last_values(report: ProgressReport) -> dict[int, Observation]:
    """{indicator: the approved value of the latest earlier period}, in one query."""
    duty = report.duty
    wanted = [indicator.pk for indicator in indicators_of(duty, report.work_item)]
    found = (
        Observation.objects.current()
        .filter(indicator__in=wanted, unit=duty.unit_id, period_end__lt=duty.period_end)
        .order_by("period_end")
    )
    return {row.indicator_id: row for row in found}


def known_numbers(report: ProgressReport) -> dict[int, dict]:
    """What the portal computes itself: {indicator: {"whole"|"denominator": (number, source)}}."""
    duty, known, asked = report.duty, {}, Asked()
    period = Period.parse(duty.period)
    for indicator in indicators_of(duty, report.work_item):
        for part, code in (
            ("whole", indicator.figure),
            ("denominator", indicator.denominator_figure),
        ):
            if not code:
                continue
            value = asked.ask(code, period, [duty.unit]).get(duty.unit_id)
            if value is None:  # not known, or the figure could not be computed: it is typed
                continue
            number = value if part == "whole" else value.numerator
            source = str(figures.get(code).source)
            known.setdefault(indicator.pk, {})[part] = (number, source)
    return known


def read_entries(report: ProgressReport) -> list[numbers.Entry]:
    """Every number of the draft with its faults and the warnings that still want an answer."""
    last, known = last_values(report), known_numbers(report)
    entries = []
    for indicator in indicators_of(report.duty, report.work_item):
        entry = numbers.read_entry(indicator, report.draft, known.get(indicator.pk, {}))
        entry.warnings = numbers.find_warnings(entry, last.get(indicator.pk))
        entries.append(entry)
    return entries


def find_faults(report: ProgressReport, entries: list[numbers.Entry]) -> list[numbers.Fault]:
    """Everything that stands between the draft and its submission."""
    faults = []
    for entry in entries:
        faults += entry.faults
        if entry.warnings and not entry.why:
            field_name = numbers.field_name(entry.indicator, "why")
            faults.append(numbers.Fault(field_name, numbers.question(entry.warnings)))
    if has_narrative(report.duty):
        if report.draft.get("self_assessment") not in ProgressReport.SelfAssessment.values:
            faults.append(numbers.Fault("self_assessment", _("选一项自评。")))
        if not report.draft.get("done", "").strip():
            faults.append(numbers.Fault("done", _("写一句本期做了什么。")))
    return faults


# Deciding ----------------------------------------------------------------------------------------
def second_people(report: ProgressReport, *, submitter, at: datetime) -> list:
    """Who else of the unit could check, where the bureau wants a second person."""
    if report.duty.unit.kind == Unit.Kind.OFFICE or not options.get("tasks_app.second_check"):
        return []
    postings = (
        Posting.objects.filter(
            unit=report.duty.unit,
            role__in=roles.roles_with("tasks_app.check_progressreport"),
            user__is_active=True,
        )
        .in_force(timezone.localdate(at))
        .exclude(user=submitter)
        .select_related("user")
    )
    return [posting.user for posting in postings]


def _tell(users, what: str, report: ProgressReport, *, by, at: datetime) -> None:
    """A line in the inbox. It is stored content, so it is Chinese whatever page it was sent from."""
    duty = report.duty
    with translation.override("zh-hans"):
        period = Period.parse(duty.period).label
    task = f"{report.work_item.number} {report.work_item.title_zh}"
    text = f"{what}：{task}，{duty.unit.short}{period}"  # data
    inbox.send(users, text, report, by=by, at=at)


@transaction.atomic
def submit_report(report: ProgressReport, *, by, at: datetime) -> ProgressReport:
    """Hand the draft on. Computed numbers are stored with it; the draft's words become final."""
    report = ProgressReport.objects.select_for_update().get(pk=report.pk)
    if not report.is_editable:
        raise NotEditable(report)
    if Duty.objects.select_for_update().get(pk=report.duty_id).waived_at:
        raise Waived(report)
    if timezone.localdate(at) <= report.duty.period_end:
        raise TooEarly(report)
    entries = read_entries(report)
    if faults := find_faults(report, entries):
        raise NotReady(faults)
    report.values.all().delete()
    ReportValue.objects.bulk_create(
        ReportValue(
            report=report,
            indicator=entry.indicator,
            state=entry.state,
            numerator=entry.numerator,
            denominator=entry.denominator,
            computed=entry.computed,
            source=entry.source,
            warnings=[w | {"answer": entry.why} for w in entry.warnings],
        )
        for entry in entries
    )
    for name in WORDS:
        setattr(report, name, report.draft.get(name, "").strip())
    before = report.state
    checkers = second_people(report, submitter=by, at=at)
    report.state = ProgressReport.State.CHECKING if checkers else ProgressReport.State.SUBMITTED
    report.submitted_by, report.submitted_at = by, at
    report.checked_by = report.checked_at = None
    report.draft_version += 1  # who opened the page before sees that it has changed
    report.save()
    touch_counts([report.duty])
    audit.record(
        "tasks_app.report_submitted",
        report,
        by=by,
        before={"state": before},
        after={"state": report.state, "version": report.version},
    )
    _tell(checkers, "请复核", report, by=by, at=at)  # data
    return report


@transaction.atomic
def recall_report(report: ProgressReport, *, by, at: datetime) -> ProgressReport:
    """Take a report back while nobody has approved it."""
    report = _on_its_way(report, None)
    before = report.state
    report.state = ProgressReport.State.DRAFT
    report.draft_version += 1
    report.save(update_fields=["state", "draft_version"])
    # The same words, under the new number: what the next writer's edit is compared with.
    DraftRevision.objects.create(
        report=report, version=report.draft_version, data=report.draft, by=by, at=at
    )
    audit.record(
        "tasks_app.report_recalled",
        report,
        by=by,
        before={"state": before},
        after={"state": report.state},
    )
    return report


def _on_its_way(report: ProgressReport, seen: int | None, by=None) -> ProgressReport:
    """The locked report if it waits for a decision and is the one the decider saw."""
    report = ProgressReport.objects.select_for_update().get(pk=report.pk)
    waiting = (ProgressReport.State.CHECKING, ProgressReport.State.SUBMITTED)
    if report.state not in waiting or (seen is not None and seen != report.draft_version):
        raise Stale(report)
    if by is not None and by.pk == report.submitted_by_id:
        raise OwnReport(report)
    return report


@transaction.atomic
def check_report(report: ProgressReport, *, by, at: datetime, seen: int) -> ProgressReport:
    """The unit's second person agrees; the report goes on to the league."""
    report = _on_its_way(report, seen, by)
    if report.state != ProgressReport.State.CHECKING:
        raise Stale(report)
    report.state = ProgressReport.State.SUBMITTED
    report.checked_by, report.checked_at = by, at
    report.save(update_fields=["state", "checked_by", "checked_at"])
    Review.objects.create(report=report, verdict=Review.Verdict.CHECKED, by=by, at=at)
    audit.record("tasks_app.report_checked", report, by=by, after={"state": report.state})
    return report


@transaction.atomic
def return_report(
    report: ProgressReport,
    *,
    by,
    at: datetime,
    seen: int,
    note: str = "",
    field_notes: dict[str, str] | None = None,
) -> ProgressReport:
    """Send a report back with a note, at its fields where that helps."""
    report = _on_its_way(report, seen, by)
    allowed = set(fields_of(report))
    notes = {k: _typed_text(v).strip() for k, v in (field_notes or {}).items() if k in allowed}
    notes = {k: v for k, v in notes.items() if v}
    note = _typed_text(note).strip()
    if not note and not notes:
        raise NoteMissing(report)
    before = report.state
    report.state = ProgressReport.State.RETURNED
    report.draft_version += 1
    report.save(update_fields=["state", "draft_version"])
    DraftRevision.objects.create(
        report=report, version=report.draft_version, data=report.draft, by=by, at=at
    )
    Review.objects.create(
        report=report,
        verdict=Review.Verdict.RETURNED,
        note=note,
        field_notes=notes,
        by=by,
        at=at,
    )
    audit.record(
        "tasks_app.report_returned",
        report,
        by=by,
        before={"state": before},
        after={"state": report.state, "fields": sorted(notes)},
    )
    _tell([report.submitted_by], "退回修改", report, by=by, at=at)  # data
    return report


@transaction.atomic
def approve_report(
    report: ProgressReport, *, by, at: datetime, seen: int, note: str = ""
) -> ProgressReport:
    """Freeze a report: its numbers become observations, and those it corrects are superseded."""
    report = _on_its_way(report, seen, by)
    if report.state != ProgressReport.State.SUBMITTED:
        raise Stale(report)
    report.duty.progress_reports.filter(state=ProgressReport.State.APPROVED).update(
        state=ProgressReport.State.REPLACED
    )
    report.state = ProgressReport.State.APPROVED
    report.approved_by, report.approved_at = by, at
    report.save(update_fields=["state", "approved_by", "approved_at"])
    touch_values(_observe(report, by=by, at=at))
    registry_duties.meet(report.duty, at=at)
    touch_counts([report.duty])
    report.revisions.all().delete()  # key strokes on the way; the versions themselves stay
    Review.objects.create(
        report=report, verdict=Review.Verdict.APPROVED, note=_typed_text(note).strip(), by=by, at=at
    )
    audit.record(
        "tasks_app.report_approved",
        report,
        by=by,
        after={"state": report.state, "version": report.version},
    )
    _tell([report.submitted_by], "已通过", report, by=by, at=at)  # data
    return report


def _observe(report: ProgressReport, *, by, at: datetime) -> list[Observation]:
    duty, values = report.duty, list(report.values.select_related("indicator"))
    Observation.objects.current().filter(
        indicator__in=[value.indicator_id for value in values],
        unit=duty.unit_id,
        period=duty.period,
    ).update(superseded_at=at)
    observed = Observation.objects.bulk_create(
        Observation(
            indicator=value.indicator,
            unit_id=duty.unit_id,
            period=duty.period,
            period_end=duty.period_end,
            state=value.state,
            numerator=value.numerator,
            denominator=value.denominator,
            report=report,
            source=value.source or str(report.work_item.title_zh),
            computed=value.computed,
            entered_by=report.submitted_by,
            approved_by=by,
            approved_at=at,
        )
        for value in values
    )
    return observed + freeze_league(report, [value.indicator for value in values], by=by, at=at)


@transaction.atomic
def start_correction(
    report: ProgressReport, *, by, at: datetime, reason: str, note: str
) -> ProgressReport:
    """Begin a new version of an approved report; the approved values count until it is approved."""
    report = ProgressReport.objects.select_for_update().get(pk=report.pk)
    if report.state != ProgressReport.State.APPROVED:
        raise NotEditable(report)
    latest = report.duty.progress_reports.order_by("-version").first()
    if latest.version != report.version:
        return latest
    draft = {name: getattr(report, name) for name in WORDS if getattr(report, name)}
    for value in report.values.all():
        if value.state in (State.NOT_REPORTED, State.NOT_APPLICABLE):
            draft[numbers.field_name(value.indicator, "state")] = value.state
            continue
        draft[numbers.field_name(value.indicator, "num")] = _typed(value.numerator)
        if value.denominator is not None:
            draft[numbers.field_name(value.indicator, "den")] = _typed(value.denominator)
    correction = ProgressReport.objects.create(
        duty=report.duty,
        work_item=report.work_item,
        version=report.version + 1,
        corrects=report,
        reason=reason,
        reason_note=note,
    )
    _write_draft(correction, draft, by=by, at=at)
    audit.record(
        "tasks_app.correction_begun",
        correction,
        by=by,
        after={"version": correction.version, "reason": reason},
    )
    return correction


def _typed(number) -> str:
    return f"{number.normalize():f}" if number is not None else ""


@transaction.atomic
def waive(duty: Duty, *, by, reason: str) -> Duty:
    """The unit need not report after all; not while a report waits for a decision."""
    waiting = (ProgressReport.State.CHECKING, ProgressReport.State.SUBMITTED)
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if duty.progress_reports.filter(state__in=waiting).exists():
        raise NotEditable(duty)
    return registry_duties.waive_duty(duty, by=by, reason=reason)
