"""What the page of one number shows, and how much of it to whom."""

from dataclasses import dataclass

from common import smallcells
from common.figures import State
from common.smallcells import People
from tasks_app.models import HistoryBatch, Indicator, Observation, ProgressReport
from tasks_app.sheet_lines import SheetLine, lines_of

READ = "tasks_app.view_observation"


@dataclass
class Opened:
    """One version of a number. `mask` stands in its place where few people could be told by it."""

    row: Observation
    mask: str = ""
    reason: str = ""  # why it replaced the one before
    note: str = ""


@dataclass
class Origin:
    """Where a number came from; what one may not open is not there."""

    report: ProgressReport | None = None
    batch: HistoryBatch | None = None
    line: SheetLine | None = None  # of the workbook that was handed in


def versions_of(observation: Observation, user, *, covered: bool) -> list[Opened]:
    """Every version of the number, the newest first; names of reasons only within scope."""
    rows = (
        Observation.objects.shared(user)
        .filter(
            indicator=observation.indicator_id,
            unit=observation.unit_id,
            period=observation.period,
        )
        .select_related("indicator", "unit", "report", "batch", "entered_by", "approved_by")
        .order_by("-approved_at", "-pk")
    )
    hide = not covered and _is_hidden(observation, user)
    found = []
    for row in rows:
        part = _people(row)
        mask = ""
        if row.value is not None and (hide or (not covered and _counts_few(row, part))):
            mask = smallcells.shown(part, is_hidden=True)
        # A batch replaces in one place and adds in another; its reason belongs to what it replaced.
        cause = row.report or row.batch if covered else None
        found.append(Opened(row, mask))
        if cause and cause.reason:
            found[-1].reason, found[-1].note = cause.get_reason_display(), cause.reason_note
    if found and found[-1].row.batch_id:
        found[-1].reason = found[-1].note = ""
    return found


def _people(row: Observation, covered: bool = False) -> People:
    return People(row.numerator, row.denominator, covered=covered)


def _counts_few(row: Observation, part: People) -> bool:
    return row.indicator.counts_people and part.is_small


def _is_hidden(observation: Observation, user) -> bool:
    """Few people, or what would tell of few beside the other units and the league's total."""
    if not observation.indicator.counts_people:
        return False
    beside = Observation.objects.current().filter(
        indicator=observation.indicator_id, period=observation.period, state=State.REPORTED
    )
    seen = set(beside.visible_to(user, READ).values_list("unit", flat=True))
    parts = {row.unit_id: _people(row, row.unit_id in seen) for row in beside}
    if not parts:
        return False
    total = None
    if observation.indicator.aggregation != Indicator.Aggregation.LEAGUE_ONLY:
        rate = observation.indicator.is_rate
        total = People(
            sum(part.number for part in parts.values()),
            sum(part.of for part in parts.values()) if rate else None,
        )
    return observation.unit_id in smallcells.hidden(parts, total)


def origin_of(observation: Observation, user) -> Origin:
    """The report or the batch, where this person may open it."""
    origin = Origin()
    if observation.report_id:
        readable = ProgressReport.objects.readable_by(user).select_related("duty__unit")
        origin.report = readable.filter(pk=observation.report_id).first()
        if origin.report and not observation.computed:
            origin.line = lines_of(origin.report, user).get(observation.indicator_id)
    else:
        origin.batch = HistoryBatch.objects.visible_to(user).filter(pk=observation.batch_id).first()
    return origin
