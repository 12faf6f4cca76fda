"""Originals, previews and what is made from them are kept for their time, and no longer."""

from datetime import datetime, timedelta

from common import options, vault
from common.models import Job
from intake.forms import long
from intake.models import Upload

ORPHANS_KEPT = timedelta(days=1)  # bytes that no row names yet may belong to a deed under way


def clear_kept(*, at: datetime) -> None:
    """Rows, changes and events stay; bytes go after their time, those of no row after a day."""
    long.clear_made(at=at)
    originals = at - timedelta(days=options.get("intake.keep_originals"))
    for upload in Upload.objects.past(originals_before=originals):
        _clear(upload, "file_key")
    previews = at - timedelta(days=options.get("intake.keep_previews"))
    for upload in Upload.objects.past(previews_before=previews):
        _clear(upload, "preview_key", "marked_key", "marked_of")
    vault.sweep(_known(), before=at - ORPHANS_KEPT)


def _clear(upload: Upload, *names: str) -> None:
    """The row first: a key that leads nowhere would read as a fault."""
    keys = [getattr(upload, name) for name in names if name.endswith("_key")]
    Upload.objects.filter(pk=upload.pk).update(**dict.fromkeys(names, ""))
    for key in filter(None, keys):
        vault.remove(key)


def _known() -> set[str]:
    """Every key that a row names."""
    named = Upload.objects.values_list("file_key", "preview_key", "marked_key")
    made = Job.objects.filter(kind=long.KIND).values_list("result__form", flat=True)
    return {key for keys in named for key in keys if key} | {key for key in made if key}
