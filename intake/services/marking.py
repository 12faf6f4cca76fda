"""The marked workbook of an upload's last check: made once, kept encrypted beside the preview."""

from collections.abc import Iterator

from django.db import transaction

from common import audit, jobs, vault
from common.models import Job
from intake import marked
from intake.faults import Unusable
from intake.models import Upload
from intake.services import previews
from intake.services.uploads import INLINE_SECONDS, SMALL

KIND = "intake.mark"


class NothingToMark(Exception):
    """There is no original, no preview, or no fault in it."""


def ask_for_marked(upload: Upload, *, by) -> Job | None:
    """The Job that makes the marked workbook, or None once it is there.

    A small one is made in the request that asks; of several requests for a large one the first
    asks, and the others find the same Job.
    """
    if upload.marked_key and upload.marked_of == upload.preview_key:
        return None
    if not upload.file_key or not upload.preview_key:
        raise NothingToMark(upload.pk)
    is_small = upload.size <= SMALL
    job = running_for(upload) or jobs.enqueue(
        KIND, by=by, unique_key=f"{KIND}:{upload.pk}", quietly=is_small, upload=upload.pk
    )
    if is_small:
        jobs.run(job.pk, seconds=INLINE_SECONDS)
        job.refresh_from_db()
    return None if job.state == Job.State.DONE else job


def running_for(upload: Upload) -> Job | None:
    return Job.objects.filter(
        kind=KIND, state=Job.State.RUNNING, arguments__upload=upload.pk
    ).first()


def make_marked(upload: Upload, *, by) -> None:
    """Mark the original with the faults of the last check. Unusable if it cannot be done."""
    try:
        preview = previews.read_preview(upload, by)
        pieces = list(vault.read(upload.file_key)) if upload.file_key else []
    except (previews.PreviewGone, vault.Gone):
        raise Unusable("original_gone") from None
    made = marked.mark(
        b"".join(pieces),
        faults=preview.faults,
        warnings=preview.warnings,
        heads=preview.heads,
        more=max(preview.counts.get("errors_total", 0) - len(preview.faults), 0),
    )
    key = vault.put([made.content])
    with transaction.atomic():
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        unwanted = key
        if held.preview_key == upload.preview_key:  # not checked anew meanwhile
            unwanted, held.marked_key, held.marked_of = held.marked_key, key, held.preview_key
            held.save(update_fields=["marked_key", "marked_of"])
        if unwanted:
            transaction.on_commit(lambda: vault.remove(unwanted))


def read_marked(upload: Upload, *, by) -> Iterator[bytes]:
    """The marked workbook, piece by piece; it holds all numbers in clear, so it is an event."""
    pieces = vault.read(upload.marked_key)
    first = next(pieces)
    audit.record("intake.marked_fetched", upload, by=by)

    def all_of_it():
        yield first
        yield from pieces

    return all_of_it()
