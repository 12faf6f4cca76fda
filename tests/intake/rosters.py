"""Rosters of children who do not exist, as workbooks, and the ways to hand them in."""

import io
from datetime import date

from django.core.files.base import ContentFile
from django.db import connection
from openpyxl import Workbook

from common import clock, jobs
from intake.models import Upload
from intake.services import uploads
from intake.services.previews import Preview, read_preview
from registry.identity import check_character
from registry.models import Unit
from registry.services.units import rebuild_closure, sort_key_of

HEADERS = (
    "旗(区)",
    "学校",
    "年级",
    "班级",
    "姓名",
    "性别",
    "民族",
    "身份证号",
    "学籍号",
    "是否寄宿",
    "监护人",
    "与学生关系",
    "监护人电话",
    "户籍所在地",
    "现住址",
    "入学年月",
    "备注",
)
NAMES = ("那仁", "苏日娜", "巴图", "王小明", "李娜", "阿拉腾", "乌云", "张强", "其其格", "刘洋")


def id_number(n: int) -> str:
    """A number that checks, of nobody; another one for each n."""
    body = f"152921{2009 + n % 9}{1 + n % 12:02}{1 + n % 28:02}{n // 252 % 1000:03}"
    return body + check_character(body)


def child(n: int, school: Unit, **over) -> dict:
    """A row of a roster by its headers."""
    number = id_number(n)
    row = {
        "旗(区)": "阿拉善左旗",
        "学校": school.name,
        "年级": "三年级",
        "班级": "2班",
        "姓名": NAMES[n % len(NAMES)],
        "性别": "男" if int(number[16]) % 2 else "女",
        "民族": "蒙古族",
        "身份证号": number,
        "学籍号": f"G{number}",
        "是否寄宿": "是" if n % 2 else "否",
        "监护人": NAMES[(n + 3) % len(NAMES)],
        "与学生关系": "父亲",
        "监护人电话": f"139{n:08}",
        "户籍所在地": f"阿拉善左旗巴彦浩特镇新华街{n}号",
        "现住址": f"阿拉善左旗巴彦浩特镇和平路{n}号",
        "入学年月": "2022-09",
        "备注": "",
    }
    return row | over


def children(count: int, school: Unit, *, first: int = 0) -> list[dict]:
    return [child(n, school) for n in range(first, first + count)]


def workbook(rows: list[dict], *, title: str = "", above=(), headers=None) -> ContentFile:
    """The rows below a header; keys that are no header of ours become columns of their own.

    `above` are rows of cells over the header.
    """
    headers = headers or list(dict.fromkeys(key for row in rows for key in row)) or HEADERS
    book = Workbook()
    sheet = book.active
    sheet.title = "名册"
    if title:
        sheet.append([title])
    for cells in above:
        sheet.append(cells)
    sheet.append(list(headers))
    for row in rows:
        sheet.append([row.get(header) for header in headers])
    out = io.BytesIO()
    book.save(out)
    return ContentFile(out.getvalue(), name="名册.xlsx")


def make_school(name: str, banner: Unit) -> Unit:
    """A school right under a banner."""
    unit = Unit.objects.create(
        key=f"school-{Unit.objects.count()}",
        name=name,
        kind=Unit.Kind.SCHOOL,
        sort_key=sort_key_of(name),
        valid_from=date(2000, 1, 1),
    )
    unit.parents.create(parent=banner, valid_from=date(2000, 1, 1))
    rebuild_closure()
    return unit


def hand_in(rows, *, by, unit, kind="students", **more) -> tuple[Upload, Preview]:
    """Take a workbook and check it; (upload, preview)."""
    file = rows if hasattr(rows, "chunks") else workbook(rows)
    upload = uploads.take_upload(
        file, kind=kind, by=by, unit=unit, at=clock.now(), inline=False, **more
    )
    return checked(upload, by)


def checked(upload: Upload, by) -> tuple[Upload, Preview]:
    run_job(upload)
    assert upload.state not in (Upload.State.RECEIVED, Upload.State.CHECKING), upload.job.traceback
    assert upload.state != Upload.State.UNUSABLE, upload.fault
    return upload, read_preview(upload, by)


def commit(upload: Upload, *, by, **more) -> Upload:
    upload = uploads.commit_upload(upload, by=by, at=clock.now(), inline=False, **more)
    run_job(upload)
    assert upload.state != Upload.State.COMMITTING, upload.job.traceback
    return upload


def take_in(rows, *, by, unit, **more) -> Upload:
    """Hand in and commit."""
    upload, _preview = hand_in(rows, by=by, unit=unit)
    return commit(upload, by=by, **more)


def undo(upload: Upload, *, by):
    upload.refresh_from_db()
    return uploads.undo_upload(upload, by=by, at=clock.now())


def run_job(upload: Upload) -> None:
    jobs.run(upload.job_id)
    upload.refresh_from_db()


def domain_rows(*models) -> dict[str, list[tuple]]:
    """Every stored row as the database holds it, ciphertext included; versions aside."""
    found = {}
    for model in models:
        columns = [field.column for field in model._meta.concrete_fields if field.name != "version"]
        table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY "{model._meta.pk.column}"')
            found[table] = cursor.fetchall()
    return found
