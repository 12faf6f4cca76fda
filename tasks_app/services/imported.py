"""Values from a sheet: into the draft that the unit owes, and out of it again.

They move no standing: that is the approval's. What the portal computes itself is not asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction

from common import changes
from common.models import ChangeSet, StoredFile
from common.periods import Period
from registry.models import Duty
from tasks_app.models import ImportedValue, Indicator, ProgressReport
from tasks_app.services import numbers, reports

PARTS = ("state", "num", "den", "why")
NUMBER = frozenset({"state", "num", "den"})  # what the number itself stands in


@dataclass(frozen=True)
class Wanted:
    """What a sheet says of an indicator for a duty: texts by part, "" for none."""

    duty: Duty
    indicator: Indicator
    texts: dict[str, str]
    source: dict  # the fields of Sourced: upload, sheet and row


def duties_of(user, period: Period, *, permission: str) -> dict[tuple[str, int], Duty]:
    """{(code, unit): what this person's own units owe for a period}, waived ones left out."""
    owed = Duty.objects.owed_by(user, permission).filter(period=period.code, waived_at=None)
    return {(duty.code, duty.unit_id): duty for duty in owed.select_related("unit")}


def latest_reports(duties: Iterable[int]) -> dict[int, ProgressReport]:
    """{duty: its newest report}, in one query."""
    found = ProgressReport.objects.filter(duty__in=list(duties)).order_by("version")
    return {report.duty_id: report for report in found}


def texts_in(draft: dict, indicator: Indicator) -> dict[str, str]:
    return {part: draft.get(numbers.field_name(indicator, part), "") for part in PARTS}


# In ----------------------------------------------------------------------------------------------
@transaction.atomic
def write_values(wanted: Iterable[Wanted], *, recorder, by, at: datetime) -> None:
    """Write what sheets say into the drafts, one save for each report; NotEditable if one is away."""
    for group in _by_duty(wanted):
        duty = group[0].duty
        begun = not duty.progress_reports.exists()
        report = reports.open_report(duty, by=by, at=at)
        fields = [
            {numbers.field_name(one.indicator, part): text for part, text in one.texts.items()}
            for one in group
        ]
        before = [{name: report.draft.get(name) for name in texts} for texts in fields]
        data = {name: text for texts in fields for name, text in texts.items()}
        reports.save_draft(report, by=by, base_version=report.draft_version, data=data, at=at)
        for one, was, texts in zip(group, before, fields, strict=True):
            row = ImportedValue.objects.create(
                report=report,
                indicator=one.indicator,
                before=was,
                after=texts,
                begun=begun,
                **one.source,
            )
            recorder.updated(
                row,
                {"standing": False},
                sheet=one.source["source_sheet"],
                row=one.source["source_row"],
            )


def _by_duty(wanted: Iterable[Wanted]) -> Iterable[list[Wanted]]:
    """In one order, so that two imports lock the same drafts in the same order."""
    in_order = sorted(wanted, key=lambda one: (one.duty.pk, one.indicator.pk))
    return [list(group) for _pk, group in groupby(in_order, key=lambda one: one.duty.pk)]


# Out ---------------------------------------------------------------------------------------------
def settled(pks) -> dict[int, str]:
    """Those that cannot be taken back, and why: the report is frozen or on its way, or somebody has
    written on."""
    found = {}
    for row in ImportedValue.objects.filter(pk__in=list(pks)).select_related("report"):
        if not row.report.is_editable:
            found[row.pk] = "frozen" if row.report.is_decided else "under_way"
        elif not row.is_in(row.report.draft):
            found[row.pk] = "edited_since"
    return found


def take_back(change_set: ChangeSet, *, by, at: datetime) -> int:
    """After an undo: the drafts say again what they said before the sheet. Returns how many values.

    A report that was begun by the sheet, and holds nothing else, goes with them.
    """
    mine = change_set.rows.filter(root=ImportedValue._meta.db_table).values("root_pk")
    rows = list(ImportedValue.objects.filter(pk__in=mine, standing=False).order_by("report", "pk"))
    for pk, group in groupby(rows, key=lambda row: row.report_id):
        some = list(group)
        report = ProgressReport.objects.select_for_update().get(pk=pk)
        texts = {name: text for row in some for name, text in row.before.items()}
        reports.restore_draft(report, texts, by=by, at=at)
        ImportedValue.objects.filter(pk__in=[row.pk for row in some]).delete()
        if any(row.begun for row in some) and holds_nothing(report):
            report.delete()
    return len(rows)


def holds_nothing(report: ProgressReport) -> bool:
    """Nobody has ever handed it in, nothing is written in it, no file hangs on it."""
    if report.version > 1 or report.submitted_at or any(report.draft.values()):
        return False
    label = ProgressReport._meta.label_lower
    files = StoredFile.objects.filter(subject_code=label, subject_pk=str(report.pk))
    return not (report.imported.exists() or files.exists())


# Where a number came from --------------------------------------------------------------------------
def origins_of(report: ProgressReport) -> dict[int, ImportedValue]:
    """{indicator: the sheet that its number came from}, of those that still are that number.

    A correction begins with the numbers that it corrects, and so with where they came from.
    """
    found = origins_of(report.corrects) if report.corrects else {}
    found = {
        pk: row for pk, row in found.items() if _same_number(report, report.corrects, row.indicator)
    }
    rows = report.imported.filter(standing=True).select_related("indicator").order_by("pk")
    for row in rows:
        if not NUMBER.isdisjoint(name.rpartition("-")[2] for name in row.after):
            found.pop(row.indicator_id, None)
            if row.is_in(report.draft):
                found[row.indicator_id] = row
    return found


def _same_number(report: ProgressReport, other: ProgressReport, indicator: Indicator) -> bool:
    mine, theirs = texts_in(report.draft, indicator), texts_in(other.draft, indicator)
    parts = NUMBER if indicator.is_rate else NUMBER - {"den"}
    return all(mine[part] == theirs[part] for part in parts)


changes.frozen_by(ImportedValue, settled)
