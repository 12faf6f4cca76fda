"""Schools: a unit of the tree, its official code, and what is known of it, written as one record.

A school's record is its row of facts; the unit, its place, its code and its other names are parts of
it, so that an undo takes back all of them or none.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

from common import changes
from common.models import ChangeSet, RowChange
from registry.models import (
    Closure,
    Running,
    School,
    Unit,
    UnitAlias,
    UnitCode,
    UnitParent,
    in_force,
)
from registry.services.units import SINCE, rebuild_closure, sort_key_of, touch_tree

# Derived from the tree: never in the way of an undo, and made anew after it.
changes.derived(Closure, of=(Unit, UnitParent, Running), rebuild=rebuild_closure)


@dataclass(frozen=True)
class SchoolFacts:
    """What a sheet says of a school. None: leave alone; an empty text clears."""

    name: str | None = None
    short_name: str | None = None
    code: str | None = None  # the ten-digit identification code
    type: str | None = None
    under: int | None = None  # the township or banner that it lies in
    boards: bool | None = None
    boards_unknown: bool = False  # clears `boards`
    remark: str | None = None


@dataclass
class KnownSchool:
    """What stands of a school. `facts` is None where only its unit has been entered so far."""

    unit: Unit
    facts: School | None
    code: str = ""
    under: int | None = None
    aliases: list[str] = field(default_factory=list)


def known_schools(on: date) -> dict[int, KnownSchool]:
    """{unit: what stands of it on a day}, in four queries, to compare sheets with."""
    units = Unit.objects.existing(on).of_kinds([Unit.Kind.SCHOOL]).select_related("school")
    found = {unit.pk: KnownSchool(unit, getattr(unit, "school", None)) for unit in units.for_list()}
    for unit, code in _codes().order_by("year").values_list("unit", "code"):
        if unit in found:
            found[unit].code = code
    parents = UnitParent.objects.filter(in_force(on), unit__in=list(found))
    for unit, parent in parents.values_list("unit", "parent"):
        found[unit].under = parent
    aliases = UnitAlias.objects.filter(unit__in=list(found)).order_by("pk")
    for unit, name in aliases.values_list("unit", "name"):
        found[unit].aliases.append(name)
    return found


def holders_of_codes() -> dict[str, Unit]:
    """{code: the school that has or had it}: no second one gets it, also where the first has ended."""
    return {row.code: row.unit for row in _codes().select_related("unit").order_by("year")}


def _codes():
    return UnitCode.objects.filter(system=UnitCode.System.SCHOOL)


# Deeds -------------------------------------------------------------------------------------------
def add_school(facts: SchoolFacts, *, recorder: changes.Recorder, on: date, source: dict) -> School:
    """A new unit of the tree. It stands from the tree's first day: a sheet names schools that there
    are, not schools that are founded today. The caller rebuilds the closure once for all.

    `source` holds the fields of `Sourced`: upload, sheet and row.
    """
    unit = Unit(
        key=f"school-{secrets.token_hex(6)}",
        name=facts.name,
        short_name=facts.short_name or "",
        kind=Unit.Kind.SCHOOL,
        sort_key=sort_key_of(facts.short_name or facts.name),
        valid_from=SINCE,
    )
    unit.save(force_insert=True)
    school = _add_facts(unit, facts, recorder, source)
    recorder.inserted(unit, root=school)
    recorder.insert(
        UnitParent(unit=unit, parent_id=facts.under, valid_from=SINCE),
        root=school,
    )
    if facts.code:
        _add_code(school, facts.code, recorder, on)
    return school


def _add_facts(unit: Unit, facts: SchoolFacts, recorder, source: dict) -> School:
    school = School(
        unit=unit, type=facts.type or "", boards=facts.boards, remark=facts.remark or "", **source
    )
    return recorder.insert(school, sheet=source["source_sheet"], row=source["source_row"])


def change_school(
    unit: Unit, facts: SchoolFacts, *, recorder: changes.Recorder, on: date, source: dict
) -> School:
    """Write what a sheet says differently; a former name stays as an alias, a move is dated."""
    school = getattr(unit, "school", None)
    if school is None:
        school = _add_facts(unit, facts, recorder, source)
    else:
        _change_facts(school, facts, recorder, source)
    _rename(school, facts, recorder)
    if facts.code is not None:
        _change_code(school, facts.code, recorder, on)
    if facts.under is not None:
        _move(school, facts.under, recorder, on)
    return school


def _change_facts(school: School, facts: SchoolFacts, recorder, source: dict) -> None:
    said = {
        name: getattr(facts, name)
        for name in ("type", "boards", "remark")
        if getattr(facts, name) is not None
    }
    if facts.boards_unknown:
        said["boards"] = None
    place = {"sheet": source["source_sheet"], "row": source["source_row"]}
    recorder.update(school, **place, **said, **source)


def _rename(school: School, facts: SchoolFacts, recorder) -> None:
    unit = school.unit
    name = facts.name or unit.name
    short = unit.short_name if facts.short_name is None else facts.short_name
    if name != unit.name and not unit.aliases.filter(name=unit.name).exists():
        recorder.insert(UnitAlias(unit=unit, name=unit.name), root=school)
    if (name, short) != (unit.name, unit.short_name):
        key = sort_key_of(short or name)
        recorder.update(unit, root=school, name=name, short_name=short, sort_key=key)


def _add_code(school: School, code: str, recorder, on: date) -> None:
    recorder.insert(
        UnitCode(unit=school.unit, system=UnitCode.System.SCHOOL, year=on.year, code=code),
        root=school,
    )


def _change_code(school: School, code: str, recorder, on: date) -> None:
    """The code of this year is put right, one of an earlier year stays beside the new one; cleared,
    the school has none and had none."""
    held = list(_codes().filter(unit=school.unit).order_by("-year"))
    if not code:
        for row in held:
            recorder.remove(row, root=school)
    elif held and held[0].year == on.year:
        recorder.update(held[0], root=school, code=code)
    else:
        _add_code(school, code, recorder, on)


def _move(school: School, under: int, recorder, on: date) -> None:
    """From a day on the school lies elsewhere; one that was placed that very day is put right."""
    held = school.unit.parents.filter(in_force(on)).first()
    if held is not None and held.valid_from == on:
        recorder.update(held, root=school, parent_id=under)
        return
    last = None
    if held is not None:
        last = held.valid_to  # a move that is known for later stays
        recorder.update(held, root=school, valid_to=on - timedelta(days=1))
    recorder.insert(
        UnitParent(unit=school.unit, parent_id=under, valid_from=on, valid_to=last), root=school
    )


# What rests on the tree --------------------------------------------------------------------------
def follow_moves(change_set: ChangeSet, *, on: date) -> None:
    """Numbers of the units that report may rest on where a school lies: told if one has moved.

    A new school moves nothing: nobody goes there yet.
    """
    table = UnitParent._meta.db_table
    moved = any(
        [part[0], part[2]] == [table, RowChange.Verb.UPDATED]
        for parts in change_set.rows.filter(root=School._meta.db_table).values_list(
            "parts", flat=True
        )
        for part in parts
    )
    if moved:
        touch_tree(on, set(Unit.objects.with_numbers(on).values_list("pk", flat=True)))
