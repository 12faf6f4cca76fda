"""Who lies under whom: the closure against a plain walk over the tree, day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.models import Closure, Running, Unit, UnitParent
from registry.services import units as services

pytestmark = pytest.mark.django_db

DAY0 = date(2020, 1, 1)
DAYS = 40


def day(number):
    return DAY0 + timedelta(days=number)


@st.composite
def trees(draw):
    """Units by number; whatever is above a unit has a smaller number, so there is no circle."""
    count = draw(st.integers(2, 7))
    tree = {"parents": [], "runs": [], "ends": {}, "reporting": set()}
    for unit in range(count):
        if draw(st.booleans()):
            tree["reporting"].add(unit)
        if unit == 0:
            continue
        cuts = sorted(draw(st.sets(st.integers(1, DAYS - 2), max_size=2)))
        for first, last in zip([0, *cuts], [*(c - 1 for c in cuts), None], strict=True):
            tree["parents"].append((unit, draw(st.integers(0, unit - 1)), first, last))
        for _number in range(draw(st.integers(0, 2))):
            first = draw(st.integers(0, DAYS - 2))
            last = draw(st.none() | st.integers(first, DAYS - 1))
            tree["runs"].append((unit, draw(st.integers(0, unit - 1)), first, last))
    if draw(st.booleans()):
        last = count - 1  # nothing lies under it
        tree["ends"][last] = (draw(st.integers(0, DAYS - 2)), draw(st.integers(0, last - 1)))
    tree["count"] = count
    return tree


def store(tree):
    Unit.objects.all().update(successor=None)
    for model in (Closure, Running, UnitParent, Unit):
        model.objects.all().delete()
    units = [
        Unit.objects.create(
            key=f"u{n}",
            name=f"u{n}",
            kind=Unit.Kind.TOWNSHIP,
            valid_from=DAY0,
            reports_education=n in tree["reporting"],
        )
        for n in range(tree["count"])
    ]
    for n, (end, into) in tree["ends"].items():
        units[n].valid_to, units[n].successor = day(end), units[into]
        units[n].save()
    for model, below, above, rows in (
        (UnitParent, "unit", "parent", tree["parents"]),
        (Running, "township", "zone", tree["runs"]),
    ):
        for low, up, first, last in rows:
            model.objects.create(
                **{below: units[low], above: units[up]},
                valid_from=day(first),
                valid_to=None if last is None else day(last),
            )
    services.rebuild_closure()
    return units


def walk(tree, unit, on):
    """Every way up from a unit on a day, as (unit reached, does every step count)."""

    def holds(first, last):
        return first <= on and (last is None or on <= last)

    def ended(one):
        return one in tree["ends"] and tree["ends"][one][0] < on

    def steps(one):
        if ended(one):
            yield tree["ends"][one][1], True
            return
        zones = [up for low, up, *span in tree["runs"] if low == one and holds(*span)]
        taken = any(zone in tree["reporting"] for zone in zones)
        for zone in zones:
            yield zone, zone in tree["reporting"]
        for low, up, *span in tree["parents"]:
            if low == one and holds(*span):
                yield up, not taken

    def ways(one, counts):
        yield one, counts
        for up, step_counts in steps(one):
            yield from ways(up, counts and step_counts)

    return ways(unit, not ended(unit))


@given(tree=trees(), on=st.integers(0, DAYS))
def test_the_closure_is_what_a_walk_finds(tree, on):
    units = store(tree)
    number = {unit.pk: n for n, unit in enumerate(units)}
    expected = {}
    for n in range(tree["count"]):
        for up, counts in walk(tree, n, on):
            expected[up, n] = expected.get((up, n), False) or counts
    rows = Closure.objects.filter(valid_from__lte=day(on)).exclude(valid_to__lt=day(on))
    found = [(number[r.ancestor_id], number[r.descendant_id], r.counts) for r in rows]
    assert len(found) == len({row[:2] for row in found}), "two rows for one pair on one day"
    assert {(up, low): counts for up, low, counts in found} == expected


@given(tree=trees())
def test_rows_of_a_pair_never_overlap(tree):
    store(tree)
    spans = {}
    for row in Closure.objects.order_by("valid_from"):
        before = spans.get((row.ancestor_id, row.descendant_id))
        assert before is None or before < row.valid_from
        spans[row.ancestor_id, row.descendant_id] = row.valid_to or date.max


def test_rebuilding_changes_nothing(units):
    def rows():
        return set(
            Closure.objects.values_list(
                "ancestor", "descendant", "via", "counts", "valid_from", "valid_to"
            )
        )

    before = rows()
    services.rebuild_closure()
    assert rows() == before
