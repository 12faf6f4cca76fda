"""Values of past years: checked, handed in by one person, approved as a whole by another.

They become observations like any other, with the batch as their origin, and no unit owes them.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit, inbox
from common.figures import State
from common.models import User
from common.periods import Period, between
from registry import roles
from registry.models import Posting
from tasks_app.models import HistoryBatch, HistoryValue, Indicator, Observation
from tasks_app.services import numbers
from tasks_app.services.grids import FIRST_YEAR, STATES, Fault, Row, parse_grid
from tasks_app.services.names import load_known
from tasks_app.services.standings.touched import touch_values

LOAD = "tasks_app.load_history"


class Faulty(Exception):
    """Nothing is taken while there are faults, or where there is nothing new."""


class ReasonMissing(Exception):
    """Replacing what another batch brought needs a coded reason."""


class AlreadyDecided(Exception):
    """Somebody decided on the batch, or withdrew it, before."""


class OwnBatch(Exception):
    """Nobody decides on what they submitted."""


class NotYours(Exception):
    """Only who submitted a batch withdraws it."""


class NoteMissing(Exception):
    """Sending back needs a word about what to change."""


class Overtaken(Exception):
    """Since the batch was checked, values of its periods were approved elsewhere."""

    def __init__(self, values):
        super().__init__(f"{len(values)} values")
        self.values = values


# Checking ----------------------------------------------------------------------------------------
@dataclass
class Checked:
    """What a paste would do, before anything is written."""

    rows: list[Row] = field(default_factory=list)  # to be written: new ones and replacements
    faults: list[Fault] = field(default_factory=list)
    unchanged: int = 0

    @property
    def replaced(self) -> list[Row]:
        return [row for row in self.rows if row.old]

    @property
    def new(self) -> list[Row]:
        return [row for row in self.rows if not row.old]

    @property
    def warned(self) -> list[Row]:
        return [row for row in self.rows if row.warnings]

    @property
    def is_ready(self) -> bool:
        return bool(self.rows) and not self.faults

    @property
    def digest(self) -> str:
        """Changes with anything that would be written, so that only what was seen is handed in."""
        seen = hashlib.sha256()
        for row in self.rows:
            old = row.old.pk if row.old else ""
            seen.update(f"{row.key}{row.state}{row.numerator}{row.denominator}{old}\n".encode())
        return seen.hexdigest()


def check(text: str, *, by, on: date, indicator: Indicator | None = None) -> Checked:
    """Read a paste, compare it with what is stored and ask what a careful colleague would ask."""
    grid = parse_grid(text, known=load_known(by=by, on=on), on=on, indicator=indicator)
    checked = Checked(faults=grid.faults)
    series = _stored_series(grid.rows)
    for row in grid.rows:
        row.old = series.get(row.key[:2], {}).get(row.period)
        if row.old is None:
            checked.rows.append(row)
        elif _same(row, row.old):
            checked.unchanged += 1
        elif row.old.batch_id:
            checked.rows.append(row)
        else:
            checked.faults.append(_frozen(row))
    checked.faults.sort(key=lambda fault: (fault.line, fault.column))
    _find_warnings(checked.rows, series)
    return checked


def _stored_series(rows: list[Row]) -> dict[tuple, dict[Period, Observation]]:
    """{(indicator, unit): {period: the value that counts}}, in one query."""
    found = Observation.objects.current().filter(
        indicator__in={row.indicator.pk for row in rows}, unit__in={row.unit.pk for row in rows}
    )
    series: dict[tuple, dict[Period, Observation]] = {}
    for stored in found:
        of_unit = series.setdefault((stored.indicator_id, stored.unit_id), {})
        of_unit[Period.parse(stored.period)] = stored
    return series


def _same(row, stored) -> bool:
    return (row.state, row.numerator, row.denominator) == (
        stored.state,
        stored.numerator,
        stored.denominator,
    )


def said(measured) -> str:
    """A value in words, for messages: 125/128, 37, 未报."""
    if measured.state == State.NOT_REPORTED:
        return _("未报")
    if measured.state == State.NOT_APPLICABLE:
        return _("不适用")
    if measured.state == State.NO_CASE:
        return _("无个案")
    parts = [part for part in (measured.numerator, measured.denominator) if part is not None]
    return "/".join(f"{part.normalize():f}" for part in parts)


def _frozen(row: Row) -> Fault:
    words = {"period": row.period.label, "old": said(row.old), "new": said(row)}
    text = _(
        "%(period)s已由填报审核冻结，是 %(old)s，这里是 %(new)s。要改请该单位走“更正”；这一格空着。"
    )
    return Fault(row.line, row.column, "frozen", text % words, said(row))


def _find_warnings(rows: list[Row], series: dict[tuple, dict[Period, Observation]]) -> None:
    """Each value beside its neighbours in time, pasted or stored; a pair is asked about once."""
    limits = numbers.jump_limits()
    pasted: dict[tuple, dict[Period, Row]] = {}
    for row in rows:
        pasted.setdefault(row.key[:2], {})[row.period] = row
    for key, fresh in pasted.items():
        # A stored value of another kind of period is no neighbour.
        kind = next(iter(fresh)).kind
        merged = {p: v for p, v in series.get(key, {}).items() if p.kind == kind} | fresh
        line = [(period, merged[period]) for period in sorted(merged)]
        for (earlier, before), (later, after) in pairwise([(None, None), *line]):
            owner = fresh.get(later) or fresh.get(earlier)
            if owner is None:
                continue
            found = numbers.find_warnings(_entry(after, owner.indicator), before, limits)
            for warning in found:
                if warning["code"] == "UNKNOWN":  # not known is an answer here
                    continue
                if warning["code"] == "OVER" and later not in fresh:
                    continue
                pair = {"from": earlier.code if earlier else "", "to": later.code}
                owner.warnings.append(warning | pair)


def _entry(value: Row | Observation, indicator: Indicator) -> numbers.Entry:
    return numbers.Entry(indicator, value.state, value.numerator, value.denominator)


def warning_text(warning: dict) -> str:
    """What a value makes one ask, in words; the answer stays with who looks."""
    texts = {
        "GONE": _("%(from)s报过 %(old)s，%(to)s不适用"),
        "OVER": _("分子 %(new)s 大于分母 %(old)s"),
        "FALL": _("累计数下降：%(from)s是 %(old)s，%(to)s是 %(new)s"),
        "ZERO": _("%(from)s是 %(old)s，%(to)s是 0"),
        "JUMP": _("%(from)s到%(to)s变动 %(percent)s%%（%(old)s → %(new)s）"),
        "JUMP_DEN": _("分母从%(from)s到%(to)s变动 %(percent)s%%（%(old)s → %(new)s）"),
        "JUMP_RATE": _("比率从%(from)s到%(to)s变动 %(percent)s%%（%(old)s → %(new)s）"),
    }
    labels = {
        name: Period.parse(warning[name]).label if warning[name] else "" for name in ("from", "to")
    }
    return texts[warning["code"]] % (warning | labels)


# Deeds -------------------------------------------------------------------------------------------
def submit_batch(
    checked: Checked,
    *,
    by,
    at: datetime,
    title: str,
    source: str,
    reason: str = "",
    reason_note: str = "",
    text: str = "",
    indicator: Indicator | None = None,
    corrects: HistoryBatch | None = None,
    token=None,
) -> HistoryBatch:
    """Hand a checked paste on to another person. The same page's token gives the same batch."""
    if not checked.is_ready:
        raise Faulty(checked)
    if checked.replaced and not reason:
        raise ReasonMissing(checked)
    batch = HistoryBatch(
        title=title,
        source=source,
        submitted_by=by,
        submitted_at=at,
        reason=reason if checked.replaced else "",
        reason_note=reason_note if checked.replaced else "",
        text=text,
        indicator=indicator,
        corrects=corrects,
        unchanged_count=checked.unchanged,
        warning_count=len(checked.warned),
        token=token,
    )
    try:
        return _store(batch, checked)
    except IntegrityError:
        first = HistoryBatch.objects.filter(token=token, submitted_by=by).first()
        if token is None:
            raise
        if first is None:  # the token is that of another person's page
            batch.token = uuid4()
            return _store(batch, checked)
        return first


@transaction.atomic
def _store(batch: HistoryBatch, checked: Checked) -> HistoryBatch:
    batch.save(force_insert=True)
    HistoryValue.objects.bulk_create(
        HistoryValue(
            batch=batch,
            indicator=row.indicator,
            unit=row.unit,
            period=row.period.code,
            state=row.state,
            numerator=row.numerator,
            denominator=row.denominator,
            line=row.line,
            replaces=row.old,
            warnings=row.warnings,
        )
        for row in checked.rows
    )
    counts = {
        "new": len(checked.new),
        "replaced": len(checked.replaced),
        "unchanged": checked.unchanged,
        "warnings": batch.warning_count,
    }
    after = counts | ({"reason": batch.reason} if batch.reason else {})
    audit.record("tasks_app.history_submitted", batch, by=batch.submitted_by, after=after)
    at = batch.submitted_at
    people = who_may_decide(batch, on=timezone.localdate(at))
    _tell(people, "等你审核", batch, by=batch.submitted_by, at=at)  # data
    return batch


def _tell(people, what: str, batch: HistoryBatch, *, by, at: datetime) -> None:
    text = f"{what}：历年数据，{batch.title}"  # data
    inbox.send(people, text, batch, by=by, at=at)


def _waiting(batch: HistoryBatch) -> HistoryBatch:
    batch = HistoryBatch.objects.select_for_update().get(pk=batch.pk)
    if not batch.is_waiting:
        raise AlreadyDecided(batch)
    return batch


def _decide(batch: HistoryBatch, state: str, *, by, at: datetime, note: str = "") -> None:
    batch.state, batch.decided_at, batch.note = state, at, note
    batch.decided_by = None if state == HistoryBatch.State.WITHDRAWN else by
    batch.save(update_fields=["state", "decided_at", "note", "decided_by"])


@transaction.atomic
def approve_batch(batch: HistoryBatch, *, by, at: datetime) -> HistoryBatch:
    """Freeze a whole batch: its values become observations, those it replaces are superseded."""
    batch = _waiting(batch)
    if batch.submitted_by_id == by.pk:
        raise OwnBatch(batch)
    values = _values_beside_current(batch)
    if overtaken := [value for value in values if value.current_pk != value.replaces_id]:
        raise Overtaken(overtaken)
    replaced = (
        Observation.objects.current()
        .filter(pk__in=batch.values.exclude(replaces=None).values("replaces"))
        .update(superseded_at=at)
    )
    ends = {value.period: value.span.end for value in values}
    try:
        with transaction.atomic():
            Observation.objects.bulk_create(
                Observation(
                    indicator_id=value.indicator_id,
                    unit_id=value.unit_id,
                    period=value.period,
                    period_end=ends[value.period],
                    state=value.state,
                    numerator=value.numerator,
                    denominator=value.denominator,
                    batch=batch,
                    source=batch.source,
                    entered_by_id=batch.submitted_by_id,
                    approved_by=by,
                    approved_at=at,
                )
                for value in values
            )
    except IntegrityError:  # approved elsewhere between the look and the write
        raise Overtaken([]) from None
    touch_values(values)
    _decide(batch, HistoryBatch.State.APPROVED, by=by, at=at)
    audit.record(
        "tasks_app.history_approved",
        batch,
        by=by,
        after={"values": len(values), "replaced": replaced},
    )
    _tell([batch.submitted_by], "已通过", batch, by=by, at=at)  # data
    return batch


def _values_beside_current(batch: HistoryBatch) -> list[HistoryValue]:
    """The batch's values, each with the key of the observation that counts now: `current_pk`."""
    current = Observation.objects.current().filter(
        indicator=OuterRef("indicator"), unit=OuterRef("unit"), period=OuterRef("period")
    )
    return list(batch.values.annotate(current_pk=Subquery(current.values("pk")[:1])))


@transaction.atomic
def return_batch(batch: HistoryBatch, *, by, at: datetime, note: str) -> HistoryBatch:
    """Send a batch back with a word about what to change; nothing of it counts."""
    batch = _waiting(batch)
    if batch.submitted_by_id == by.pk:
        raise OwnBatch(batch)
    if not note.strip():
        raise NoteMissing(batch)
    _decide(batch, HistoryBatch.State.RETURNED, by=by, at=at, note=note.strip())
    audit.record("tasks_app.history_returned", batch, by=by, after={"values": batch.values.count()})
    _tell([batch.submitted_by], "被退回", batch, by=by, at=at)  # data
    return batch


@transaction.atomic
def withdraw_batch(batch: HistoryBatch, *, by, at: datetime) -> HistoryBatch:
    """Take back what one submitted, while nobody has decided."""
    batch = _waiting(batch)
    if batch.submitted_by_id != by.pk:
        raise NotYours(batch)
    _decide(batch, HistoryBatch.State.WITHDRAWN, by=by, at=at)
    audit.record(
        "tasks_app.history_withdrawn", batch, by=by, after={"values": batch.values.count()}
    )
    return batch


def who_may_decide(batch: HistoryBatch, *, on: date) -> list[User]:
    """The people who load past years, without the one who submitted the batch."""
    postings = (
        Posting.objects.in_force(on)
        .filter(role__in=roles.roles_with(LOAD), user__is_active=True)
        .exclude(user=batch.submitted_by_id)
        .for_list()
    )
    return list(dict.fromkeys(posting.user for posting in postings))


def text_of(batch: HistoryBatch) -> str:
    """What was pasted, to be put right; of a batch made another way its values as a paste."""
    if batch.text:
        return batch.text
    lines = ["指标\t单位\t期别\t分子\t分母"]  # data
    words = {state: word for word, state in STATES.items()}
    for value in batch.values.select_related("indicator", "unit").order_by("line", "pk"):
        parts = [words[value.state], ""] if value.state in words else said(value).split("/")
        lines.append("\t".join([value.indicator.code, value.unit.key, value.period, *parts]))
    return "\n".join(lines)


# The sheet to fill in ----------------------------------------------------------------------------
def blank_rows(*, by, on: date, first: int, last: int, work_item=None) -> list[Row]:
    """Every value of the years, stored or still to be entered, in the order of the catalogue.

    A period belongs to the year it ends in. A row without a stored value has no number.
    """
    known = load_known(by=by, on=on)
    units = sorted(
        {unit.pk: unit for found in known.units.values() for unit in found}.values(),
        key=lambda unit: (unit.sort_no, unit.sort_key),
    )
    reporting = [unit for unit in units if unit.reports_education]
    indicators = {i.pk: i for found in known.indicators.values() for i in found}.values()
    rows = []
    for indicator in sorted(indicators, key=lambda i: (i.work_item.plan_id, i.code)):
        if work_item and indicator.work_item_id != work_item.pk:
            continue
        office = indicator.work_item.lead_office
        offices = [office] if office and office.pk in known.keys else []
        periods = [
            period
            for period in between(indicator.period_kind, date(first - 1, 1, 1), date(last, 12, 31))
            if first <= period.year_of_end <= last and period.year >= FIRST_YEAR and period.end < on
        ]
        rows += [
            Row(indicator, unit=unit, period=period)
            for unit in (offices if indicator.league_only else reporting)
            for period in periods
        ]
    series = _stored_series(rows)
    for row in rows:
        row.old = series.get(row.key[:2], {}).get(row.period)
    return rows
