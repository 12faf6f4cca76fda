"""`manage.py intake`: check or commit a workbook as a person would in the browser."""

import json
import time
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from common import clock, jobs
from common.models import Job
from intake import kinds
from intake.findings import Finding
from intake.management.asked import (
    GOOD,
    SOME_REJECTED,
    UNUSABLE,
    CannotUse,
    facts_named,
    kind_for,
    pairs,
    period_for,
    person,
    unit_for,
)
from intake.models import Upload
from intake.services import uploads
from intake.services.checks import words_of
from intake.services.previews import Preview, read_preview

POLL_SECONDS = 0.2
COUNTS = (
    "rows",
    "inserted",
    "updated",
    "unchanged",
    "rejected",
    "cleared",
    "conflicts",
    "missing",
    "errors_total",
)


class Command(BaseCommand):
    help = "Check a workbook as a user would in the browser; --commit writes its rows."

    def add_arguments(self, parser):
        parser.add_argument("kind", nargs="?", help="slug of a report kind, see --kinds")
        parser.add_argument("file", nargs="?", help="the workbook")
        parser.add_argument("--kinds", action="store_true", help="list every kind and its columns")
        parser.add_argument("--by", metavar="USERNAME", help="the person in whose name")
        parser.add_argument("--period", default="", help="2025, 2025Q3, 2025-09, 2024/25-1 …")
        parser.add_argument("--unit", default="", help="name or key; the person's own without it")
        parser.add_argument("--fact", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--map", action="append", default=[], metavar="表头=列")  # data
        parser.add_argument("--commit", action="store_true", help="write if no row is faulty")
        parser.add_argument("--good-rows", action="store_true", help="write the good rows only")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options):
        self.as_json = options["json"]
        if options["kinds"]:
            return self.list_kinds()
        try:
            code = self.take_in(**options)
        except CannotUse as reason:
            self.stderr.write(str(reason))
            code = UNUSABLE
        if code:
            raise SystemExit(code)

    # The kinds ---------------------------------------------------------------------------------
    def list_kinds(self):
        described = [kinds.describe(kind) for kind in kinds.all_kinds()]
        if self.as_json:
            return self.say_json(described)
        for kind in described:
            self.stdout.write(f"{kind['kind']}  {kind['title']}")
            for column in kind["columns"]:
                mark = "*" if column["required"] else " "
                self.stdout.write(f"  {mark} {column['header']} ({column['type']})")

    def say_json(self, told) -> None:
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))

    # A workbook --------------------------------------------------------------------------------
    def take_in(self, *, kind, file, by, period, unit, fact, map, commit, good_rows, **_options):
        user, now = person(by), clock.now()
        declared = kind_for(kind, user)
        upload = self.hand_in(
            Path(file or ""),
            kind=declared.slug,
            by=user,
            unit=unit_for(user, declared, unit, on=timezone.localdate(now)),
            period=period_for(period),
            facts=facts_named(declared, pairs(fact, _("事实"))),
            mapping=pairs(map, _("表头对应")),
            at=now,
        )
        settle(upload)
        preview = self.preview_of(upload, user)
        committed = False
        if (commit or good_rows) and upload.state == Upload.State.CHECKED:
            upload, preview, committed = self.commit(upload, user, preview, good_rows)
        self.report(upload, Path(file).name, preview, committed)
        counts = preview.counts
        is_good = not (counts["rejected"] or counts["conflicts"] or counts["errors_total"])
        return GOOD if is_good else SOME_REJECTED

    def hand_in(self, path: Path, **about) -> Upload:
        try:
            with path.open("rb") as stream:
                return uploads.take_upload(File(stream, name=path.name), inline=False, **about)
        except OSError as problem:
            raise CannotUse(
                _("打不开文件 %(name)s：%(why)s") % {"name": path.name, "why": problem.strerror}
            ) from None
        except uploads.UploadRefused as refused:
            raise CannotUse(str(refused)) from None
        except uploads.NotYours:
            raise CannotUse(_("这个账号不能为这个单位交这张表。")) from None

    def preview_of(self, upload: Upload, user) -> Preview:
        if upload.state == Upload.State.UNUSABLE:
            raise CannotUse(words_of(upload))
        if upload.state not in (Upload.State.CHECKED, Upload.State.MAPPING, Upload.State.COMMITTED):
            raise CannotUse(upload.job.fault or _("没有查完，请再试。"))
        return read_preview(upload, user)

    def commit(self, upload: Upload, user, preview: Preview, good_rows: bool):
        """(upload, preview, whether it was written). Faulty rows are told by the check already."""
        if not good_rows and not preview.is_faultless:
            return upload, preview, False
        warnings = preview.warnings
        upload = uploads.commit_upload(
            upload, by=user, at=clock.now(), good_rows=good_rows, inline=False
        )
        set_before = upload.committed_at
        settle(upload)
        preview = self.preview_of(upload, user)
        preview.warnings = warnings
        return upload, preview, upload.committed_at != set_before

    # Telling -----------------------------------------------------------------------------------
    def report(self, upload: Upload, name: str, preview: Preview, committed: bool) -> None:
        counts = {key: preview.counts.get(key, 0) for key in COUNTS}
        told = {"kind": upload.kind, "file": name, "upload": upload.pk, "committed": committed}
        if self.as_json:
            told |= counts
            told["errors"] = [as_entry(found) for found in preview.faults]
            told["warnings"] = [as_entry(found) for found in preview.warnings]
            return self.say_json(told)
        for key, value in (told | counts).items():
            self.stdout.write(f"{key}: {value}")
        for title, some in (("errors", preview.faults), ("warnings", preview.warnings)):
            for found in some:
                self.stdout.write(f"{title} {found.sheet}!{found.place} {found.message}")


def as_entry(found: Finding) -> dict:
    """An error or warning as the contract has it; row and column as Excel shows them."""
    return {
        "sheet": found.sheet,
        "row": found.row,
        "column": found.column,
        "code": found.code,
        "message": found.message,
    }


def settle(upload: Upload) -> None:
    """Work the upload's job in this process; if another has taken it, wait for its end."""
    moving = (Job.State.QUEUED, Job.State.RUNNING)
    jobs.run(upload.job_id)
    while Job.objects.filter(pk=upload.job_id, state__in=moving).exists():
        time.sleep(POLL_SECONDS)
        jobs.run(upload.job_id)
    upload.refresh_from_db()
