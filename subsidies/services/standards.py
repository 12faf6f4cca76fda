"""Programmes and their standards: what the portal comes with, and what the bureau adds and confirms."""

import csv
import secrets
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from common import audit, jobs, options
from common.periods import Kind, Period, between
from common.refusals import Stale
from subsidies.models import Award, Confidence, Programme, Standard, StandardChange
from subsidies.models.programmes import CENT
from subsidies.services.refusals import Refused

DATA = Path(__file__).resolve().parent.parent / "data"
_NUMBERS = ("amount", "average", "least", "most")
_TEXTS = ("stage", "level", "group", "per", "document", "confidence", "note")
EXPECT_AGAIN = "subsidies.expect_again"  # the job that works awards out after a change
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


# Programmes --------------------------------------------------------------------------------------
def add_local_programme(*, name: str, unit, by, **facts) -> Programme:
    """One that the portal did not come with. Its code follows from its number: nobody types it."""
    programme = Programme(name=name.strip(), unit=unit, **facts)
    programme.code = f"local-{secrets.token_hex(4)}"
    return save_programme(programme, by=by)


def change_programme(programme: Programme, *, by, seen: int | None = None, **facts) -> Programme:
    for name, value in facts.items():
        setattr(programme, name, value)
    return save_programme(programme, by=by, seen=seen)


@transaction.atomic
def save_programme(programme: Programme, *, by, seen: int | None = None) -> Programme:
    """Add a local programme, or change one."""
    if programme.pk:
        stored = Programme.objects.select_for_update().get(pk=programme.pk)
        _refuse_stale(stored, seen)
        programme.version = stored.version + 1
    try:
        with transaction.atomic():
            programme.save()
    except IntegrityError:
        raise Refused("name_taken", "name") from None
    audit.record("subsidies.programme_saved", programme, by=by, after={"code": programme.code})
    return programme


# Standards ---------------------------------------------------------------------------------------
@transaction.atomic
def save_standard(
    standard: Standard, *, reason: str, by, at: datetime, seen: int | None = None
) -> Standard:
    """Add a standard, or change one that no award rests on; of others the end alone changes.

    What the bureau changes is no longer what was found: it waits to be confirmed.
    """
    _refuse_bad(standard)
    stored, kind, judged = None, StandardChange.Kind.ADDED, False
    if standard.pk:
        stored = Standard.objects.select_for_update().get(pk=standard.pk)
        _refuse_stale(stored, seen)
        standard.version, judged = stored.version + 1, stored.judges
        kind = StandardChange.Kind.CLOSED
        if _says(stored) != _says(standard):
            if Award.objects.filter(standard=stored).exists():
                raise Refused("in_use", "amount")
            standard.confirmed_by = standard.confirmed_at = None
            standard.confidence = Confidence.LIKELY
            kind = StandardChange.Kind.CHANGED
    if standard.judges:
        _refuse_overlap(standard)
    standard.save()
    before, after = _told(stored) if stored else None, _told(standard)
    _keep_change(standard, kind, reason, before, after, by=by, at=at)
    audit.record("subsidies.standard_saved", standard, by=by, before=before, after=after)
    if judged or standard.judges:
        _expect_again(standard, by=by, at=at)
    return standard


def close_standard(
    standard: Standard, *, valid_to: date, reason: str, by, at: datetime, seen: int | None = None
) -> Standard:
    """It holds to a day; what the documents say from then on is another row."""
    standard.valid_to = valid_to
    return save_standard(standard, reason=reason, by=by, at=at, seen=seen)


@transaction.atomic
def confirm_standard(
    standard: Standard, *, reason: str, by, at: datetime, seen: int | None = None
) -> Standard:
    """From now on amounts are judged by it, and what children are to get is worked out anew."""
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
    after = _told(standard)
    _keep_change(standard, StandardChange.Kind.CONFIRMED, reason, None, after, by=by, at=at)
    audit.record("subsidies.standard_confirmed", standard, by=by, after=after)
    _expect_again(standard, by=by, at=at)
    return standard


def _keep_change(standard, kind, reason: str, before, after, *, by, at: datetime) -> None:
    if not reason.strip():
        raise Refused("required", "reason")
    StandardChange.objects.create(
        standard=standard,
        kind=kind,
        reason=reason.strip(),
        before=before,
        after=after,
        by=by,
        at=at,
    )


def _expect_again(standard: Standard, *, by, at: datetime) -> None:
    """A whole league's awards are no work for a request."""
    terms = terms_judged_by(standard, timezone.localdate(at))
    if terms:
        jobs.enqueue(EXPECT_AGAIN, by=by, terms=terms)


def terms_judged_by(standard: Standard, on: date) -> list[str]:
    """Those that have begun and whose school year is still open, from the standard's first day on:
    what stood before its new end may rest on it."""
    this_year = Period.of(Kind.SCHOOL_YEAR, on)
    oldest = Period(Kind.SCHOOL_YEAR, this_year.year - options.get("subsidies.years_open"))
    first = max(standard.valid_from, oldest.start)
    return [one.code for one in between(Kind.TERM, first, on)] if first <= on else []


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
