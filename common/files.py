"""Files that people attach, and files that jobs make: one way in, one guarded way out.

A file belongs to a subject (a code and a key); whoever may see the subject may fetch the file.
What a file is, is decided by its content; its name is kept for display only.
"""

import errno
import hashlib
import logging
import os
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit, clock, jobs, subjects
from common.models import StoredFile

log = logging.getLogger(__name__)

EXPORT = "export"  # the purpose of a list that a job wrote
EXPORTS_KEPT = timedelta(days=7)
ORPHANS_KEPT = timedelta(days=1)
PIECE = 64 * 1024
PART = ".part"


class FileRefused(Exception):
    """The file was not taken; the text says why and what to do, in the users' words."""


class NotYours(Exception):
    """Nothing may be attached to, or removed from, this subject by this person now."""


# What a file is ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Type:
    """One kind of content that is taken, with the endings that its name may have."""

    name: str | Promise
    endings: dict[str, str]  # ending -> content type
    is_picture: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Type("PDF", {".pdf": "application/pdf"})
PNG = Type(gettext_lazy("PNG 图片"), {".png": "image/png"}, is_picture=True)
JPEG = Type(
    gettext_lazy("JPEG 图片"), {".jpg": "image/jpeg", ".jpeg": "image/jpeg"}, is_picture=True
)
DOCX = Type(gettext_lazy("Word 文档"), {".docx": _OFFICE + "wordprocessingml.document"})
XLSX = Type(gettext_lazy("Excel 表格"), {".xlsx": _OFFICE + "spreadsheetml.sheet"})
PPTX = Type(gettext_lazy("PPT 演示"), {".pptx": _OFFICE + "presentationml.presentation"})
DOC = Type(
    gettext_lazy("Word 或 WPS 文字文档"),
    {".doc": "application/msword", ".wps": "application/vnd.ms-works"},
)
XLS = Type(
    gettext_lazy("Excel 或 WPS 表格"),
    {".xls": "application/vnd.ms-excel", ".et": "application/vnd.ms-excel"},
)
PPT = Type(
    gettext_lazy("PPT 或 WPS 演示"),
    {".ppt": "application/vnd.ms-powerpoint", ".dps": "application/vnd.ms-powerpoint"},
)
TYPES = (PDF, PNG, JPEG, DOCX, XLSX, PPTX, DOC, XLS, PPT)
BY_ENDING = {ending: kind for kind in TYPES for ending in kind.endings}
PICTURES = {form for kind in TYPES if kind.is_picture for form in kind.endings.values()}

ZIP_MEMBERS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
OLE_HEAD = bytes.fromhex("D0CF11E0A1B11AE1")
OLE_STREAMS = {"WordDocument": DOC, "Workbook": XLS, "Book": XLS, "PowerPoint Document": PPT}
OLE_MACROS = ("_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA")
OLE_LOCKED = ("EncryptedPackage", "EncryptionInfo")
# What it is instead, for the sentence that refuses it.
STRANGERS = (
    ((b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe"), gettext_lazy("程序文件")),
    ((b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"), gettext_lazy("压缩包")),
    ((b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml"), gettext_lazy("网页")),
    ((b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF"), gettext_lazy("别的格式的图片")),
)


def type_of(stream) -> Type | None:
    """What the content is, of the types that are taken. FileRefused if it must not be opened."""
    stream.seek(0)
    head = stream.read(16)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"PK\x03\x04"):
        return _type_of_zip(stream)
    if head.startswith(OLE_HEAD):
        return _type_of_ole(stream)
    return None


def _type_of_zip(stream) -> Type | None:
    """An office file by its members; nothing is unpacked but the list of contents."""
    try:
        with zipfile.ZipFile(stream) as packed:
            names = {name.lower() for name in packed.namelist()}
            with packed.open("[Content_Types].xml") as contents:
                declared = contents.read(1024 * 1024).lower()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError):
        return None
    except Exception:  # zlib and struct complain in their own words about a broken archive
        return None
    if b"macroenabled" in declared or any("vbaproject" in name for name in names):
        raise FileRefused(_("文件带宏，没有收下。另存为不带宏的格式，再传。"))
    found = [kind for member, kind in ZIP_MEMBERS.items() if member in names]
    return found[0] if len(found) == 1 else None


def _type_of_ole(stream) -> Type | None:
    """An older office file by the names of its streams."""
    names = _ole_names(stream, (*OLE_STREAMS, *OLE_MACROS, *OLE_LOCKED))
    if names & set(OLE_LOCKED):
        raise FileRefused(_("文件设了打开密码，没有收下。取消密码后再传。"))
    if names & set(OLE_MACROS):
        raise FileRefused(_("文件带宏，没有收下。另存为不带宏的格式，再传。"))
    return next((OLE_STREAMS[name] for name in OLE_STREAMS if name in names), None)


def _ole_names(stream, wanted: Iterable[str]) -> set[str]:
    """Which of the names head an entry of the directory.

    An entry has 128 bytes and begins at a multiple of 128 in the file, with its name in UTF-16
    and the length of the name at byte 64.
    """
    patterns = {name: (name + "\0").encode("utf-16-le") for name in wanted}
    found = set()
    stream.seek(0)
    while piece := stream.read(PIECE):
        for name, pattern in patterns.items():
            at = piece.find(pattern)
            while at >= 0:
                if at % 128 == 0 and piece[at + 64 : at + 66] == len(pattern).to_bytes(2, "little"):
                    found.add(name)
                at = piece.find(pattern, at + 1)
    return found


def _stranger(stream) -> str:
    stream.seek(0)
    head = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    for beginnings, called in STRANGERS:
        if head.startswith(beginnings) or head.lower().startswith(beginnings):
            return str(called)
    return _("别的内容")


def _checked_type(stream, name: str) -> str:
    """The content type of an upload whose name and content agree, else FileRefused."""
    ending = Path(name).suffix.lower()
    if ending in (".docm", ".xlsm", ".pptm", ".dotm", ".xltm", ".xlsb"):
        raise FileRefused(_("文件带宏，没有收下。另存为不带宏的格式，再传。"))
    named = BY_ENDING.get(ending)
    if named is None:
        raise FileRefused(
            _("只收 PDF、图片（JPG、PNG）和 Office、WPS 文件，“%(name)s”没有收下。")
            % {"name": name}
        )
    kind = type_of(stream)
    if kind is None:
        raise FileRefused(
            _("名字是 %(named)s，内容是%(content)s，没有收下。")
            % {"named": ending[1:].upper(), "content": _stranger(stream)}
        )
    if kind is not named:
        raise FileRefused(
            _("名字是 %(named)s，内容是 %(content)s，没有收下。把扩展名改对，再传。")
            % {"named": ending[1:].upper(), "content": kind.name}
        )
    return kind.endings[ending]


def shown_name(name: str) -> str:
    """The name for display: no folders, no control characters, at most 200 characters."""
    name = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rpartition("/")[2]
    # Cc, Cf: control and direction marks, which can make "exe.fdp" read backwards.
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    name = re.sub(r"\s+", " ", name).strip(" .") or _("未命名")
    stem, ending = os.path.splitext(name)
    return stem[: 200 - len(ending)] + ending if len(ending) <= 20 else name[:200]


# In ----------------------------------------------------------------------------------------------
class LimitedUpload(FileUploadHandler):
    """No upload fills the disk: what is beyond the limit is read past and not kept."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.taken = 0

    def receive_data_chunk(self, raw_data, start):
        self.taken += len(raw_data)
        if self.taken > settings.FILE_MAX_BYTES:
            self.request.upload_too_large = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None


def path_of(key: str) -> Path:
    return settings.FILES_ROOT / key[:2] / key


def open_file(stored: StoredFile):
    """The bytes of a file, for reading."""
    return path_of(stored.key).open("rb")


def store_file(upload, *, by, subject: models.Model, purpose: str, at: datetime) -> StoredFile:
    """Take a file that a person attaches to a subject. FileRefused says why it was not taken."""
    name = shown_name(upload.name)
    if upload.size == 0:
        raise FileRefused(_("文件是空的，没有收下。"))
    if upload.size > settings.FILE_MAX_BYTES:
        raise FileRefused(too_large())
    content_type = _checked_type(upload, name)
    upload.seek(0)
    return keep_file(
        upload,
        name=name,
        content_type=content_type,
        by=by,
        subject=subject,
        purpose=purpose,
        at=at,
    )


def too_large() -> str:
    return _("文件超过 %(most)s MB，没有收下。压缩或拆开后再传。") % {
        "most": settings.FILE_MAX_BYTES // 1024 // 1024
    }


def keep_file(
    stream,
    *,
    name: str,
    content_type: str,
    by,
    subject: models.Model,
    purpose: str,
    at: datetime,
) -> StoredFile:
    """Write the bytes under a random name, then the row; both or neither."""
    key = secrets.token_hex(20)
    size, digest = _write(key, _pieces(stream))
    try:
        with transaction.atomic():
            stored = StoredFile.objects.create(
                key=key,
                name=name,
                size=size,
                sha256=digest,
                content_type=content_type,
                purpose=purpose,
                subject_code=subject._meta.label_lower,
                subject_pk=str(subject.pk),
                uploaded_by=by,
                uploaded_at=at,
            )
            audit.record("common.file_stored", subject, by=by, after=_facts(stored))
    except BaseException:
        path_of(key).unlink(missing_ok=True)
        raise
    return stored


def _facts(stored: StoredFile) -> dict:
    """For the log: a file's name may name a person, its number does not."""
    return {
        "file": stored.pk,
        "type": stored.content_type,
        "size": stored.size,
        "purpose": stored.purpose,
    }


def _pieces(stream) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _write(key: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write piece by piece under a passing name, so that a half-written file is never served."""
    path = path_of(key)
    passing = path.with_suffix(PART)
    digest, size = hashlib.sha256(), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with passing.open("wb") as out:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        passing.replace(path)
    except BaseException as error:
        passing.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            log.error("no space left under FILES_ROOT")
            raise FileRefused(
                _("存放文件的磁盘满了，这份没有收下。请告诉系统管理员，腾出地方后再传。")
            ) from None
        raise
    return size, digest.hexdigest()


# Guarding ----------------------------------------------------------------------------------------
def may_attach(thing: models.Model, user, purpose: str) -> bool:
    """Whether this person may add to, and take from, the files of a subject now."""
    declared = subjects.get(thing._meta.label_lower)
    return bool(declared and declared.may_attach and declared.may_attach(thing, user, purpose))


def visible_file(key: str, user) -> tuple[StoredFile, models.Model] | None:
    """A file and its subject, if this person may see the subject; a removed file counts too."""
    stored = StoredFile.objects.select_related("uploaded_by").filter(key=key).first()
    thing = stored and subjects.find(stored.subject_code, stored.subject_pk, user)
    return (stored, thing) if thing else None


# Deeds on a file ---------------------------------------------------------------------------------
@transaction.atomic
def remove_file(stored: StoredFile, *, by, at: datetime) -> StoredFile:
    """Take a file off its subject. The bytes stay, so that it can be put back."""
    if StoredFile.objects.filter(pk=stored.pk, removed_at=None).update(removed_at=at):
        audit.record("common.file_removed", _subject_of(stored), by=by, before=_facts(stored))
    stored.refresh_from_db()
    return stored


@transaction.atomic
def restore_file(stored: StoredFile, *, by) -> StoredFile:
    """Undo a removal."""
    if StoredFile.objects.filter(pk=stored.pk, removed_at__isnull=False).update(removed_at=None):
        audit.record("common.file_restored", _subject_of(stored), by=by, after=_facts(stored))
    stored.refresh_from_db()
    return stored


def _subject_of(stored: StoredFile):
    model = subjects.get(stored.subject_code).model
    return model._default_manager.filter(pk=stored.subject_pk).first()


# Every night -------------------------------------------------------------------------------------
@jobs.job("common.clear_files", label=gettext_lazy("清理没有主的文件"), nightly=True)
def clear_files(running, **_later):
    """Old exports go; bytes without a row go when they are older than a day."""
    return {"exports": clear_exports(at=clock.now()), "orphans": clear_orphans(at=clock.now())}


def clear_exports(*, at: datetime) -> int:
    """Lists that jobs wrote are snapshots: after a week their bytes are deleted."""
    old = StoredFile.objects.filter(purpose=EXPORT, uploaded_at__lt=at - EXPORTS_KEPT)
    keys = list(old.filter(removed_at=None).values_list("key", flat=True))
    old.filter(removed_at=None).update(removed_at=at)
    for key in keys:
        path_of(key).unlink(missing_ok=True)
    return len(keys)


def clear_orphans(*, at: datetime) -> int:
    """Bytes whose transaction was rolled back, or whose writer was killed."""
    limit = (at - ORPHANS_KEPT).timestamp()
    old = [p for p in settings.FILES_ROOT.glob("[0-9a-f][0-9a-f]/*") if p.stat().st_mtime < limit]
    gone = 0
    for start in range(0, len(old), 500):
        batch = old[start : start + 500]
        known = set(
            StoredFile.objects.filter(key__in=[p.name for p in batch]).values_list("key", flat=True)
        )
        for path in batch:
            if path.name not in known:
                path.unlink(missing_ok=True)
                gone += 1
    return gone
