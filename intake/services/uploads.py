"""What people do with a workbook: hand it in, match its headers, answer, commit, discard, undo.

The original is kept encrypted in the vault. Checking and committing are Jobs; for a small file the
request claims its own Job and works it for about a second, so that nobody waits for a queue.
"""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit, changes, jobs, locks, vault
from common.models import ChangeSet, Job
from intake import kinds
from intake.contexts import context_of, touch_figures
from intake.models import Upload
from intake.services.headers import remember
from registry.models import units_seen_by

SMALL = 300 * 1024  # bytes up to which the request works its own Job
INLINE_SECONDS = 1.0

State = Upload.State
# A check or a commit is under way; in the other states an upload lies still.
MOVING = (State.RECEIVED, State.CHECKING, State.COMMITTING)
AT_REST = (State.MAPPING, State.CHECKED, State.UNUSABLE)


class UploadRefused(Exception):
    """The file was not taken; the text says why and what to do."""


class NotYours(Exception):
    """The person may not do this with this upload, or not in the state it is in."""


class CannotUndo(Exception):
    """The time in which a commit can be undone is over, or nothing of it stands any more."""


# Handing in --------------------------------------------------------------------------------------
def take_upload(
    file,
    *,
    kind: str,
    by,
    unit,
    at: datetime,
    period: str = "",
    facts: dict | None = None,
    mapping: dict | None = None,
    inline: bool = True,
) -> Upload:
    """Keep the original and ask for its check.

    `file` is a Django File (name, size, chunks). `facts` are the kind's facts as typed, `mapping`
    is {header as written: column name, or "" to leave it out}. The same bytes that the same person
    handed in for the same unit and period, and did not commit, are the same upload, checked anew.
    """
    declared = kinds.get(kind)
    if declared is None or not _covers(by, declared, unit.pk, at):
        raise NotYours(kind)
    digest, key = _keep_original(file)
    try:
        with transaction.atomic():
            upload = Upload(kind=kind, unit=unit, period=period, by=by, at=at, sha256=digest)
            upload.facts_given = dict(sorted((facts or {}).items()))
            at_rest = (*AT_REST, State.DISCARDED)
            same = Upload.objects.same_as(upload).filter(state__in=at_rest)
            upload = same.select_for_update().last() or upload
            _forget(upload.file_key)
            upload.name = str(file.name).replace("\\", "/").rpartition("/")[2][-200:]
            upload.size, upload.file_key = file.size, key
            upload.mapping = upload.mapping | (mapping or {})
            _ask_for_check(upload, by=by)
            audit.record(
                "intake.uploaded",
                upload,
                by=by,
                after={"kind": kind, "unit": unit.name, "period": period, "size": file.size},
            )
    except BaseException:
        vault.remove(key)
        raise
    return _work_if_small(upload, inline)


def _keep_original(file) -> tuple[str, str]:
    """(SHA-256, key in the vault) of the bytes."""
    most = settings.FILE_MAX_BYTES
    if file.size > most:
        raise UploadRefused(
            _("文件超过 %(most)s MB，请拆成几个文件再传。") % {"most": most // 1024 // 1024}
        )
    if not file.size:
        raise UploadRefused(_("文件是空的，请看看是不是选错了。"))
    digest = hashlib.sha256()

    def pieces():
        for piece in file.chunks():
            digest.update(piece)
            yield piece

    try:
        key = vault.put(pieces())
    except vault.Full:
        raise UploadRefused(
            _("存放文件的磁盘满了，这份没有收下。请告诉系统管理员，腾出地方后再传。")
        ) from None
    return digest.hexdigest(), key


def _forget(*keys: str) -> None:
    """Remove bytes from the vault once no row points at them."""
    for key in filter(None, keys):
        transaction.on_commit(lambda key=key: vault.remove(key))


def _ask_for_check(upload: Upload, *, by) -> None:
    upload.state, upload.fault, upload.fault_params = State.RECEIVED, "", {}
    upload.save()  # the job names it
    upload.job = jobs.enqueue("intake.check", by=by, quietly=_is_small(upload), upload=upload.pk)
    upload.save(update_fields=["job"])


def _is_small(upload: Upload) -> bool:
    return upload.size <= SMALL


def _work_if_small(upload: Upload, inline: bool = True) -> Upload:
    """Work the upload's Job in this very request for a second; the queue takes what is left."""
    if inline and _is_small(upload):
        jobs.run(upload.job_id, seconds=INLINE_SECONDS)
        upload.refresh_from_db()
    return upload


# Between check and commit ------------------------------------------------------------------------
def confirm_headers(upload: Upload, mapping: dict, *, by, at: datetime) -> Upload:
    """Settle what headers mean, remember it for the unit and kind, and check anew.

    `mapping` is {header as written: column name, or "" for a column that is not taken in}.
    """
    kind = kinds.get(upload.kind)
    if unknown := [name for name in mapping.values() if name and name not in kind.columns]:
        raise ValueError(f"{upload.kind} has no column {unknown[0]}")
    with transaction.atomic():
        upload = _hold(upload, by, at, AT_REST)
        upload.mapping = upload.mapping | mapping
        remember(kind, upload.unit, mapping, by=by, at=at)
        _ask_for_check(upload, by=by)
        audit.record("intake.headers_confirmed", upload, by=by, after={"headers": len(mapping)})
    return _work_if_small(upload)


def answer(upload: Upload, answers: dict, *, by, at: datetime) -> Upload:
    """Keep what the person said to the questions of a check, and check anew."""
    with transaction.atomic():
        upload = _hold(upload, by, at, AT_REST)
        upload.answers = upload.answers | answers
        _ask_for_check(upload, by=by)
        audit.record("intake.questions_answered", upload, by=by, after={"answers": len(answers)})
    return _work_if_small(upload)


def check_again(upload: Upload, *, by, at: datetime) -> Upload:
    """Compare the kept original with what is stored now; also to commit anew what was undone."""
    with transaction.atomic():
        upload = _hold(upload, by, at, (*AT_REST, State.UNDONE))
        _ask_for_check(upload, by=by)
    return _work_if_small(upload)


def discard_upload(upload: Upload, *, by, at: datetime) -> Upload:
    """Put an uncommitted upload away; its original and preview are removed at once."""
    with transaction.atomic():
        upload = _hold(upload, by, at, AT_REST)
        _put_away(upload)
        audit.record("intake.discarded", upload, by=by)
    return upload


def _put_away(upload: Upload) -> None:
    _forget(upload.file_key, upload.preview_key, upload.marked_key)
    upload.state = State.DISCARDED
    upload.file_key = upload.preview_key = upload.marked_key = upload.marked_of = ""
    upload.save(update_fields=["state", "file_key", "preview_key", "marked_key", "marked_of"])


# Commit ------------------------------------------------------------------------------------------
def commit_upload(
    upload: Upload,
    *,
    by,
    at: datetime,
    good_rows: bool = False,
    end_missing: bool = False,
    inline: bool = True,
) -> Upload:
    """Ask for the rows to be written: all of them, or the good ones only (a choice, recorded).

    Where the same bytes were committed before by the same person for the same unit and period,
    that upload is committed once more, and is the one returned.
    """
    with transaction.atomic():
        upload = _hold(upload, by, at, (State.CHECKED,))
        upload = _committed_before(upload) or upload
        upload.state = State.COMMITTING
        upload.good_rows, upload.end_missing = good_rows, end_missing
        upload.job = jobs.enqueue(
            "intake.commit", by=by, quietly=_is_small(upload), upload=upload.pk
        )
        upload.save()
    return _work_if_small(upload, inline)


def _committed_before(upload: Upload) -> Upload | None:
    """The earlier upload of the same bytes; it takes over the original and the check."""
    committed = (State.COMMITTED, State.UNDONE)
    earlier = Upload.objects.same_as(upload).filter(state__in=committed).select_for_update().last()
    if earlier is None:
        return None
    _forget(earlier.file_key, earlier.preview_key, earlier.marked_key)
    earlier.marked_key = earlier.marked_of = ""
    for name in ("file_key", "preview_key", "mapping", "answers", "sheets", "counts", "checked_at"):
        setattr(earlier, name, getattr(upload, name))
    upload.file_key = upload.preview_key = ""
    _put_away(upload)
    return earlier


# Undo --------------------------------------------------------------------------------------------
def undo_upload(upload: Upload, *, by, at: datetime) -> changes.Undone:
    """Take back the upload's last commit that stands: (how many rows, those left and why).

    What is left can be undone again once what stands in its way is gone.
    """
    kind = kinds.get(upload.kind)
    with transaction.atomic():
        for name in kind.store.locks:
            locks.hold(name)
        upload = _hold(upload, by, at, (State.COMMITTED,))
        standing = list(ChangeSet.objects.of(upload).standing()[:2])
        days = undo_days()
        if not standing or (days and standing[0].at < at - days):
            raise CannotUndo(upload.pk)
        undone = changes.undo(standing[0], by=by, at=at)
        if not undone.left:
            upload.state = State.COMMITTED if standing[1:] else State.UNDONE
            upload.change_set = standing[-1]
            upload.save(update_fields=["state", "change_set"])
        context = context_of(upload, by, at)
        kind.settle(standing[0], context, at)
        touch_figures(kind, context)
        audit.record(
            "intake.undone",
            upload,
            by=by,
            after={"undone": undone.undone, "left": len(undone.left)},
        )
    return undone


def undo_days() -> timedelta | None:
    """How long a commit can be undone; None without a limit."""
    return timedelta(days=settings.UNDO_DAYS) if settings.UNDO_DAYS else None


# Rights ------------------------------------------------------------------------------------------
def may_handle(upload: Upload, user, at: datetime) -> bool:
    """May this person commit, discard or undo it: who holds the kind's permission at its unit."""
    kind = kinds.get(upload.kind)
    return kind is not None and _covers(user, kind, upload.unit_id, at)


def _covers(user, kind, unit_pk: int, at: datetime) -> bool:
    if not user.has_perm(kind.permission):
        return False
    seen = units_seen_by(user, kind.permission, on=timezone.localdate(at))
    return seen.filter(descendant=unit_pk).exists()


def _hold(upload: Upload, by, at: datetime, states: tuple) -> Upload:
    """The upload, locked, if the person may handle it and it lies in one of these states."""
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if not may_handle(upload, by, at) or _lies_in(upload) not in states:
        raise NotYours(upload.pk)
    return upload


def _lies_in(upload: Upload) -> str:
    """The state; what a failed or cancelled job has left half-way lies where it was before."""
    stopped = (Job.State.FAILED, Job.State.CANCELLED)
    if upload.state not in MOVING or (upload.job and upload.job.state not in stopped):
        return upload.state
    return State.CHECKED if upload.state == State.COMMITTING else State.UNUSABLE
