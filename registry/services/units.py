"""What is done to units: load them, move them, hand a township to a zone, merge, tick who reports."""

import csv
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from pypinyin import lazy_pinyin

from common import audit
from registry.models import Closure, Running, Unit, UnitAlias, UnitCode, UnitParent

DATA = Path(__file__).resolve().parent.parent / "data" / "units.csv"
# The columns that hold official codes: a local key is never one.
CODES = (
    (UnitCode.System.NBS, 2023, "nbs_2023"),
    (UnitCode.System.MCA, 2021, "mca_2021"),
)
SINCE = date(2000, 1, 1)  # the tree's first day; real moves are dated rows


class BadUnitFile(Exception):
    """A unit file that cannot be loaded; names file, line and field."""


class BadMove(Exception):
    """A move that would tear the tree or rewrite a closed past."""


def sort_key_of(name: str) -> str:
    """Pinyin with the characters behind it, so that both engines sort alike."""
    return (" ".join(lazy_pinyin(name)) + " " + name)[:200]


@transaction.atomic
def load_units(file: Path = DATA, *, reporting: frozenset[str] = frozenset({"1"})) -> int:
    """Load the unit file; a second run changes nothing. Returns how many units are new."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = {unit.key: unit for unit in Unit.objects.all()}
    fresh = []
    for line, row in enumerate(rows, start=2):
        _check_row(file, line, row, known)
        if row["key"] not in known:
            known[row["key"]] = _new_unit(row, reporting)
            fresh.append(row)
    if not fresh:
        return 0
    Unit.objects.bulk_create([known[row["key"]] for row in fresh])
    UnitParent.objects.bulk_create(
        UnitParent(unit=known[row["key"]], parent=known[row["parent"]], valid_from=SINCE)
        for row in fresh
        if row["parent"]
    )
    Running.objects.bulk_create(
        Running(
            zone=known[row["run_by"]],
            township=known[row["key"]],
            valid_from=date.fromisoformat(row["run_from"]),
        )
        for row in fresh
        if row["run_by"]
    )
    UnitCode.objects.bulk_create(
        UnitCode(unit=known[row["key"]], system=system, year=year, code=row[column])
        for row in fresh
        for system, year, column in CODES
        if row[column]
    )
    UnitAlias.objects.bulk_create(
        UnitAlias(unit=known[row["key"]], name=alias)
        for row in fresh
        for alias in filter(None, row["aliases"].split("|"))
    )
    rebuild_closure()
    return len(fresh)


def _check_row(file, line, row, known):
    def bad(field, why):
        raise BadUnitFile(f"{file.name}:{line}: {field}: {why}")

    if None in row or None in row.values():
        bad("columns", "the number of columns differs from the header's")
    if not row["key"] or not row["name"]:
        bad("key" if not row["key"] else "name", "is empty")
    if row["kind"] not in Unit.Kind.values:
        bad("kind", f"unknown kind {row['kind']!r}")
    if row["parent"] and row["parent"] not in known:
        bad("parent", f"no unit {row['parent']!r} above this line")
    if row["run_by"] and row["run_by"] not in known:
        bad("run_by", f"no unit {row['run_by']!r} above this line")
    if row["run_by"]:
        try:
            date.fromisoformat(row["run_from"])
        except ValueError:
            bad("run_from", f"is no day: {row['run_from']!r}")
    if not row["sort_no"].isdigit():
        bad("sort_no", "is no whole number")


def _new_unit(row: dict, reporting: frozenset[str]) -> Unit:
    return Unit(
        key=row["key"],
        name=row["name"],
        short_name=row["short_name"],
        one_char=row["one_char"],
        kind=row["kind"],
        reports_education=row["reports_education"] in reporting,
        sort_no=int(row["sort_no"]),
        sort_key=sort_key_of(row["short_name"] or row["name"]),
        valid_from=SINCE,
    )


# The closure -------------------------------------------------------------------------------------
@transaction.atomic
def rebuild_closure() -> int:
    """Derive the dated closure from parents and runnings. Returns the number of its rows.

    A township run by a zone lies under its banner and under the zone: both read it. Where the
    zone reports, it alone counts the township and writes there; else the banner does.
    """
    tree = _Tree()
    rows = [row for pk in tree.units for row in tree.closure_rows(pk)]
    Closure.objects.all().delete()
    Closure.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


class _Tree:
    """Parents and runnings in memory: a league has some hundred units."""

    def __init__(self):
        self.units = dict(Unit.objects.values_list("pk", "valid_from"))
        self.ends = dict(Unit.objects.values_list("pk", "valid_to"))
        self.reporting = set(
            Unit.objects.filter(reports_education=True).values_list("pk", flat=True)
        )
        self.parents, self.runners = {}, {}
        for unit, up, first, last in UnitParent.objects.values_list(
            "unit", "parent", "valid_from", "valid_to"
        ):
            self.parents.setdefault(unit, []).append((first, last, up))
        for unit, up, first, last in Running.objects.values_list(
            "township", "zone", "valid_from", "valid_to"
        ):
            self.runners.setdefault(unit, []).append((first, last, up))

    @staticmethod
    def _at(edges, day):
        return [up for first, last, up in edges if first <= day and (last is None or day <= last)]

    def above(self, pk, day):
        """{ancestor: (via, counts)} of a unit on a day."""
        found = {pk: (Closure.Via.SELF, True)}
        todo = [(pk, Closure.Via.SELF, True)]
        while todo:
            unit, via, counts = todo.pop()
            zones = self._at(self.runners.get(unit, ()), day)
            counted_by = [z for z in zones if z in self.reporting]
            steps = [(z, Closure.Via.RUNNING, counts and z in self.reporting) for z in zones]
            steps += [
                (
                    p,
                    Closure.Via.PARENT if via == Closure.Via.SELF else via,
                    counts and not counted_by,
                )
                for p in self._at(self.parents.get(unit, ()), day)
            ]
            for up, how, counted in steps:
                if up in found and (found[up][1] or not counted):
                    continue
                found[up] = (how, counted)
                todo.append((up, how, counted))
        return found

    def _breaks(self, pk, seen=None):
        """Days on which something above a unit changes."""
        seen = set() if seen is None else seen
        if pk in seen:
            return set()
        seen.add(pk)
        days = set()
        for first, last, up in [*self.parents.get(pk, ()), *self.runners.get(pk, ())]:
            days.add(first)
            if last:
                days.add(last + timedelta(days=1))
            days |= self._breaks(up, seen)
        return days

    def closure_rows(self, pk):
        first, end = self.units[pk], self.ends[pk]
        days = sorted(
            {first} | {d for d in self._breaks(pk) if d > first and (not end or d <= end)}
        )
        open_rows, rows = {}, []
        for number, day in enumerate(days):
            last = days[number + 1] - timedelta(days=1) if number + 1 < len(days) else end
            for up, (via, counts) in self.above(pk, day).items():
                before = open_rows.get((up, via, counts))
                if before and before.valid_to == day - timedelta(days=1):
                    before.valid_to = last
                    continue
                row = Closure(
                    ancestor_id=up,
                    descendant_id=pk,
                    via=via,
                    counts=counts,
                    valid_from=day,
                    valid_to=last,
                )
                open_rows[up, via, counts] = row
                rows.append(row)
        return rows


# Deeds -------------------------------------------------------------------------------------------
@transaction.atomic
def move_unit(unit: Unit, *, by, to: Unit, on: date) -> UnitParent:
    """From a day on the unit lies under another parent; the past stays as it was."""
    if Closure.objects.filter(ancestor=unit, descendant=to).exists():
        raise BadMove("a unit cannot lie under itself")
    old = unit.parents.filter(valid_to=None).first()
    if old and old.valid_from >= on:
        raise BadMove("the present parent begins later")
    if old:
        old.valid_to = on - timedelta(days=1)
        old.save(update_fields=["valid_to"])
    new = UnitParent.objects.create(unit=unit, parent=to, valid_from=on)
    rebuild_closure()
    audit.record(
        "registry.unit_moved",
        unit,
        by=by,
        before={"parent": old.parent.name if old else None},
        after={"parent": to.name, "from": on.isoformat()},
    )
    return new


@transaction.atomic
def merge_unit(unit: Unit, *, by, into: Unit, on: date) -> Unit:
    """End a unit and name its successor; its rows stay with it."""
    unit.valid_to, unit.successor = on - timedelta(days=1), into
    unit.reports_education = False
    unit.save(update_fields=["valid_to", "successor", "reports_education"])
    unit.parents.filter(valid_to=None).update(valid_to=unit.valid_to)
    rebuild_closure()
    audit.record(
        "registry.unit_merged", unit, by=by, after={"into": into.name, "from": on.isoformat()}
    )
    return unit


@transaction.atomic
def set_reporting(unit: Unit, *, by, reports: bool) -> Unit:
    """Tick or untick a unit as one that files education returns."""
    before = unit.reports_education
    unit.reports_education = reports
    unit.save(update_fields=["reports_education"])
    rebuild_closure()
    audit.record(
        "registry.unit_reporting_set",
        unit,
        by=by,
        before={"reports_education": before},
        after={"reports_education": reports},
    )
    return unit
