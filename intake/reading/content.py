"""What a file is, by its content; and what of a zip is refused before anything opens it."""

import stat
import zipfile
from dataclasses import dataclass

from common import files
from intake.faults import Unusable
from intake.limited import plain

MOST_MEMBERS = 4_000
LONGEST_DIRECTORY = 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 250  # a sheet of like rows is easily packed a hundredfold
RATIO_FROM = 16 * 1024 * 1024
IS_ENCRYPTED = 1  # a flag of a zip's member

# The member that tells what a zip holds: a form that is read, or the reason why it is not.
FORMS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
OTHERS = {"word/document.xml": "is_document", "ppt/presentation.xml": "is_slides"}
MACROS = "vbaproject.bin"
OPEN_DOCUMENT, SPREADSHEET = b"mimetypeapplication/vnd.oasis.opendocument.", b"spreadsheet"

# The endings under which nobody is surprised to find a form.
ENDINGS = {
    "xlsx": (".xlsx", ".xltx", ".et", ".ett"),
    "xlsm": (".xlsm", ".xltm", ".et", ".ett"),
    "xlsb": (".xlsb",),
    "xls": (".xls", ".xlt", ".et", ".ett"),
    "ods": (".ods", ".ots"),
    "text": (".csv", ".tsv", ".txt"),
}

# How files begin that are something else, and the reason that says what. First what is told at
# once, then what might as well be the first letters of a text.
BINARY = (
    ((b"%PDF-",), "is_pdf"),
    ((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"), "is_picture"),
)
MARKUP = (
    ((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"mime-version:"), "is_web_page"),
    ((b"<?xml", b"<svg"), "is_xml"),
)
NO_TEXT = (
    ((b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF"), "is_picture"),
    ((b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"), "is_archive"),
    ((b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe"), "is_program"),
)


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
    if reason := _stranger(head):
        raise Unusable(reason)
    return Content("text", size * 4)


def _stranger(head: bytes) -> str:
    """The reason why it is no table in text; empty if it may be one."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if reason := _beginning(head, BINARY) or _beginning(start, MARKUP):
        return reason
    try:
        plain.encoding_of(head)
    except plain.NotText:
        return _beginning(head, NO_TEXT) or "not_a_workbook"
    return ""


def _beginning(head: bytes, known: tuple) -> str:
    return next((reason for beginnings, reason in known if head.startswith(beginnings)), "")


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
        raise Unusable("is_document")
    for member, form in FORMS.items():
        if member in names:
            has_macros = form == "xlsx" and any(name.endswith(MACROS) for name in names)
            return "xlsm" if has_macros else form
    raise Unusable(next((OTHERS[name] for name in OTHERS if name in names), "is_archive"))
