"""The line of a workbook that a number came from, for who may open it."""

from dataclasses import dataclass

from django.urls import reverse

from intake.models import Upload
from tasks_app.models import ProgressReport
from tasks_app.services import imported


@dataclass(frozen=True)
class SheetLine:
    """One line of an upload."""

    upload: Upload
    sheet: int
    row: int

    @property
    def sheet_name(self) -> str:
        return self.upload.sheet_name(self.sheet)

    @property
    def address(self) -> str:
        return reverse("intake:upload-row", args=[self.upload.pk, self.sheet, self.row])


def lines_of(report: ProgressReport, user) -> dict[int, SheetLine]:
    """{indicator: its line}, of the numbers that still are what a sheet brought."""
    origins = imported.origins_of(report) if report.pk else {}
    if not origins:
        return {}
    uploads = Upload.objects.visible_to(user).in_bulk(
        {row.source_upload for row in origins.values()}
    )
    return {
        indicator: SheetLine(uploads[row.source_upload], row.source_sheet, row.source_row)
        for indicator, row in origins.items()
        if row.source_upload in uploads
    }
