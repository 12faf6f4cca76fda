"""Uploads as a check or a commit would have left them, for the tests of pages."""

from datetime import timedelta

from common import clock, vault
from intake.findings import Finding, Findings
from intake.models import Upload
from intake.services import previews
from intake.services.previews import Changed, HeaderUse, LeftOut, Missing, Preview, Touched

SECRET = "152921201509010014"  # what no page may show; synthetic
MASK = "1529**********0014"


def findings(*some: Finding) -> Findings:
    found = Findings()
    found.extend(some)
    return found


def fault(row: int, code="required", header="学校名称", column="A", value="", **params) -> Finding:
    return Finding(code, "Sheet1", row, column, header, value, {"header": header} | params)


def faulty(*some: Finding, rows=10, **fields) -> Preview:
    """A check that found faults in as many rows."""
    found = findings(*some)
    rejected = len({(one.sheet, one.row) for one in some})
    counts = {"rows": rows, "inserted": rows - rejected, "rejected": rejected}
    return made(counts, fault_causes=found.causes(), faults=found.in_order(["Sheet1"]), **fields)


def made(counts: dict, **fields) -> Preview:
    """A check's preview; what is not said has found nothing."""
    nothing = dict.fromkeys(
        ("rows", "inserted", "updated", "unchanged", "rejected", "cleared", "conflicts", "missing"),
        0,
    )
    return Preview(counts=nothing | counts, **fields)


def full(**fields) -> Preview:
    """A check that has something in every part of the page."""
    warned = findings(fault(12, "total_differs", stated="1,284", computed="1,286"))
    counts = {"rows": 12, "inserted": 4, "updated": 2, "unchanged": 6, "cleared": 1, "missing": 1}
    parts = {
        "warning_causes": warned.causes(),
        "warnings": warned.kept,
        "changes": [
            Changed("Sheet1", 4, "那**", "年级", "五年级", "六年级"),
            Changed("Sheet1", 5, "李**", "监护人电话", "138****2210", "", is_clear=True),
        ],
        "changes_total": 2,
        "touched": [Touched("课后服务学生参与率", "阿拉善左旗", "91.77%", "95.74%")],
        "headers": [
            HeaderUse("Sheet1", "A", "序号", how="ignored"),
            HeaderUse("Sheet1", "B", "学校全称", "name", "alias"),
            HeaderUse("Sheet1", "C", "备注2", how="unclaimed"),
        ],
        "left_out": [LeftOut("Sheet1", "total", 3)],
        "missing": [Missing("某小学", "阿拉善左旗")],
    }
    return made(counts, **parts | fields)


def upload(by, unit, state="CHECKED", preview=None, *, original=b"bytes", **fields) -> Upload:
    """A row with its preview and original in the vault."""
    at = fields.pop("at", None) or clock.now()
    words = {
        "kind": "schools",
        "name": "学校名录.xlsx",
        "size": len(original),
        "sha256": "0" * 64,
        "sheets": ["Sheet1"],
        "counts": preview.counts if preview else {},
        "preview_key": previews.keep(preview) if preview else "",
        "file_key": vault.put([original]) if original else "",
        "checked_at": at + timedelta(seconds=0.6) if preview else None,
    }
    if state in ("COMMITTED", "UNDONE"):
        words |= {"committed_by": by, "committed_at": at}
    return Upload.objects.create(by=by, unit=unit, state=state, at=at, **words | fields)
