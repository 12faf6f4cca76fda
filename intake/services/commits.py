"""Writing an upload: one pass, one transaction, under the locks of the tables that it writes."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common import audit, changes, locks, vault
from intake import kinds
from intake.checking import Pass
from intake.contexts import context_of, touch_figures
from intake.faults import Unusable
from intake.models import Upload
from intake.services import previews
from intake.services.checks import preview_of
from intake.stores.base import Run

State = Upload.State


@dataclass
class Committed:
    """What came of a commit: `wrote` is false where faults or conflicts forbade it."""

    upload: Upload
    wrote: bool


def run_commit(upload: Upload, *, by, at: datetime, progress=None) -> Committed:
    """Write the rows, all or nothing; with `good_rows` those that are good.

    Safe to repeat and to kill anywhere: the upload's state, checked in the transaction that writes,
    says whether it was done. Parsing and staging stand outside, so that SQLite's one writer and the
    locks are held no longer than it takes to compare and merge.
    """
    if upload.state != State.COMMITTING:
        return Committed(upload, upload.state == State.COMMITTED)
    run = Run(
        kinds.get(upload.kind),
        context_of(upload, by, at),
        upload.pk,
        at,
        writes=True,
        good_rows=upload.good_rows,
        end_missing=upload.end_missing,
        seen=_seen(upload, by),
    )
    try:
        with Pass(upload, run, progress) as passed:
            passed.read()
            done = _write(upload, passed, by=by, at=at)
            if passed.found:
                _keep_preview(done, passed, run.seen)
            return done
    except (Unusable, vault.Gone) as reason:
        return _refuse(upload, reason)


def _seen(upload: Upload, by) -> dict:
    try:
        return previews.read_preview(upload, by).seen()
    except previews.PreviewGone:
        return {}


def _refuse(upload: Upload, reason: Exception) -> Committed:
    """The original can no longer be read: as after a check that finds so."""
    upload.state, upload.fault = State.UNUSABLE, getattr(reason, "code", "original_gone")
    upload.fault_params = {
        name: str(value) for name, value in getattr(reason, "params", {}).items()
    }
    upload.save(update_fields=["state", "fault", "fault_params"])
    return Committed(upload, False)


def _write(upload: Upload, passed: Pass, *, by, at: datetime) -> Committed:
    with transaction.atomic():
        for name in passed.kind.store.locks:
            locks.hold(name)
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.state != State.COMMITTING:  # another runner was here before
            return Committed(upload, upload.state == State.COMMITTED)
        passed.compare()
        wrote = passed.is_faultless or (upload.good_rows and not passed.needs_mapping)
        if wrote:
            with changes.record("intake.committed", by=by, at=at, subject=upload) as recorder:
                passed.stage.write(recorder)
            _settle_written(upload, passed, recorder, by=by, at=at)
        else:
            stands = upload.change_set and not upload.change_set.undone_at
            upload.state = State.COMMITTED if stands else State.CHECKED
            upload.counts = passed.counts()
        upload.save()
    return Committed(upload, wrote)


def _settle_written(upload: Upload, passed: Pass, recorder, *, by, at: datetime) -> None:
    counts = passed.counts()
    passed.kind.settle(recorder.change_set, passed.context, at)
    if recorder.change_set.rows.exists() or upload.change_set is None:
        upload.change_set = recorder.change_set
    else:
        recorder.change_set.delete()  # a repetition that changed nothing: the earlier one stands
    upload.state, upload.counts = State.COMMITTED, counts
    upload.committed_by, upload.committed_at = by, at
    touch_figures(passed.kind, passed.context)
    audit.record(
        "intake.committed",
        upload,
        by=by,
        after={
            "kind": upload.kind,
            "unit": upload.unit.name,
            "period": upload.period,
            "good_rows": upload.good_rows,
            **{name: counts[name] for name in ("inserted", "updated", "unchanged", "rejected")},
        },
    )


def _keep_preview(done: Committed, passed: Pass, seen: dict) -> None:
    """The preview becomes that of what was written, or of what stood in the way.

    It stands outside the transaction: the old one does as well, should this not be reached.
    """
    preview = preview_of(passed)
    if not done.wrote:
        # What the person saw stays the measure: another commit must not overlook a conflict.
        preview.set_seen(seen)
    old, key = done.upload.preview_key, previews.keep(preview)
    if Upload.objects.filter(pk=done.upload.pk, preview_key=old).update(preview_key=key):
        done.upload.preview_key = key
        if old:
            vault.remove(old)
    else:
        vault.remove(key)
