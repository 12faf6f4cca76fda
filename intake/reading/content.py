"""What a file is, by its content; and what of a zip is refused before anything opens it."""

import stat
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common import files
from intake.faults import Unusable
from intake.limited import plain

MOST_MEMBERS = 4_000
LONGEST_DIRECTORY = 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 250  # a sheet of like rows is easily packed a hundredfold
RATIO_FROM = 16 * 1024 * 1024
IS_ENCRYPTED = 1  # a flag of a zip's member

# The member that tells what a zip holds.
FORMS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
OTHERS = {"word/document.xml": files.DOCX, "ppt/presentation.xml": files.PPTX}
MACROS = "vbaproject.bin"
OPEN_DOCUMENT, SPREADSHEET = b"mimetypeapplication/vnd.oasis.opendocument.", b"spreadsheet"

# How a form is called, and the endings under which nobody is surprised to find it.
FORM_NAMES = {
    "xlsx": "XLSX",
    "xlsm": "XLSM",
    "xlsb": "XLSB",
    "xls": "XLS",
    "ods": "ODS",
    "text": _("文本"),
}
ENDINGS = {
    "xlsx": (".xlsx", ".xltx", ".et", ".ett"),
    "xlsm": (".xlsm", ".xltm", ".et", ".ett"),
    "xlsb": (".xlsb",),
    "xls": (".xls", ".xlt", ".et", ".ett"),
    "ods": (".ods", ".ots"),
    "text": (".csv", ".tsv", ".txt"),
}
# What only the reader finds out, in its words and in ours.
CONTENTS = {"doc": files.DOC.name, "ppt": files.PPT.name, "other": _("别的内容")}

PICTURE = _("图片")
BINARY = (
    (b"%PDF-", files.PDF.name),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
)
MARKUP = (b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"<script", b"mime-version:")
XML_SHEET = b"urn:schemas-microsoft-com:office:spreadsheet"


@dataclass(frozen=True)
class Content:
    """`form` is what the reader is told; `work` says in bytes how much there is to go through."""

    form: str
    work: int


def content_of(stream, size: int) -> Content:
    """What to read the file as. Unusable if it is no workbook, or not safe to unpack."""
    head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return _content_of_zip(stream, head)
    if head.startswith(files.OLE_HEAD):
        return Content("xls", size * 4)
    if stranger := _stranger(head):
        raise Unusable("not_a_workbook", content=str(stranger))
    return Content("text", size * 4)


def _stranger(head: bytes) -> str:
    """What it is instead of a table in text; empty if it may be one."""
    for beginning, called in BINARY:
        if head.startswith(beginning):
            return called
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(MARKUP):
        return _("网页")
    if start.startswith(b"<?xml"):
        return _("XML 表格") if XML_SHEET in head else _("XML")
    try:
        plain.encoding_of(head)
    except plain.NotText:
        known = (called for beginnings, called in files.STRANGERS if head.startswith(beginnings))
        return next(known, _("别的内容"))
    return ""


# Zips --------------------------------------------------------------------------------------------
class _Careful:
    """A file of which nothing long is read: a zip's directory is held in memory as a whole."""

    def __init__(self, stream):
        self.stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        piece = self.stream.read(min(size, LONGEST_DIRECTORY + 1) if size >= 0 else size)
        if len(piece) > LONGEST_DIRECTORY:
            raise Unusable("unpacks_too_large")
        return piece


def _content_of_zip(stream, head: bytes) -> Content:
    try:
        members = zipfile.ZipFile(_Careful(stream)).infolist()
    except Unusable:
        raise
    except Exception:  # zipfile and struct complain in many words about a broken directory
        raise Unusable("damaged") from None
    unpacked = _checked_size(members)
    if any(_leads_out(member) for member in members):
        raise Unusable("leads_out")
    if any(member.flag_bits & IS_ENCRYPTED for member in members):
        raise Unusable("has_password")
    return Content(_form_of_zip({member.filename.lower() for member in members}, head), unpacked)


def _leads_out(member: zipfile.ZipInfo) -> bool:
    """No program that writes workbooks names a member so. Nothing is unpacked to disk, but still."""
    return ".." in member.filename.split("/") or stat.S_ISLNK(member.external_attr >> 16)


def _checked_size(members: list[zipfile.ZipInfo]) -> int:
    """What the directory says that all members unpack to. The reader finds out if it lies."""
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise Unusable("unpacks_too_large")
    if unpacked > RATIO_FROM and unpacked > packed * MOST_RATIO:
        raise Unusable("unpacks_too_large")
    return unpacked


def _form_of_zip(names: set[str], head: bytes) -> str:
    if OPEN_DOCUMENT in head[:128] and OPEN_DOCUMENT + SPREADSHEET not in head[:128]:
        raise Unusable("not_a_workbook", content=str(files.DOCX.name))
    for member, form in FORMS.items():
        if member in names:
            has_macros = form == "xlsx" and any(name.endswith(MACROS) for name in names)
            return "xlsm" if has_macros else form
    for member, kind in OTHERS.items():
        if member in names:
            raise Unusable("not_a_workbook", content=str(kind.name))
    raise Unusable("not_a_workbook", content=str(_("压缩包")))
