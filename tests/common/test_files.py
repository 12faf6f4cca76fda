"""Files: known by their content, kept whole or not at all, given out by their subject alone."""

import errno
import hashlib
import io
import os
import time
import zipfile
import zlib
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from openpyxl import Workbook

from common import clock, files, jobs
from common.models import Event, Job, StoredFile
from registry.roles import Role

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
HTML = b"\xef\xbb\xbf<!DOCTYPE html><script>alert(1)</script>"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(60) + b"\xff\xd9"


def _png():
    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    size = (1).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(bytes(4)))
        + chunk(b"IEND", b"")
    )


def _xlsx():
    book = Workbook()
    book.active["A1"] = "在校生"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(*members, types=b"<Types/>"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", types)
        for member in members:
            packed.writestr(member, b"<x/>")
    return out.getvalue()


def _ole(*names):
    """An older office file: header sector, then one directory sector an entry."""
    head = files.OLE_HEAD + bytes(504)
    for name in ("Root Entry", *names):
        raw = (name + "\0").encode("utf-16-le")
        head += raw.ljust(64, b"\0") + len(raw).to_bytes(2, "little") + bytes(62)
    return head


PNG, XLSX = _png(), _xlsx()
DOCX = _zip("word/document.xml")
PPTX = _zip("ppt/presentation.xml")
DOCM = _zip("word/document.xml", types=b"<x ContentType='application/vnd.ms-word.macroEnabled'/>")

GOOD = [
    ("通知.pdf", PDF, "application/pdf"),
    ("图.png", PNG, "image/png"),
    ("照片.JPG", JPEG, "image/jpeg"),
    ("照片.jpeg", JPEG, "image/jpeg"),
    ("表.xlsx", XLSX, "spreadsheetml.sheet"),
    ("文.docx", DOCX, "wordprocessingml.document"),
    ("稿.pptx", PPTX, "presentationml.presentation"),
    ("旧.doc", _ole("WordDocument"), "application/msword"),
    ("旧.wps", _ole("WordDocument"), "application/vnd.ms-works"),
    ("旧.xls", _ole("Workbook"), "application/vnd.ms-excel"),
    ("旧.et", _ole("Workbook"), "application/vnd.ms-excel"),
    ("旧.ppt", _ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    ("旧.dps", _ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
]
BAD = [
    ("程序.pdf", EXE, "名字是 PDF，内容是程序文件，没有收下"),
    ("网页.png", HTML, "名字是 PNG，内容是网页，没有收下"),
    ("图.svg", b"<svg onload='x()'/>", "只收 PDF"),
    ("图.jpg", b"<svg onload='x()'/>", "内容是网页"),
    ("包.docx", _zip("a.txt"), "内容是压缩包"),
    ("两面.docx", _zip("word/document.xml", "xl/workbook.xml"), "内容是压缩包"),
    ("断.xlsx", XLSX[: len(XLSX) // 2], "内容是压缩包"),
    ("文.docx", XLSX, "名字是 DOCX，内容是 Excel 表格"),
    ("表.pdf", XLSX, "名字是 PDF，内容是 Excel 表格"),
    ("宏.docm", DOCM, "文件带宏"),
    ("宏.docx", DOCM, "文件带宏"),
    ("宏.xlsx", _zip("xl/workbook.xml", "xl/vbaProject.bin"), "文件带宏"),
    ("宏.xls", _ole("Workbook", "_VBA_PROJECT_CUR"), "文件带宏"),
    ("锁.xlsx", _ole("EncryptionInfo", "EncryptedPackage"), "打开密码"),
    ("装.doc", _ole("SummaryInformation"), "没有收下"),
    ("空.pdf", b"", "文件是空的"),
    ("表.csv", b"a,b", "只收 PDF"),
    ("动.gif", b"GIF89a", "只收 PDF"),
    ("无尾巴", PDF, "只收 PDF"),
    ("脚本.pdf", b"#!/bin/sh\nrm -rf /", "程序文件"),
    ("前面有字.pdf", b"x%PDF-1.4", "没有收下"),
]


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def attached(plan, officer, league):
    """attached(name, content) attaches a file to the plan as the bureau would."""
    user = officer(league, Role.BUREAU)

    def attach(name="通知.pdf", content=PDF):
        return files.store_file(
            SimpleUploadedFile(name, content),
            by=user,
            subject=plan,
            purpose="official",
            at=clock.now(),
        )

    attach.user = user
    return attach


@pytest.mark.parametrize("name, content, kind", GOOD)
def test_a_good_file_is_kept_whole(attached, plan, name, content, kind):
    stored = attached(name, content)
    assert stored.content_type.endswith(kind)
    assert (stored.name, stored.size) == (name, len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    with files.open_file(stored) as kept:
        assert kept.read() == content
    assert stored in StoredFile.objects.of("tasks_app.plan", plan.pk)
    assert Event.objects.get(verb="common.file_stored").after["file"] == stored.pk


@pytest.mark.parametrize("name, content, why", BAD)
def test_a_bad_file_is_refused_with_its_reason(attached, settings, name, content, why):
    before = _all_bytes(settings)
    upload = SimpleUploadedFile("x", content)
    upload._name = name
    with pytest.raises(files.FileRefused, match=why):
        files.store_file(
            upload, by=attached.user, subject=attached.user, purpose="x", at=clock.now()
        )
    assert not StoredFile.objects.exists()
    assert _all_bytes(settings) == before


def _all_bytes(settings):
    return {p for p in settings.FILES_ROOT.rglob("*") if p.is_file()}


def test_a_file_beyond_the_limit_is_refused(attached, settings):
    settings.FILE_MAX_BYTES = 1024 * 1024
    with pytest.raises(files.FileRefused, match="超过 1 MB"):
        attached("大.pdf", PDF + bytes(1024 * 1024))


@pytest.mark.parametrize(
    "name, shown",
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\桌面\\通知.pdf", "通知.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("gpj.\u202efdp.exe.pdf", "gpj.fdp.exe.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("...", "未命名"),
        ("  两  空.pdf ", "两 空.pdf"),
    ],
)
def test_the_name_is_for_display_only(name, shown):
    assert files.shown_name(name) == shown


def test_the_place_has_nothing_of_the_name(attached, settings):
    stored = attached("../../x.pdf")
    path = files.path_of(stored.key)
    assert path == settings.FILES_ROOT / stored.key[:2] / stored.key
    assert "x.pdf" not in str(path)


def test_a_full_disk_is_said_and_leaves_nothing(attached, settings, monkeypatch):
    before = _all_bytes(settings)

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.FileRefused, match="磁盘满了"):
        attached()
    assert not StoredFile.objects.exists()
    assert _all_bytes(settings) == before


def test_a_failing_row_leaves_no_bytes(attached, settings, monkeypatch):
    before = _all_bytes(settings)
    monkeypatch.setattr("common.audit.record", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        attached()
    assert not StoredFile.objects.exists()
    assert _all_bytes(settings) == before


def test_the_night_clears_what_a_rollback_left(attached, settings):
    kept = attached()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lost = attached("丢.pdf")
        raise ZeroDivisionError
    young = attached("新.pdf")
    StoredFile.objects.filter(pk=young.pk).delete()
    old = time.time() - 2 * 24 * 3600
    for stored in (kept, lost):
        os.utime(files.path_of(stored.key), (old, old))
    part = files.path_of("ab" * 20).with_suffix(files.PART)
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"half")
    os.utime(part, (old, old))
    assert files.clear_orphans(at=clock.now()) == 2
    assert files.path_of(kept.key).exists()
    assert files.path_of(young.key).exists()
    assert not files.path_of(lost.key).exists() and not part.exists()


def test_exports_go_after_a_week_and_other_files_stay(attached, plan):
    official = attached()
    export = files.keep_file(
        io.BytesIO(b"x"),
        name="表.csv",
        content_type="text/csv",
        by=attached.user,
        subject=plan,
        purpose=files.EXPORT,
        at=clock.now() - timedelta(days=8),
    )
    StoredFile.objects.filter(pk=official.pk).update(uploaded_at=clock.now() - timedelta(days=90))
    row = jobs.enqueue("common.clear_files", day="2025-10-13")
    assert jobs.run(row.pk)
    row.refresh_from_db()
    assert row.result == {"exports": 1, "orphans": 0}
    assert not files.path_of(export.key).exists()
    assert files.path_of(official.key).exists()


# Fetching ----------------------------------------------------------------------------------------
def fetched(response):
    return b"".join(response.streaming_content)


def test_who_sees_the_subject_fetches_the_file(client, attached):
    stored = attached()
    client.force_login(attached.user)
    response = client.get(stored.get_absolute_url())
    assert fetched(response) == PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    event = Event.objects.get(verb="common.file_fetched")
    assert event.after == {"file": stored.pk}


@pytest.mark.parametrize("name, content, inline", [("图.png", PNG, True), ("文.pdf", PDF, False)])
def test_only_pictures_open_in_the_browser(client, attached, name, content, inline):
    client.force_login(attached.user)
    header = client.get(attached(name, content).get_absolute_url() + "?view=1")
    assert header["Content-Disposition"].startswith("inline" if inline else "attachment")
    fetched(header)


def test_a_stranger_s_subject_has_no_files(client, officer, east, west):
    owner, stranger = officer(east), officer(west)
    job = Job.objects.create(kind="common.export", run_after=clock.now(), asked_by=owner)
    stored = files.keep_file(
        io.BytesIO(b"x"),
        name="表.csv",
        content_type="text/csv",
        by=owner,
        subject=job,
        purpose=files.EXPORT,
        at=clock.now(),
    )
    client.force_login(stranger)
    assert client.get(stored.get_absolute_url()).status_code == 404
    assert client.post(reverse("common:file-remove", args=[stored.key])).status_code == 404
    client.force_login(owner)
    fetched(client.get(stored.get_absolute_url()))
    assert client.post(reverse("common:file-remove", args=[stored.key])).status_code == 403


def test_administrators_fetch_no_business_file(client, attached, officer, league):
    stored = attached()
    for role in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR):
        client.force_login(officer(league, role))
        assert client.get(stored.get_absolute_url()).status_code == 404


def test_no_file_without_sign_in(client, attached):
    assert client.get(attached().get_absolute_url()).status_code == 302


@pytest.mark.parametrize("key", ["nothing", "..%2f..%2fkeys", "../../keys"])
def test_an_unknown_key_is_not_found(client, attached, key):
    client.force_login(attached.user)
    assert client.get(f"/files/{key}/").status_code == 404


def test_a_file_lost_from_the_disk_is_not_found(client, attached):
    stored = attached()
    files.path_of(stored.key).unlink()
    client.force_login(attached.user)
    assert client.get(stored.get_absolute_url()).status_code == 404


# Uploading ---------------------------------------------------------------------------------------
@pytest.fixture
def post(client, attached, plan):
    client.force_login(attached.user)

    def post(name="通知.pdf", content=PDF, *, htmx=True, **over):
        upload = SimpleUploadedFile("x", content)
        upload._name = name
        fields = {"subject": "tasks_app.plan", "pk": plan.pk, "purpose": "official", "file": upload}
        headers = {"HX-Request": "true"} if htmx else {}
        fields = {k: v for k, v in (fields | over).items() if v is not None}
        return client.post(reverse("common:file-upload"), fields, headers=headers)

    return post


def test_an_upload_answers_with_the_list(post):
    response = post()
    assert response.status_code == 200
    assert "通知.pdf" in response.content.decode() and b"<html" not in response.content


def test_without_script_an_upload_leads_back_to_its_page(post, plan):
    response = post(htmx=False)
    assert response.status_code == 302 and response.url == plan.get_absolute_url()


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_upload_says_why_beside_the_field(post, htmx):
    response = post("程序.pdf", EXE, htmx=htmx)
    assert response.status_code == 422
    assert "内容是程序文件" in response.content.decode()
    assert Event.objects.get(verb="common.file_refused").outcome == Event.Outcome.REFUSED


def test_an_upload_without_a_file_says_so(post):
    response = post(file=None)
    assert response.status_code == 422 and "先选一个文件" in response.content.decode()


def test_too_large_an_upload_is_read_past(post, settings):
    settings.FILE_MAX_BYTES = 1024 * 1024
    response = post("大.pdf", PDF + bytes(3 * 1024 * 1024))
    assert response.status_code == 422 and "超过 1 MB" in response.content.decode()
    assert not list(settings.FILE_UPLOAD_TEMP_DIR.iterdir())


@pytest.mark.parametrize(
    "over",
    [
        {"subject": "registry.nothing"},
        {"pk": "999999"},
        {"pk": "x"},
        {"pk": "²"},
        {"pk": "9" * 40},
        {"purpose": "<b>"},
        {"purpose": ""},
        {"subject": ""},
    ],
)
def test_an_upload_to_nothing_is_not_found(post, over):
    assert post(**over).status_code == 404


def test_who_may_not_attach_is_refused(client, post, plan, officer, east):
    client.force_login(officer(east))
    assert post().status_code == 403
    assert not StoredFile.objects.exists()


def test_upload_takes_posts_only(client, attached):
    client.force_login(attached.user)
    assert client.get(reverse("common:file-upload")).status_code == 405


# Removing ----------------------------------------------------------------------------------------
def test_a_removed_file_can_be_put_back(client, attached, post):
    stored = attached()
    url = reverse("common:file-remove", args=[stored.key])
    page = client.post(url, headers={"HX-Request": "true"}).content.decode()
    assert "已移除" in page and "撤销" in page
    assert client.get(stored.get_absolute_url()).status_code == 404
    back = reverse("common:file-restore", args=[stored.key])
    page = client.post(back, headers={"HX-Request": "true"}).content.decode()
    assert "已移除" not in page and stored.name in page
    assert fetched(client.get(stored.get_absolute_url())) == PDF
    verbs = Event.objects.values_list("verb", flat=True)
    assert {"common.file_removed", "common.file_restored"} <= set(verbs)


def test_removing_twice_is_one_deed(client, attached, post):
    url = reverse("common:file-remove", args=[attached().key])
    client.post(url)
    client.post(url)
    assert Event.objects.filter(verb="common.file_removed").count() == 1


def test_who_may_not_attach_may_not_remove(client, attached, officer, east):
    stored = attached()
    client.force_login(officer(east))
    assert client.post(reverse("common:file-remove", args=[stored.key])).status_code == 403
    stored.refresh_from_db()
    assert stored.removed_at is None


def test_the_event_holds_no_name_of_a_file(attached):
    attached("张三 152921199001010011.pdf")
    event = Event.objects.get(verb="common.file_stored")
    assert "张三" not in str(event.after) + event.subject_title


def test_a_day_s_clearing_is_asked_for_each_night(clock_at, db):
    clock_at(date(2025, 10, 13))
    jobs.nightly()
    assert Job.objects.filter(kind="common.clear_files").count() == 1
