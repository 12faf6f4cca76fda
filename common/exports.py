"""Lists as files: exactly what is filtered and sorted, every page of it, as plain values.

A page calls `export_response(request, table, name)`. A list that may grow long is declared in
`<app>/exports.py`; above `INLINE_ROWS` rows its file is made by a Job, which builds the table
again for the person who asked, so that the scope holds there too.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from itertools import chain

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from common import audit, clock, files, jobs, workbooks
from common.models import Job, StoredFile
from common.subjects import subject

KEY = "export"  # in the address of a list: ?export=xlsx
INLINE_ROWS = 2000
KIND = "common.export"  # the job that makes the file of a long list
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
# Not narrowing the list, so not part of what was asked for.
NOT_FILTERS = (KEY, "page", "per_page", "sort")

_lists: dict[str, "Exportable"] = {}


@dataclass(frozen=True)
class Exportable:
    code: str
    title: str
    permission: str
    build: Callable  # (user, query: QueryDict) -> Table, scoped and sorted


def exportable(code: str, *, title, permission: str, build: Callable) -> Exportable:
    """Declare a list that may be too long for one request."""
    if code in _lists:
        raise ValueError(f"List {code} is declared twice")
    _lists[code] = Exportable(code, title, permission, build)
    return _lists[code]


# Answering ---------------------------------------------------------------------------------------
def export_response(request, table, name):
    """The list as a file if the address asks for one, else None.

    `name` is the code of a declared list, or a title for a list that is always short.
    """
    form = request.GET.get(KEY, "")
    if form not in CONTENT_TYPES:
        return None
    declared = _lists.get(name)
    title = str(declared.title if declared else name)
    count = len(table.rows)
    if declared and count > INLINE_ROWS:
        job = jobs.enqueue(
            KIND,
            by=request.user,
            listed=declared.code,
            query=request.GET.urlencode(),
            form=form,
            language=translation.get_language(),
        )
        return redirect(job)
    response = HttpResponse(content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = content_disposition_header(True, file_name(title, form))
    response["X-Content-Type-Options"] = "nosniff"
    write(table, form, title, response)
    record(name, title, form, count, request.GET, by=request.user)
    return response


def file_name(title: str, form: str) -> str:
    return f"{title}-{clock.today().isoformat()}.{form}"


def record(name, title, form, count, query, *, by) -> None:
    """The one event of an export: which list, how many rows, narrowed by what."""
    filters = {key: query.getlist(key) for key in query if key not in NOT_FILTERS}
    filters = {key: values for key, values in filters.items() if any(values)}
    audit.record(
        "common.list_exported",
        by=by,
        after={"list": str(name), "rows": count, "format": form, "filters": filters},
        title=title,
    )


# Writing -----------------------------------------------------------------------------------------
def remark(title: str, count: int) -> str:
    """The first line of every file: what it is, and that it is not for taking in again."""
    made = timezone.localtime(clock.now())
    return _("%(title)s | 共 %(count)s 行 | %(at)s 导出 | 列表导出，不能用于导入") % {
        "title": title,
        "count": count,
        "at": date_format(made, "SHORT_DATETIME_FORMAT"),
    }


def columns_of(table) -> list:
    """The columns as shown, without those that only hold buttons."""
    return [c for c in table.columns.itervisible() if not c.column.exclude_from_export]


def lines_of(table) -> Iterator[list]:
    """The rows of all pages as plain values: numbers and dates stay what they are."""
    columns = columns_of(table)
    for row in table.rows:
        yield [plain(row.get_cell_value(column.name)) for column in columns]


def plain(value):
    """A cell without markup; None and what has no form of its own become text."""
    match value:
        case None:
            return ""
        case bool():
            return _("是") if value else _("否")
        case int() | float() | Decimal():
            return value
        case datetime():
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return local.replace(tzinfo=None, microsecond=0)
        case date():
            return value
        case SafeString():
            return re.sub(r"\s+", " ", unescape(strip_tags(value))).strip()
        case Promise():
            return str(value)
    return workbooks.clean(str(value))


def write(table, form: str, title: str, stream, progress=None) -> None:
    """Write the whole list to a binary stream, calling `progress(done)` now and then."""
    head = [str(column.header) for column in columns_of(table)]
    first = remark(title, len(table.rows))
    lines = _told(lines_of(table), progress) if progress else lines_of(table)
    if form == "xlsx":
        _write_xlsx(title, first, head, lines, stream)
    else:
        _write_csv(first, head, lines, stream)


def _told(lines, progress):
    for number, line in enumerate(lines):
        if number % 500 == 0:
            progress(number)
        yield line


def _csv_cell(value):
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, str) and workbooks.begins_formula(value):
        return "'" + value
    return value


class _Encoded:
    """A text stream over a binary one, which it leaves open."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        self.stream.write(text.encode())


def _write_csv(first, head, lines, stream):
    out = _Encoded(stream)
    out.write("\ufeff")  # without it Excel takes the file for the local code page
    writer = csv.writer(out)
    for line in chain(([first], head), lines):
        writer.writerow([_csv_cell(value) for value in line])


def _write_xlsx(title, first, head, lines, stream):
    book = Workbook()
    sheet = book.active
    sheet.title = workbooks.sheet_title(title)
    sheet.freeze_panes = "A3"
    workbooks.put_text(sheet["A1"], first)
    for number, text in enumerate(head, start=1):
        width = min(max(12, 2 * len(text) + 4), 40)
        sheet.column_dimensions[get_column_letter(number)].width = width
        cell = sheet.cell(2, number)
        workbooks.put_text(cell, text)
        cell.font = Font(bold=True)
    rows = workbooks.rows_as_xml(lines, [_look(sheet)] * len(head), first_row=3)
    workbooks.save(book, stream, lines={sheet.title: rows})


def _look(sheet) -> workbooks.Look:
    return workbooks.Look(
        quoted=workbooks.style_number(sheet, quotePrefix=True),
        day=workbooks.style_number(sheet, number_format="yyyy-mm-dd"),
        moment=workbooks.style_number(sheet, number_format="yyyy-mm-dd hh:mm:ss"),
    )


# Long lists --------------------------------------------------------------------------------------
subject(
    Job,
    label=gettext_lazy("后台任务"),
    visible_to=lambda user: Job.objects.of(user),
    title=lambda job: jobs.label_of(job.kind),
)


@jobs.job(KIND, label=gettext_lazy("导出列表"))
def export_list(running, *, listed, query, form, language="zh-hans", **_later):
    """Build the list anew as the person who asked may see it now, and keep it as a file."""
    user, declared = running.asked_by, _lists[listed]
    if not user.has_perm(declared.permission):
        raise jobs.JobFault(_("您现在没有看这份列表的权限。"))
    for earlier in StoredFile.objects.of("common.job", running.pk):
        files.remove_file(earlier, by=user, at=clock.now())  # of a try that was cut off
    with translation.override(language):
        asked = QueryDict(query)
        table = declared.build(user, asked)
        title, total = str(declared.title), len(table.rows)
        with tempfile.TemporaryFile() as made:
            write(table, form, title, made, lambda done: running.progress(done, total))
            made.seek(0)
            try:
                kept = files.keep_file(
                    made,
                    name=file_name(title, form),
                    content_type=CONTENT_TYPES[form],
                    by=user,
                    subject=running.row,
                    purpose=files.EXPORT,
                    at=clock.now(),
                )
            except files.FileRefused as refused:
                raise jobs.JobFault(str(refused)) from None
        record(listed, title, form, total, asked, by=user)
    return {"rows": total, "file": kept.key}
