"""Schools: a unit of the tree, its official code, and what is known of it, written as one record.

A school's record is its row of facts; the unit, its place and its code are parts of it, so that an
undo takes back all of them or none.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from common import changes
from registry.models import Closure, Running, School, Unit, UnitAlias, UnitCode, UnitParent
from registry.services.units import SINCE, rebuild_closure, sort_key_of

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
    school = School(
        unit=unit, type=facts.type, boards=facts.boards, remark=facts.remark or "", **source
    )
    recorder.insert(school, sheet=source["source_sheet"], row=source["source_row"])
    recorder.inserted(unit, root=school)
    parent = UnitParent(unit=unit, parent_id=facts.under, valid_from=SINCE)
    recorder.insert(parent, root=school)
    if facts.code:
        _add_code(school, facts.code, recorder, on)
    return school


def change_school(
    school: School, facts: SchoolFacts, *, recorder: changes.Recorder, on: date, source: dict
) -> School:
    """Write what a sheet says differently; a former name stays as an alias, a move is dated."""
    unit = school.unit
    if facts.name and facts.name != unit.name:
        if not unit.aliases.filter(name=unit.name).exists():
            recorder.insert(UnitAlias(unit=unit, name=unit.name), root=school)
        recorder.update(
            unit,
            root=school,
            name=facts.name,
            sort_key=sort_key_of(facts.short_name or unit.short_name or facts.name),
        )
    if facts.short_name is not None:
        recorder.update(unit, root=school, short_name=facts.short_name)
    if facts.code is not None:
        _change_code(school, facts.code, recorder, on)
    if facts.under is not None:
        _move(school, facts.under, recorder, on)
    mine = {
        name: getattr(facts, name)
        for name in ("type", "boards", "remark")
        if getattr(facts, name) is not None
    }
    if facts.boards_unknown:
        mine["boards"] = None
    recorder.update(
        school, sheet=source["source_sheet"], row=source["source_row"], **mine, **source
    )
    return school


def _add_code(school: School, code: str, recorder, on: date) -> None:
    recorder.insert(
        UnitCode(unit=school.unit, system=UnitCode.System.SCHOOL, year=on.year, code=code),
        root=school,
    )


def _change_code(school: School, code: str, recorder, on: date) -> None:
    """The code of this year is put right; one of an earlier year stays beside the new one."""
    held = school.unit.codes.filter(system=UnitCode.System.SCHOOL).order_by("-year").first()
    if held is not None and held.code == code:
        return
    if held is not None and (held.year == on.year or not code):
        recorder.update(held, root=school, code=code)
    elif code:
        _add_code(school, code, recorder, on)


def _move(school: School, under: int, recorder, on: date) -> None:
    """From a day on the school lies elsewhere; one that was placed that very day is put right."""
    held = school.unit.parents.filter(valid_to=None).first()
    if held is not None and held.parent_id == under:
        return
    if held is not None and held.valid_from >= on:
        recorder.update(held, root=school, parent_id=under)
        return
    if held is not None:
        recorder.update(held, root=school, valid_to=on - timedelta(days=1))
    recorder.insert(UnitParent(unit=school.unit, parent_id=under, valid_from=on), root=school)


def known_facts(schools) -> dict[int, dict]:
    """{school: what stands of it}, in three queries, to compare sheets with."""
    schools = list(schools.select_related("unit"))
    units = [school.unit_id for school in schools]
    codes = dict(
        UnitCode.objects.filter(unit__in=units, system=UnitCode.System.SCHOOL)
        .order_by("year")
        .values_list("unit", "code")
    )
    parents = dict(
        UnitParent.objects.filter(unit__in=units, valid_to=None).values_list("unit", "parent")
    )
    return {
        school.pk: {
            "school": school,
            "name": school.unit.name,
            "short_name": school.unit.short_name,
            "code": codes.get(school.unit_id, ""),
            "type": school.type,
            "under": parents.get(school.unit_id),
            "boards": school.boards,
            "remark": school.remark,
        }
        for school in schools
    }
