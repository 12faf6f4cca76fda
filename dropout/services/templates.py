"""The bureau's templates of documents: each has a name, a legal basis that its staff type, and versions
of a .docx file. Where there is no file the portal's own plain wording is used."""

from datetime import datetime

from django.db import IntegrityError, transaction

from common import audit, files
from common.models import StoredFile
from common.refusals import Stale
from dropout.models import NoticeTemplate
from dropout.services.documents import checking, filling, wording

CHANGED = "dropout.template_changed"
RETIRED = "dropout.template_retired"
RESTORED = "dropout.template_restored"
PURPOSE = "template"


class NameTaken(Exception):
    """Another template has this name."""


def _checked(upload) -> None:
    """TemplateRefused says why the file cannot be a template."""
    if upload.size > checking.MOST_BYTES:
        raise checking.TemplateRefused(checking.too_large())
    upload.seek(0)
    filling.try_out(upload.read())
    upload.seek(0)


def keep_template(
    template: NoticeTemplate | None,
    *,
    kind: str,
    name: str,
    legal_basis: str = "",
    upload=None,
    seen: int | None = None,
    by,
    at: datetime,
) -> NoticeTemplate:
    """Add a template, or change one; an upload becomes its newest version.

    TemplateRefused and FileRefused say what is wrong with the file; then nothing is written.
    """
    if upload:
        _checked(upload)
    with transaction.atomic():
        template = _locked(template, seen) if template else NoticeTemplate()
        before = {"kind": template.kind, "legal_basis": bool(template.legal_basis)}
        template.kind, template.name, template.legal_basis = kind, name, legal_basis
        _save(template, by=by, at=at)
        after = {"kind": kind, "legal_basis": bool(legal_basis), "file": bool(upload)}
        audit.record(CHANGED, template, by=by, before=before, after=after)
        if upload:
            files.store_file(upload, by=by, subject=template, purpose=PURPOSE, at=at)
    return template


@transaction.atomic
def set_in_use(template: NoticeTemplate, in_use: bool, *, by, at: datetime) -> NoticeTemplate:
    """Offer a template for new documents, or no longer; what was issued with it stays as it is."""
    template = _locked(template, None)
    if template.is_active != in_use:
        template.is_active = in_use
        _save(template, by=by, at=at)
        audit.record(RESTORED if in_use else RETIRED, template, by=by)
    return template


def _locked(template: NoticeTemplate, seen: int | None) -> NoticeTemplate:
    template = NoticeTemplate.objects.select_for_update().get(pk=template.pk)
    if seen is not None and seen != template.version:
        raise Stale(template.pk)
    template.version += 1
    return template


def _save(template: NoticeTemplate, *, by, at: datetime) -> None:
    template.changed_by, template.changed_at = by, at
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError:
        raise NameTaken from None


# Reading -----------------------------------------------------------------------------------------
def versions_of(template: NoticeTemplate):
    """The files a template has had, the newest first."""
    stored = StoredFile.objects.of(NoticeTemplate._meta.label_lower, template.pk)
    return stored.select_related("uploaded_by").order_by("-uploaded_at", "-pk")


def content_of(template: NoticeTemplate | None, kind: str, *, at: datetime) -> bytes:
    """The file that was in force at a moment: a document keeps the wording it was issued with."""
    kept = template and versions_of(template).filter(uploaded_at__lte=at).first()
    if not kept:
        return wording.built_in(kind)
    with files.open_file(kept) as stream:
        return stream.read()
