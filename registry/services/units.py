"""What is done to units: load them, move them, hand a township to a zone, merge, tick who reports."""

import csv
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from common import audit, changes, clock, figures, jobs, locks, statistics
from common.periods import Kind, between
from registry.models import Closure, Running, School, Unit, UnitAlias, UnitCode, UnitParent
from registry.services.duties import follow_reporting

DATA = Path(__file__).resolve().parent.parent / "data" / "units.csv"
# The columns that hold official codes: a local key is never one.
CODES = (
    (UnitCode.System.NBS, 2023, "nbs_2023"),
    (UnitCode.System.MCA, 2021, "mca_2021"),
)
SINCE = date(2000, 1, 1)  # the tree's first day; real moves are dated rows
LOCK = "registry.units"  # held by who changes units or what lies under what
# Told as figures are: what any number of a unit may rest on.
TREE, REPORTING = "registry.tree", "registry.reporting"


class BadUnitFile(Exception):
    """A unit file that cannot be loaded; names file, line and field."""


class BadMove(Exception):
    """A move that would tear the tree or rewrite a past; the text is for the person who asked."""


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
    locks.hold(LOCK)  # of two deeds at once the second derives it from what both wrote
    tree = _Tree()
    rows = [row for pk in tree.begins for row in tree.closure_rows(pk)]
    Closure.objects.all().delete()
    Closure.objects.bulk_create(rows, batch_size=1000)
    statistics.refresh(Closure, Unit)
    return len(rows)


class _Tree:
    """Parents and runnings in memory: a league has some hundred units."""

    def __init__(self):
        units = Unit.objects.values_list("pk", "valid_from", "valid_to", "successor")
        self.begins = {pk: first for pk, first, _last, _into in units}
        self.ends = {pk: last for pk, _first, last, _into in units}
        self.successors = {pk: into for pk, _first, _last, into in units if into}
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

    def _ended(self, pk, day) -> bool:
        return self.ends[pk] is not None and self.ends[pk] < day

    def _steps(self, pk, day):
        """(unit one step up, by a running, does this step count) on a day.

        A merged unit lies under its successor from then on, so that its rows are still read.
        """
        if self._ended(pk, day):
            return [(self.successors[pk], False, True)] if pk in self.successors else []
        zones = self._at(self.runners.get(pk, ()), day)
        counted_by = [zone for zone in zones if zone in self.reporting]
        return [(zone, True, zone in self.reporting) for zone in zones] + [
            (parent, False, not counted_by) for parent in self._at(self.parents.get(pk, ()), day)
        ]

    def above(self, pk, day):
        """{ancestor: (via, counts)} of a unit on a day. What has ended is read and not counted."""
        stands = not self._ended(pk, day)
        found = {pk: (Closure.Via.SELF, stands)}
        todo = [(pk, Closure.Via.SELF, stands)]
        while todo:
            unit, via, counts = todo.pop()
            for up, by_running, step_counts in self._steps(unit, day):
                counted = counts and step_counts
                if up in found and (found[up][1] or not counted):
                    continue
                how = via
                if by_running:
                    how = Closure.Via.RUNNING
                elif via == Closure.Via.SELF:
                    how = Closure.Via.PARENT
                found[up] = (how, counted)
                todo.append((up, how, counted))
        return found

    def _breaks(self, pk, seen=None):
        """Days on which something above a unit changes."""
        seen = set() if seen is None else seen
        if pk in seen:
            return set()
        seen.add(pk)
        days, ups = set(), []
        for first, last, up in [*self.parents.get(pk, ()), *self.runners.get(pk, ())]:
            days.add(first)
            if last:
                days.add(last + timedelta(days=1))
            ups.append(up)
        if pk in self.successors:
            days.add(self.ends[pk] + timedelta(days=1))
            ups.append(self.successors[pk])
        return days.union(*(self._breaks(up, seen) for up in ups))

    def closure_rows(self, pk):
        first = self.begins[pk]
        end = None if pk in self.successors else self.ends[pk]
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


def follow_reference(unit: Unit | None = None, *, by=None) -> None:
    """A unit, its parents and runnings were edited as reference data, or deleted: the closure, and all
    that rests on it."""
    if unit:
        _tell_its_school(unit, by=by, code="registry.unit_changed")
    rebuild_closure()
    figures.touch(REPORTING, [], [])


# Deeds -------------------------------------------------------------------------------------------
def _stands(unit: Unit, on: date) -> None:
    if unit.valid_from > on:
        raise BadMove(_("%(unit)s那天还没有设立。") % {"unit": unit.name})
    if unit.valid_to and unit.valid_to < on:
        raise BadMove(_("%(unit)s那天已经并走。") % {"unit": unit.name})


def _refuse_circle(unit: Unit, to: Unit, on: date) -> None:
    still = Q(valid_to=None) | Q(valid_to__gte=on)
    if Closure.objects.filter(still, ancestor=unit, descendant=to).exists():
        raise BadMove(_("不能放到自己，或自己的下级之下。"))


def _refuse_rewriting(unit: Unit, on: date) -> None:
    """The past stays: whatever was recorded for a later day must not be undone by the way."""
    edges = (unit.parents, unit.run_by, unit.runs, unit.children)
    if any(edge.filter(Q(valid_from__gte=on) | Q(valid_to__gte=on)).exists() for edge in edges):
        raise BadMove(_("这一天之后另有隶属或托管的变动，先看变动记录，选更晚的日期。"))


def touch_tree(on: date, *trees: set[int]) -> None:
    """What the tree counts has changed for every unit above, in every period from that day on."""
    periods = [p for kind in Kind for p in between(kind, on, max(on, clock.today()))]
    units = Unit.objects.filter(pk__in=set().union(*trees))
    for code in (TREE, "registry.villages"):
        figures.touch(code, units, periods)


def _tell_its_school(unit: Unit, *, by, code: str) -> None:
    """A school's record was edited: a sheet checked before this, or an undo, shall not overlook it."""
    school = School.objects.filter(unit=unit).first()
    if school:
        with changes.record(code, by=by, at=clock.now(), subject=unit) as recorder:
            recorder.touch(school)


def _above(unit: Unit) -> set[int]:
    return set(Closure.objects.filter(descendant=unit).values_list("ancestor", flat=True))


def _end_edges(edges, on: date) -> None:
    edges.filter(valid_to=None).update(valid_to=on - timedelta(days=1))


@transaction.atomic
def move_unit(unit: Unit, *, by, to: Unit, on: date) -> UnitParent:
    """From a day on the unit lies under another parent; the past stays as it was."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    _stands(unit, on)
    _stands(to, on)
    _refuse_circle(unit, to, on)
    later = unit.parents.filter(Q(valid_from__gte=on) | Q(valid_to__gte=on))
    if later.exists():
        raise BadMove(_("这一天之后另有隶属的变动，先看变动记录，选更晚的日期。"))
    old = unit.parents.filter(valid_to=None).select_related("parent").first()
    if old and old.parent_id == to.pk:
        raise BadMove(_("现在就隶属%(unit)s，不用改。") % {"unit": to.name})
    before = _above(unit)
    _end_edges(unit.parents, on)
    new = UnitParent.objects.create(unit=unit, parent=to, valid_from=on)
    rebuild_closure()
    touch_tree(on, before, _above(unit))
    _tell_its_school(unit, by=by, code="registry.unit_moved")
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
    """From a day on the unit is part of another, and so is all that lay under it.

    Its own rows stay with it and are read where its successor is read.
    """
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    _stands(unit, on)
    _stands(into, on)
    if unit.successor_id or unit.valid_to:
        raise BadMove(_("%(unit)s已经并走。") % {"unit": unit.name})
    if unit.valid_from >= on:
        raise BadMove(_("%(unit)s那天还没有设立。") % {"unit": unit.name})
    _refuse_circle(unit, into, on)
    _refuse_rewriting(unit, on)
    before = _above(unit)
    children = list(unit.children.filter(valid_to=None).values_list("unit", flat=True))
    for edges in (unit.parents, unit.children, unit.runs, unit.run_by):
        _end_edges(edges, on)
    UnitParent.objects.bulk_create(
        UnitParent(unit_id=child, parent=into, valid_from=on) for child in children
    )
    unit.valid_to, unit.successor = on - timedelta(days=1), into
    unit.save(update_fields=["valid_to", "successor"])
    rebuild_closure()
    touch_tree(on, before, _above(into))
    if unit.reports_education:
        figures.touch(REPORTING, [unit], [])
    _tell_its_school(unit, by=by, code="registry.unit_merged")
    audit.record(
        "registry.unit_merged",
        unit,
        by=by,
        after={"into": into.name, "from": on.isoformat(), "children": len(children)},
    )
    return unit


@transaction.atomic
def set_reporting(unit: Unit, *, by, reports: bool) -> Unit:
    """Tick or untick a unit as one that files education returns.

    Townships that a zone runs count in it while it reports; frozen periods stay as they are. What
    it still owes is waived, and owed again if it is ticked again; new duties come by a job.
    """
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    if unit.reports_education == reports:
        return unit
    unit.reports_education = reports
    unit.save(update_fields=["reports_education"])
    rebuild_closure()
    runs = unit.runs.values_list("township", flat=True)
    above = Closure.objects.filter(descendant__in=runs).values_list("ancestor", flat=True)
    if runs:
        touch_tree(min(unit.runs.values_list("valid_from", flat=True)), set(above))
    duties = follow_reporting(unit, at=clock.now())
    figures.touch(REPORTING, [unit], [])
    jobs.announce("registry.reporting", by=by)
    audit.record(
        "registry.unit_reporting_set",
        unit,
        by=by,
        before={"reports_education": not reports},
        after={"reports_education": reports, "duties": duties},
    )
    return unit
