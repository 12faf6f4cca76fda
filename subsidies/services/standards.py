"""Programmes and their standards: what the portal comes with, and what the bureau adds and confirms."""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from common import audit
from subsidies.models import Award, Confidence, Programme, Standard
from subsidies.models.programmes import CENT
from subsidies.services.refusals import Refused, Stale

DATA = Path(__file__).resolve().parent.parent / "data"
_NUMBERS = ("amount", "average", "least", "most")
_TEXTS = ("stage", "level", "group", "per", "document", "confidence", "note")
_BOARDS = {"": None, "0": False, "1": True}


# What the portal comes with ----------------------------------------------------------------------
@transaction.atomic
def load_standards(folder: Path = DATA) -> tuple[int, int]:
    """Add the programmes and standards that are not there yet; (programmes, standards) added.

    What is there already is the bureau's: nothing is written over.
    """
    known = set(Programme.objects.values_list("code", flat=True))
    fresh = [
        Programme(**row | {"sort_no": int(row["sort_no"])})
        for row in _rows(folder / "programmes.csv")
        if row["code"] not in known
    ]
    Programme.objects.bulk_create(fresh)
    programmes = dict(Programme.objects.values_list("code", "pk"))
    loaded = set(Standard.objects.exclude(loaded_as="").values_list("loaded_as", flat=True))
    standards = [
        _standard(row, programmes)
        for row in _rows(folder / "standards.csv")
        if row["key"] not in loaded
    ]
    Standard.objects.bulk_create(standards)
    if fresh or standards:
        audit.record(
            "subsidies.standards_loaded",
            by=None,
            after={"programmes": len(fresh), "standards": len(standards)},
        )
    return len(fresh), len(standards)


def _rows(file: Path) -> list[dict]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _standard(row: dict, programmes: dict[str, int]) -> Standard:
    return Standard(
        programme_id=programmes[row["programme"]],
        loaded_as=row["key"],
        boards=_BOARDS[row["boards"]],
        grades=row["grades"].split(),
        valid_from=date.fromisoformat(row["from"]),
        valid_to=date.fromisoformat(row["to"]) if row["to"] else None,
        **{name: Decimal(row[name]) if row[name] else None for name in _NUMBERS},
        **{name: row[name] for name in _TEXTS},
    )


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic
def save_programme(programme: Programme, *, by, seen: int | None = None) -> Programme:
    """Add a local programme, or change one."""
    if programme.pk:
        stored = Programme.objects.select_for_update().get(pk=programme.pk)
        _refuse_stale(stored, seen)
        programme.version = stored.version + 1
    programme.save()
    audit.record("subsidies.programme_saved", programme, by=by, after={"code": programme.code})
    return programme


@transaction.atomic
def save_standard(standard: Standard, *, by, seen: int | None = None) -> Standard:
    """Add a standard, or change one that no award rests on; of others the end alone changes.

    What the bureau changes is no longer what was found: it waits to be confirmed.
    """
    _refuse_bad(standard)
    stored = None
    if standard.pk:
        stored = Standard.objects.select_for_update().get(pk=standard.pk)
        _refuse_stale(stored, seen)
        standard.version = stored.version + 1
        if _says(stored) != _says(standard):
            if Award.objects.filter(standard=stored).exists():
                raise Refused("in_use", "amount")
            standard.confirmed_by = standard.confirmed_at = None
            standard.confidence = Confidence.LIKELY
    if standard.judges:
        _refuse_overlap(standard)
    standard.save()
    audit.record(
        "subsidies.standard_saved",
        standard,
        by=by,
        before=_told(stored) if stored else None,
        after=_told(standard),
    )
    return standard


@transaction.atomic
def confirm_standard(standard: Standard, *, by, at: datetime, seen: int | None = None) -> Standard:
    """From now on amounts are judged by it."""
    standard = Standard.objects.select_for_update().get(pk=standard.pk)
    _refuse_stale(standard, seen)
    if standard.judges:
        raise Refused("confirmed")
    if standard.amount is None:
        raise Refused("no_amount", "amount")
    _refuse_overlap(standard)
    standard.confirmed_by, standard.confirmed_at = by, at
    standard.version += 1
    standard.save(update_fields=["confirmed_by", "confirmed_at", "version"])
    audit.record("subsidies.standard_confirmed", standard, by=by, after=_told(standard))
    return standard


def _refuse_stale(stored, seen: int | None) -> None:
    if seen is not None and seen != stored.version:
        raise Stale(stored.pk)


def _refuse_bad(standard: Standard) -> None:
    if not standard.document.strip():
        raise Refused("required", "document")
    if standard.valid_to is not None and standard.valid_to < standard.valid_from:
        raise Refused("out_of_order", "valid_to")
    for name in _NUMBERS:
        amount = getattr(standard, name)
        if amount is None:
            continue
        if not amount.is_finite() or amount <= 0 or amount != amount.quantize(CENT):
            raise Refused("not_money", name)


def _refuse_overlap(standard: Standard) -> None:
    """Of two that judge the same children on the same day nobody knows which is right."""
    mine = set(standard.grades)
    for other in Standard.objects.judging().like(standard):
        if not mine or not other.grades or mine & set(other.grades):
            raise Refused("overlaps", "valid_from")


def _says(standard: Standard) -> tuple:
    """All that an amount follows from, without its end."""
    return (
        standard.programme_id,
        standard.stage,
        standard.level,
        standard.group,
        standard.boards,
        tuple(standard.grades),
        standard.amount,
        standard.per,
        standard.valid_from,
    )


def _told(standard: Standard) -> dict:
    return {
        "amount": str(standard.amount) if standard.amount is not None else None,
        "from": standard.valid_from.isoformat(),
        "to": standard.valid_to.isoformat() if standard.valid_to else None,
        "document": standard.document,
    }
