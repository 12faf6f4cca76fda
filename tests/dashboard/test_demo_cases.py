"""The demonstration's cases: every state, legal by construction, the same every time."""

import pytest
from django.apps import apps

from common import figures
from common.models import Option, User
from dashboard.demo.cases import WAYS, load_cases
from dashboard.demo.children import load_children
from dashboard.demo.ledgers import load_ledgers
from dashboard.demo.numbers import read
from dashboard.demo.people import load_people
from dropout.models import (
    AttendanceReturn,
    Case,
    CaseTransfer,
    Closing,
    Comparison,
    Episode,
    NationalList,
    Notice,
    Obligation,
    Pair,
    Placement,
    PlacementKind,
    Responsible,
    State,
    Visit,
    Watch,
)
from dropout.services import agreement
from dropout.services.states import differing
from registry.models import Duty, Student, Unit
from registry.services.duties import remember_since
from registry.services.setup import load_calendar
from registry.services.units import load_units
from tasks_app.services.catalogue import load_plan
from tests.cast import NOW, TODAY
from tests.copies import begin_with

MODELS = apps.get_app_config("dropout").get_models


COUNTS = []


def load():
    load_units()
    load_calendar()
    load_plan()
    load_people(TODAY)
    load_children(TODAY)
    sysadmin = User.objects.get(username="sysadmin")
    remember_since(TODAY.replace(month=4, day=1), by=sysadmin, at=NOW)
    with figures.told_at_the_end():
        COUNTS[:] = load_cases(TODAY), load_ledgers(TODAY)


@pytest.fixture(autouse=True)
def told(db):
    """How many cases and rows of lists there are. Told once; later tests begin with a copy."""
    begin_with("demo-cases", load)
    return COUNTS


def counted() -> dict:
    return {model._meta.label: model.objects.count() for model in MODELS()}


def test_every_way_is_told_in_its_numbers(told):
    rows = read("cases.toml")["case"]
    assert {row["way"] for row in rows} == set(WAYS)
    assert told[0] == sum(row["n"] for row in rows) == Case.objects.count()
    assert 40 <= told[0] <= 60 and told[1] > 1000


def test_every_state_and_kind_of_placement_stands_there():
    assert set(Episode.objects.values_list("state", flat=True)) == set(State.values) - {
        State.LEFT_AGAIN
    }
    assert set(Placement.objects.values_list("kind", flat=True)) == set(PlacementKind.values)
    assert Episode.objects.relapses().exists() and Episode.objects.overdue(TODAY).exists()
    assert Notice.objects.exclude(served_on=None).exists() and Visit.objects.exists()
    assert Closing.objects.waiting().exists() and CaseTransfer.objects.open().exists()
    assert Watch.objects.due_by(TODAY).exists() and Responsible.objects.exists()


def test_every_unit_has_its_own():
    units = set(Case.objects.values_list("unit", flat=True))
    assert units == set(Unit.objects.reporting(TODAY).values_list("pk", flat=True))


def test_stored_states_are_what_the_facts_say():
    assert not list(differing(Episode.objects.all(), TODAY))


def test_nothing_lies_in_the_future():
    assert not Visit.objects.filter(on__gt=TODAY).exists()
    assert not Episode.objects.filter(found_on__gt=TODAY).exists()
    assert not Case.objects.filter(opened_at__gt=NOW.replace(hour=23)).exists()


def test_pairs_wait_for_a_person_and_the_machine_decided_none_of_them():
    suggested = Pair.objects.filter(outcome=Pair.Outcome.SUGGESTED)
    assert suggested.count() == 5 and set(suggested.values_list("ground", flat=True))
    outcomes = set(Pair.objects.values_list("outcome", flat=True))
    assert {"MISSING", "NOT_ENROLLED", "ABSENT", "POVERTY"} <= outcomes
    assert not Comparison.objects.filter(finished_at=None).exists()


def test_our_ledger_and_the_nations_differ_in_every_way():
    found = agreement.agree(NationalList.objects.get(), on=TODAY)
    assert found.agree and {line.what for line in found.lines} == set(agreement.Difference)


def test_some_looks_are_late_and_most_are_met():
    owed = Duty.objects.of_code("dropout.").ended(TODAY)
    for code in Obligation:
        assert owed.filter(code=code).exclude(met_at=None).exists(), code
    assert owed.filter(code=Obligation.MONTH).open().exists()
    assert AttendanceReturn.objects.exists()


def test_nobody_stands_in_a_group_who_does_not_exist(told):
    assert Student.objects.filter(memberships__list__title__startswith="演示").exists()
    assert (
        not Student.objects.exclude(remark="演示数据，没有这个人")
        .exclude(name__startswith="演示")
        .exists()
    )


def test_a_second_time_tells_nothing():
    before = counted()
    with figures.told_at_the_end():
        assert (load_cases(TODAY), load_ledgers(TODAY)) == (0, 0)
    assert counted() == before


def test_figures_hear_again_afterwards(monkeypatch):
    heard = []
    monkeypatch.setattr(figures, "_listeners", [lambda code, *_rest: heard.append(code)])
    with figures.told_at_the_end():
        figures.touch("dropout.open", [], [])
    figures.touch("dropout.returned", [], [])
    assert heard == ["dropout.returned"]
    assert Option.objects.filter(code="registry.duties_since").exists()
