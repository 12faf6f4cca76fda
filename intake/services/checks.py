"""The check of an upload: one pass of its original through its kind, told in a preview."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import figures, vault
from intake import kinds
from intake.checking import Pass
from intake.contexts import context_of
from intake.faults import Fault, Unusable, declare
from intake.findings import Finding
from intake.models import Upload
from intake.services import previews
from intake.services.previews import Changed, HeaderUse, LeftOut, Missing, Preview, Touched
from intake.sheets import Table
from intake.stores.base import WRITTEN, Comparison, Run

State = Upload.State

declare(
    {
        "same_file": (
            _("这个文件 %(day)s 传过一次（批次 %(upload)s）"),
            _("是重复的，放弃这一次；要再提交一遍，不用管。"),
        ),
        "original_gone": (_("原件已过保存期，或读不出来"), _("再传一次。")),
    }
)


def run_check(upload: Upload, *, by, at: datetime, progress=None) -> Upload:
    """Compare the original with what is stored, write nothing but the preview.

    Safe to repeat: the last preview counts. Only the request's own deeds move an upload on.
    """
    waiting = (State.RECEIVED, State.CHECKING)
    if not Upload.objects.filter(pk=upload.pk, state__in=waiting).update(state=State.CHECKING):
        return upload
    run = Run(kinds.get(upload.kind), context_of(upload, by, at), upload.pk, at)
    try:
        with Pass(upload, run, progress) as passed:
            passed.read()
            passed.compare()
            preview = preview_of(passed)
    except Unusable as reason:
        return _settle(upload, at, State.UNUSABLE, fault=reason)
    except vault.Gone:
        return _settle(upload, at, State.UNUSABLE, fault=Unusable("original_gone"))
    for earlier in same_file(upload, by):
        preview.add_warning(earlier)
    state = State.MAPPING if passed.needs_mapping else State.CHECKED
    return _settle(upload, at, state, preview=preview, passed=passed)


def same_file(upload: Upload, by) -> list[Finding]:
    """A warning if the same bytes came before, naming the last upload of them that one may see."""
    seen = Upload.objects.visible_to(by).same_bytes(upload).order_by("pk").last()
    if seen is None:
        return []
    return [Finding("same_file", params={"upload": seen.pk, "day": f"{seen.at:%Y-%m-%d}"})]


def preview_of(passed: Pass) -> Preview:
    """All that a pass found, in the form in which it is kept and shown."""
    found, kind = passed.found, passed.kind
    names = {table.sheet: table.sheet_name for table in passed.tables.values()}
    faults = passed.faults.in_order(passed.sheets)
    return Preview(
        counts=passed.counts(),
        fault_causes=passed.faults.causes(),
        faults=faults,
        warning_causes=passed.warnings.causes(),
        warnings=passed.warnings.in_order(passed.sheets),
        changes=[
            Changed(
                names[one.sheet],
                one.row,
                one.subject,
                _header(passed.tables[one.sheet], kind, one.column),
                one.old,
                one.new,
                one.is_clear,
            )
            for one in found.changes[: previews.CHANGES_KEPT]
        ],
        changes_total=found.changes_total,
        touched=_touched(found, kind),
        headers=[
            HeaderUse(table.sheet_name, use.letter, use.header, use.column, use.how)
            for table in passed.tables.values()
            for use in table.uses()
        ],
        left_out=[
            LeftOut(table.sheet_name, what, count)
            for table in passed.tables.values()
            for what, count in table.left_out.items()
        ],
        heads={table.sheet_name: table.header_rows[1] for table in passed.tables.values()},
        facts=passed.facts,
        missing=[Missing(one.subject, one.place) for one in found.missing[: previews.MISSING_KEPT]],
        questions=[one for one in faults if one.code == "needs_answer" and "about" in one.params],
        versions={str(sheet): list(pair) for sheet, pair in found.versions.items()},
    )


def _touched(found: Comparison, kind) -> list[Touched]:
    """What a commit moves: as the store tells it, and the figures that count the kind's rows."""
    told = [Touched(**one) for one in found.touched]
    if found.rows(*WRITTEN):
        told += [Touched(str(figures.get(code).label)) for code in kind.figures]
    return told


def _header(table: Table, kind, column: str) -> str:
    """What the sheet calls a column; the kind's word where the sheet has none."""
    if column in table.columns:
        return table.columns[column].header
    if column in kind.columns:
        return str(kind.columns[column].header)
    return next((one.header for one in table.extra if one.letter == column), column)


def _settle(
    upload: Upload,
    at: datetime,
    state: str,
    *,
    preview: Preview | None = None,
    passed: Pass | None = None,
    fault: Unusable | None = None,
) -> Upload:
    """Keep what was found, unless the upload was put away meanwhile."""
    key = previews.keep(preview) if preview else ""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.state != State.CHECKING:
            transaction.on_commit(lambda: vault.remove(key) if key else None)
            return upload
        old, upload.preview_key = upload.preview_key, key
        upload.state, upload.checked_at = state, at
        upload.counts = preview.counts if preview else {}
        if passed:
            upload.format, upload.sheets, upload.facts = passed.format, passed.sheets, passed.facts
            if period := passed.context.period:
                upload.period = period.code  # the sheet may have said it
        if fault:
            upload.fault, upload.fault_params = fault.code, _plain(fault.params)
        upload.save()
        if old:
            transaction.on_commit(lambda: vault.remove(old))
    return upload


def _plain(params: dict) -> dict:
    """Params as JSON can hold them; lazy words become words."""
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}


def words_of(upload: Upload) -> str:
    """Why an upload cannot be used, in words."""
    return Fault(upload.fault, params=upload.fault_params).message
