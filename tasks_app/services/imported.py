"""Values from a sheet: into the draft that the unit owes, and out of it again.

They move no standing: that is the approval's. What the portal computes itself is not asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction

from common import changes
from common.models import ChangeSet, RowChange
from common.periods import Period
from registry.models import Duty
from tasks_app.models import ImportedValue, Indicator, ProgressReport
from tasks_app.services import numbers, reports

PARTS = ("state", "num", "den", "why")


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


def latest_reports(duties: Iterable[Duty]) -> dict[int, ProgressReport]:
    """{duty: its newest report}, in one query."""
    found = ProgressReport.objects.filter(duty__in=list(duties)).order_by("version")
    return {report.duty_id: report for report in found}


def texts_in(draft: dict, indicator: Indicator) -> dict[str, str]:
    return {part: draft.get(numbers.field_name(indicator, part), "") for part in PARTS}


@transaction.atomic
def write_values(wanted: Iterable[Wanted], *, recorder, by, at: datetime) -> None:
    """Write what sheets say into the drafts, one save for each report; NotEditable if one is away."""
    in_order = sorted(wanted, key=lambda one: one.duty.pk)
    for _pk, group in groupby(in_order, key=lambda one: one.duty.pk):
        some = list(group)
        report = reports.open_report(some[0].duty, by=by, at=at)
        fields = [
            {numbers.field_name(one.indicator, part): text for part, text in one.texts.items()}
            for one in some
        ]
        before = [{name: report.draft.get(name, "") for name in texts} for texts in fields]
        data = {name: text for texts in fields for name, text in texts.items()}
        reports.save_draft(report, by=by, base_version=report.draft_version, data=data, at=at)
        for one, was, texts in zip(some, before, fields, strict=True):
            row = ImportedValue.objects.create(
                report=report, indicator=one.indicator, before=was, after=texts, **one.source
            )
            recorder.updated(
                row,
                {"standing": False},
                sheet=one.source["source_sheet"],
                row=one.source["source_row"],
            )


def settled(pks) -> set[int]:
    """Those that cannot be taken back: the report is on its way, or somebody has written on."""
    rows = ImportedValue.objects.filter(pk__in=pks).select_related("report")
    return {row.pk for row in rows if not (row.report.is_editable and row.is_in_draft)}


def take_back(change_set: ChangeSet, *, by, at: datetime) -> int:
    """After an undo: the drafts say again what they said before the sheet. Returns how many."""
    mine = RowChange.objects.filter(change_set=change_set, root=ImportedValue._meta.db_table)
    rows = (
        ImportedValue.objects.filter(
            pk__in=mine.values("root_pk"), standing=False, taken_back_at=None
        )
        .select_related("report")
        .order_by("report", "pk")
    )
    for _pk, group in groupby(rows, key=lambda row: row.report_id):
        some = list(group)
        report = ProgressReport.objects.select_for_update().get(pk=some[0].report_id)
        data = {name: text for row in some for name, text in row.before.items()}
        reports.save_draft(report, by=by, base_version=report.draft_version, data=data, at=at)
    return rows.update(taken_back_at=at)


def origin_of(report: ProgressReport, indicator: Indicator) -> ImportedValue | None:
    """The sheet that the report's number came from, if it still is that number."""
    rows = report.imported.filter(indicator=indicator, standing=True).order_by("-pk")
    row = rows.select_related("report").first()
    return row if row is not None and row.is_in_draft else None


changes.frozen_by(ImportedValue, settled)
